"""What lets an environment be copied, pickled, and put back to where it was."""

from copy import deepcopy
from typing import Self

from rldbs.control.loop import ClosedLoop
from rldbs.core.errors import RunError, SettingError, visible
from rldbs.core.saved_arrays import Arrays, Named, check_named


class Copied:
    """A face whose copies, also those that were pickled, go on to the bit in the middle of an episode, independently.

    Attributes:
        loop: the environments.
    """

    loop: ClosedLoop

    def __copy__(self) -> Self:
        return deepcopy(self)  # half a copy would be the same environments twice

    def get_state(self) -> Arrays:
        """All that the coming steps depend on, as fresh arrays with names.

        Raises:
            SettingError: no episode has begun yet.
        """
        if not self.loop.begun:
            raise SettingError("get_state: no episode has begun yet; call reset() first")
        return self.saved()

    def set_state(self, state: Named) -> None:
        """Go on where :meth:`get_state` was called, here or in another environment that was made alike.

        Raises:
            RunError: the arrays are not those of such an environment, which is left as it was.
        """
        check_named(state)
        before = self.saved()
        for name in sorted(map(str, state.keys() ^ before.keys())):
            raise RunError(
                f"saved state {visible(name)}: {'is missing' if name in before else 'this environment has none'}"
            )
        try:
            self.restore(dict(state))
        except RunError:
            self.restore(before)
            raise

    def saved(self) -> Arrays:
        """The same of environments that may not have begun."""
        return self.loop.saved()

    def restore(self, arrays: Arrays) -> None:
        """Go on where :meth:`saved` was called.

        Raises:
            RunError: the arrays are not those of such environments.
        """
        self.loop.restore(arrays)
