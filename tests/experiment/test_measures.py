"""That everything is said of every kind of models, and of nothing else."""

import yaml

from rldbs.config.settings_files import CONF
from rldbs.core.model_kinds import KINDS
from rldbs.experiment.measures import MEASURED


def test_every_kind_is_measured():
    assert list(MEASURED) == [kind.name for kind in KINDS]


def test_ranges_for_a_kind_alone_stand_under_its_name():
    for path in (CONF / "space").glob("*.yaml"):
        assert set(yaml.safe_load(path.read_text())) <= {"space", *MEASURED}, path
