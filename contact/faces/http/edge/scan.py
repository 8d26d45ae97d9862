"""Finds where in a JSON text something is wrong; runs only on texts already known to be at fault."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r'[\s,]*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<word>[-+.0-9A-Za-z]+)|(?P<mark>[\[\]{}:]))', re.DOTALL
)
LONGEST_NUMBER = 32
"""Digits and signs of the longest number read."""


@dataclass(slots=True)
class _Level:
    """One open object or array on the way to a token."""

    is_object: bool
    keys: set[str] = field(default_factory=set)
    name: str = ""
    index: int = 0
    awaits_key: bool = True


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong and where: a code of the closed list, a JSON pointer, line and column from 1."""

    code: str
    message: str
    pointer: str
    line: int
    column: int


def is_broken_text(text: str) -> bool:
    """Whether a decoded text holds a NUL or half a surrogate pair."""
    return "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)


def is_bad_number(word: str) -> bool:
    """Whether a JSON number is not finite as a 64-bit float, or longer than anybody needs."""
    if len(word) > LONGEST_NUMBER:
        return True
    try:
        return abs(float(word)) == float("inf")
    except ValueError:
        return False


def first_fault(text: str) -> Fault | None:
    """The first duplicate key, bad number or broken text in a JSON text, None where there is none."""
    for code, message, pointer, position in _faults(text):
        line = text.count("\n", 0, position) + 1
        return Fault(code, message, pointer, line, position - (text.rfind("\n", 0, position) + 1) + 1)
    return None


def _faults(text: str) -> Iterator[tuple[str, str, str, int]]:
    levels: list[_Level] = []
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup or ""
        found, position = token.group(kind), token.start(kind)
        level = levels[-1] if levels else None
        if kind == "mark":
            _step(levels, found)
        elif kind == "string" and level is not None and level.is_object and level.awaits_key:
            key = _decoded(found)
            if is_broken_text(key):
                yield (
                    "bad_text",
                    "a key holds a NUL or half a character; take it out",
                    _pointer(levels[:-1]),
                    position,
                )
            if key in level.keys:
                yield (
                    "duplicate_key",
                    "a key stands twice in this object; keep one",
                    _pointer(levels[:-1]),
                    position,
                )
            level.keys.add(key)
            level.name, level.awaits_key = key, False
        else:
            if kind == "string" and is_broken_text(_decoded(found)):
                yield (
                    "bad_text",
                    "the text holds a NUL or half a character; take it out",
                    _pointer(levels),
                    position,
                )
            if kind == "word" and (found in ("NaN", "Infinity", "-Infinity") or is_bad_number(found)):
                yield (
                    "bad_number",
                    f"a number must be finite and have at most {LONGEST_NUMBER} digits",
                    _pointer(levels),
                    position,
                )
            _value_ended(levels)


def _decoded(literal: str) -> str:
    try:
        return str(json.loads(literal))
    except ValueError:
        return ""


def _step(levels: list[_Level], mark: str) -> None:
    if mark in "{[":
        levels.append(_Level(is_object=mark == "{"))
    elif mark in "}]" and levels:
        levels.pop()
        _value_ended(levels)


def _value_ended(levels: list[_Level]) -> None:
    if levels:
        levels[-1].index += 1
        levels[-1].awaits_key = True


def _pointer(levels: list[_Level]) -> str:
    """The JSON pointer of the value that stands under these levels; keys nobody declared are not repeated."""
    return "".join(f"/{shown_name(level.name) if level.is_object else level.index}" for level in levels)


def shown_name(name: str) -> str:
    """A key as an error may repeat it: only plain lower-case words, since a key may hold personal data."""
    return name if re.fullmatch(r"[a-z][a-z_]{0,31}", name) else "…"
