"""That every model is of one kind, which says what settings it has."""

from dataclasses import dataclass

import pytest

from rldbs.core.errors import SettingError
from rldbs.core.model_kinds import KINDS, kind_named, kind_of
from rldbs.core.model_settings import ModelSettings, NeuronSettings
from rldbs.core.models import EVERY_MODEL


def test_every_model_is_of_one_kind():
    assert sorted(name for kind in KINDS for name in kind.settings) == sorted(EVERY_MODEL)
    for name in EVERY_MODEL:
        assert issubclass(kind_named(name).settings[name], ModelSettings)
    assert kind_named("bvpd") is kind_named(None) is None


def test_settings_that_only_look_like_those_of_a_kind_are_of_none():
    @dataclass(frozen=True)
    class Own(NeuronSettings):
        pass

    for strange in (Own("hr", 10, 0.1, 0.1, 10, 10, 0.0, 3.0, 0.0, {}), "hr", None):
        with pytest.raises(SettingError, match=r"^settings: must be NeuronSettings or EquationSettings or"):
            kind_of(strange)
