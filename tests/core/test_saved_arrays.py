"""What a state is saved as comes back to the bit, and nothing else is taken for it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rldbs.core.errors import RunError
from rldbs.core.saved_arrays import generator_words, generators_from, only, part, prefixed, put, put_within, take, whole


@given(seed=st.integers(0, 2**128), draws=st.integers(0, 50), count=st.integers(1, 3))
def test_generators_go_on_where_they_were(seed, draws, count):
    generators = [np.random.default_rng([seed, k]) for k in range(count)]
    for generator in generators:
        generator.integers(0, 9, draws, np.uint32)  # an odd number leaves half a word over
        generator.standard_normal(draws)
    again = generators_from({"g": generator_words(generators)}, "g", count)
    for first, second in zip(generators, again, strict=True):
        np.testing.assert_array_equal(first.integers(0, 2**32, 5, np.uint32), second.integers(0, 2**32, 5, np.uint32))
        np.testing.assert_array_equal(first.random(5), second.random(5))


@pytest.mark.parametrize(("place", "value"), [(3, 2), (4, 2), (4, 2**64 - 1), (5, 2**32)])
def test_words_that_no_generator_has_are_refused(place, value):
    words = generator_words([np.random.default_rng(0)])
    words[0, place] = value
    with pytest.raises(RunError, match="saved state g: is not the state of a generator"):
        generators_from({"g": words}, "g", 1)


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (None, "is missing"),
        (np.zeros((2, 4)), r"is float64 \(2, 4\)"),
        (np.zeros(6), r"is float64 \(6,\)"),
        (np.zeros((2, 3), np.float32), "is float32"),
        (np.zeros((2, 3), np.int64), "is int64"),
        ([[0.0] * 3] * 2, r"is \[\[0"),
        (np.full((2, 3), np.nan), "not finite"),
        (np.full((2, 3), -np.inf), "not finite"),
    ],
)
def test_an_array_of_another_kind_is_refused(array, words):
    arrays = {} if array is None else {"a": array}
    with pytest.raises(RunError, match=f"saved state a: .*{words}"):
        take(arrays, "a", (2, 3), np.float64)
    target = np.ones((2, 3))
    with pytest.raises(RunError, match=f"saved state a: .*{words}"):
        put(target, arrays, "a")
    assert (target == 1).all()


def test_truth_values_are_zero_or_one():
    odd = np.array([1, 0, 7], np.uint8).view(np.bool_)
    with pytest.raises(RunError, match="saved state a: must be true or false"):
        take({"a": odd}, "a", (3,), np.bool_)


def test_what_is_taken_is_a_copy():
    array = np.zeros(3)
    take({"a": array}, "a", (3,), np.float64)[:] = 1
    assert not array.any()


@pytest.mark.parametrize("number", [-1, 6, 2**62])
def test_numbers_out_of_range_are_refused(number):
    with pytest.raises(RunError, match=f"saved state a: must be from 0 to 5, is {number}"):
        whole({"a": np.array(number)}, "a", 0, 5)
    target = np.ones(2, np.int64)
    with pytest.raises(RunError, match=f"saved state a: must be from 0 to 5, has {number}"):
        put_within(target, {"a": np.array([3, number])}, "a", 0, 5)
    assert target.tolist() == [1, 1]
    put_within(target, {"a": np.array([0, 5])}, "a", 0, 5)
    assert (target.tolist(), whole({"a": np.array(5)}, "a", 0, 5)) == ([0, 5], 5)


def test_parts_come_back_from_under_their_prefix():
    arrays = {"x": np.zeros(1), "y.z": np.ones(2)}
    joined = {**prefixed("one", arrays), **prefixed("one_more", {"x": np.ones(3)})}
    assert part("one", joined).keys() == arrays.keys()
    assert part("one", joined)["y.z"] is arrays["y.z"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (3, "saved state: must be arrays with names, is 3"),
        ({"a": np.zeros(1), 7: np.zeros(1)}, "saved state 7: an ensemble has none"),
        ({"\x1b[31m": np.zeros(1)}, r"saved state \\x1b\[31m: an ensemble has none"),
    ],
)
def test_what_are_no_arrays_of_that_owner_is_refused(given, words):
    with pytest.raises(RunError, match=words):
        only(given, {"a"}, "an ensemble")
