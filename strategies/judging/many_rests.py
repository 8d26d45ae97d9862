"""Who rests now, of everybody at once: after outcomes, around a contact of another kind, after an event.

Twin of ``resting`` for one customer.
"""

from __future__ import annotations

import numpy as np

from strategies.conditions.columns import Mask
from strategies.declared.calendar import calendar_period
from strategies.declared.playbook import Match, Rule, Suppression, Window
from strategies.judging.asking import matches
from strategies.judging.asking_many import AskingMany
from strategies.judging.caps import sliding_length
from strategies.judging.many_counts import Counted, against, counting, looked_at, runs, since_event
from strategies.judging.people import NEVER, ContactArrays, Integers


def suppressed(rule: Rule, asking: AskingMany) -> Mask:
    """Who rests after so many outcomes; mirrors ``resting._after_outcomes``."""
    found = np.zeros(asking.people.count, dtype=np.bool_)
    suppression = rule.suppression
    if suppression is None:
        return found
    instants = _happened(rule, suppression, asking.people.contacts)
    happened = against(rule, asking.people, looked_at(rule, asking, same=suppression.same), instants)
    if rule.window is not None and rule.window.kind == "since":
        happened = since_event(happened, rule.window, asking)
    first, last = runs(happened, suppression.times)
    resting = last.at <= asking.at
    if suppression.lasts is not None:
        resting &= asking.at < last.at + suppression.lasts
    first, last = first.where(resting), last.where(resting)
    found[last.owner[_share_a_window(rule.window, asking, first, last)]] = True
    return found


def _happened(rule: Rule, suppression: Suppression, contacts: ContactArrays) -> Integers:
    """When each contact's outcome happened, ``NEVER`` where it has none that counts; mirrors ``resting._happened``."""
    if suppression.results:
        latest = np.maximum.reduce([*contacts.moments.values()])
        latest = np.where(latest == NEVER, contacts.planned_at, latest)
        instants = np.where(contacts.result.among(suppression.results), latest, NEVER)
    else:
        instants = np.where(contacts.result.among(rule.not_counted), NEVER, contacts.moments[rule.count])
    return np.where(contacts.state.among({"reserved"}), NEVER, instants)


def _share_a_window(window: Window | None, asking: AskingMany, first: Counted, last: Counted) -> Mask:
    """Mirrors ``resting._share_a_window``."""
    if window is None or window.kind in ("lifetime", "since"):
        return np.ones(len(first.at), dtype=np.bool_)
    if window.kind == "sliding":
        near: Mask = last.at - first.at < sliding_length(window)
        return near
    zones = asking.zones(window.zone)
    codes = asking.zone.codes[first.owner].tolist()
    return np.array(
        [
            any(
                calendar_period(window.period, window.week_start, zone, begin)[1] > end
                for zone in zones[code]
            )
            for code, begin, end in zip(codes, first.at.tolist(), last.at.tolist(), strict=True)
        ],
        dtype=np.bool_,
    )


def paired(rule: Rule, asking: AskingMany) -> Mask:
    """Who rests around a contact of the other kind; mirrors ``resting._around_contacts``."""
    found = np.zeros(asking.people.count, dtype=np.bool_)
    pair = rule.pair
    if pair is None:
        return found
    both_ways = pair.order == "either"
    if matches(rule.match, asking.candidate):
        _mark(found, rule, pair.first, asking, pair.within - 1 if both_ways else 0, pair.within)
    if matches(pair.first, asking.candidate):
        _mark(found, rule, rule.match, asking, pair.within - 1, pair.within if both_ways else 1)
    return found


def _mark(found: Mask, rule: Rule, match: Match, asking: AskingMany, before: int, after: int) -> None:
    """Refuse from so long before a contact of a kind until so long after it."""
    counted = counting(rule, asking, match)
    holding = (counted.at - before <= asking.at) & (asking.at < counted.at + after)
    found[counted.owner[holding]] = True


def cooling(rule: Rule, asking: AskingMany) -> Mask:
    """Who rests after an event; mirrors ``resting._rests`` for a cooldown."""
    found = np.zeros(asking.people.count, dtype=np.bool_)
    cooldown, events = rule.cooldown, asking.people.events
    if cooldown is not None:
        holding = events.type.among({cooldown.event}) & (events.owner >= 0)
        holding &= (events.at <= asking.at) & (asking.at < events.at + cooldown.lasts)
        found[events.owner[holding]] = True
    return found
