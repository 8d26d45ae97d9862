"""Caps: at every instant at most ``max`` counted contacts lie in the window ending there, the new one included.

All answers are exact at the instant asked about: a contact that is open now and whose last moment can no longer
come at that instant is judged as closed there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from strategies.declared.calendar import calendar_period
from strategies.declared.playbook import Match, Rule, Window
from strategies.instants import DAY, HOUR, MINUTE, SECOND, Instant
from strategies.judging.asking import Asking, Tally, about_the_same, matches
from strategies.profile import NEVER_COUNTED_STATES, OPEN_STATES, PastContact

_WITHOUT_END = ("lifetime", "since")
_PERIOD_REACH = {"day": 2 * DAY, "week": 8 * DAY, "month": 32 * DAY}
"""Further apart than this, two instants share no such period in any zone: no clock was ever put back by a whole day."""


def _is_open(contact: PastContact, at: int) -> bool:
    if contact.state in OPEN_STATES:
        return True
    if contact.state != "sent" or contact.final or contact.result is not None:
        return False
    return contact.receipt_until is not None and at < contact.receipt_until


def counted_instant(rule: Rule, contact: PastContact, at: int) -> Instant | None:
    """When a contact counts under a rule, as things will stand at an instant; None where it does not count.

    Open contacts count at ``planned_at``, from the hand-over on at that instant; closed ones at the counted moment.
    """
    state = contact.state
    if state in NEVER_COUNTED_STATES:
        return None
    if state == "reserved":
        return contact.planned_at
    handed_over = contact.moments.get("attempt", contact.planned_at)
    if _is_open(contact, at):
        return handed_over
    if contact.result is not None and contact.result in rule.not_counted:
        return None
    return handed_over if rule.count == "attempt" else contact.moments.get(rule.count)


def _same_subject(rule: Rule, asking: Asking, contact: PastContact) -> bool:
    """Whose contact it is; a subject the customer does not have falls back to the customer."""
    profile = asking.profile
    own = contact.customer == profile.customer
    kind = rule.subject
    if kind == "customer":
        return own
    if kind == "account":
        return contact.account == profile.account or (
            contact.account is None and (own or contact.customer == profile.account)
        )
    if kind == "number":
        number = asking.candidate.number_hash or profile.number_hash
        return contact.number_hash == number if number is not None else own
    if kind == "household":
        return own or (profile.household is not None and contact.household == profile.household)
    return contact.device == profile.device if profile.device is not None else own


def counting_contacts(
    rule: Rule, asking: Asking, match: Match | None = None, same: str | None = None
) -> list[PastContact]:
    """The contacts a rule looks at: its subject's, under its match (or this one), not exempt, that may count."""
    return _looked_at(rule, asking, asking.counting, match, same)


def _looked_at(
    rule: Rule,
    asking: Asking,
    contacts: Sequence[PastContact],
    match: Match | None = None,
    same: str | None = None,
) -> list[PastContact]:
    uncounted = rule.exempt - rule.counts_even_if_exempt if rule.exempt else rule.exempt
    match = rule.match if match is None else match
    same = rule.same if same is None else same
    return [
        contact
        for contact in contacts
        if contact.category not in uncounted
        and matches(match, contact)
        and (same == "any" or about_the_same(same, asking.candidate, contact))
        and _same_subject(rule, asking, contact)
    ]


def _tally(rule: Rule, asking: Asking) -> Tally:
    """Looked at once, however often a question is asked: in other channels, at later instants, for the words."""
    key: object = id(rule)
    if rule.subject == "number" or rule.same != "any":
        about = "" if rule.same == "any" else getattr(asking.candidate, rule.same)
        key = (key, asking.candidate.number_hash, about)
    known = asking.tallies.get(key)
    if known is None:
        contacts = counting_contacts(rule, asking)
        # an attempt lies where it lies: its contact's closing never takes it back
        steady = _counted(rule, contacts, 0) if rule.count == "attempt" else None
        known = asking.tallies[key] = Tally(contacts, steady)
    return known


def _counted(rule: Rule, contacts: Sequence[PastContact], at: int) -> list[int]:
    instants = (counted_instant(rule, contact, at) for contact in contacts)
    return sorted(instant for instant in instants if instant is not None)


def sliding_length(window: Window) -> int:
    """How long a contact stays in a sliding window, in microseconds."""
    return window.length + 1 if window.closed else window.length


def last_event(asking: Asking, type: str, at: int) -> Instant | None:
    """When an event of this type happened to the customer last; None where none has."""
    return max(
        (each.at for each in asking.profile.events if each.type == type and each.at <= at), default=None
    )


def _counted_since(asking: Asking, window: Window, counted: Sequence[int], at: int) -> int:
    begins = last_event(asking, window.event, at)
    return len(counted) if begins is None else len(counted) - bisect_left(counted, begins)


def _clear_of_sliding(counted: Sequence[int], most: int, length: int, at: int) -> int:
    """First instant at which a contact more leaves no window with over ``most``.

    Every run of ``most`` contacts that fit one window forbids the instants whose window would hold them all.
    """
    for first in range(len(counted) - most + 1):
        earliest, latest = counted[first], counted[first + most - 1]
        if latest - length < at < earliest + length and latest - earliest < length:
            at = earliest + length
    return at


def _in_calendar(counted: Sequence[int], window: Window, zones: Sequence[str], at: int) -> tuple[int, int]:
    """How many lie in the same period as the instant in any zone, and when the first of these periods ends."""
    periods = [calendar_period(window.period, window.week_start, zone, at) for zone in zones]
    low, high = min(start for start, _ in periods), max(end for _, end in periods)
    # every period holds the instant, so together they are one span
    return bisect_left(counted, high) - bisect_left(counted, low), min(end for _, end in periods)


def _clear_of_calendar(
    counted: Sequence[int], most: int, window: Window, zones: Sequence[str], at: int
) -> int:
    while True:
        used, ends = _in_calendar(counted, window, zones, at)
        if used < most:
            return at
        at = ends


def _clear(rule: Rule, window: Window, asking: Asking, counted: Sequence[int], at: int) -> int | None:
    most = rule.max or 0
    if len(counted) < most:
        return at
    if window.kind == "lifetime":
        return None
    if window.kind == "since":
        later = (event.at for event in asking.profile.events if event.type == window.event and event.at > at)
        turns = (at, *sorted(later))
        return next((turn for turn in turns if _counted_since(asking, window, counted, turn) < most), None)
    if window.kind == "sliding":
        return _clear_of_sliding(counted, most, sliding_length(window), at)
    return _clear_of_calendar(counted, most, window, asking.zones(window.zone), at)


def cap_allows_from(rule: Rule, asking: Asking, at: Instant) -> Instant | None:
    """The first instant at or after this one at which a contact more is lawful; None where time never helps."""
    if cap_is_out_of_reach(rule, asking, at, at):
        return at
    window, most = rule.window, rule.max
    assert window is not None and most is not None  # else it were out of reach
    tally = _tally(rule, asking)
    contacts, instants = tally.contacts, tally.instants
    if len(contacts) < most:
        return at
    if instants is not None:
        clear = _clear(rule, window, asking, instants, at)
    else:
        clear = clear_as_contacts_close(
            lambda moment: _clear(rule, window, asking, _counted(rule, contacts, moment), moment),
            contacts,
            at,
            exact=False,
        )
    return None if clear is None else Instant(clear)


def clear_as_contacts_close(
    clear_from: Callable[[int], int | None], contacts: Sequence[PastContact], at: int, *, exact: bool
) -> int | None:
    """The clear time from an instant on; unless ``exact``, asked again whenever a receipt can no longer come.

    A contact that is closed without its counted moment stops counting, perhaps before its window has passed.
    """
    clear = clear_from(at)
    if clear == at or exact:
        return clear
    for closing in _closings(contacts, at):
        if clear is not None and clear < closing:
            break
        clear = clear_from(closing)
    return clear


def cap_is_out_of_reach(rule: Rule, asking: Asking, since: Instant, until: Instant) -> bool:
    """Whether too few contacts that it looks at lie near enough for the cap to refuse at any instant from one to another.

    That it is not says nothing yet.
    """
    most, reach = rule.max, cap_reach(rule)
    if most is None or len(asking.attempts) < most:
        return True
    if reach is None:
        return False
    return few_near(rule, asking, most, since - reach, until + reach)


def cap_reach(rule: Rule) -> int | None:
    """How far apart two contacts may lie for the cap to count them together; None where it has to be looked at closer."""
    window = rule.window
    if not rule.max or window is None or rule.count != "attempt" or window.kind in _WITHOUT_END:
        return None
    return sliding_length(window) if window.kind == "sliding" else _PERIOD_REACH[window.period]


def few_near(rule: Rule, asking: Asking, most: int, after: int, before: int) -> bool:
    """Whether fewer than so many attempts that the cap counts lie between two instants."""
    attempts = asking.attempts
    near = asking.counting[bisect_right(attempts, after) : bisect_left(attempts, before)]
    if len(near) < most:
        return True
    counted = [
        contact
        for contact in _looked_at(rule, asking, near)
        if contact.result is None or counted_instant(rule, contact, after) is not None
    ]
    return len(counted) < most


def _closings(contacts: Sequence[PastContact], at: int) -> list[int]:
    """When contacts that are open now will be closed by time alone."""
    ends = {
        contact.receipt_until for contact in contacts if contact.state == "sent" and _is_open(contact, at)
    }
    return sorted(end for end in ends if end is not None)


@dataclass(frozen=True, slots=True)
class CapUse:
    """How far a cap is used up at an instant; ``used`` may exceed ``max`` where a showing counted over it."""

    rule: str
    used: int
    max: int
    window: str

    @property
    def words(self) -> str:
        return f"{self.used} of {self.max} {self.window}"


def window_words(window: Window) -> str:
    """A window in words: ``in 7 days``, ``this month``, ``ever``."""
    if window.kind == "lifetime":
        return "ever"
    if window.kind == "since":
        return f"since {window.event}"
    if window.kind == "calendar":
        return "today" if window.period == "day" else f"this {window.period}"
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second")):
        if window.length % unit == 0 or unit == SECOND:
            number = window.length // unit
            return f"in {number} {name}{'' if number == 1 else 's'}"
    raise AssertionError("seconds divide everything here")  # pragma: no cover


def _fullest_window(counted: Sequence[int], length: int, at: int) -> int:
    """The most contacts in any one window that a contact at the instant would fall into."""
    ends = [at, *(instant for instant in counted if at <= instant < at + length)]
    return max(bisect_right(counted, end) - bisect_right(counted, end - length) for end in ends)


def cap_use(rule: Rule, asking: Asking, at: Instant) -> CapUse | None:
    """What the cap has counted in the window that a contact at the instant would fall into; None if unlimited."""
    if rule.max is None or rule.window is None:
        return None
    tally = _tally(rule, asking)
    counted = tally.instants if tally.instants is not None else _counted(rule, tally.contacts, at)
    window = rule.window
    if window.kind == "lifetime":
        used = len(counted)
    elif window.kind == "since":
        used = _counted_since(asking, window, counted, at)
    elif window.kind == "sliding":
        used = _fullest_window(counted, sliding_length(window), at)
    else:
        used = _in_calendar(counted, window, asking.zones(window.zone), at)[0]
    return CapUse(rule.id, used, rule.max, window_words(window))
