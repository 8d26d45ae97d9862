"""Readers of ``operator.yaml`` and ``units.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from strategies.declared.fields import with_built_in
from strategies.declared.playbook import Field, Operator, Unit
from strategies.documents.days import read_holidays, read_jurisdiction, read_own_results
from strategies.documents.privacy import read_card_views, read_retention
from strategies.documents.reading import NAME, Reading, Section
from strategies.documents.values import check_language, unique, zone
from strategies.problems import Hint, Where
from strategies.texts.currencies import MINOR_PER_MAJOR
from strategies.texts.meant import suggestion
from strategies.texts.source import Node

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
UNIT_KINDS = ("head_office", "province", "branch", "grid")
RESERVED_WORDS = ("all", "universal")

KEYS = (
    "name", "currency", "zone", "plausible_zones", "week_start", "languages", "categories", "universal_control",
    "contacts_per_day", "jurisdiction", "holidays", "results", "approvals", "zone_of_customer",
    "retention", "card_views_per_day",
)  # fmt: skip


def read_operator(reading: Reading, node: Node) -> Operator | None:
    """``operator.yaml``; what later documents need of it is kept in the reading."""
    section = reading.section(node, "the operator", KEYS)
    if section is None:
        return None
    reading.languages = _languages(reading, section)
    currency = section.need("currency")
    if currency is not None:
        reading.currency, reading.minor_per_major = _currency(reading, currency)
    section.need("zone", Hint("as Asia/Shanghai"))
    reading.zone = section.zone("zone", "UTC")
    plausible = tuple(found for each in section.items("plausible_zones") if (found := zone(reading, each)))
    if section.get("week_start") is not None:
        reading.week_start = WEEKDAYS.index(section.choice("week_start", WEEKDAYS, "monday")) + 1
    reading.categories, reserved = _categories(reading, section)
    holidays = read_holidays(reading, section)
    reading.holidays = frozenset(date.fromisoformat(day).toordinal() for day in holidays)
    reading.results, titles = read_own_results(reading, section)
    jurisdiction = section.get("jurisdiction")
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
        jurisdiction=read_jurisdiction(reading, jurisdiction) if jurisdiction is not None else None,
        holidays=holidays,
        results=reading.results,
        result_titles=titles,
        approvals=section.whole("approvals", 0, 10, 0),
        reserved_places=reserved,
        zone_of_customer=_zone_sources(reading, section),
        retention=read_retention(section),
        card_views_per_day=read_card_views(section),
    )


def _languages(reading: Reading, section: Section) -> tuple[str, ...]:
    """The operator's languages, its own first; none where one is wrong, so that no text is judged by the rest."""
    node = section.need("languages", Hint("as [zh-CN, en]"))
    if node is not None and node.sequence == ():
        reading.problem("value.empty", "'languages' needs at least one", node.where, Hint("as [zh-CN, en]"))
    before, found = len(reading.problems), []
    for each in section.items("languages"):
        if isinstance(each.value, str):
            # A reading that knows no languages yet checks only their form.
            check_language(reading, each.value, each.where)
            found.append(each.value)
        else:
            reading.wrong(each, "a language", "a code", Hint("as en or zh-CN"))
            before = -1
    return tuple(dict.fromkeys(found)) if len(reading.problems) == before else ()


def _currency(reading: Reading, node: Node) -> tuple[str, int]:
    """The currency and how many minor units make a major one."""
    if isinstance(node.value, str) and node.value in MINOR_PER_MAJOR:
        return node.value, MINOR_PER_MAJOR[node.value]
    if not node.broken:
        hint = suggestion(node.text, MINOR_PER_MAJOR) or Hint("three letters of ISO 4217, as CNY")
        reading.problem("value.currency", f"there is no currency '{node.text}'", node.where, hint)
    return "", 100


def _categories(reading: Reading, section: Section) -> tuple[dict[str, bool], dict[str, int]]:
    """Category → promotional, and category → the share of places only it may use, in hundredths of a percent."""
    node = section.need(
        "categories", Hint("as {marketing: {promotional: true}, service: {promotional: false}}")
    )
    found: dict[str, bool] = {}
    reserved: dict[str, int] = {}
    for name, where, declaration in section.mapping("categories"):
        plain_name(reading, name, where, "a category")
        entry = reading.section(declaration, f"category '{name}'", ("promotional", "reserved_places"))
        if entry:
            entry.need("promotional", Hint("true or false"))
            if share := entry.percent("reserved_places"):
                reserved[name] = share
        found[name] = entry.flag("promotional") if entry else False
    if node is not None and sum(reserved.values()) > 10_000:
        message = "categories reserve more than 100 % of the places"
        reading.problem("value.range", message, section.where("categories"), Hint("lower 'reserved_places'"))
    return found, reserved


def _zone_sources(reading: Reading, section: Section) -> tuple[str, ...]:
    """The fields in which a customer's zone is looked up; that they are declared is checked once they are."""
    if section.get("zone_of_customer") is None:
        return ("zone",)
    reading.zone_sources = section.items("zone_of_customer")
    found = tuple(node.text for node in reading.zone_sources if isinstance(node.value, str))
    if not found:
        message = "'zone_of_customer' names no field"
        reading.problem(
            "value.empty", message, section.where("zone_of_customer"), Hint("as [zone, home_zone]")
        )
    return found or ("zone",)


def check_zone_sources(reading: Reading, fields: Mapping[str, Field]) -> None:
    """That each source of the customer's zone is a text field."""
    known = with_built_in(fields)
    for each in reading.zone_sources:
        name = reading.reference(each, "field", known)
        if name is not None and known[name].type != "text":
            message = f"a zone needs a text, and field '{name}' is {known[name].type}"
            reading.problem(
                "value.type", message, each.where, Hint("it holds the name of a zone, as Asia/Shanghai")
            )


def plain_name(reading: Reading, name: str, where: Where, what: str) -> bool:
    """Whether a key may be a name."""
    if not NAME.fullmatch(name):
        hint = Hint("up to 64 letters, digits, '-' and '_', beginning with a letter or digit")
        reading.problem("value.name", f"'{name}' cannot be {what}", where, hint)
        return False
    if name in RESERVED_WORDS:
        reading.problem(
            "value.reserved", f"'{name}' cannot be {what}", where, Hint("the word has its own meaning here")
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
        section.need("kind", Hint("one of: %(names)s", names=", ".join(UNIT_KINDS)))
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
        reading.problem(
            "unit.parent", message, parent.where, Hint("the order is %(names)s", names=" > ".join(UNIT_KINDS))
        )
    units[name] = replace(units[name], parent=None)
