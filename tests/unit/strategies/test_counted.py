"""Counts in messages: one is one."""

from __future__ import annotations

import pytest

from strategies.counted import counted


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (20_000, "20,000 files")]
)
def test_a_noun_takes_an_s_unless_it_is_one(count: int, said: str) -> None:
    """With thousands set apart."""
    assert counted(count, "file") == said
