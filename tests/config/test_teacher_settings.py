"""A teacher in the configuration: what its controller is set to, and what is refused."""

import pytest

from rldbs.config.composition import compose
from rldbs.config.schema import train_settings
from rldbs.core.errors import SettingError


def composed(*overrides, directory=None):
    return compose("train", overrides, directory)


def test_without_a_teacher_nothing_is_said_of_one():
    assert "teacher" not in composed()
    assert train_settings(composed()).teacher is None


def test_a_teacher_has_the_settings_of_its_file_those_for_the_model_and_those_that_are_given():
    own = composed("model=kuramoto_populations", "teacher.agent=acd")["teacher"]["settings"]
    assert (own["size"], own["damping"]) == (0.5, 0.5)
    given = composed("model=kuramoto_populations", "teacher.agent=acd", "teacher.settings={size:0.3}")
    assert given["teacher"]["settings"] == {**own, "size": 0.3}
    teacher = train_settings(given).teacher
    assert (teacher.name, teacher.controller.size) == ("acd", 0.3)
    tuned = composed("model=hr", "teacher.agent=pd")["teacher"]["settings"]
    assert tuned != composed("model=bvdp", "teacher.agent=pd")["teacher"]["settings"]


def test_the_teacher_of_a_file_may_be_another_or_none():
    assert composed("model=kuramoto_populations")["teacher"]["agent"] == "acd"
    other = composed("model=kuramoto_populations", "teacher.agent=phase_locked", "teacher.settings={pause:0.5}")
    evaluated = compose("evaluate", ["model=kuramoto_populations", "agent=phase_locked"])["agent"]
    assert {"name": "phase_locked", **other["teacher"]["settings"]} == {**evaluated, "pause": 0.5}
    assert "teacher" not in composed("model=kuramoto_populations", "teacher.agent=null")


def test_its_settings_are_those_with_which_the_controller_itself_comes():
    evaluated = compose("evaluate", ["model=hr", "agent=pd"])["agent"]
    evaluated.pop("name")
    assert composed("model=hr", "recording.length=80", "teacher.agent=pd")["teacher"]["settings"] == evaluated


def test_lessons_follow_the_budget_where_nobody_says():
    found = train_settings(composed("teacher.agent=pd", "steps=80_000")).teacher.lessons
    assert (found.steps, found.judging) == (10_000, 8_000)
    found = train_settings(composed("teacher.agent=pd", "teacher.steps=512", "teacher.judging=0")).teacher.lessons
    assert (found.steps, found.judging) == (512, 0)


def test_what_a_teacher_looks_at_is_no_more_than_is_recorded():
    config = composed("model=hr", "teacher.agent=pd")
    assert config["teacher"]["settings"]["smoothing"] == config["recording"]["length"] == 4
    assert train_settings(config).teacher.controller.smoothing == 4
    with pytest.raises(SettingError, match=r"^teacher.agent=pd: agent.smoothing=6: must be at most recording.length=4"):
        train_settings(composed("model=hr", "teacher.agent=pd", "teacher.settings={smoothing:6}"))


def test_an_agent_of_ones_own_directory_teaches(tmp_path):
    (tmp_path / "agent").mkdir()
    (tmp_path / "agent" / "gentle.yaml").write_text("defaults: [proportional]\ngain: 0.011\n")
    config = composed("teacher.agent=gentle", directory=tmp_path)
    teacher = train_settings(config).teacher  # which needs the directory no longer
    assert (teacher.name, teacher.controller.gain) == ("proportional", 0.011)
    shipped = compose("evaluate", ["agent=proportional"])["agent"]
    assert config["teacher"]["settings"] == {key: value for key, value in shipped.items() if key != "name"} | {
        "gain": 0.011
    }


@pytest.mark.parametrize(
    ("section", "told"),
    [
        (5, "^teacher=5: must hold"),
        ({"agent": "proportional"}, "^teacher.settings=null: must hold"),
        ({"agent": ["pd"], "settings": {}}, "^teacher.agent=.*: must be a controller"),
        ({"settings": {}}, "^teacher.agent=null: must be a controller"),
    ],
)
def test_what_a_run_has_recorded_of_a_teacher_is_checked(section, told):
    with pytest.raises(SettingError, match=told):
        train_settings({**composed(), "teacher": section})


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (["teacher.steps=5000"], r"^teacher.steps: there is no teacher; name one: teacher.agent=pd$"),
        (["teacher.agent=pdd"], r"(?s)^teacher.agent=pdd: must be a controller that does not learn.*mean pd\?"),
        (["teacher.agent=ppo"], r"(?s)^teacher.agent=ppo: must be a controller that does not learn.*proportional"),
        (["teacher.agent=pd", "teacher.settings=3"], r"^teacher.settings=3: must be null or settings"),
        (["teacher.agent=pd", "teacher.settings={size:3}"], r"^teacher.settings.size: there is no such setting"),
        (["teacher.agent=pd", "teacher.settings={gain:much}"], r"^teacher.settings.gain=much: must be a number"),
        (["teacher.agent=pd", "teacher.steps=100"], r"^teacher.steps=100: must be at least .* = 64 × 4 = 256$"),
        (["teacher.agent=pd", "teacher.judging=5_000_000"], r"^teacher.judging=5000000: must be below steps="),
        (["teacher.agent=pd", "agent=ars"], r"^teacher.agent=pd: teaches networks that choose amplitudes"),
        (["teacher.agent=pd", "agent=lqg"], r"^teacher.agent=pd: teaches networks that choose amplitudes"),
        (["teacher.agent=pd", "agent=dqn", "stimulus.levels=5"], r"^teacher.agent=pd: teaches networks that choose"),
        (["teacher.agent=pd", "agent=recurrent_ppo"], r"^teacher.agent=pd: .* agent=recurrent_ppo remembers"),
        (
            ["teacher.agent=pd", "teacher.steps=100_000_000"],
            r"^teacher.steps=100000000, .*: what the teacher shows would",
        ),
        (["teacher.agent=acd"], r"^teacher.agent=acd: agent=acd: needs a phase response curve"),
    ],
)
def test_what_cannot_be_taught_is_refused(overrides, told):
    with pytest.raises(SettingError, match=told):
        train_settings(composed(*overrides))
