"""What a user sees while trials are done: a line that moves on a terminal, plain lines anywhere else."""

import time
from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import Progress, TimeRemainingColumn

from rldbs.analysis.metric_definitions import EVERY_METRIC
from rldbs.analysis.three_digits import three_digits
from rldbs.experiment.display import SECONDS_BETWEEN_LINES
from rldbs.process.console import Words
from rldbs.process.plurals import counted
from rldbs.tune.search_settings import TuneSettings, line_of
from rldbs.tune.trials import Trial, best


class TrialsDisplay:
    """Shows how many trials are done, and the best so far.

    Args:
        console: where to.
        settings: all that decides the search.
        trials: those that are finished; the list grows.
    """

    def __init__(self, console: Console, settings: TuneSettings, trials: Sequence[Trial]) -> None:
        self._console, self._settings, self._trials = console, settings, trials
        self._last_line = time.monotonic()
        self._progress = Progress(
            Words("{task.description}"),
            *Progress.get_default_columns()[1:-1],
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task(self._line(), total=settings.tune.trials, completed=len(trials))

    def __enter__(self) -> "TrialsDisplay":
        keys = ", ".join(axis.key for axis in self._settings.axes)
        self._console.print(
            f"tunes {keys} of {self._settings.agent} on {self._settings.model}, seed {self._settings.seed}",
            soft_wrap=True,
            highlight=False,
            markup=False,
        )
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def update(self, trial: Trial) -> None:
        """Another trial is done."""
        self._progress.update(self._task, completed=trial.number + 1, description=self._line())
        last = trial.number + 1 == self._settings.tune.trials
        if not self._console.is_terminal and (last or time.monotonic() - self._last_line >= SECONDS_BETWEEN_LINES):
            self._last_line = time.monotonic()
            self._console.print(self._line(), soft_wrap=True, highlight=False, markup=False)

    def _line(self) -> str:
        line = f"{len(self._trials):>6} of {counted(self._settings.tune.trials, 'trial')}"
        top = best(self._trials, self._settings.tune)
        if top is None or top.score is None:
            return line
        sought = self._settings.tune.tradeoff
        name, aim, price = EVERY_METRIC[sought.aim].label, top.score[sought.aim], top.score[sought.price]
        return f"{line}  best {name} {three_digits(aim)} at {price:.2g}  {line_of(top.values)}"
