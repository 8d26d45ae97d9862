"""Readers of ``counters.yaml`` and of what a tariff says of counters: prices, tiers, steps, allowances, each also dated."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from strategies.declared.tariff import REACHES, SERVICES, Allowance, Counter, Rate, Tier
from strategies.documents.reading import Reading, Section
from strategies.problems import Hint, Where
from strategies.texts.source import Node

HIGHEST_PRICE = 1_000_000
LARGEST_QUANTITY = 1_000_000_000
PRICE_DECIMALS = 10
"""A price by the gigabyte is then exact by the megabyte too: 10 / 1024 is 0.009765625."""
QUANTITY_DECIMALS = 3
COUNTER_KEYS = ("service", "reach", "unit", "source", "title")
RATE_KEYS = ("price", "tiers", "step")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_WITH_COMMA = re.compile(r"\d+,\d+")
_WITH_UNIT = re.compile(r"(\d+(?:\.\d+)?)\s*([^\W\d]*)")
_SOURCE = re.compile(r"usage\.[A-Za-z_][A-Za-z0-9_]*")


def read_counters(reading: Reading, node: Node) -> dict[str, Counter]:
    """The declared counters, by name, in the order written; the reading knows them from here on."""
    if node.mapping is None:
        reading.wrong(
            node, "'counters'", "a mapping of names and declarations", Hint("as data_gb: {source: …}")
        )
        reading.unread.add("counter")
        return {}
    found: dict[str, Counter] = {}
    sound: dict[str, bool] = {}
    for name, declaration in node.mapping.items():
        where, before = node.keys[name], len(reading.problems)
        section = reading.section(declaration, f"counter '{name}'", COUNTER_KEYS)
        if not _NAME.fullmatch(name):
            hint = Hint("small letters, digits and '_', beginning with a letter")
            reading.problem("value.name", f"'{name}' cannot be a counter", where, hint)
        elif section is not None:
            found[name] = _counter(section, name, where)
            _once(reading, section, found[name], found)
        sound[name] = len(reading.problems) == before and not declaration.broken
    reading.counters = sound
    reading.counter_services = {name: each.service for name, each in found.items() if sound[name]}
    return found


def _counter(section: Section, name: str, where: Where) -> Counter:
    """One declaration."""
    section.need("service", Hint("one of: %(names)s", names=", ".join(SERVICES)))
    section.need("unit", Hint("as min, GB or piece"))
    source = section.text("source") or f"usage.{name}"
    if not _SOURCE.fullmatch(source):
        message, hint = (
            f"'{source}' is no source of a counter",
            Hint("a column of the usage file, as usage.%(name)s", name=name),
        )
        section.reading.problem("value.choice", message, section.entries["source"].where, hint)
    return Counter(
        id=name,
        service=section.choice("service", SERVICES, SERVICES[0]),
        reach=section.choice("reach", REACHES, REACHES[0]),
        unit=section.text("unit") or "",
        source=source,
        place=where,
        title=section.languages("title", needed=True),
    )


def _once(reading: Reading, section: Section, counter: Counter, known: dict[str, Counter]) -> None:
    """That no other counter counts the same column: it would be charged twice."""
    first = next((each.id for each in known.values() if each.source == counter.source), counter.id)
    if first != counter.id:
        where = section.entries["source"].where if "source" in section.entries else counter.place
        message = f"counter '{counter.id}' counts {counter.source}, as '{first}' does"
        reading.problem("value.duplicate", message, where, Hint("one column is counted once"))


def _number(reading: Reading, node: Node, what: str, expected: str, example: Hint) -> Decimal | None:
    if isinstance(node.value, bool) or not isinstance(node.value, int | Decimal):
        reading.wrong(node, what, expected, _number_hint(node, example))
        return None
    return Decimal(node.value)


def _number_hint(node: Node, example: Hint) -> Hint:
    """What to write where a number was meant."""
    with_unit = _WITH_UNIT.fullmatch(node.text)
    if _WITH_COMMA.fullmatch(node.text):
        return Hint("write %(number)s", number=node.text.replace(",", "."))
    if with_unit and with_unit[2]:
        return Hint("write %(number)s; which unit it is, the counter says", number=with_unit[1])
    return Hint("write it without quotes") if with_unit and node.quoted else example


def _has_decimals(number: Decimal, decimals: int) -> bool:
    """Whether it needs more decimals than that, exactly."""
    return bool(10**decimals % Fraction(number).denominator)


def price(reading: Reading, node: Node, what: str) -> Decimal | None:
    """Major units for one unit of a counter: not negative, up to ten decimals."""
    number = _number(reading, node, what, "a number", Hint("as 0.15; 0 is a price"))
    if number is None:
        return None
    if not 0 <= number <= HIGHEST_PRICE:
        reading.problem(
            "value.range",
            f"{what} is {node.text}",
            node.where,
            Hint("from 0 to %(most)s", most=f"{HIGHEST_PRICE:,}"),
        )
    elif _has_decimals(number, PRICE_DECIMALS):
        hint = Hint("a price has at most %(count)s decimals", count=PRICE_DECIMALS)
        reading.problem("value.money", f"{what} cannot be {node.text}", node.where, hint)
    else:
        return number
    return None


def quantity(reading: Reading, node: Node, what: str, expected: str = "a number") -> Decimal | None:
    """A quantity of a counter: more than nothing, up to three decimals, as usage is read in thousandths."""
    number = _number(reading, node, what, expected, Hint("as 300"))
    if number is None:
        return None
    if not 0 < number <= LARGEST_QUANTITY:
        hint = Hint("more than 0, up to %(most)s", most=f"{LARGEST_QUANTITY:,}")
        reading.problem("value.range", f"{what} is {node.text}", node.where, hint)
    elif _has_decimals(number, QUANTITY_DECIMALS):
        hint = Hint("usage is counted in thousandths: at most %(count)s decimals", count=QUANTITY_DECIMALS)
        reading.problem("value.quantity", f"{what} cannot be {node.text}", node.where, hint)
    else:
        return number
    return None


def read_rate(reading: Reading, counter: str, node: Node) -> Rate | None:
    """A price, or a mapping with ``price`` or ``tiers``, and ``step``."""
    what = f"the price of '{counter}'"
    if node.mapping is None:
        flat = price(reading, node, what)
        return None if flat is None else Rate((Tier(None, flat),))
    section = reading.section(node, f"the rate of '{counter}'", RATE_KEYS)
    if section is None:
        return None
    step = section.get("step")
    length = quantity(reading, step, "'step'") if step else None
    tiers, own = section.get("tiers"), section.get("price")
    if tiers is not None and own is not None:
        reading.problem(
            "key.conflict",
            f"{section.what} has both 'price' and 'tiers'",
            section.where("tiers"),
            Hint("keep one"),
        )
    if tiers is not None:
        found = _tiers(reading, section, counter)
        return Rate(found, length) if found else None
    needed = section.need("price", Hint("or 'tiers', as [{up_to: 100, price: 1.5}, {price: 1}]"))
    flat = price(reading, needed, what) if needed else None
    return None if flat is None else Rate((Tier(None, flat),), length)


def _tiers(reading: Reading, section: Section, counter: str) -> tuple[Tier, ...]:
    """Prices by quantity beyond the allowance: each ends above the one before, and the last has no end."""
    nodes = section.items("tiers")
    if not nodes and section.entries["tiers"].sequence is not None:
        where = section.entries["tiers"].where
        reading.problem(
            "value.empty", "'tiers' has no tier", where, Hint("as [{up_to: 100, price: 1.5}, {price: 1}]")
        )
    found = [_tier(reading, each, counter, last=each is nodes[-1]) for each in nodes]
    tiers = [each for each in found if each is not None]
    for (before, _), (after, where) in pairwise(tiers):
        if before.up_to is not None and after.up_to is not None and after.up_to <= before.up_to:
            message = f"a tier up to {after.up_to} stands below one up to {before.up_to}"
            reading.problem("value.order", message, where, Hint("write them in rising order"))
    return tuple(tier for tier, _ in tiers) if len(tiers) == len(found) else ()


def _tier(reading: Reading, node: Node, counter: str, *, last: bool) -> tuple[Tier, Where] | None:
    section = reading.section(node, "a tier", ("up_to", "price"))
    if section is None:
        return None
    end, own = section.get("up_to"), section.need("price")
    if end is None and not last and not section.hints:
        message = "a tier without an end stands before another"
        reading.problem("tariff.tiers", message, node.where, Hint("only the last tier leaves out 'up_to'"))
    if end is not None and last:
        message = f"beyond {end.text}, '{counter}' has no price"
        reading.problem("tariff.tiers", message, end.where, Hint("the last tier leaves out 'up_to'"))
    up_to = quantity(reading, end, "'up_to'") if end else None
    flat = price(reading, own, f"the price of '{counter}'") if own else None
    return None if flat is None else (Tier(up_to, flat), end.where if end else node.where)


def read_allowances(section: Section) -> tuple[Allowance, ...]:
    """What is included, in the order written."""
    reading = section.reading
    found: list[Allowance] = []
    for node in section.items("allowances"):
        entry = reading.section(node, "an allowance", ("counters", "amount"))
        if entry is None:
            continue
        entry.need("counters", Hint("as [voice_on_net]"))
        counters = _counters(reading, entry)
        amount = entry.need("amount", Hint("a quantity, or unlimited"))
        limit = None
        if amount is not None and amount.value != "unlimited":
            limit = quantity(reading, amount, "'amount'", "a number, or the word unlimited")
        if counters:
            found.append(Allowance(counters, limit))
    return tuple(found)


def _counters(reading: Reading, entry: Section) -> tuple[str, ...]:
    """The counters that share an allowance."""
    node = entry.get("counters")
    if node is not None and node.sequence == ():
        reading.problem("value.empty", "'counters' has no counter", node.where, Hint("as [voice_on_net]"))
    return distinct(reading, entry.items("counters"), "counter", reading.counters)


def distinct(reading: Reading, nodes: Sequence[Node], what: str, known: Collection[str]) -> tuple[str, ...]:
    """Declared names in the order written, each once."""
    found: dict[str, None] = {}
    for node in nodes:
        name = reading.reference(node, what, known)
        if name is not None and name in found:
            reading.problem(
                "value.duplicate", f"{what} '{name}' stands here again", node.where, Hint("keep one")
            )
        elif name is not None:
            found[name] = None
    return tuple(found)
