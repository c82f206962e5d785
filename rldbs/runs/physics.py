"""The version of the physics: what was begun with one is not gone on with in another."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rldbs.core.errors import RunError, visible
from rldbs.core.native import PHYSICS
from rldbs.files.folder import Folder

FIRST = 1
"""The version of those that did not write it down yet."""


def physics_of(meta: Mapping[str, Any]) -> int:
    """The physics of the run whose meta.json this is; of one that has not begun, that of this version of rldbs."""
    version: int = meta.get("physics", FIRST if "versions" in meta else PHYSICS)
    return version


def measured_with(metrics: Mapping[str, Any]) -> str:
    """The physics of the measurement whose metrics.json this is, to be told."""
    return visible(str(metrics.get("physics", FIRST)))


def check_equations(folder: Path | Folder, meta: Mapping[str, Any], equations: str | None, remedy: str) -> None:
    """Whether a run was begun with these equations of the user's.

    Args:
        folder: its folder, for the message.
        meta: what its meta.json holds.
        equations: the fingerprint of those in its config.yaml; None where the model is one of the core's.
        remedy: what the user can do.

    Raises:
        RunError: it was begun with others.
    """
    if "versions" in meta and meta.get("equations") != equations:
        raise RunError(f"{folder}: was begun with other equations than its config.yaml now has\n{remedy}")


def check_physics(folder: Path | Folder, meta: Mapping[str, Any], remedy: str) -> None:
    """Whether a run was begun with the physics of this version of rldbs.

    Args:
        folder: its folder, for the message.
        meta: what its meta.json holds.
        remedy: what the user can do.

    Raises:
        RunError: it was begun with another one, so the same seed now gives other populations.
    """
    version = physics_of(meta)
    if version != PHYSICS:
        with_rldbs = f" (rldbs {meta['versions']['rldbs']})" if "rldbs" in meta.get("versions", {}) else ""
        raise RunError(
            f"{folder}: was begun with version {version} of the physics{with_rldbs}; here it is {PHYSICS}, in which "
            f"the same seed gives other populations\n{remedy}"
        )
