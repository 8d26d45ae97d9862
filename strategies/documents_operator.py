"""Readers of ``operator.yaml``, ``units.yaml``, ``fields.yaml`` and ``events.yaml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from strategies import quantities
from strategies.currencies import MINOR_PER_MAJOR
from strategies.documents import NAME, Reading, Section, by_language, duration, suggestion, unique, zone
from strategies.fields import AGGREGATES, BUILT_IN, PLACEHOLDERS, SOURCE_KINDS, TYPES
from strategies.playbook import EventType, Field, Operator, Unit
from strategies.problems import Where
from strategies.source import Node

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
UNIT_KINDS = ("head_office", "province", "branch", "grid")
RESERVED_WORDS = ("all", "universal")

_OPERATOR_KEYS = (
    "name", "currency", "zone", "plausible_zones", "week_start", "languages", "categories", "universal_control",
    "contacts_per_day",
)  # fmt: skip
_FIELD_KEYS = ("type", "source", "nullable", "range", "title", "on_card", "unit", "aggregate", "months")
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SOURCE = re.compile(r"([a-z]+)\.([A-Za-z_][A-Za-z0-9_]*)")


def read_operator(reading: Reading, node: Node) -> Operator | None:
    """``operator.yaml``; what later documents need of it is kept in the reading."""
    section = reading.section(node, "the operator", _OPERATOR_KEYS)
    if section is None:
        return None
    reading.languages = _languages(reading, section)
    currency = section.need("currency")
    if currency is not None:
        reading.currency, reading.minor_per_major = _currency(reading, currency)
    section.need("zone", "as Asia/Shanghai")
    reading.zone = section.zone("zone", "UTC")
    plausible = tuple(found for each in section.items("plausible_zones") if (found := zone(reading, each)))
    if section.get("week_start") is not None:
        reading.week_start = WEEKDAYS.index(section.choice("week_start", WEEKDAYS, "monday")) + 1
    reading.categories = _categories(reading, section)
    names = section.languages("name", needed=True)
    return Operator(
        name=next((names[each] for each in ("en", *reading.languages) if each in names), "operator"),
        names=names,
        currency=reading.currency,
        minor_per_major=reading.minor_per_major,
        zone=reading.zone,
        plausible_zones=plausible or (reading.zone,),
        week_start=reading.week_start,
        languages=reading.languages,
        categories=reading.categories,
        universal_control_hundredths=section.percent("universal_control"),
        contacts_per_day=section.whole("contacts_per_day", 1, 100, 1),
    )


def _languages(reading: Reading, section: Section) -> tuple[str, ...]:
    """The operator's languages, the first being its own."""
    node = section.need("languages", "as [zh-CN, en]")
    found = [each for each in section.items("languages") if isinstance(each.value, str)]
    if node is not None and not found:
        reading.problem(
            "value.empty", "'languages' needs at least one", section.where("languages"), "as [zh-CN, en]"
        )
    # A reading that knows no languages yet checks only their form.
    by_language(
        reading,
        Node(
            {str(each.value): each for each in found},
            section.node.where,
            keys={str(e.value): e.where for e in found},
        ),
        "'languages'",
    ) if found else None
    return tuple(dict.fromkeys(str(each.value) for each in found))


def _currency(reading: Reading, node: Node) -> tuple[str, int]:
    """The currency and how many minor units make a major one."""
    if isinstance(node.value, str) and node.value in MINOR_PER_MAJOR:
        return node.value, MINOR_PER_MAJOR[node.value]
    if not node.broken:
        hint = suggestion(node.text, MINOR_PER_MAJOR) or "three letters of ISO 4217, as CNY"
        reading.problem("value.currency", f"there is no currency '{node.text}'", node.where, hint)
    return "", 100


def _categories(reading: Reading, section: Section) -> dict[str, bool]:
    """Category → promotional."""
    section.need("categories", "as {marketing: {promotional: true}, service: {promotional: false}}")
    found: dict[str, bool] = {}
    for name, where, node in section.mapping("categories"):
        _plain_name(reading, name, where, "a category")
        entry = reading.section(node, f"category '{name}'", ("promotional",))
        if entry and entry.need("promotional", "true or false"):
            found[name] = entry.flag("promotional")
    return found


def _plain_name(reading: Reading, name: str, where: Where, what: str) -> bool:
    """Whether a key may be a name."""
    if not NAME.fullmatch(name):
        hint = "up to 64 letters, digits, '-' and '_', beginning with a letter or digit"
        reading.problem("value.name", f"'{name}' cannot be {what}", where, hint)
        return False
    if name in RESERVED_WORDS:
        reading.problem(
            "value.reserved", f"'{name}' cannot be {what}", where, "the word has its own meaning here"
        )
        return False
    return True


def read_units(reading: Reading, node: Node) -> dict[str, Unit]:
    """The list of units: a tree in which each unit hangs below one of a higher kind."""
    if node.sequence is None:
        reading.wrong(node, "'units'", "a list of units")
        return {}
    found: dict[str, Unit] = {}
    parents: dict[str, Node] = {}
    seen: dict[str, Where] = {}
    for each in node.sequence:
        section = reading.section(each, "a unit", ("id", "kind", "parent", "title"))
        if section is None or (name := section.name("id", "a unit's id", RESERVED_WORDS)) is None:
            continue
        if not unique(reading, seen, name, section.where("id"), "unit"):
            continue
        section.need("kind", "one of: " + ", ".join(UNIT_KINDS))
        parent = section.get("parent")
        if parent is not None and isinstance(parent.value, str):
            parents[name] = parent
        elif parent is not None:
            reading.wrong(parent, "'parent'", "a unit's id")
        parent_id = parents[name].text if name in parents else None
        found[name] = Unit(
            name, section.choice("kind", UNIT_KINDS, "branch"), section.languages("title"), parent_id
        )
    for name, parent in parents.items():
        _check_parent(reading, found, name, parent)
    return found


def _check_parent(reading: Reading, units: dict[str, Unit], name: str, parent: Node) -> None:
    """That a unit hangs below one of a higher kind; otherwise it is cut off, so that no circle remains."""
    if reading.reference(parent, "unit", units.keys() - {name}) is not None:
        above, below = units[parent.text].kind, units[name].kind
        if UNIT_KINDS.index(above) < UNIT_KINDS.index(below):
            return
        message = f"{below} '{name}' hangs below {above} '{parent.text}'"
        reading.problem("unit.parent", message, parent.where, "the order is " + " > ".join(UNIT_KINDS))
    units[name] = replace(units[name], parent=None)


def read_fields(reading: Reading, node: Node) -> dict[str, Field]:
    """The declared fields, by name."""
    if node.mapping is None:
        reading.wrong(node, "'fields'", "a mapping of names and declarations")
        return {}
    found: dict[str, Field] = {}
    for name, declaration in node.mapping.items():
        where = node.keys[name]
        if not _field_name(reading, name, where):
            continue
        section = reading.section(declaration, f"field '{name}'", _FIELD_KEYS)
        if section is not None:
            found[name] = _field(reading, section, name)
    return found


def _field_name(reading: Reading, name: str, where: Where) -> bool:
    """Whether conditions and texts can say the name."""
    if name in BUILT_IN:
        reading.problem("value.reserved", f"'{name}' is known without a declaration", where, "leave it out")
        return False
    if name in PLACEHOLDERS:
        reading.problem(
            "value.reserved", f"'{name}' has its own meaning in texts", where, "choose another name"
        )
        return False
    if not _FIELD_NAME.fullmatch(name):
        reading.problem(
            "value.name",
            f"'{name}' cannot be a field",
            where,
            "small letters, digits and '_', beginning with a letter",
        )
        return False
    try:
        parsed = sqlglot.parse_one(f"{name} = 1 AND 1 = {name}", into=exp.Condition)
        if len([each for each in parsed.find_all(exp.Column) if each.name == name]) == 2:
            return True
    except SqlglotError:
        pass
    reading.problem(
        "value.reserved", f"'{name}' is a word of the condition language", where, "choose another name"
    )
    return False


def _field(reading: Reading, section: Section, name: str) -> Field:
    """One declaration."""
    section.need("type", "one of: " + ", ".join(TYPES))
    type_name = section.choice("type", TYPES, "text")
    low, high = _range(reading, section, type_name)
    source = _source(reading, section, name)
    aggregate = section.choice("aggregate", AGGREGATES, "") or None
    if not source.startswith(("customers.", "events.")) and aggregate is None:
        hint = "several rows become one value; one of: " + ", ".join(AGGREGATES)
        reading.problem(
            "key.missing", f"field '{name}' from {source} needs 'aggregate'", section.node.where, hint
        )
    if aggregate and source.startswith(("customers.", "events.")):
        reading.problem(
            "key.conflict",
            "a field of the customer has one row and no 'aggregate'",
            section.where("aggregate"),
            "leave it out",
        )
    months = section.whole("months", 1, 120, 0) or None
    if months and not source.startswith(("usage.", "bills.")):
        reading.problem(
            "key.conflict",
            "'months' is for fields from usage and bills",
            section.where("months"),
            "leave it out",
        )
    return Field(
        name, next(each for each in TYPES if each == type_name), source, section.flag("nullable", True),
        aggregate, months, section.text("unit"), low, high, section.languages("title"), section.flag("on_card"),
    )  # fmt: skip


def _source(reading: Reading, section: Section, name: str) -> str:
    """``KIND.column``."""
    if not reading.lenient:
        section.need("source", f"as customers.{name}")
    node, text = section.get("source"), section.text("source")
    if node is None or text is None:
        return f"customers.{name}"
    match = _SOURCE.fullmatch(text)
    if match is None or match[1] not in SOURCE_KINDS:
        hint = suggestion(match[1], SOURCE_KINDS) if match else f"as customers.{name}"
        reading.problem("value.choice", f"'{text}' is no source of a field", node.where, hint)
        return f"customers.{name}"
    return text


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
            "key.conflict", f"a {type_name} has no 'range'", section.where("range"), "leave it out"
        )
    elif len(bounds) != 2 or len(node.sequence or ()) != 2:
        reading.wrong(node, "'range'", "two numbers", "as [0, 5000]")
    elif bounds[0] >= bounds[1]:
        reading.problem(
            "value.order", "'range' ends before it begins", node.where, "write the lower bound first"
        )
    else:
        return float(bounds[0]), float(bounds[1])
    return None, None


def read_events(reading: Reading, node: Node) -> dict[str, EventType]:
    """The types of events, by name."""
    if node.mapping is None:
        reading.wrong(node, "'events'", "a mapping of event types")
        return {}
    found: dict[str, EventType] = {}
    for name, entry in node.mapping.items():
        section = reading.section(entry, f"event '{name}'", ("sets", "lasts"))
        if section is None or not _plain_name(reading, name, node.keys[name], "an event"):
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
        reading.problem("reference.unknown", f"there is no field '{name}'", where, suggestion(name, field))
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
