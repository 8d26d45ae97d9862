"""Folds: stratified as scikit-learn draws them, customers whole, and time from earlier to later."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import StratifiedKFold

from scoring.folds import blocks, last_fifth, stratified, time_ordered


def people(rows: int, each: int = 1) -> np.ndarray:
    """Customers with so many rows each."""
    return np.asarray([f"c{number // each}" for number in range(rows)], dtype=object)


def test_stratified_folds_are_those_of_scikit_learn() -> None:
    """With one row a customer they are StratifiedKFold(5, shuffle=True, random_state=seed), as published figures use."""
    label = np.asarray([0, 0, 1] * 100, dtype=np.int8)
    theirs = StratifiedKFold(5, shuffle=True, random_state=42).split(label, label)
    for mine, (train, test) in zip(stratified(label, people(300), 42), theirs, strict=True):
        assert mine.train.tolist() == train.tolist() and mine.test.tolist() == test.tolist()


@given(st.integers(2, 6), st.integers(0, 5))
@settings(max_examples=20, deadline=None)
def test_a_customer_is_never_on_both_sides(each: int, seed: int) -> None:
    """Rows of one customer are learnt from or tried, not both; together the folds try every row once."""
    label = (np.random.default_rng(seed).random(60 * each) < 0.15).astype(np.int8)
    customers = people(60 * each, each)
    folds = stratified(label, customers, seed)
    for fold in folds:
        assert not set(customers[fold.train]) & set(customers[fold.test])
        assert len(fold.train) + len(fold.test) == len(label)
    assert sorted(np.concatenate([fold.test for fold in folds]).tolist()) == list(range(len(label)))


def test_few_times_are_blocks_and_many_are_cut_into_five() -> None:
    """Months stay whole; ten thousand order numbers become five blocks of equal size."""
    assert blocks(np.asarray([24313, 24315, 24313, 24314])).tolist() == [0, 2, 0, 1]
    assert np.bincount(blocks(np.arange(10_000))).tolist() == [2000] * 5


@given(st.lists(st.integers(0, 40), min_size=400, max_size=600))
@settings(max_examples=30, deadline=None)
def test_what_is_tried_is_later_than_what_was_learnt_from(times: list[int]) -> None:
    """No row is learnt from that is as late as the earliest row tried: the future never helps."""
    time = np.asarray(times)
    label = (np.arange(len(times)) % 2).astype(np.int8)
    folds = time_ordered(label, time)
    last = last_fifth(label, time)
    for fold in [*folds, *([last] if last else [])]:
        assert time[fold.train].max() < time[fold.test].min()
    for before, after in pairwise(folds):
        assert set(before.train) | set(before.test) <= set(after.train) | set(after.test)


@pytest.mark.parametrize("time", [None, np.repeat([1, 2], 300)])
def test_fewer_than_three_times_are_no_order(time: np.ndarray | None) -> None:
    """Then folds are stratified and nothing is said about a fall in time."""
    label = (np.arange(600) % 2).astype(np.int8)
    assert time_ordered(label, time) == [] and last_fifth(label, time) is None


def test_a_stretch_without_enough_of_a_class_is_not_judged() -> None:
    """The first month has 5 positives: it cannot be learnt from alone, so the second month is not tried by it."""
    time = np.repeat([1, 2, 3, 4], 200)
    label = np.zeros(800, dtype=np.int8)
    label[[*range(5), *range(200, 260), *range(400, 460), *range(600, 660)]] = 1
    assert [int(time[fold.test][0]) for fold in time_ordered(label, time)] == [3, 4]


def test_a_label_not_yet_known_is_not_learnt_from() -> None:
    """Who leaves within two months of March is known at the end of May: May is tried by March alone, April by nothing."""
    time = np.repeat([3, 4, 5], 200)
    label = (np.arange(600) % 2).astype(np.int8)
    (fold,) = time_ordered(label, time, gap=2)
    assert set(time[fold.train]) == {3} and set(time[fold.test]) == {5}
    last = last_fifth(label, time, gap=2)
    assert last is not None and set(time[last.train]) == {3} and set(time[last.test]) == {5}
