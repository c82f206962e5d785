"""Cells from equations: the bits of the core's own, nothing but arithmetic, and resets at spikes."""

import random
import re
import shutil
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import rldbs
from rldbs.core import native, own_library
from rldbs.core.cell_equations import CellEquations
from rldbs.core.cell_header import cells_header
from rldbs.core.cells import own_cell
from rldbs.core.described_network import CellText, cell_equations
from rldbs.core.errors import SettingError
from rldbs.core.network_model import Group, NetworkModel
from rldbs.core.so2012 import SO2012
from tests.core.equation_texts import HOSTILE, drawn, sound
from tests.core.network_texts import STN, TH

compiled = pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
LEAKY: dict[str, Any] = {
    "inputs": [],
    "parameters": {"rest": -65.0, "tau": 10.0},
    "where": {"leak": "v - rest"},
    "equations": {"v": "(current - leak)/tau", "trace": "-trace/100"},
    "start": {"trace": "rest/65"},
    "threshold": -50.0,
    "spike": {"v": "rest", "trace": "trace + 1"},
}
"""Cells that integrate and fire."""
NAMES = r"(own0_\w+|[kstpi]\d+|ahead|splat\(0\.0\))"
NUMBER = r"0x[01]\.[0-9a-f]+p[+-]\d+"
LINES = re.compile(
    r'#include "(gates|elementary)\.h"|#define ELEMENTARY ALWAYS_INLINE|#define RLDBS_CELLS\(X\) X\(own0\)|[{}]'
    r"|enum \{ own0_variables = \d+, own0_inputs = \d, own0_parameters = \d+ \};"
    rf"|#define own0_threshold \(-?{NUMBER}\)"
    r"|ALWAYS_INLINE void own0_rate\(const vec \*state, const vec \*input, const double \*parameters, double ahead, "
    r"vec \*rate\)|ALWAYS_INLINE void own0_spike\(mask fired, const double \*parameters, vec \*state\)"
    r"|__attribute__\(\(unused\)\) static void own0_start\(const double \*parameters, vec \*state\)"
    r"|const vec s\d+ = state\[\d+\];|const vec i\d = input\[\d\];|const double p\d+ = parameters\[\d+\];"
    rf"|(rate|state)\[\d+\] = ({NAMES}|chosen\(fired, \w+, s\d+\));"
    rf"|const (vec|double) [kt]\d+ = -?({NUMBER}|{NAMES}|1\.0|\w+_of\([\w, ]+\)|fma\([\w, ]+\)|splat\(\w+\))"
    rf"( [-+*/] {NAMES})*;"
)
"""All that a line of a header can be."""


def equations(**changes: Any) -> CellEquations:
    return cell_equations("mine", CellText(**LEAKY | changes))


def refused(**changes: Any) -> str:
    with pytest.raises(SettingError) as error:
        equations(**changes)
    assert str(error.value).startswith("model.cells.mine")
    return str(error.value)


def network(group: Group, **changes: Any) -> NetworkModel:
    """Cells of one group, alone."""
    plain = {"groups": (group,), "projections": (), "background": None, "stimulated": group.name, "relaying": None}
    own = {"recorded": {"x": f"{group.name}.v"}, "potential": None, "longest": 1.0}
    return replace(SO2012, **plain, **own, **changes)


@compiled
def test_so_2012_with_cells_from_equations_has_the_bits_of_the_core():
    """The network itself, of which two kinds of cells are a user's, by both integrators, alone and side by side."""
    groups = []
    for group in SO2012.groups:
        if group.name in ("stn", "th"):
            text = CellText(**(STN if group.name == "stn" else TH))
            cell = own_cell(f"my_{group.name}", cell_equations(group.name, text))
            group = replace(group, cell=cell, parameters=tuple(text.parameters.values()))
        groups.append(group)
    given = np.random.default_rng(1).normal(0.0, 50.0, (8, 600, 1))
    for integrator, populations in (("euler", 1), ("rk4", 3), ("euler", 8)):
        options: dict[str, Any] = {"severity": "pd", "integrator": integrator, "channels": ("gpi.s", "stn.ca", "th.v")}
        core = rldbs.CellNetwork(populations, 2, **options)
        mine = rldbs.CellNetwork(populations, 2, model=replace(SO2012, groups=tuple(groups)), **options)
        np.testing.assert_allclose(mine.kernel.state, core.kernel.state, rtol=1e-14)  # two polynomials for exp
        mine.kernel.state[:] = core.kernel.state
        seen = [each.advance(given[:populations]) for each in (core, mine)]
        assert seen[0].channels.tobytes() == seen[1].channels.tobytes()
        assert core.kernel.state.tobytes() == mine.kernel.state.tobytes()
        assert len(seen[0].spikes.cell)
        assert all(map(np.array_equal, seen[0].spikes, seen[1].spikes))


@compiled
def test_cells_integrate_fire_and_begin_as_they_are_written():
    cell = own_cell("leaky", equations())
    group = Group("a", "A", cell, 3, 20.0, 20.0, parameters=(-65.0, 10.0))
    made = rldbs.CellNetwork(
        model=network(group, v_std=0.0), dt=0.1, integrator="rk4", channels=["a.v[0]", "a.trace[0]"]
    )
    np.testing.assert_array_equal(made.cells("a")[0], [[-62.0] * 3, [-1.0] * 3])
    seen = made.advance(np.zeros((1, 400, 1)))
    v, trace = seen.channels[0].T
    fired = seen.spikes.sample[seen.spikes.cell == 0] - 1
    period = 10.0 * np.log(20.0 / (20.0 - 15.0))  # from rest to the threshold
    np.testing.assert_allclose(np.diff(fired) * 0.1, period, atol=0.1)
    np.testing.assert_array_equal(v[fired], -65.0)
    assert v.max() < -50.0
    assert (np.diff(trace)[fired - 1] > 0.9).all()


@compiled
def test_groups_of_one_cell_have_constants_of_their_own_and_every_processor_gives_the_same_bits():
    cell = own_cell("leaky", equations())
    pair = tuple(
        Group(name, name, cell, 5, 20.0, 20.0, parameters=(-65.0, tau)) for name, tau in (("a", 10.0), ("b", 5.0))
    )
    found = set()
    for instruction_set in native.SUPPORTED:
        with native.use_instruction_set(instruction_set):
            made = rldbs.CellNetwork(2, 1, model=replace(network(pair[0]), groups=pair), dt=0.1, integrator="rk4")
            seen = made.advance(np.zeros((2, 300, 1)))
            found.add(made.kernel.state.tobytes())
    counts = np.bincount(seen.spikes.cell // 5)
    assert len(found) == 1
    assert counts[1] > 1.8 * counts[0]


@compiled
def test_what_was_compiled_once_is_loaded_again(tmp_path, monkeypatch):
    monkeypatch.setenv("RLDBS_CACHE", str(tmp_path))
    cells = (equations(equations={"v": "current - v/7"}, start={}, spike={}, parameters={}, where={}),)
    own_library.own_cells.cache_clear()
    own_library.own_cells(cells, native.instruction_set())
    (kept,) = tmp_path.iterdir()
    before = kept.read_bytes()
    own_library.own_cells.cache_clear()
    monkeypatch.setattr(own_library, "compiler", lambda: None)
    own_library.own_cells(cells, native.instruction_set())
    assert kept.read_bytes() == before
    own_library.own_cells.cache_clear()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"equations": {"x": "current"}}, "equations.'x': the first equation must be that of v"),
        ({"equations": {"v": "leak"}, "start": {}, "spike": {}}, "current stands in no equation"),
        ({"inputs": ["gaba"]}, "gaba stands in no equation"),
        (
            {"equations": LEAKY["equations"] | {"v": "current - lek"}},
            "there is no variable or constant 'lek'\nDid you mean leak",
        ),
        ({"where": {"a": "b", "b": "1"}}, "where.a: there is no variable or constant 'b'"),
        ({"where": {"v": "1"}}, "v is there twice"),
        ({"parameters": LEAKY["parameters"] | {"fma": 1.0}}, "fma means something else"),
        ({"parameters": LEAKY["parameters"] | {"ahead": 1.0}}, "ahead means something else"),
        ({"start": {"w": "1"}}, "start.'w': there is no such variable; there are v, trace"),
        ({"start": {"v": "1"}}, "start.v: v begins as"),
        ({"start": {"trace": "current"}}, "start.trace: there is no variable or constant 'current'"),
        ({"spike": {"trace": "leak"}}, "spike.trace: there is no variable or constant 'leak'"),
        ({"spike": {"trace": "trace + ahead"}}, "spike.trace: there is no variable or constant 'ahead'"),
        ({"threshold": 600.0}, "threshold=600: must be within ±600 mV"),
        ({"equations": LEAKY["equations"] | {"trace": "fma(v, trace)"}}, "fma takes 3, 2 given"),
        ({"equations": LEAKY["equations"] | {"trace": "2**v"}}, "an exponent is a number or made of constants"),
        ({"where": {"leak": "v", **{f"w{k}": "v" for k in range(33)}}}, "where: there must be 0 to 32, there are 34"),
    ],
)
def test_what_is_no_cell_is_refused_with_key_and_reason(changes, message):
    assert message in refused(**changes)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_code(text):
    for section, name in (("where", "leak"), ("equations", "trace"), ("start", "trace"), ("spike", "v")):
        refused(**{section: LEAKY[section] | {name: text}})


def test_a_thousand_texts_are_refused_or_arithmetic():
    generator, read = random.Random(0), 0
    for _ in range(300):
        texts = [generator.choice([drawn, sound])(generator) for _ in range(4)]
        where, rates = {"w": texts[0]}, {"v": "current + input + w", "x": texts[1], "y": texts[2]}
        for start, spike in (({}, {}), ({"y": texts[3]}, {}), ({}, {"y": texts[3]})):
            found = {"inputs": ["input"], "parameters": {"rate": 1.0, "k": 2.0}, "where": where, "equations": rates}
            try:
                header = cells_header([equations(**found, start=start, spike=spike)])
            except SettingError:
                continue
            read += 1
            assert all(LINES.fullmatch(line.strip()) for line in header.splitlines()), header
    assert read > 60
