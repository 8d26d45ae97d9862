"""Contacts as a rule counts them, of everybody at once: whose, when, and how many in a window.

Twin of ``caps`` for one customer; every function here says which of its functions it mirrors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strategies.conditions.columns import Mask
from strategies.declared.calendar import calendar_period
from strategies.declared.playbook import Match, Rule, Window
from strategies.judging.asking_many import AskingMany
from strategies.judging.caps import sliding_length
from strategies.judging.people import NEVER, ContactArrays, Integers, People, Texts
from strategies.profile import NEVER_COUNTED_STATES, OPEN_STATES


@dataclass(frozen=True, slots=True)
class Counted:
    """Pairs of a customer and an instant at which a contact counts against this customer."""

    owner: Integers
    at: Integers

    def where(self, mask: Mask) -> Counted:
        """Those of the mask."""
        return Counted(self.owner[mask], self.at[mask])


def matching(match: Match, contacts: ContactArrays) -> Mask:
    """Which contacts fall under a rule; mirrors ``asking.matches``."""
    found = np.ones(contacts.rows, dtype=np.bool_)
    listed: tuple[tuple[frozenset[str] | None, Texts], ...] = (
        (match.channels, contacts.channel), (match.categories, contacts.category),
        (match.strategies, contacts.strategy), (match.offers, contacts.offer), (match.families, contacts.family),
        (None if match.direction is None else frozenset({match.direction}), contacts.direction),
    )  # fmt: skip
    for wanted, texts in listed:
        if wanted is not None:
            found &= texts.among(wanted)
    if match.promotional is not None:
        found &= contacts.promotional == match.promotional
    return found


def counted_at(rule: Rule, contacts: ContactArrays, at: int) -> Integers:
    """When each contact counts under a rule, ``NEVER`` where it does not; mirrors ``caps.counted_instant``."""
    handed_over = np.where(
        contacts.moments["attempt"] == NEVER, contacts.planned_at, contacts.moments["attempt"]
    )
    no_result = contacts.result.codes < 0
    waiting = contacts.state.among({"sent"}) & ~contacts.final & no_result
    waiting &= (contacts.receipt_until != NEVER) & (at < contacts.receipt_until)
    is_open = contacts.state.among(OPEN_STATES) | waiting
    moment = handed_over if rule.count == "attempt" else contacts.moments[rule.count]
    closed = np.where(contacts.result.among(rule.not_counted), NEVER, moment)
    found = np.where(is_open, handed_over, closed)
    found = np.where(contacts.state.among({"reserved"}), contacts.planned_at, found)
    return np.where(contacts.state.among(NEVER_COUNTED_STATES), NEVER, found)


def about_the_same(what: str, asking: AskingMany) -> Mask:
    """Which contacts are about the same as what is asked for; mirrors ``asking.about_the_same``."""
    contacts = asking.people.contacts
    if what == "any":
        return np.ones(contacts.rows, dtype=np.bool_)
    asked: str = getattr(asking.candidate, what)
    texts: Texts = getattr(contacts, what)
    return texts.among({asked} if asked else ())


def looked_at(rule: Rule, asking: AskingMany, match: Match | None = None, same: str | None = None) -> Mask:
    """The contacts a rule looks at, whoever shares its subject with them; mirrors ``caps.counting_contacts``."""
    contacts = asking.people.contacts
    found = matching(rule.match if match is None else match, contacts)
    found &= ~contacts.category.among(rule.exempt - rule.counts_even_if_exempt)
    found &= ~contacts.state.among(NEVER_COUNTED_STATES)
    return found & about_the_same(rule.same if same is None else same, asking)


def counting(rule: Rule, asking: AskingMany, match: Match | None = None) -> Counted:
    """The contacts that count under a rule against each customer, with their instants."""
    instants = counted_at(rule, asking.people.contacts, asking.at)
    return against(rule, asking.people, looked_at(rule, asking, match), instants)


def against(rule: Rule, people: People, chosen: Mask, instants: Integers) -> Counted:
    """The chosen contacts that have an instant, against each customer who shares the rule's subject with them."""
    places = np.flatnonzero(chosen & (instants != NEVER))
    pairs, owners = pairs_of(rule.subject, people, places)
    return Counted(owners, instants[pairs])


def pairs_of(subject: str, people: People, places: Integers) -> tuple[Integers, Integers]:
    """(contact, customer) for each customer who shares the rule's subject with a contact; mirrors ``caps._same_subject``.

    A subject that a customer does not have falls back to the customer.
    """
    contacts = people.contacts
    owners = contacts.owner[places].astype(np.int64)
    here = owners >= 0
    own = places[here], owners[here]
    if subject == "customer":
        return own
    codes = contacts.subjects[subject][places]
    among, sharing = people.sharing(subject, codes)
    shared = places[among], sharing
    if subject == "household":
        return _joined(own, shared)
    if subject == "account":
        nameless = codes == -1
        as_account, others = people.sharing(
            "account", np.where(nameless, contacts.subjects["account_of_owner"][places], -1)
        )
        alone = here & nameless
        return _joined(shared, _joined((places[alone], owners[alone]), (places[as_account], others)))
    without = here & (people.subjects[subject][owners] == -1)
    return _joined(shared, (places[without], owners[without]))


def _joined(first: tuple[Integers, Integers], second: tuple[Integers, Integers]) -> tuple[Integers, Integers]:
    """Both sets of pairs, each pair once."""
    if not len(second[0]):
        return first
    if not len(first[0]):
        return second
    contacts, owners = np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])
    order = np.lexsort((owners, contacts))
    contacts, owners = contacts[order], owners[order]
    fresh = np.ones(len(order), dtype=np.bool_)
    fresh[1:] = (contacts[1:] != contacts[:-1]) | (owners[1:] != owners[:-1])
    return contacts[fresh], owners[fresh]


def runs_in_window(counted: Counted, most: int, length: int, at: int, count: int) -> Mask:
    """Who has ``most`` contacts in one window that a contact at the instant would fall into; mirrors
    ``caps._clear_of_sliding``."""
    near = counted.where((counted.at > at - length) & (counted.at < at + length))
    often = np.bincount(near.owner, minlength=count) >= most
    first, last = runs(near.where(often[near.owner]), most)
    refused = np.zeros(count, dtype=np.bool_)
    refused[first.owner[last.at - first.at < length]] = True
    return refused


def runs(counted: Counted, most: int) -> tuple[Counted, Counted]:
    """First and last of every ``most`` contacts of one customer that follow one another."""
    order = np.lexsort((counted.at, counted.owner))
    ordered = Counted(counted.owner[order], counted.at[order])
    size = max(len(order) - most + 1, 0)
    first, last = (
        Counted(ordered.owner[part], ordered.at[part]) for part in (slice(size), slice(most - 1, None))
    )
    if not size:
        return first, first
    same = first.owner == last.owner
    return first.where(same), last.where(same)


def in_period(counted: Counted, most: int, window: Window, asking: AskingMany) -> Mask:
    """Who has that many in the calendar period of the instant, in any zone in question; mirrors ``caps._in_calendar``."""
    spans = []
    for zones in asking.zones(window.zone):
        periods = [calendar_period(window.period, window.week_start, zone, asking.at) for zone in zones]
        spans.append((min(start for start, _ in periods), max(end for _, end in periods)))
    table = np.array(spans, dtype=np.int64)[asking.zone.codes[counted.owner]]
    inside = counted.where((table[:, 0] <= counted.at) & (counted.at < table[:, 1]))
    return at_least(inside, most, asking.people.count)


def at_least(counted: Counted, most: int, count: int) -> Mask:
    """Who has that many."""
    found: Mask = np.bincount(counted.owner, minlength=count) >= most
    return found


def capped(rule: Rule, asking: AskingMany) -> Mask:
    """Who may not be contacted once more now under a cap; mirrors ``caps.cap_allows_from``."""
    window, most, count = rule.window, rule.max, asking.people.count
    if most is None or window is None:
        return np.zeros(count, dtype=np.bool_)
    counted = counting(rule, asking)
    enough = at_least(counted, most, count)
    if window.kind == "lifetime" or not enough.any():
        return enough
    counted = counted.where(enough[counted.owner])
    if window.kind == "sliding":
        return runs_in_window(counted, most, sliding_length(window), asking.at, count)
    if window.kind == "calendar":
        return in_period(counted, most, window, asking)
    return at_least(since_event(counted, window, asking), most, count)


def since_event(counted: Counted, window: Window, asking: AskingMany) -> Counted:
    """Those at or after the customer's last event of the window's type, all where there was none."""
    found = np.full(asking.people.count, NEVER, dtype=np.int64)
    events = asking.people.events
    chosen = events.type.among({window.event}) & (events.owner >= 0) & (events.at <= asking.at)
    np.maximum.at(found, events.owner[chosen], events.at[chosen])
    return counted.where(counted.at >= found[counted.owner])
