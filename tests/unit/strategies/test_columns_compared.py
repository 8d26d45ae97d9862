"""Columns are compared in as few bytes as their values need, and the answers do not depend on it."""

from __future__ import annotations

import numpy as np
import pytest

from strategies.conditions.columns import Column, Columns
from strategies.conditions.columns_masks import truths
from strategies.conditions.language import compile_condition
from strategies.declared.playbook import Field
from strategies.instants import Instant
from strategies.problems import Where

FIELDS = {"bill": Field("bill", "money", "customers.bill"), "town": Field("town", "text", "customers.town")}
FAR = 2**31


def answers(columns: Columns, *conditions: str) -> list[list[bool]]:
    made = [compile_condition(each, FIELDS, Where("c", 1, 1)) for each in conditions]
    return [mask.tolist() for mask in truths(made, columns, Instant(0))]


@pytest.mark.parametrize("highest", [FAR - 1, FAR, FAR * 100])
def test_amounts_beyond_32_bits_keep_their_order(highest: int) -> None:
    """Asked twice, and by constants that fit no 32 bits either: the largest and the smallest are what they are."""
    values = np.array([-highest, -1, 0, highest - 1, highest], dtype=np.int64)
    columns = Columns(5, {"bill": Column(values)})
    top = f"bill >= {highest / 100:.2f}"
    found = answers(columns, top, "bill < 0", "bill < 99999999999", "bill IN (0, 99999999999)")
    assert found == [[False] * 4 + [True], [True, True, False, False, False], [True] * 5,
                     [False, False, True, False, False]]  # fmt: skip


@pytest.mark.parametrize("count", [255, 256, 300])
def test_texts_of_many_words_are_told_apart(count: int) -> None:
    """The first, the last and the one in the middle of the words, where codes take one byte and where they do not."""
    words = tuple(f"w{place:03}" for place in range(count))
    columns = Columns(count, {"town": Column(np.arange(count, dtype=np.int32), None, words)})
    asked = [f"town = '{words[place]}'" for place in (0, count // 2, count - 1)]
    found = answers(columns, *asked, f"town > '{words[-2]}'", "town > 'z'")
    assert [np.flatnonzero(mask).tolist() for mask in found] == [
        [0], [count // 2], [count - 1], [count - 1], [],
    ]  # fmt: skip
