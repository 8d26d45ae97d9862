"""Readers of what stands inside a rule: match, window, hours, and what each effect needs."""

from __future__ import annotations

from typing import Literal, cast

from strategies.declared.calendar import HOLIDAY
from strategies.declared.playbook import Cooldown, Match, Open, Pair, Suppression, Window
from strategies.declared.results import RESULTS
from strategies.documents.channels import DIRECTIONS
from strategies.documents.days import read_jurisdiction
from strategies.documents.reading import Reading, Section
from strategies.documents.values import duration
from strategies.problems import NO_HINT, Hint
from strategies.texts.meant import suggestion
from strategies.texts.source import Node

SAME = ("offer", "family", "strategy", "category", "channel", "any")
MOMENTS = ("attempt", "delivered", "connected", "shown", "clicked", "accepted", "rejected")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday")
ON_HIT = ("defer", "reroute", "drop")
MATCH_KEYS = (
    "channels", "direction", "categories", "promotional", "strategies", "offers", "families", "units",
    "jurisdictions",
)  # fmt: skip
CONTACT_KEYS = tuple(key for key in MATCH_KEYS if key not in ("units", "jurisdictions"))
"""What a past contact may be matched by; units, jurisdictions and segments are the customer's."""
Same = Literal["offer", "family", "strategy", "category", "channel", "any"]

_AS_WINDOW = Hint("as {sliding: P7D}, {calendar: day}, {since: ordered} or {lifetime: true}")
WINDOWS = ("sliding", "calendar", "lifetime", "since")


def read_match(
    reading: Reading, section: Section, key: str, *, segment: bool = False
) -> tuple[Match, str | None]:
    """What a rule applies to, and the segment it names; what is left out matches all."""
    node = section.get(key)
    keys = (*MATCH_KEYS, "segment") if segment else CONTACT_KEYS
    entry = reading.section(node, f"'{key}'", keys) if node else None
    if entry is None:
        return Match(), None
    for listed_key in MATCH_KEYS:
        listed = entry.get(listed_key)
        if listed is not None and listed.sequence == ():
            reading.problem(
                "value.empty",
                f"'{listed_key}' is empty and would match nothing",
                listed.where,
                Hint("leave the key out to match all"),
            )
    named = entry.get("segment")
    match = Match(
        channels=entry.names("channels", "channel", reading.channels),
        direction=entry.choice("direction", DIRECTIONS, "") or None,
        categories=entry.names("categories", "category", reading.categories),
        promotional=entry.flag("promotional") if entry.get("promotional") else None,
        strategies=entry.names("strategies", "strategy", reading.declared_strategies),
        offers=entry.names("offers", "offer", reading.declared_offers),
        families=entry.names("families", "family", reading.declared_families),
        units=entry.names("units", "unit", reading.units),
        jurisdictions=read_jurisdictions(entry),
    )
    known = {*reading.segments, *reading.declared_segments}
    return match, reading.reference(named, "segment", known) if named is not None else None


def read_jurisdictions(section: Section) -> frozenset[str] | None:
    """Whose law a rule is: ``US``, or a part of it, ``US-FL``; None where the key is missing."""
    if section.get("jurisdictions") is None:
        return None
    found = [read_jurisdiction(section.reading, node) for node in section.items("jurisdictions")]
    return frozenset(each for each in found if each is not None)


def read_results(section: Section, key: str) -> frozenset[str] | None:
    """Results a rule names; a standard one stands also for the operator's own that mean it."""
    own = section.reading.results
    listed = section.names(key, "result", (*RESULTS, *own))
    if listed is None:
        return None
    return listed | {name for name, means in own.items() if means in listed}


def read_window(reading: Reading, section: Section, *, needed: bool = True) -> Window | None:
    """What a rule counts over: exactly one of sliding, calendar, lifetime and since."""
    node = section.need("window", _AS_WINDOW) if needed else section.get("window")
    if node is not None and node.value == "lifetime":
        return Window("lifetime")
    if node is not None and node.mapping is None:
        reading.wrong(node, "'window'", "a mapping", _AS_WINDOW)
        return None
    entry = reading.section(node, "'window'", (*WINDOWS, "zone", "closed")) if node else None
    if entry is None or node is None:
        return None
    kinds = [key for key in WINDOWS if key in entry.entries]
    if len(kinds) != 1:
        message = "a window is exactly one of sliding, calendar, lifetime and since"
        reading.problem("key.conflict", message, node.where, _AS_WINDOW)
        return None
    kind = kinds[0]
    if kind != "calendar" and "zone" in entry.entries:
        reading.problem(
            "key.conflict", f"a {kind} window has no 'zone'", entry.where("zone"), Hint("leave it out")
        )
    if kind != "sliding" and "closed" in entry.entries:
        reading.problem(
            "key.conflict", f"a {kind} window is never 'closed'", entry.where("closed"), Hint("leave it out")
        )
    if kind == "sliding":
        return Window("sliding", length=span(entry, "sliding") or 1, closed=entry.flag("closed"))
    if kind == "since":
        return Window("since", event=reading.reference(entry.entries["since"], "event", reading.events) or "")
    if kind == "lifetime":
        if not entry.flag("lifetime", True):
            reading.problem(
                "value.choice",
                "'lifetime' cannot be false",
                entry.where("lifetime"),
                Hint("write lifetime: true"),
            )
        return Window("lifetime")
    period = cast(Literal["day", "week", "month"], entry.choice("calendar", ("day", "week", "month"), "day"))
    zone = entry.zone("zone", "customer", ("customer", "operator"))
    return Window("calendar", period=period, zone=zone, week_start=reading.week_start)


def span(section: Section, key: str, *, zero: bool = False) -> int | None:
    """A length of time, which may be dated."""
    return section.valued(key, lambda node: duration(section.reading, node, f"'{key}'", zero=zero))


def count(section: Section, key: str, default: int) -> int:
    """A whole number of at least 1, which may be dated."""
    found = section.valued(key, lambda node: _count(section, key, node))
    return default if found is None else found


def _count(section: Section, key: str, node: Node) -> int | None:
    """The number at a node, as ``Section.whole`` reads one."""
    alone = Section(section.reading, section.node, {key: node}, section.what)
    found = alone.whole(key, 1, 1_000_000, 0)
    return found or None


def read_max(section: Section) -> int | None:
    """An integer of at least 1, or None for ``unlimited``; it may be dated."""
    section.need("max", Hint("a whole number of at least 1, or unlimited"))
    found = section.valued("max", lambda node: _most(section, node))
    return None if found in (None, 0) else found


def _most(section: Section, node: Node) -> int | None:
    """The number at a node, 0 for ``unlimited``."""
    if node.broken or node.value == "unlimited":
        return 0
    if not isinstance(node.value, bool) and isinstance(node.value, int) and node.value == 0:
        section.reading.problem(
            "rule.max_zero", "'max' is 0, which forbids", node.where, Hint("use effect: forbid")
        )
        return 1
    return _count(section, "max", node) or 1


def read_suppression(section: Section) -> Suppression:
    """After which outcomes the same rests, and how long."""
    results = read_results(section, "results")
    for key in ("count", "not_counted"):
        if results is not None and key in section.entries:
            message = f"'results' says what counts, so '{key}' says nothing"
            section.reading.problem(
                "key.conflict", message, section.where(key), Hint("leave one of them out")
            )
    lasts = section.need("lasts", Hint("how long it rests, as P30D, or forever"))
    forever = lasts is not None and lasts.value == "forever"
    return Suppression(
        times=count(section, "times", 1),
        results=results or frozenset(),
        same=cast(Same, section.choice("same", SAME, "offer")),
        lasts=None if forever else span(section, "lasts") or 1,
    )


def read_pair(reading: Reading, section: Section) -> Pair:
    """What is not contacted near what else."""
    section.need("first", Hint("what the contacts of 'match' follow, as {offers: [a]}"))
    section.need("within", Hint("how long they stay apart, as P30D"))
    first, _ = read_match(reading, section, "first")
    order = section.choice("order", ("then", "either"), "then")
    return Pair(first, span(section, "within") or 1, cast(Literal["then", "either"], order))


def read_cooldown(reading: Reading, section: Section) -> Cooldown:
    """After which event contact rests, and how long."""
    section.need("lasts", Hint("how long contact rests, as P14D"))
    event = section.need("event", Hint("a type of events.yaml"))
    known = reading.reference(event, "event", reading.events) if event is not None else None
    return Cooldown(known or "", span(section, "lasts") or 1)


def read_on_hit(
    reading: Reading, section: Section
) -> tuple[Literal["defer", "reroute", "drop"], tuple[str, ...]]:
    """What becomes of a refused contact, and in which channels another way is sought."""
    node = section.get("on_hit")
    if node is None or node.mapping is None:
        return cast(Literal["defer", "reroute", "drop"], section.choice("on_hit", ON_HIT, "defer")), ()
    entry = reading.section(node, "'on_hit'", ("reroute",))
    if entry is None or entry.need("reroute", Hint("as {reroute: [sms]}")) is None:
        return "reroute", ()
    found = [reading.reference(each, "channel", reading.channels) for each in entry.items("reroute")]
    if entry.entries["reroute"].sequence == ():
        message = "'reroute' names no channel"
        reading.problem(
            "value.empty", message, entry.where("reroute"), Hint("write on_hit: reroute for any channel")
        )
    return "reroute", tuple(dict.fromkeys(each for each in found if each is not None))


def read_openings(section: Section) -> tuple[Open, ...]:
    """When contact is open; the list may be dated. Where an opening names holidays, the others are shut on them."""
    section.need("open", Hint('as [{from: "10:00", to: "21:00"}]'))
    found = section.valued("open", lambda node: _openings(section, node), lists=True) or ()
    if any(HOLIDAY in opening.days for opening in found):
        holidays = section.reading.holidays
        return tuple(Open(each.days, each.start_minute, each.end_minute, holidays) for each in found)
    return found


def _openings(section: Section, node: Node) -> tuple[Open, ...] | None:
    reading = section.reading
    if node.sequence is None:
        reading.wrong(
            node, "'open'", "a list", Hint("write [%(text)s]", text=node.text) if node.text else NO_HINT
        )
        return None
    found: list[Open] = []
    for each in node.sequence:
        entry = reading.section(each, "an opening", ("days", "from", "to"))
        if entry is None:
            continue
        start, end = entry.minute("from"), entry.minute("to", end=True)
        days = frozenset(range(1, 8)) if entry.get("days") is None else _days(entry)
        if start is None or end is None:
            continue
        if start == end:
            message = "an opening that ends when it begins is never open"
            hint = Hint('write from: "00:00", to: "24:00" for the whole day')
            reading.problem("value.order", message, entry.where("to"), hint)
            continue
        found.append(Open(days, start, end))
    if node.sequence == ():
        reading.problem(
            "value.empty", "'open' has no opening", node.where, Hint("use effect: forbid to close for good")
        )
    return tuple(found)


def _days(entry: Section) -> frozenset[int]:
    """ISO weekdays, 8 for holidays."""
    found: set[int] = set()
    for node in entry.items("days"):
        if isinstance(node.value, str) and node.value in DAYS:
            found.add(DAYS.index(node.value) + 1)
        elif isinstance(node.value, str):
            hint = suggestion(node.value, DAYS)
            entry.reading.problem("value.choice", f"'{node.value}' is no day", node.where, hint)
        else:
            entry.reading.wrong(node, "a day", "a word", suggestion("", DAYS))
    if HOLIDAY in found and not entry.reading.holidays:
        message = "operator.yaml names no holidays"
        hint = Hint("there: holidays: {country: CN} or {days: [2026-10-01]}")
        entry.reading.problem("key.missing", message, entry.where("days"), hint)
    if entry.entries["days"].sequence == ():
        entry.reading.problem(
            "value.empty", "'days' is empty", entry.where("days"), Hint("leave it out for all days")
        )
    return frozenset(found)
