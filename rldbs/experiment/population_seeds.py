"""Which populations are for what: those of training, choosing, searching and measuring are never the same ones.

A population is known by its seed. Whatever is chosen, among the checkpoints of a run or among settings, is chosen on
populations of a stretch of seeds of its own, which nothing is trained on or measured on, whatever else is set.
"""

from rldbs.agents.settings import AgentSettings, LearnerSettings
from rldbs.control.episode_start import FreeStart, Start
from rldbs.core.errors import SettingError
from rldbs.experiment.command_settings import Protocol
from rldbs.experiment.suppressed_start import SuppressedStart

CHOICE = range(2_000_000, 4_000_000)
"""All populations on which something is chosen."""
CHECKPOINTS = range(2_000_000, 2_001_000)
"""Of these, those on which the checkpoints of a training run are compared: as many from the first on as it takes."""
TRIALS, LEARNED_TRIALS = 2_000_000, 3_000_000
"""The first one of a search, where nobody says; and of one with a learner in it, which was chosen on the former."""


def trained_on(start: Start) -> list[range]:
    """The populations from which episodes start, and those of a first agent that acts on them before."""
    if isinstance(start, SuppressedStart):
        settings = start.settings
        return [_from(settings.seed, settings.populations), *trained_on(start.loop.start)]
    return [_from(start.seed, start.populations)] if isinstance(start, FreeStart) else []


def check_trained_on(start: Start) -> None:
    """Whether nothing is trained on populations on which something is chosen.

    Raises:
        SettingError: something is.
    """
    for populations in trained_on(start):
        if _meet(populations, CHOICE):
            raise SettingError(
                f"start.seed={populations.start}: populations {_text(populations)} are trained on, but those from "
                f"{_text(CHOICE)} are for choosing among checkpoints and settings\nTake another seed"
            )


def check_measurement(protocol: Protocol, agent: AgentSettings, start: Start) -> None:
    """Whether an agent is measured on populations that neither its training nor any choice has seen.

    Raises:
        SettingError: it is not.
    """
    populations = _from(protocol.seed, protocol.episodes)
    if _meet(populations, CHOICE):
        raise SettingError(
            f"protocol.seed={protocol.seed}: populations {_text(populations)} are measured, but those from "
            f"{_text(CHOICE)} are for choosing among checkpoints and settings\nTake another one, such as 1000000"
        )
    seen = trained_on(start)
    if not isinstance(agent, LearnerSettings):
        seen = seen[1:]  # of the first agent alone: where episodes of a measurement start is not for it to say
    for other in seen:
        if _meet(populations, other):
            raise SettingError(
                f"protocol.seed={protocol.seed}: must differ from start.seed={other.start} by more, so that the "
                f"populations are unseen: {_text(populations)} are measured, {_text(other)} are trained on"
            )


def check_trials(seed: int, episodes: int, compared: bool) -> None:
    """Whether a search tries settings on populations that are for that.

    Args:
        seed: draws the populations.
        episodes: how many there are.
        compared: whether an agent of the trials was, or will be, chosen among its checkpoints.

    Raises:
        SettingError: it does not.
    """
    populations = _from(seed, episodes)
    if not (populations.start in CHOICE and populations[-1] in CHOICE):
        raise SettingError(
            f"tune.seed={seed}: populations {_text(populations)} are not all among those from {_text(CHOICE)}, which "
            "are for choosing, so that nothing is chosen on populations that are trained on or measured"
        )
    if compared and _meet(populations, CHECKPOINTS):
        raise SettingError(
            f"tune.seed={seed}: on populations {_text(CHECKPOINTS)} the checkpoints of a learner are compared already"
            f"\nTake another one, such as {LEARNED_TRIALS}"
        )


def _from(seed: int, count: int) -> range:
    return range(seed, seed + count)


def _meet(one: range, other: range) -> bool:
    return max(one.start, other.start) < min(one.stop, other.stop)


def _text(populations: range) -> str:
    return f"{populations.start} to {populations[-1]}"
