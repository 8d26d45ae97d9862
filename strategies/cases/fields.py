"""Fields of a case that declares none: each has the type of the value the case gives it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from strategies.declared.fields import BUILT_IN
from strategies.declared.playbook import FieldType
from strategies.documents.reading import Section
from strategies.instants import parse_instant
from strategies.texts import quantities
from strategies.texts.source import Node

OWN_KEYS = ("id", "number", "household", "device", "jurisdiction")
"""What a case says of a customer that is no field."""
LINE_KEYS = ("id", "number")
UNKNOWN_TYPES: tuple[FieldType, ...] = ("boolean", "number", "text", "date", "list")
"""What a field of unknown value may be, the likeliest first."""

_CONDITIONS = frozenset({"when", "audience", "suitable"})
_NAME = re.compile(r"'(?:[^']|'')*'|([A-Za-z_][A-Za-z0-9_]*)(\s*\()?")
_WORDS = frozenset(
    {
        "AND",
        "OR",
        "NOT",
        "IN",
        "BETWEEN",
        "LIKE",
        "IS",
        "NULL",
        "TRUE",
        "FALSE",
        "CASE",
        "WHEN",
        "THEN",
        "ELSE",
        "END",
        "DATE",
    }
)
_CLOSE = 0.85
"""How alike two names are of which one is taken for a slip of the other."""


def assumed_types(case: Section, declared: Node | None = None) -> dict[str, FieldType | None]:
    """Field → type, as the customer and the lines give their values; None where only its name is known.

    A name that is all but one of ours is left out: it is a slip, and its reader says so. Where a case declares fields
    of its own, those are left out, and what only conditions read has to be one of them.
    """
    fields = tuple((declared.mapping or {}) if declared is not None else ())
    found: dict[str, FieldType | None] = {}
    for node, own in _given(case):
        known = (*own, *fields)
        for name, value in (node.mapping or {}).items():
            if name not in known and not _slip(name, known) and found.get(name) is None:
                found[name] = _type_of(value)
    for name in _read(_documents(case)) if declared is None else ():
        if name not in found and name not in BUILT_IN and not _slip(name, (*found, *BUILT_IN)):
            found[name] = None
    return found


def as_declared(types: Mapping[str, FieldType], like: Node) -> Node:
    """The declaration of these fields, as ``fields:`` would stand in the case."""
    declared = {
        name: Node({"type": Node(type, like.where, type)}, like.where, keys={"type": like.where})
        for name, type in types.items()
    }
    return Node(declared, like.where, keys=dict.fromkeys(declared, like.where))


def _documents(case: Section) -> Iterator[Node]:
    """Whatever may hold a condition."""
    yield from (case.entries[key] for key in ("policies", "strategies", "segments") if key in case.entries)
    for step in case.items("steps") if "steps" in case.entries else ():
        if "publish" in (step.mapping or {}):
            yield step


def _given(case: Section) -> Iterator[tuple[Node, tuple[str, ...]]]:
    customer, lines = case.get("customer"), case.get("lines")
    if customer is not None:
        yield customer, (*OWN_KEYS, *BUILT_IN)
    for line in (lines.sequence or ()) if lines is not None else ():
        yield line, LINE_KEYS


def _slip(name: str, known: Iterable[str]) -> bool:
    others = [each for each in known if each != name]
    one_letter_off = (
        len(each) == len(name) > 3
        and sum(ours != theirs for ours, theirs in zip(each, name, strict=True)) == 1
        for each in others
    )
    return any(one_letter_off) or bool(get_close_matches(name, others, n=1, cutoff=_CLOSE))


def _type_of(node: Node) -> FieldType | None:
    value = node.value
    if value is None or node.mapping is not None:
        return None
    if isinstance(value, bool):
        return "boolean"
    if node.sequence is not None:
        return "list"
    if not isinstance(value, str):
        return "number"
    if quantities.calendar_day(value):
        return "date"
    try:
        parse_instant(value)
    except ValueError:
        return "text"
    return "instant"


def _read(nodes: Iterable[Node]) -> Iterator[str]:
    """Every name that a condition somewhere below these nodes reads."""
    for node in nodes:
        for key, value in (node.mapping or {}).items():
            if key in _CONDITIONS and isinstance(value.value, str):
                for found in _NAME.finditer(value.value):
                    name, called = found.groups()
                    if name and not called and name.upper() not in _WORDS:
                        yield name
        yield from _read((node.mapping or {}).values())
        yield from _read(node.sequence or ())
