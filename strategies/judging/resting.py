"""Rests: times in which a contact is refused because of what happened before, or is still to come.

``suppress`` rests after so many outcomes, ``pair`` around a contact of another kind, ``cooldown`` after an event. Each is
a list of spans on the line of time, and the answer is the first instant outside all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from strategies.declared.calendar import calendar_period, local_datetime
from strategies.declared.playbook import Match, Pair, Rule, Suppression
from strategies.instants import DAY, HOUR, MINUTE, SECOND, Instant
from strategies.judging.asking import Asking, matches
from strategies.judging.caps import (
    clear_as_contacts_close,
    counted_instant,
    counting_contacts,
    last_event,
    sliding_length,
    window_words,
)
from strategies.profile import NEVER_COUNTED_STATES, PastContact

RESTS = frozenset({"suppress", "pair", "cooldown"})
"""The effects read here."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A span in which contact is refused, ``until`` None without end, and what brought it about."""

    since: int
    until: int | None
    cause: int
    what: str


def rest_is_out_of_reach(rule: Rule, asking: Asking) -> bool:
    """Whether too little has happened for the rule to refuse at any instant. That it is not says nothing yet."""
    if rule.effect == "cooldown":
        return not asking.profile.events
    needed = rule.suppression.times if rule.suppression is not None else 1
    return len(asking.profile.contacts) < needed


def rest_allows_from(rule: Rule, asking: Asking, at: Instant) -> Instant | None:
    """The first instant at or after this one outside every rest; None where time never helps."""
    if rest_is_out_of_reach(rule, asking):
        return at
    if rule.pair is None:
        clear = _first_free(_rests(rule, asking, at), at)
    else:
        contacts = (*counting_contacts(rule, asking), *counting_contacts(rule, asking, rule.pair.first))
        exact = rule.count == "attempt"
        clear = clear_as_contacts_close(
            lambda moment: _first_free(_rests(rule, asking, moment), moment), contacts, at, exact=exact
        )
    return None if clear is None else Instant(clear)


def rest_words(rule: Rule, asking: Asking, at: Instant) -> str:
    """The values compared: what rests and since when, else how far it has come."""
    rests = _rests(rule, asking, at)
    holding = [each for each in rests if each.since <= at and (each.until is None or at < each.until)]
    if holding:
        last = max(holding, key=lambda each: each.cause)
        return f"{last.what} on {_told(asking, last.cause)}{_lasting(rule)}"
    if rule.suppression is not None:
        happened = _happened_to_the_same(rule, rule.suppression, asking, at)
        window = f" {window_words(rule.window)}" if rule.window is not None else ""
        return (
            f"{_in_window(rule, asking, happened, at)} of {rule.suppression.times} {_outcome(rule)}{window}"
        )
    if rule.cooldown is not None:
        found = [event.at for event in asking.profile.events if event.type == rule.cooldown.event]
        when = f"the last on {_told(asking, max(found))}" if found else "none on record"
        return f"{rule.cooldown.event}: {when}{_lasting(rule)}"
    return f"none within {span_words(rule.pair.within)}" if rule.pair is not None else ""


def _first_free(rests: Sequence[Rest], at: int) -> int | None:
    for rest in sorted(rests, key=lambda each: each.since):
        if rest.since <= at and (rest.until is None or at < rest.until):
            if rest.until is None:
                return None
            at = rest.until
    return at


def _rests(rule: Rule, asking: Asking, at: int) -> list[Rest]:
    if rule.suppression is not None:
        return _after_outcomes(rule, rule.suppression, asking, at)
    if rule.pair is not None:
        return _around_contacts(rule, rule.pair, asking, at)
    cooldown = rule.cooldown
    assert cooldown is not None  # the effect is one of the three
    return [
        Rest(event.at, event.at + cooldown.lasts, event.at, cooldown.event)
        for event in asking.profile.events
        if event.type == cooldown.event
    ]


def _after_outcomes(rule: Rule, suppression: Suppression, asking: Asking, at: int) -> list[Rest]:
    """A rest from the last of each run of outcomes that fits the window."""
    happened = _happened_to_the_same(rule, suppression, asking, at)
    words = f"{suppression.times} × {_outcome(rule)}, the last" if suppression.times > 1 else _outcome(rule)
    return [
        Rest(last, None if suppression.lasts is None else last + suppression.lasts, last, words)
        for first, last in zip(happened, happened[suppression.times - 1 :], strict=False)
        if _share_a_window(rule, asking, first, last)
    ]


def _happened_to_the_same(rule: Rule, suppression: Suppression, asking: Asking, at: int) -> list[int]:
    """When the outcomes that count happened, ascending; what is only reserved has not happened."""
    found = []
    for contact in counting_contacts(rule, asking, same=suppression.same):
        instant = _happened(rule, suppression, contact)
        if instant is not None:
            found.append(instant)
    if rule.window is not None and rule.window.kind == "since":
        begins = last_event(asking, rule.window.event, at)
        found = [instant for instant in found if begins is None or instant >= begins]
    return sorted(found)


def _happened(rule: Rule, suppression: Suppression, contact: PastContact) -> Instant | None:
    if contact.state == "reserved" or contact.state in NEVER_COUNTED_STATES:
        return None
    if suppression.results:
        if contact.result not in suppression.results:
            return None
        return max(contact.moments.values(), default=contact.planned_at)
    if contact.result is not None and contact.result in rule.not_counted:
        return None
    return contact.moments.get(rule.count)


def _share_a_window(rule: Rule, asking: Asking, first: int, last: int) -> bool:
    window = rule.window
    if window is None or window.kind in ("lifetime", "since"):
        return True
    if window.kind == "sliding":
        return last - first < sliding_length(window)
    return any(
        calendar_period(window.period, window.week_start, zone, first)[1] > last
        for zone in asking.zones(window.zone)
    )


def _in_window(rule: Rule, asking: Asking, happened: Sequence[int], at: int) -> int:
    """How many of the outcomes would share a window with one that happened at the instant."""
    return sum(1 for instant in happened if instant <= at and _share_a_window(rule, asking, instant, at))


def _around_contacts(rule: Rule, pair: Pair, asking: Asking, at: int) -> list[Rest]:
    """For what the rule matches, rests around contacts of the first kind; for the first kind, the other way round."""
    rests: list[Rest] = []
    both_ways = pair.order == "either"
    if matches(rule.match, asking.candidate):
        for instant in _counted(rule, pair.first, asking, at):
            since = instant - pair.within + 1 if both_ways else instant
            rests.append(Rest(since, instant + pair.within, instant, _named(pair.first)))
    if matches(pair.first, asking.candidate):
        for instant in _counted(rule, rule.match, asking, at):
            until = instant + pair.within if both_ways else instant + 1
            rests.append(Rest(instant - pair.within + 1, until, instant, _named(rule.match)))
    return rests


def _counted(rule: Rule, match: Match, asking: Asking, at: int) -> list[int]:
    instants = (counted_instant(rule, contact, at) for contact in counting_contacts(rule, asking, match))
    return [instant for instant in instants if instant is not None]


def _named(match: Match) -> str:
    for listed in (match.offers, match.families, match.strategies, match.categories, match.channels):
        if listed is not None:
            return ", ".join(sorted(listed))
    return "a contact"


def _outcome(rule: Rule) -> str:
    results = rule.suppression.results if rule.suppression is not None else frozenset[str]()
    return " or ".join(sorted(results)) or rule.count


def _told(asking: Asking, instant: int) -> str:
    zone = asking.operator.zone
    return f"{local_datetime(zone, instant):%Y-%m-%d %H:%M} in {zone}"


def _lasting(rule: Rule) -> str:
    if rule.pair is not None:
        return f", {span_words(rule.pair.within)} apart"
    lasts = rule.suppression.lasts if rule.suppression is not None else None
    lasts = rule.cooldown.lasts if rule.cooldown is not None else lasts
    return ", rests without end" if lasts is None else f", rests {span_words(lasts)}"


def span_words(length: int) -> str:
    """A length of time in words: ``7 days``, ``1 hour``."""
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if length % unit == 0:
            return f"{length // unit} {name}{'' if length == unit else 's'}"
    return f"{length / SECOND:g} seconds"
