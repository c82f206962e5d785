"""Options of packages: found without an import, and refused by name where something is wrong."""

import subprocess
import sys

import pytest

from rldbs.agents.settings import AGENTS, LEARNERS
from rldbs.config.groups import groups
from rldbs.config.settings_files import plugin_roots, refused_roots
from rldbs.control.reward import REWARDS, Deviation, Reward
from rldbs.core.errors import SettingError
from rldbs.core.plugins import class_problem, counting, missing, packages_of, refused
from tests.conftest import call
from tests.plugged import NAME, installed

ENTRIES = "rldbs_soft_feedback-0.1.0.dist-info/entry_points.txt"


def other_package(source, name, entries, package="other"):
    """A second package on the path beside the first one."""
    record = source / f"{package}-2.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 2.0\n")
    (record / "entry_points.txt").write_text(entries)
    (source / name).mkdir(exist_ok=True)
    (source / name / "__init__.py").touch()


def test_without_packages_there_are_ours_alone():
    assert counting() == ()
    assert list(REWARDS) == list(REWARDS.own)
    assert plugin_roots() == {}


def test_options_of_a_package_are_found_without_an_import(tmp_path, monkeypatch):
    installed(tmp_path, monkeypatch)
    assert NAME in REWARDS
    assert NAME in AGENTS
    assert NAME not in LEARNERS
    assert NAME in groups()["reward"]
    assert NAME in groups()["agent"]
    assert NAME not in sys.modules
    assert REWARDS[NAME].__name__ == "SoftFeedbackReward"
    assert packages_of({"reward": {"name": NAME}, "agent": {"name": "ppo"}}) == {
        f"reward={NAME}": "rldbs-soft-feedback 0.1.0"
    }


def test_a_package_that_fails_to_import_is_named_and_hinders_nothing_else(tmp_path, monkeypatch, capsys):
    source = installed(tmp_path, monkeypatch, "broken_one")
    (source / "broken_one" / "reward.py").write_text("import not_there\n")
    with pytest.raises(SettingError, match=r"reward=broken_one: of the package rldbs-broken-one 0.1.0, .*not_there"):
        REWARDS["broken_one"]
    status, out, _ = call(["list", "rewards"], capsys)
    assert status == 0
    assert "which cannot be loaded: ModuleNotFoundError: No module named 'not_there'" in out
    assert "deviation" in out
    status, _, err = call(["train", "reward=broken_one", "--show"], capsys)
    assert status == 2
    assert "rldbs-broken-one 0.1.0" in err
    assert call(["train", "--show"], capsys)[0] == 0


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        (
            "[rldbs.rewards]\ndeviation = other:A\n",
            "reward=deviation of the package other 2.0 is left out: rldbs itself",
        ),
        ("[rldbs.controllers]\nppo = other:A\n", "agent=ppo of the package other 2.0 is left out: rldbs itself"),
        ("[rldbs.rewards]\nsoft_feedback = other:A\n", "reward=soft_feedback of the package other 2.0 is left out: rl"),
        ("[rldbs.rewards]\nwith-dash = other:A\n", "its name must be letters"),
    ],
)
def test_a_name_that_is_taken_is_refused_and_the_package_named(entries, why, tmp_path, monkeypatch, capsys):
    other_package(installed(tmp_path, monkeypatch), "other", entries)
    assert any(why in line for line in refused())
    assert REWARDS["deviation"] is Deviation
    status, _, err = call(["list", "rewards"], capsys)
    assert status == 0
    assert why in err


def test_settings_that_would_hide_ours_or_hold_code_are_left_out(tmp_path, monkeypatch):
    source = installed(tmp_path, monkeypatch)
    file = source / NAME / "conf" / "reward" / "deviation.yaml"
    file.write_text("name: deviation\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])  # looked through anew
    other_package(source, "other", "[rldbs.rewards]\nanother = other:A\n")
    (source / "other" / "conf" / "reward").mkdir(parents=True)
    (source / "other" / "conf" / "reward" / "another.yaml").write_text("name: another\n_target_: os.system\n")
    assert plugin_roots() == {}
    first, second = sorted(refused_roots())
    assert "package other 2.0 are left out" in first
    assert "it cannot say what runs" in first
    assert "package rldbs-soft-feedback 0.1.0 are left out" in second
    assert "deviation.yaml; give it another name" in second


def test_an_option_without_settings_says_so(tmp_path, monkeypatch, capsys):
    source = installed(tmp_path, monkeypatch)
    (source / NAME / "conf" / "reward" / f"{NAME}.yaml").unlink()
    _, _, err = call(["train", f"reward={NAME}", "--show"], capsys)
    assert f"rldbs-soft-feedback 0.1.0 names it, but has no conf/reward/{NAME}.yaml" in err


class Plain:
    pass


def test_a_class_is_held_to_what_a_loop_asks():
    assert class_problem(Deviation, Reward) is None
    assert "dataclass(frozen=True)" in str(class_problem(Plain, Reward))
    assert "dataclass(frozen=True)" in str(class_problem(3, Reward))


def test_what_is_missing_is_told_with_the_remedy():
    assert missing({}) is None
    told = str(missing({"reward=gone": "rldbs-gone 1.2"}))
    assert "reward=gone is of the package rldbs-gone 1.2, which is not installed" in told
    assert "pip install rldbs-gone==1.2" in told


def test_looking_for_packages_loads_nothing_heavy():
    code = (
        "import sys, rldbs.config.groups as g; g.groups(); "
        "print([m for m in ('numpy', 'torch', 'hydra', 'pydantic') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
