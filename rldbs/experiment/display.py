"""What a user sees while a controller learns: a live panel on a terminal, plain lines anywhere else."""

import time
from collections.abc import Mapping, Sequence
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from rldbs.analysis.metric_definitions import EVERY_METRIC
from rldbs.process.console import Words

SHOWN = {
    "steps_per_second": ("steps/s", "{:,.0f}"),
    "reward": ("reward per step", "{:.3g}"),
    "episode_return": ("return of an episode", "{:.4g}"),
    "kick": ("mean |kick|, exploring", "{:.2g}"),
    "current_suppression": ("S now, exploring", "{:.1f}"),
    "suppression": ("S on unseen populations", "{:.1f}"),
    "order": ("R there", "{:.3g}"),
    "mean_abs_kick": ("mean |kick| there", "{:.2g}"),
    "activity": ("activity there", "{:.2f}"),
    "best_suppression": ("best S so far", "{:.1f}"),
    "best_order": ("best R so far", "{:.3g}"),
}
"""Progress column, or what is the least R → what it is called, and how it is written."""
OF_OSCILLATORS = ("order", "best_order")
"""What is shown where the best policy is that of R."""
SOUGHT = {
    "error_index": ("EI on unseen populations", "{:.3f}"),
    "burst_time": ("burst time on unseen populations", "{:.3f}"),
    "rms_kick": ("rms kick there", "{:.3g}"),
    "charge_to_last": ("charge to last there", "{:.3g}"),
    "time_to_last": ("time to last there", "{:.3g}"),
}
"""The same where the best policy is that of an objective of its own, of which S means nothing."""
OF_S = ("current_suppression", "suppression", "best_suppression")
MEASURED = "suppression"
"""What every measurement has."""

UNSAID = ("steps_per_second", "episode_return", "kick")
"""Columns that a plain line leaves out, or has in front."""

NARROW = 60
"""Characters of a line that a table, and the words beside the bar, need."""
SECONDS_BETWEEN_LINES = 5.0


class Display:
    """Shows how training goes.

    Args:
        console: where to.
        title: what is being trained.
        steps: the budget in environment steps.
        sought: the columns of an objective of its own; none where the best policy is that of S or R.
        by_order: whether it is that of R.
    """

    def __init__(
        self, console: Console, title: str, steps: int, sought: Sequence[str] = (), by_order: bool = False
    ) -> None:
        self._console, self._title, self._steps, self._sought = console, title, steps, sought
        self._unsaid = ("best_suppression",) if by_order else OF_OSCILLATORS
        self._latest: dict[str, float] = {}
        self._said = True
        self._last_line = self._began = time.monotonic()
        beside = (
            Words("{task.completed:,.0f} of {task.total:,.0f} steps"),
            TimeElapsedColumn(),
            Words("left"),
            TimeRemainingColumn(),
        )
        self._progress = Progress(
            BarColumn(bar_width=None),
            TaskProgressColumn(),
            *(beside if console.width >= NARROW else ()),
            expand=True,
            console=console,
        )
        self._task = self._progress.add_task("", total=steps)
        self._live = (
            Live(console=console, get_renderable=self._panel, auto_refresh=False) if console.is_terminal else None
        )

    def __enter__(self) -> "Display":
        if self._live:
            self._live.start()
        else:
            self._console.print(self._title)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.refresh()
            self._live.stop()
        elif not self._said:
            self._print_line()

    def update(self, row: Mapping[str, float]) -> None:
        """Take in a row of progress.csv, or a part of one."""
        if MEASURED in row:  # what the newest policy does not come to is not that of an earlier one
            self._latest = {key: value for key, value in self._latest.items() if key not in self._sought}
        self._latest |= row
        self._said = False
        self._progress.update(self._task, completed=min(row.get("steps", 0), self._steps))
        if self._live:
            self._live.refresh()
        elif MEASURED in row or time.monotonic() - self._last_line >= SECONDS_BETWEEN_LINES:
            self._print_line()

    def say(self, text: str) -> None:
        """Tell something beside the numbers."""
        self._console.print(text, style="yellow", soft_wrap=True, highlight=False, markup=False)

    def _print_line(self) -> None:
        values = self._latest
        if "reward" not in values:  # only what a resumed run had before
            return
        self._last_line, self._said = time.monotonic(), True
        parts = [f"{values['steps']:>12,.0f} steps", f"{values['steps_per_second']:,.0f} steps/s"]
        parts += [f"{label} {value}" for column, label, value in self._known() if value and column not in UNSAID]
        self._console.print("  ".join(parts), soft_wrap=True, highlight=False)

    def _known(self) -> list[tuple[str, str, str]]:
        """What is shown of this model: columns, what each is called, and its value, none where there is none yet."""
        told = {key: words for key, words in SHOWN.items() if key not in self._unsaid}
        if self._sought:
            told = {key: words for key, words in told.items() if key not in OF_S}
        told |= {key: SOUGHT[key] for key in self._sought}
        return [(key, label, self._value(key, form)) for key, (label, form) in told.items()]

    def _value(self, column: str, form: str) -> str:
        if column in self._latest:
            return form.format(self._latest[column])
        return EVERY_METRIC[column].missing if column in self._sought and MEASURED in self._latest else ""

    def _lines(self) -> list[Text]:
        """What is known, where there is no room for a table."""
        known = [(label, value) for _, label, value in self._known() if value]
        steps = ("steps", f"{self._latest.get('steps', 0):,.0f} of {self._steps:,.0f}")
        return [Text.assemble((f"{label} ", "dim"), (value, "bold")) for label, value in (steps, *known)]

    def _panel(self) -> Panel:
        if self._console.width < NARROW:
            return Panel(Group(self._progress, *self._lines()), title=Text(self._title), border_style="cyan")
        table = Table.grid(padding=(0, 2), expand=True)
        for _ in range(4 if self._console.width >= 90 else 2):
            table.add_column(no_wrap=True)
        cells: list[Text] = []
        for _, label, value in self._known():
            cells += [Text(label, style="dim"), Text(value or "–", style="bold")]
        width = len(table.columns)
        for begin in range(0, len(cells), width):
            table.add_row(*cells[begin : begin + width])
        return Panel(Group(self._progress, table), title=Text(self._title), border_style="cyan")
