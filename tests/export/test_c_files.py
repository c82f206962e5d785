"""What is written in C compiles anywhere, checks itself, wastes nothing, and bears a broken sensor."""

import math
import re
import shutil
import subprocess

import numpy as np
import pytest

from rldbs.export.formats import c_controller, c_copy
from tests.export.conftest import FEW, STRICT, compiled, learner_subject, subject
from tests.export.test_c_regulator import SITES, made_up

KINDS = {
    "network": lambda: learner_subject("recurrent_ppo", "agent.past_kicks=3", decisions=50),
    "regulator": made_up,
    "pulses": lambda: subject("agent=dual_threshold", *FEW, "recording.variable=[x,y]", decisions=200),
    "contacts": lambda: made_up("electrode=four", *SITES, "stimulus.limit=0.12", "stimulus.resolution=0.3", mixed=True),
    "delays": lambda: subject("agent=nonlinear_delayed_feedback", *FEW, decisions=200),
}
SANITIZED = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


MAIN = [("gcc", "network"), ("gcc", "delays"), ("gcc", "contacts"), ("clang", "regulator"), ("clang", "pulses")]
OTHER = [("clang", "network"), ("clang", "contacts"), ("clang", "delays"), ("gcc", "regulator"), ("gcc", "pulses")]


@pytest.mark.parametrize(
    ("compiler", "kind"), [*MAIN, *(pytest.param(*case, marks=pytest.mark.slow) for case in OTHER)]
)
def test_it_checks_itself_under_sanitizers(compiler, kind, tmp_path):
    if shutil.which(compiler) is None:
        pytest.skip(f"there is no {compiler}")
    exported = KINDS[kind]()
    copy, controller = c_copy(exported), c_controller(exported)
    for name, content in copy.files.items():
        (tmp_path / name).write_bytes(content)
    sources, program = [str(tmp_path / f"control{end}.c") for end in ("", "_check")], tmp_path / "check"
    subprocess.run([compiler, *STRICT, *SANITIZED, *sources, "-lm", "-o", str(program)], check=True)
    out = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    found = re.fullmatch(r"(\d+) decisions, largest difference (\S+) of the amplitude, (\d+) bytes of memory\n", out)
    assert found
    assert int(found[1]) == exported.decisions
    assert float(found[2]) < 1e-3
    assert int(found[3]) == controller.memory


@pytest.mark.parametrize(
    ("model", "unit", "kick", "step"),
    [
        ("bvdp", "units of x", "a kick of 50, in units of x.", "0.2 of the model's time;"),
        ("kuramoto", "rad/s", "a kick of 50 rad/s.", "0.5 ms;"),
        ("so2012", "µA/cm²", "a kick of 50 µA/cm².", "0.1 ms;"),
    ],
)
def test_the_header_tells_the_unit_of_a_kick_and_of_time(model, unit, kick, step):
    written = c_controller(subject("agent=open_loop", f"model={model}", "stimulus.amplitude=50")).header()
    assert f"the kick, in {unit}, of an action of 1 */" in written
    told = " ".join(line.strip(" *") for line in written.splitlines())
    assert kick in told
    assert step in told


def test_the_check_finds_another_controller(tmp_path):
    exported, other = (subject("agent=proportional", *FEW, f"agent.gain={gain}") for gain in (0.01, 0.02))
    files = {**c_copy(exported).files, "control.c": c_controller(other).source().encode()}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    sources = [str(tmp_path / name) for name in ("control.c", "control_check.c")]
    subprocess.run(["cc", "-std=c99", *sources, "-lm", "-o", str(tmp_path / "check")], check=True)
    assert subprocess.run([tmp_path / "check"], check=False, capture_output=True).returncode == 1


def test_a_program_in_another_dialect_can_use_it(tmp_path):
    if shutil.which("g++") is None:
        pytest.skip("there is no g++")
    controller = c_controller(subject("agent=pd", *FEW))
    (tmp_path / "control.h").write_text(controller.header())
    (tmp_path / "control.c").write_text(controller.source())
    (tmp_path / "main.cpp").write_text(
        '#include "control.h"\nint main() { static control_state s; control_init(&s); return control_ready(&s); }\n'
    )
    subprocess.run(["cc", "-c", "control.c", "-o", "control.o"], cwd=tmp_path, check=True)
    subprocess.run(["g++", "-Wall", "-Werror", "main.cpp", "control.o", "-lm", "-o", "main"], cwd=tmp_path, check=True)
    assert subprocess.run([tmp_path / "main"], check=False).returncode == 0


def test_it_needs_no_more_than_the_mathematical_library(tmp_path):
    controller = c_controller(made_up(mixed=True))
    compiled(controller, tmp_path)
    library = next(tmp_path.rglob("*.so"))
    undefined = subprocess.run(["nm", "-D", "--undefined-only", library], check=True, capture_output=True, text=True)
    names = {line.split()[-1].partition("@")[0] for line in undefined.stdout.splitlines()}
    assert names <= {"sqrtf", "tanhf", "rintf", "fminf", "fmaxf", "memset", "memmove", "memcpy"} | {
        name for name in names if name.startswith("_")
    }


def test_until_there_are_enough_samples_it_rests(tmp_path):
    exported = subject("agent=proportional", *FEW, "agent.gain=0.005")
    device = compiled(c_controller(exported), tmp_path)
    for count in range(exported.layout.kept):
        assert not device.ready
        assert device.decide() == 0.0
        device.sample([float(count)])
    assert device.ready
    assert device.decide() != 0.0


def test_what_is_seen_is_cut_off_at_the_bounds(tmp_path):
    controller = c_controller(subject("agent=proportional", *FEW, "recording.centered=false", "agent.gain=1e-4"))

    device = compiled(controller, tmp_path)

    def decided(value: float) -> float:
        for _ in range(controller.layout.kept):
            device.sample([value])
        return device.decide()

    assert decided(100.0) == decided(4.0) != decided(3.0)
    assert decided(-100.0) == decided(-4.0) != decided(-3.0)


def test_a_sample_that_is_not_finite_repeats_the_one_before(tmp_path):
    exported = subject("agent=proportional", *FEW, "recording.variable=[x,y]", decisions=300)
    whole, broken = (compiled(c_controller(exported), tmp_path) for _ in range(2))
    broken.sample([math.nan, 0.0])  # nothing can be repeated yet
    samples = exported.recorded.samples.copy()
    lost = np.random.default_rng(0).random(samples.shape) < 0.3
    lost[0] = False
    for k, (values, gone) in enumerate(zip(samples, lost, strict=True)):
        values[gone] = samples[k - 1][gone]
        whole.sample(values.tolist())
        bad = np.where(gone, math.inf if k % 2 else math.nan, values)
        broken.sample(bad.tolist())
        assert whole.decide() == broken.decide()
    assert whole.ready
