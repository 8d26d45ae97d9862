"""Effects against the numbers Newcombe printed."""

from __future__ import annotations

import pytest

from scoring.effects import Arm, effect, sample_ratio_p, wilson

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
