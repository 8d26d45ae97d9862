"""What the functions of conditions do with one value; the columns' reading follows it, DuckDB is the oracle of both."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from math import copysign, trunc
from zoneinfo import ZoneInfo

from strategies.instants import to_datetime
from strategies.profile import FieldValue

LARGEST = 1.7976931348623157e308
"""The largest finite 64-bit float: what lies beyond it, and what is no number, has no value."""

_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def lowered(text: str) -> str:
    """A–Z as a–z, every other character as it is."""
    return text.lower() if text.isascii() else text.translate(_LOWER)


def rounded(number: float) -> float:
    """The nearest whole number; of two equally near the one further from 0."""
    whole = float(trunc(number))
    return whole + copysign(1.0, number) if abs(number - whole) >= 0.5 else whole


@lru_cache(maxsize=4096)
def like(pattern: str) -> Callable[[str], bool]:
    """Whether a text is like the pattern: ``%`` is any run of code points, ``_`` any one, all else itself.

    Leftmost matches of the pieces between ``%`` decide, so that no pattern takes longer than text × pattern.
    """
    if "_" not in pattern:
        bare = pattern.strip("%")
        if "%" not in bare:
            return _simple(pattern, bare)
    first, *others = pattern.split("%")
    if not others:
        return _matching(_piece(first))
    *middle, last = others
    between = "".join(f"(?>.*?{_piece(each)})" for each in middle if each)
    return _matching(f"{_piece(first)}{between}.*{_piece(last)}")


def _simple(pattern: str, bare: str) -> Callable[[str], bool]:
    front, back = pattern.startswith("%"), pattern.endswith("%")
    if not bare:
        return lambda text: front or not text
    if front and back:
        return lambda text: bare in text
    if front:
        return lambda text: text.endswith(bare)
    return (lambda text: text.startswith(bare)) if back else (lambda text: text == bare)


def _piece(text: str) -> str:
    return "".join("." if each == "_" else re.escape(each) for each in text)


def _matching(expression: str) -> Callable[[str], bool]:
    matches = re.compile(expression, re.DOTALL).fullmatch
    return lambda text: matches(text) is not None


@lru_cache(maxsize=4096)
def local_day(zone: str, at: int) -> int:
    """The local day of an instant, as the proleptic Gregorian ordinal."""
    return to_datetime(at).astimezone(ZoneInfo(zone)).toordinal()


@lru_cache(maxsize=65_536)
def ordinal(day: str) -> int:
    """``2026-01-01`` as the proleptic Gregorian ordinal."""
    return date.fromisoformat(day).toordinal()


def days_since(value: FieldValue, zone: str, at: int) -> int:
    """Local days from a date, or from the local day of an instant, up to the instant asked; negative for what is ahead."""
    assert isinstance(value, str | int)
    return local_day(zone, at) - (ordinal(value) if isinstance(value, str) else local_day(zone, value))
