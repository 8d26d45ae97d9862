"""Effects against the numbers Newcombe printed."""

from __future__ import annotations

import pytest

from scoring.effects import Arm, chi_square_tail, effect, ratio_p, sample_ratio_p, wilson

TABLE_II = [
    ((56, 70), (48, 80), 0.0524, 0.3339),
    ((9, 10), (3, 10), 0.1705, 0.8090),
    ((6, 7), (2, 7), 0.0582, 0.8062),
    ((5, 56), (0, 29), -0.0381, 0.1926),
    ((0, 10), (0, 20), -0.1611, 0.2775),
    ((0, 10), (0, 10), -0.2775, 0.2775),
    ((10, 10), (0, 20), 0.6791, 1.0000),
    ((10, 10), (0, 10), 0.6075, 1.0000),
]


@pytest.mark.parametrize(("first", "second", "low", "high"), TABLE_II)
def test_the_interval_is_the_one_newcombe_printed(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    """Method 10 gives the limits of table II (1998) to their four printed places."""
    answer = effect(Arm(first[1], first[0]), Arm(second[1], second[0]))
    assert answer.low == pytest.approx(low, abs=5e-5)
    assert answer.high == pytest.approx(high, abs=5e-5)


def test_wilson_gives_the_published_interval_of_81_in_263() -> None:
    """Wilson's score interval of 81/263 is 0.2553 to 0.3662, as in Newcombe's paper on single proportions."""
    low, high = wilson(Arm(263, 81))
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


def test_an_empty_arm_gives_no_effect() -> None:
    """Without anybody in an arm nothing is claimed."""
    answer = effect(Arm(0, 0), Arm(10, 1))
    assert (answer.difference, answer.low, answer.high) == (None, None, None)


def test_honest_arms_do_not_ring_and_broken_ones_do() -> None:
    """Arms of the drawn share have p = 1, arms that chance cannot explain have a p near 0."""
    assert sample_ratio_p(900, 100, 0.10) == pytest.approx(1.0)
    assert (sample_ratio_p(900, 150, 0.10) or 1.0) < 1e-3
    assert sample_ratio_p(0, 0, 0.10) is None
    assert sample_ratio_p(10, 0, 0.0) is None


def test_draws_that_lean_opposite_ways_ring_though_their_sum_is_honest() -> None:
    """Fifty too many under one version and fifty too few under another are two broken draws."""
    opposite = [(850, 150, 0.1), (950, 50, 0.1)]
    assert (ratio_p(opposite) or 1.0) < 1e-6
    assert ratio_p([(1800, 200, 0.1)]) == pytest.approx(1.0)


def test_draws_that_each_lean_a_little_to_one_side_ring_together() -> None:
    """Thirty versions with one standard deviation too many each: none is odd, all of them are."""
    assert (ratio_p([(97, 13, 0.0909)]) or 0.0) > 0.1
    assert (ratio_p([(97, 13, 0.0909)] * 30) or 1.0) < 1e-4


def test_draws_of_a_few_callers_count_as_one() -> None:
    """A static menu for one caller of a version says nothing of that version: a tenth of many is an honest draw."""
    assert ratio_p([(0, 1, 0.1)] * 10 + [(1, 0, 0.1)] * 90) == pytest.approx(1.0)


def test_the_tail_of_chi_square_is_the_published_one() -> None:
    """Critical values of the table of Pearson and Hartley, for even and odd degrees of freedom, and both ends."""
    published = {
        (3.8415, 1): 0.05,
        (5.9915, 2): 0.05,
        (16.266, 3): 0.001,
        (18.307, 10): 0.05,
        (61.098, 31): 0.001,
    }
    for (value, freedom), chance in published.items():
        assert chi_square_tail(value, freedom) == pytest.approx(chance, rel=2e-4)
    assert chi_square_tail(0.0, 7) == 1.0
    assert chi_square_tail(4000.0, 4000) == pytest.approx(0.497, abs=0.001)
