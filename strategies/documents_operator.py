"""Readers of ``operator.yaml``, ``units.yaml``, ``fields.yaml`` and ``events.yaml``."""

from __future__ import annotations

from dataclasses import replace

from strategies.currencies import MINOR_PER_MAJOR
from strategies.documents import NAME, Reading, Section
from strategies.documents_values import check_language, suggestion, unique, zone
from strategies.playbook import Operator, Unit
from strategies.problems import Where
from strategies.source import Node

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
UNIT_KINDS = ("head_office", "province", "branch", "grid")
RESERVED_WORDS = ("all", "universal")

_OPERATOR_KEYS = (
    "name", "currency", "zone", "plausible_zones", "week_start", "languages", "categories", "universal_control",
    "contacts_per_day",
)  # fmt: skip


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
    """The operator's languages, its own first; none where one is wrong, so that no text is judged by the rest."""
    node = section.need("languages", "as [zh-CN, en]")
    if node is not None and node.sequence == ():
        reading.problem("value.empty", "'languages' needs at least one", node.where, "as [zh-CN, en]")
    before, found = len(reading.problems), []
    for each in section.items("languages"):
        if isinstance(each.value, str):
            # A reading that knows no languages yet checks only their form.
            check_language(reading, each.value, each.where)
            found.append(each.value)
        else:
            reading.wrong(each, "a language", "a code", "as en or zh-CN")
            before = -1
    return tuple(dict.fromkeys(found)) if len(reading.problems) == before else ()


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
        plain_name(reading, name, where, "a category")
        entry = reading.section(node, f"category '{name}'", ("promotional",))
        if entry:
            entry.need("promotional", "true or false")
        found[name] = entry.flag("promotional") if entry else False
    return found


def plain_name(reading: Reading, name: str, where: Where, what: str) -> bool:
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
