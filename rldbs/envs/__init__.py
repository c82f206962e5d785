"""The three faces of the closed loop, and the ids under which Gymnasium knows them."""

IDS = {"rldbs/BvdP-v0": "bvdp", "rldbs/BvdPChaotic-v0": "bvdp_chaotic", "rldbs/HindmarshRose-v0": "hr"}
"""Gymnasium id → neuron model."""


def register() -> None:
    """Tell Gymnasium the ids of :data:`IDS`."""
    import gymnasium

    for env_id, model in IDS.items():
        gymnasium.register(
            env_id,
            entry_point="rldbs.envs.single:PopulationEnv",
            vector_entry_point="rldbs.envs.vector:PopulationVectorEnv",
            kwargs={"model": model},
        )
