"""Readers of ``fields.yaml`` and ``events.yaml``: what is known of a customer, and what happens between imports."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import cast

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from strategies.declared.fields import (
    ADVICE_COLUMNS,
    AGGREGATES,
    BUILT_IN,
    FOUND_KINDS,
    ONE_ROW_KINDS,
    PLACEHOLDERS,
    SOURCE_KINDS,
    TYPES,
)
from strategies.declared.model import KNOWN_AT
from strategies.declared.playbook import EventType, Field, FieldType
from strategies.documents.operator import check_zone_sources, plain_name
from strategies.documents.reading import Reading, Section
from strategies.documents.values import duration
from strategies.problems import Hint, Where
from strategies.texts import quantities
from strategies.texts.meant import suggestion
from strategies.texts.source import Node

FIELD_KEYS = (
    "type",
    "source",
    "nullable",
    "range",
    "title",
    "on_card",
    "unit",
    "aggregate",
    "months",
    "known_at",
)
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SOURCE = re.compile(r"([a-z]+)\.([A-Za-z_][A-Za-z0-9_]*)")


def read_fields(reading: Reading, node: Node) -> dict[str, Field]:
    """The declared fields, by name."""
    if node.mapping is None:
        reading.wrong(
            node, "'fields'", "a mapping of names and declarations", Hint("as arpu: {type: money, …}")
        )
        return {}
    found: dict[str, Field] = {}
    for name, declaration in node.mapping.items():
        where = node.keys[name]
        before = len(reading.problems)
        section = reading.section(declaration, f"field '{name}'", FIELD_KEYS)
        if _field_name(reading, name, where) and section is not None:
            found[name] = _field(reading, section, name, where)
        if len(reading.problems) > before or declaration.broken:
            reading.doubtful.add(name)
    check_zone_sources(reading, found)
    return found


def _field_name(reading: Reading, name: str, where: Where) -> bool:
    """Whether conditions and texts can say the name."""
    if name in BUILT_IN:
        reading.problem(
            "value.reserved", f"'{name}' is known without a declaration", where, Hint("leave it out")
        )
        return False
    if name in PLACEHOLDERS:
        reading.problem(
            "value.reserved", f"'{name}' has its own meaning in texts", where, Hint("choose another name")
        )
        return False
    if not _FIELD_NAME.fullmatch(name):
        reading.problem(
            "value.name",
            f"'{name}' cannot be a field",
            where,
            Hint("small letters, digits and '_', beginning with a letter"),
        )
        return False
    if not _is_sayable(name):
        message = f"'{name}' is a word of the condition language"
        reading.problem("value.reserved", message, where, Hint("choose another name"))
        return False
    return True


@cache
def _is_sayable(name: str) -> bool:
    """Whether the condition language reads the name as a field, wherever it stands."""
    try:
        parsed = sqlglot.parse_one(f"{name} = 1 AND 1 = {name}", into=exp.Condition)
    except SqlglotError:
        return False
    return len([each for each in parsed.find_all(exp.Column) if each.name == name]) == 2


def _field(reading: Reading, section: Section, name: str, where: Where) -> Field:
    """One declaration."""
    section.need("type", Hint("one of: %(names)s", names=", ".join(TYPES)))
    type_name = section.choice("type", TYPES, "text")
    low, high = _range(reading, section, type_name)
    source = _source(reading, section, name)
    aggregate = section.choice("aggregate", AGGREGATES, "") or None
    kind = source.partition(".")[0]
    if kind not in ONE_ROW_KINDS and aggregate is None:
        hint = Hint("several rows become one value; one of: %(names)s", names=", ".join(AGGREGATES))
        reading.problem(
            "key.missing", f"field '{name}' from {source} needs 'aggregate'", section.node.where, hint
        )
    if aggregate and kind in ONE_ROW_KINDS:
        reading.problem(
            "key.conflict",
            "a field of the customer has one row and no 'aggregate'",
            section.where("aggregate"),
            Hint("leave it out"),
        )
    if kind == "advice":
        _advice(section, source, aggregate)
    if kind in FOUND_KINDS and not section.flag("nullable", True):
        message, hint = f"{source} is unknown until it was found out", Hint("leave 'nullable' out")
        reading.problem("key.conflict", message, section.where("nullable"), hint)
    months = section.whole("months", 1, 120, 0) or None
    if months and not source.startswith(("usage.", "bills.")):
        reading.problem(
            "key.conflict",
            "'months' is for fields from usage and bills",
            section.where("months"),
            Hint("leave it out"),
        )
    return Field(
        name, cast(FieldType, type_name), source, section.flag("nullable", True),
        aggregate, months, section.text("unit"), low, high, section.languages("title"), section.flag("on_card"),
        section.choice("known_at", KNOWN_AT, KNOWN_AT[0]), where,
    )  # fmt: skip


def _source(reading: Reading, section: Section, name: str) -> str:
    """``KIND.column``."""
    if not reading.lenient:
        section.need("source", Hint("as customers.%(name)s", name=name))
    node, text = section.get("source"), section.text("source")
    if node is None or text is None:
        return f"customers.{name}"
    match = _SOURCE.fullmatch(text)
    if match is None or match[1] not in SOURCE_KINDS:
        kind, _, column = text.partition(".")
        hint = suggestion(match[1], SOURCE_KINDS) if match else Hint("as customers.%(name)s", name=name)
        if not match and kind in SOURCE_KINDS and column:
            hint = Hint("as %(example)s", example=f"{kind}." + re.sub(r"\W", "_", column))
        reading.problem("value.choice", f"'{text}' is no source of a field", node.where, hint)
        return f"customers.{name}"
    return text


def _advice(section: Section, source: str, aggregate: str | None) -> None:
    """That advice has such a column, and that the field is of its type where rows are not only counted."""
    node, own, reading = section.get("source"), section.get("type"), section.reading
    column = source.partition(".")[2]
    known = ADVICE_COLUMNS.get(column)
    if known is None and node is not None:
        message, hint = f"advice has no column '{column}'", suggestion(column, ADVICE_COLUMNS)
        reading.problem("value.choice", message, node.where, hint)
        return
    wanted = "number" if aggregate == "count" else known
    lawful = (wanted, "number") if wanted == "money" else (wanted,)
    if own is not None and own.value in TYPES and own.value not in lawful:
        message = f"{source} is of type {wanted}, not {own.value}"
        reading.problem("value.type", message, own.where, Hint("write type: %(wanted)s", wanted=wanted))


def _range(reading: Reading, section: Section, type_name: str) -> tuple[float | None, float | None]:
    """Lowest and highest value, in the units people write."""
    node = section.get("range")
    if node is None:
        return None, None
    bounds = [
        each.value
        for each in node.sequence or ()
        if isinstance(each.value, int | Decimal) and not isinstance(each.value, bool)
    ]
    if type_name not in ("number", "money"):
        reading.problem(
            "key.conflict", f"a {type_name} has no 'range'", section.where("range"), Hint("leave it out")
        )
    elif len(bounds) != 2 or len(node.sequence or ()) != 2:
        reading.wrong(node, "'range'", "two numbers", Hint("as [0, 5000]"))
    elif bounds[0] >= bounds[1]:
        reading.problem(
            "value.order", "'range' ends before it begins", node.where, Hint("write the lower bound first")
        )
    else:
        return float(bounds[0]), float(bounds[1])
    return None, None


def read_events(reading: Reading, node: Node) -> dict[str, EventType]:
    """The types of events, by name."""
    if node.mapping is None:
        reading.wrong(node, "'events'", "a mapping of event types", Hint("as ordered: {sets: {…}}"))
        return {}
    found: dict[str, EventType] = {}
    for name, entry in node.mapping.items():
        section = reading.section(entry, f"event '{name}'", ("sets", "lasts"))
        if section is None or not plain_name(reading, name, node.keys[name], "an event"):
            continue
        sets: dict[str, str | bool | int | float] = {}
        for field, where, value in section.mapping("sets"):
            constant = _set_value(reading, field, where, value)
            if constant is not None:
                sets[field] = constant
        lasts = section.get("lasts")
        found[name] = EventType(name, sets, duration(reading, lasts, "'lasts'") if lasts else None)
    return found


def _set_value(reading: Reading, name: str, where: Where, node: Node) -> str | bool | int | float | None:
    """The constant, or ``data.KEY``, that an event puts into a field."""
    field: Mapping[str, Field] = reading.fields
    if name not in field:
        if "field" not in reading.unread and name not in reading.doubtful:
            reading.unknown(where, "field", name, field)
        return None
    if isinstance(node.value, str) and re.fullmatch(r"data\.[A-Za-z_][A-Za-z0-9_]*", node.value):
        return node.value
    kind, value = field[name].type, node.value
    if kind == "money" and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return quantities.minor_units(node.text, reading.minor_per_major)
    if kind == "number" and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return float(value) if isinstance(value, Decimal) else value
    if kind == "boolean" and isinstance(value, bool):
        return value
    if kind == "text" and isinstance(value, str):
        return value
    if kind == "date" and isinstance(value, str) and quantities.calendar_day(value):
        return value
    reading.wrong(node, f"'{name}'", f"a constant of type {kind}, or data.KEY")
    return None
