"""Reader of ``tariffs/*.yaml``: base tariffs and add-ons, what they cost, include and ask of who wants them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from strategies.declared.tariff import SERVICES, Penalty, Rate, Tariff
from strategies.documents.dated import dated_values
from strategies.documents.rates import distinct, read_allowances, read_rate
from strategies.documents.reading import ConditionReader, Reading, Section
from strategies.documents.values import money, unique, validity
from strategies.instants import Instant
from strategies.problems import Hint, Where
from strategies.texts.meant import suggestion
from strategies.texts.source import Node

KINDS = ("base", *SERVICES)
RESERVED = ("best_tariff",)
LONGEST_CONTRACT = 120
HIGHEST_PRIORITY = 1_000

KEYS = (
    "tariff", "kind", "title", "valid", "fee", "allowances", "rates", "eligible", "contract", "addons", "excludes",
    "priority",
)  # fmt: skip


def read_tariffs(reading: Reading, nodes: Sequence[Node], conditions: ConditionReader) -> dict[str, Tariff]:
    """The tariffs in order of their ids; what one add-on excludes excludes it too."""
    for node in nodes:
        _declare(reading, node)
    seen: dict[str, Where] = {}
    read = [_read(reading, node, conditions, seen) for node in nodes]
    found = sorted((each for each in read if each is not None), key=lambda each: each.id)
    excluded = {each.id: {other.id for other in found if each.id in other.excludes} for each in found}
    return {each.id: replace(each, excludes=each.excludes | excluded[each.id]) for each in found}


def _declare(reading: Reading, node: Node) -> None:
    """Notes the name and kind that a file declares, so that tariffs read before it may refer to it."""
    name, kind = ((node.mapping or {}).get(key) for key in ("tariff", "kind"))
    if name is not None and isinstance(name.value, str):
        reading.tariff_kinds.setdefault(name.value, kind.text if kind else "")


def _read(reading: Reading, node: Node, conditions: ConditionReader, seen: dict[str, Where]) -> Tariff | None:
    """One tariff; None where it has no name or stands there a second time."""
    section = reading.section(node, "a tariff", KEYS)
    if section is None:
        return None
    name = section.name("tariff", "a tariff", RESERVED) or ""
    if name:
        section.what = f"tariff '{name}'"
    section.need("kind", Hint("one of: %(names)s", names=", ".join(KINDS)))
    kind = section.choice("kind", KINDS, "")
    _keys_of_kind(section, kind)
    fee = section.need("fee", Hint("major units a month; 0 is a fee"))
    valid_from, valid_until = validity(section)
    eligible = section.get("eligible")
    months, penalty = _contract(section)
    found = Tariff(
        id=name,
        kind=kind,
        title=section.languages("title", needed=True),
        place=section.where("tariff"),
        fees=dated_values(reading, fee, "'fee'", lambda each: money(reading, each, "'fee'")) if fee else (),
        allowances=read_allowances(section),
        rates=_rates(section),
        valid_from=valid_from,
        valid_until=valid_until,
        eligible=conditions(eligible) if eligible else None,
        contract_months=months,
        penalty=penalty,
        addons=_addons(section, "addons"),
        excludes=frozenset(_addons(section, "excludes")),
        priority=_priority(section),
    )
    _of_one_service(section, kind)
    _all_priced(section, found)
    new = name and unique(reading, seen, name, section.where("tariff"), "tariff")
    return found if new and kind else None


def _keys_of_kind(section: Section, kind: str) -> None:
    """A base lists add-ons, an add-on excludes others."""
    if kind != "base" and kind and section.get("addons") is not None:
        message, hint = "an add-on has no 'addons'", Hint("the base tariff lists what fits it")
        section.reading.problem("key.conflict", message, section.where("addons"), hint)
    if kind == "base" and section.get("excludes") is not None:
        message, hint = "a base tariff has no 'excludes'", Hint("leave the add-on out of its 'addons'")
        section.reading.problem("key.conflict", message, section.where("excludes"), hint)


def _rates(section: Section) -> dict[str, tuple[tuple[Instant, Rate], ...]]:
    """Counter → what it costs beyond its allowance."""
    reading = section.reading
    found: dict[str, tuple[tuple[Instant, Rate], ...]] = {}
    for counter, where, node in section.mapping("rates"):
        if reading.reference(Node(counter, where, counter), "counter", reading.counters) is None:
            continue
        rates = dated_values(reading, node, f"the price of '{counter}'", partial(read_rate, reading, counter))
        if rates:
            found[counter] = rates
    return found


def _of_one_service(section: Section, kind: str) -> None:
    """That an add-on includes and prices what its own service counts, or a line could hold two for one service."""
    if kind not in SERVICES:
        return
    nodes = _counters_named(section)
    rates = section.get("rates")
    nodes += [Node(name, where, name) for name, where in (rates.keys if rates else {}).items()]
    services = section.reading.counter_services
    for node in nodes:
        service = services.get(node.value, kind) if isinstance(node.value, str) else kind
        if service != kind:
            message = f"'{node.value}' counts {service}, and this add-on is for {kind}"
            hint = Hint("give %(service)s an add-on of its own, or include it in a base", service=service)
            section.reading.problem("value.choice", message, node.where, hint)


def _counters_named(section: Section) -> list[Node]:
    """The counters written in allowances."""
    allowances = section.get("allowances")
    written = [
        (each.mapping or {}).get("counters") for each in (allowances.sequence or () if allowances else ())
    ]
    return [node for each in written if each is not None for node in each.sequence or ()]


def _all_priced(section: Section, tariff: Tariff) -> None:
    """That a base has a price for every counter, from the first day on which it can be had."""
    reading = section.reading
    if not tariff.is_base or "counter" in reading.unread:
        return
    node = section.get("rates")
    written = (node.mapping or {}) if node else {}
    misspelt = {
        suggestion(counter, reading.counters) for counter in written if counter not in reading.counters
    }
    missing = [
        f"'{counter}'"
        for counter, is_sound in reading.counters.items()
        if is_sound and counter not in written and f"did you mean '{counter}'?" not in misspelt
    ]
    if missing and "did you mean 'rates'?" not in section.hints:
        message = f"tariff '{tariff.id}' has no price for {', '.join(missing)}"
        reading.problem(
            "tariff.unpriced", message, tariff.place, Hint("write it under 'rates'; 0 is a price")
        )
    begins = tariff.fees[0][0] if tariff.fees else None
    for counter, rates in tariff.rates.items():
        if begins is not None and rates[0][0] > begins:
            message = f"'{counter}' has no price from the first day of tariff '{tariff.id}'"
            hint = Hint("let its first price begin when the fee does, or leave the date out")
            reading.problem("tariff.unpriced", message, written[counter].where, hint)


def _contract(section: Section) -> tuple[int, Penalty]:
    """Months a contract runs, and what leaving earlier costs."""
    node, reading = section.get("contract"), section.reading
    entry = reading.section(node, "'contract'", ("months", "penalty")) if node else None
    if entry is None:
        return 0, Penalty()
    entry.need("months", Hint("how long it runs, as 12"))
    months = entry.whole("months", 1, LONGEST_CONTRACT, 0)
    cost = entry.get("penalty")
    penalty = reading.section(cost, "'penalty'", ("fixed", "per_month_left")) if cost else None
    if penalty is None:
        return months, Penalty()
    return months, Penalty(penalty.money("fixed") or 0, penalty.money("per_month_left") or 0)


def _addons(section: Section, key: str) -> tuple[str, ...]:
    """Declared add-ons, in the order written."""
    reading, kinds = section.reading, section.reading.tariff_kinds
    known = [name for name, kind in kinds.items() if kind != "base"]
    others = [node for node in section.items(key) if not _is_base(reading, node)]
    found = distinct(reading, others, "add-on", known)
    own = section.get("tariff")
    for node in others:
        if own is not None and key == "excludes" and node.value == own.value:
            message, hint = f"add-on '{node.value}' excludes itself", Hint("leave it out")
            reading.problem("value.choice", message, node.where, hint)
    return found


def _is_base(reading: Reading, node: Node) -> bool:
    """Whether a base tariff stands where an add-on is meant; says so."""
    if not isinstance(node.value, str) or reading.tariff_kinds.get(node.value) != "base":
        return False
    addons = [name for name, kind in reading.tariff_kinds.items() if kind != "base"]
    hint = suggestion(node.value, addons) or Hint("name an add-on")
    reading.problem("value.choice", f"'{node.value}' is a base tariff, not an add-on", node.where, hint)
    return True


def _priority(section: Section) -> dict[str, int]:
    """Unit → local order among tariffs that save money."""
    reading = section.reading
    found: dict[str, int] = {}
    for unit, where, node in section.mapping("priority"):
        if reading.reference(Node(unit, where, unit), "unit", reading.units) is None:
            continue
        own = Section(reading, node, {unit: node}, "'priority'")
        found[unit] = own.whole(unit, -HIGHEST_PRIORITY, HIGHEST_PRIORITY, 0)
    return found
