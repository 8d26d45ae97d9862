"""Reader of ``channels.yaml``: the ways to a customer, each with its capacity by the hour and its attempts."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Literal, cast

from strategies.declared.playbook import CapacityHour, Channel
from strategies.declared.results import RESULTS as RESULTS
from strategies.declared.results import RETRIED
from strategies.documents.operator import plain_name
from strategies.documents.reading import Reading, Section
from strategies.instants import DAY, HOUR, MINUTE, SECOND
from strategies.problems import NO_HINT, Hint, Where
from strategies.texts.meant import suggestion
from strategies.texts.source import Node

Delivery = Literal["gateway", "agents", "field", "interactive"]
DIRECTIONS = ("outgoing", "incoming")
DELIVERIES = ("gateway", "agents", "field", "interactive")
KEYS = (
    "title", "direction", "delivery", "needs_number", "capacity", "cost", "rate", "lead_time", "stale_after",
    "receipt_wait", "reserve_for", "attempts",
)  # fmt: skip
CAPACITY_KEYS = ("from", "to", "per_hour", "agents", "handling")
ATTEMPT_KEYS = ("total", "per_number", "after")
_STALE_AFTER = {"gateway": 2 * MINUTE, "agents": 2 * HOUR, "field": 2 * DAY, "interactive": 2 * HOUR}


def read_channels(reading: Reading, node: Node) -> dict[str, Channel]:
    """The declared channels, by name."""
    if node.mapping is None:
        reading.wrong(
            node, "'channels'", "a mapping of names and channels", Hint("as sms: {direction: outgoing, …}")
        )
        reading.unread.add("channel")
        return {}
    found: dict[str, Channel] = {}
    for name, declaration in node.mapping.items():
        where, reading.not_yet = node.keys[name], 0
        plain_name(reading, name, where, "a channel")
        section = reading.section(declaration, f"channel '{name}'", KEYS)
        if section is not None:
            found[name] = _channel(reading, section, name, where)
    return found


def _channel(reading: Reading, section: Section, name: str, where: Where) -> Channel:
    """One way to a customer."""
    section.need("direction", Hint("outgoing or incoming"), always=False)
    section.need("delivery", Hint("one of: %(names)s", names=", ".join(DELIVERIES)), always=False)
    delivery = cast(Delivery, section.choice("delivery", DELIVERIES, "gateway"))
    outgoing = section.choice("direction", DIRECTIONS, "outgoing") == "outgoing"
    if outgoing and delivery == "interactive":
        hint = Hint("the customer comes to an interactive channel: direction: incoming")
        reading.problem(
            "key.conflict", "an outgoing channel is not interactive", section.where("delivery"), hint
        )
    total, per_number, waits = read_attempts(section)
    cost, rate = section.money("cost"), section.number("rate", 0.001, 10_000)
    capacity = section.valued("capacity", partial(_capacity, section), lists=True) or ()
    return Channel(
        name=name,
        direction="outgoing" if outgoing else "incoming",
        delivery=delivery,
        title=section.languages("title", needed=True),
        needs_number=section.flag("needs_number"),
        capacity=() if reading.not_yet else capacity,
        cost_minor=cost or 0,
        stale_after=section.duration("stale_after", _STALE_AFTER[delivery]),
        receipt_wait=section.duration("receipt_wait", 2 * DAY if delivery == "gateway" else 0, zero=True),
        reserve_for=section.duration("reserve_for", 15 * MINUTE),
        attempts_total=total or 1,
        retry_wait=waits or {},
        attempts_per_number=per_number,
        rate_per_second=rate,
        lead_time=section.duration("lead_time", 0, zero=True),
        place=where,
    )


def read_attempts(section: Section) -> tuple[int | None, int | None, dict[str, tuple[int, int]] | None]:
    """Attempts of a task in all and to one number, and after which result how many more with which wait."""
    node = section.get("attempts")
    inner = section.reading.section(node, "'attempts'", ATTEMPT_KEYS) if node else None
    if inner is None:
        return None, None, None
    inner.need("total", Hint("the first attempt included"))
    total = inner.whole("total", 1, 100, 1)
    per_number = inner.whole("per_number", 1, 100, total) if inner.get("per_number") else None
    if per_number is not None and per_number > total:
        message = f"{per_number} attempts to one number are more than {total} in all"
        section.reading.problem(
            "value.order", message, inner.where("per_number"), Hint("raise 'total' or lower it")
        )
    return total, per_number, _waits(inner)


def _waits(attempts: Section) -> dict[str, tuple[int, int]]:
    """After which result how many more attempts follow, with which wait."""
    waits: dict[str, tuple[int, int]] = {}
    own = attempts.reading.results
    for result, where, entry in attempts.mapping("after"):
        if result not in RESULTS and result not in own:
            message = f"there is no result '{result}'"
            hint = suggestion(result, (*RESULTS, *own))
            attempts.reading.problem("reference.unknown", message, where, hint)
            continue
        if own.get(result, result) not in RETRIED:
            message = f"after '{result}' a task is over"
            hint = Hint(
                "further attempts follow: %(names)s",
                names=", ".join(each for each in RESULTS if each in RETRIED),
            )
            attempts.reading.problem("value.choice", message, where, hint)
        retry = attempts.reading.section(entry, f"'{result}'", ("times", "wait"))
        if retry and retry.need("times") and retry.need("wait", Hint("as PT10M")):
            waits[result] = (retry.whole("times", 1, 100, 1), retry.duration("wait", HOUR))
    return waits


def _capacity(section: Section, listed: Node) -> tuple[CapacityHour, ...]:
    """Places by local hour, in order of the day."""
    found: list[CapacityHour] = []
    if listed.sequence is None:
        hint = Hint("write [%(text)s]", text=listed.text) if listed.text else NO_HINT
        section.reading.wrong(listed, "'capacity'", "a list", hint)
    for node in listed.sequence or ():
        entry = section.reading.section(node, "a capacity", CAPACITY_KEYS)
        if entry is None:
            continue
        start, end = entry.minute("from"), entry.minute("to", end=True)
        rate = _per_hour(entry)
        if start is None or end is None or rate is None:
            continue
        if start >= end:
            message = "a capacity ends before it begins"
            section.reading.problem(
                "value.order", message, entry.where("to"), Hint("it stays within one day; 24:00 is its end")
            )
            continue
        found += _hours(start, end, *rate)
    found.sort(key=lambda hour: hour.start_minute)
    for before, after in pairwise(found):
        if after.start_minute < before.end_minute:
            at = f"{after.start_minute // 60:02}:{after.start_minute % 60:02}"
            where: Where = section.where("capacity")
            section.reading.problem(
                "value.order",
                f"two capacities hold at {at}",
                where,
                Hint("let one end where the next begins"),
            )
            break
    return tuple(found)


def _per_hour(entry: Section) -> tuple[int, int] | None:
    """Contacts in an hour as a fraction: contacts times microseconds, per microseconds."""
    if ("per_hour" in entry.entries) == ("agents" in entry.entries):
        message = "a capacity has either 'per_hour' or 'agents' with 'handling'"
        entry.reading.problem("key.conflict", message, entry.node.where, Hint("keep one of them"))
        return None
    if "per_hour" in entry.entries:
        if "handling" in entry.entries:
            entry.reading.problem(
                "key.conflict", "'handling' goes with 'agents'", entry.where("handling"), Hint("leave it out")
            )
        return entry.whole("per_hour", 1, 100_000_000, 1), 1
    handling = entry.need("handling", Hint("how long one contact keeps an agent, as PT5M"))
    if handling is None:
        return None
    seconds = entry.duration("handling", HOUR) // SECOND
    return entry.whole("agents", 1, 1_000_000, 1) * 3600, max(seconds, 1)


def _hours(start: int, end: int, contacts: int, per: int) -> list[CapacityHour]:
    """A capacity cut at full hours; what one hour rounds off the next ones get back."""
    found: list[CapacityHour] = []
    granted, begin = 0, start
    while begin < end:
        stop = min(end, (begin // 60 + 1) * 60)
        until_now = contacts * (stop - start) // (per * 60)
        found.append(CapacityHour(begin, stop, until_now - granted))
        granted, begin = until_now, stop
    return found
