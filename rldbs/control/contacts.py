"""Several contacts that stimulate: what each one gives, and how much all may give together."""

from dataclasses import dataclass

import numpy as np

from rldbs.control.own_words import said
from rldbs.control.stimulus import Stimulus
from rldbs.core.errors import SettingError
from rldbs.core.native import Floats


@dataclass(frozen=True)
class SeveralContacts:
    """A stimulus at each of several contacts.

    An action holds one after the other what the stimulus takes for each contact; where it says ``together``, all
    contacts do the same, and an action is what it takes for one. Where all together would give more than a ``limit``,
    all that they give in that environment step is scaled down alike.

    Args:
        stimulus: of every contact.
        contacts: how many there are.

    Raises:
        SettingError: it chooses among levels, which is for one contact or all together.
    """

    stimulus: Stimulus
    contacts: int

    def __post_init__(self) -> None:
        if self.levels is not None and not self.together:
            raise SettingError(
                f"stimulus.levels={self.levels}: {self.contacts} contacts that choose among levels do so together\n"
                "Set stimulus.together=true, or stimulus.levels=null"
            )

    @property
    def interval(self) -> int:
        return self.stimulus.interval

    @property
    def every(self) -> int:
        return self.stimulus.every

    @property
    def amplitude(self) -> float:
        return self.stimulus.amplitude

    @property
    def per_step(self) -> int:
        return int(getattr(self.stimulus, "per_step", 1))

    @property
    def levels(self) -> int | None:
        return self.stimulus.levels

    @property
    def together(self) -> bool:
        return self.stimulus.together

    @property
    def limit(self) -> float | None:
        return self.stimulus.limit

    @property
    def action_size(self) -> int:
        return self.stimulus.action_size * (1 if self.together else self.contacts)

    @property
    def proportional(self) -> Floats | None:
        """As a stimulus of one contact says it."""
        proportional: Floats | None = said(self.stimulus, "proportional", "kicks")
        return proportional if self.limit is None else None

    def kicks(self, actions: Floats) -> Floats:
        """The kicks of one environment step, float64 (environments, interval · per_step, contacts)."""
        rows, size = len(actions), self.stimulus.action_size
        if self.together:
            kicks = np.repeat(self.stimulus.kicks(actions)[:, :, None], self.contacts, axis=2)
        else:
            each = self.stimulus.kicks(actions.reshape(rows * self.contacts, size))
            kicks = each.reshape(rows, self.contacts, each.shape[1]).transpose(0, 2, 1)
        if self.limit is not None:  # one factor for the whole step, so that what is balanced stays so
            total = np.abs(kicks).sum(axis=2).max(axis=1)[:, None, None]
            kicks = kicks * np.minimum(1.0, self.limit / np.maximum(total, self.limit))
        return np.ascontiguousarray(kicks)


def of_each(stimulus: Stimulus) -> Stimulus:
    """What each contact gives: of a single one, the stimulus itself."""
    return stimulus.stimulus if isinstance(stimulus, SeveralContacts) else stimulus


def at_contacts(stimulus: Stimulus, contacts: int) -> Stimulus:
    """The stimulus as so many contacts give it.

    Raises:
        SettingError: it has a limit for all contacts together, of which there is one.
    """
    if contacts > 1:
        return SeveralContacts(stimulus, contacts)
    if stimulus.limit is not None:
        raise SettingError(
            f"stimulus.limit={stimulus.limit:g}: is for several contacts together; there is one, which "
            "stimulus.amplitude limits"
        )
    return stimulus
