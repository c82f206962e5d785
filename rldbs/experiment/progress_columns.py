"""The columns of progress.csv, and where their numbers come from."""

COLUMNS = (
    "steps",
    "time",
    "steps_per_second",
    "reward",
    "episode_return",
    "diverged",
    "kick",
    "current_suppression",
    "suppression",
    "order",
    "mean_abs_kick",
    "activity",
    "best_suppression",
    "learning_rate",
    "policy_loss",
    "value_loss",
    "entropy_loss",
    "approx_kl",
    "clip_fraction",
    "explained_variance",
    "action_std",
    "entropy_weight",
    "random_actions",
)
"""Columns of progress.csv. ``suppression``, of oscillators also ``order``, ``mean_abs_kick`` and ``activity`` are
measured on unseen populations with the policy that ``checkpoints.policy`` says; ``kick`` and ``current_suppression``
are those of the exploring policy on its own ones, and ``diverged`` counts the episodes of these that ended because
their population went out of bounds."""

OWN = {
    "error_index": ("error_index", "rms_kick"),
    "lasting": ("charge_to_last", "time_to_last"),
    "bursts": ("burst_time", "rms_kick"),
}
"""What follows where the best policy is that of another objective, measured likewise."""


def columns_of(objective: str) -> tuple[str, ...]:
    """The columns of a run whose best policy is sought by ``checkpoints.objective``."""
    return (*COLUMNS, *OWN.get(objective, ()))


LOGGED = {
    "learning_rate": ("train/learning_rate",),
    "policy_loss": ("train/policy_gradient_loss", "train/policy_loss", "train/actor_loss"),
    "value_loss": ("train/value_loss", "train/critic_loss", "train/loss"),
    "entropy_loss": ("train/entropy_loss",),
    "approx_kl": ("train/approx_kl", "train/kl_divergence_loss"),
    "clip_fraction": ("train/clip_fraction",),
    "explained_variance": ("train/explained_variance",),
    "action_std": ("train/std",),
    "entropy_weight": ("train/ent_coef",),
    "random_actions": ("rollout/exploration_rate",),
}
"""Our column → under which names the learners log it; the first that there is counts."""
