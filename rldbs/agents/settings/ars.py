"""The settings of learners that search among policies."""

from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le, Len

from rldbs.agents.settings.shared import Free, Layer, NetworkSettings


@dataclass(frozen=True)
class ARSSettings(NetworkSettings):
    """Augmented random search (Mania et al. 2018, arXiv:1803.07055), sb3-contrib."""

    algorithm = "rldbs.agents.random_search.PopulationARS"
    stochastic = False

    hidden: Annotated[list[Layer], Len(0, 16)]
    """Units of each hidden layer; none is a linear policy."""
    rollout: Annotated[int, Ge(1), Le(1_000_000)]
    """Steps over which a candidate is tried, in each of its environments, from the start of an episode."""
    directions: Annotated[int, Ge(1), Le(100_000)]
    """Random directions of an update; each gives two candidates, forth and back."""
    best: Annotated[int, Ge(1), Le(100_000)]
    """Directions that are followed: those with the best candidates."""
    deviation: Annotated[float, Gt(0), Le(100)]
    """Standard deviation of the directions, in units of the weights."""
    actor_bias: bool
    """Whether the policy has bias terms. Without them it is an odd function: no signal, no stimulation.
    Among levels it always has them."""

    @property
    def stretch(self) -> int:
        return self.rollout

    def arguments(self) -> dict[str, Any]:
        return {
            **super().arguments(),
            "n_delta": self.directions,
            "n_top": self.best,
            "delta_std": self.deviation,
            "rollout": self.rollout,
        }

    def network(self) -> dict[str, Any]:
        return {**super().network(), "with_bias": self.actor_bias, "squash_output": bool(self.hidden)}

    def following(self, steps: int, envs: int, free: Free) -> dict[str, int]:
        found = self._directions_following(envs, free)
        more = super().following(steps, found.get("envs", envs), free)
        return {**found, **more, **(self._directions_following(more["envs"], free) if "envs" in more else {})}

    def _directions_following(self, envs: int, free: Free) -> dict[str, int]:
        """What gives way so that every direction has as many environments, and the best ones are among them."""
        found = {}
        directions = self.directions
        if envs % (2 * directions):
            least = 1 if free("agent.best") else self.best
            fitting = [count for count in range(least, directions) if envs % (2 * count) == 0]
            if free("agent.directions") and fitting:
                directions = found["agent.directions"] = fitting[-1]
            elif free("envs"):
                found["envs"] = max(1, envs // (2 * directions)) * 2 * directions
        if self.best > directions and free("agent.best"):
            found["agent.best"] = directions
        return found

    def objection(self, steps: int, envs: int) -> str | None:
        if self.best > self.directions:
            return f"agent.best={self.best}: must be at most agent.directions={self.directions}"
        if envs % (2 * self.directions):
            return (
                f"envs={envs}: must be a multiple of 2 × agent.directions = {2 * self.directions}, so that every "
                "candidate is tried in as many"
            )
        return super().objection(steps, envs)
