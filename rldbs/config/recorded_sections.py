"""What a training run has recorded, with sections that are what their name says."""

from collections.abc import Sequence
from pathlib import Path

from rldbs.config.checked_records import shown
from rldbs.config.composition import Config
from rldbs.core.errors import RunError
from rldbs.runs.record import ENVIRONMENT, read_config

SECTIONS = (*ENVIRONMENT, "agent", "protocol")
"""What a recorded configuration has as mappings."""


def recorded_sections(run: Path, sections: Sequence[str] = SECTIONS) -> Config:
    """What config.yaml of a training run holds, in which ``sections`` hold keys with values.

    Raises:
        RunError: it cannot be read, is no configuration of a training run, or has such a section that holds none.
    """
    config = read_config(run)
    for section in sections:
        if not isinstance(config[section], dict):
            raise RunError(f"{run / 'config.yaml'}: {section}={shown(config[section])}: must hold keys with values")
    return config
