"""The published table comes out again, and what stands beside β says that it is the rhythm's frequency that falls."""

import re

import pytest

from rldbs.analysis.dbsgym_rows import PUBLISHED, published_rows, table
from rldbs.core.errors import SettingError


@pytest.fixture(scope="module")
def few():
    return published_rows([0], instances=2, episodes=1, steps=140)


def test_a_few_short_episodes_show_the_fall_of_beta_already(few):
    rest, stimulated = few
    assert (rest.stimulated, stimulated.stimulated) == (False, True)
    assert len(rest.betas) == 2
    assert rest.measures.order.shape == (2,)
    assert stimulated.beta < rest.beta / 2
    assert stimulated.published_band.band_power.mean() < rest.published_band.band_power.mean() / 2
    assert stimulated.measures.rate.mean() > rest.measures.rate.mean() + 5.0
    assert (rest.verdict, stimulated.published_band_verdict) == ("", "shifted")


def test_the_table_has_a_line_for_each(few):
    lines = table(few).splitlines()
    assert len(lines) == 4
    assert len({line.count("|") for line in lines}) == 1
    assert re.search(r"\| 0 \| none \| 11.83 ± 3.2 \| ", lines[2])
    assert re.search(r"\| 0 \| 124 Hz \| 2.34 ± 0.2 \| ", lines[3])


def test_one_instance_has_no_deviation():
    with pytest.raises(ValueError, match="at least two instances, got 1"):
        published_rows(instances=1)
    with pytest.raises(SettingError, match="instance: must be a whole number from 0 to 4, is 5"):
        published_rows(instances=6, episodes=1, steps=140)


@pytest.mark.slow
def test_the_published_table_comes_out_again():
    rows = published_rows()
    assert [(row.environment, row.stimulated) for row in rows] == list(PUBLISHED)
    for row in rows:
        mean, deviation = row.published
        assert row.beta == pytest.approx(mean, abs=deviation), (row.environment, row.stimulated)
        assert row.beta_std == pytest.approx(deviation, rel=0.2)
        assert 1.5 < row.measures.order_over_floor.mean() < 2.0  # nearly chance, with and without
    for rest, stimulated in (rows[:2], rows[2:]):
        assert stimulated.measures.order.mean() > 0.8 * rest.measures.order.mean()
        assert stimulated.measures.band_power.mean() > 0.6 * rest.measures.band_power.mean()
        assert stimulated.published_band.band_power.mean() < 0.35 * rest.published_band.band_power.mean()
        assert stimulated.published_band_verdict == "shifted"
        assert stimulated.verdict == ""
