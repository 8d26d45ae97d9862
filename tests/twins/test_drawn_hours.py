"""Hours that overlap, days in a row that are closed and contacts that take their time, against the clock on the wall."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import chain
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strategies.declared.calendar import closes_at, hours_open, next_open
from strategies.declared.playbook import Channel, Open, Rule
from strategies.instants import DAY, MINUTE, Instant, to_instant
from strategies.judging.asking import Asking
from strategies.judging.judge import allows_from, hours_close_at
from tests.twins.test_every_minute import ZONES, Minutes, clock_changes, is_open, stays_open
from tests.unit.rules.world import HERE, OPERATOR, SMS, playbook, profile

DAY_MINUTES = 24 * 60
GRID = 42 * DAY_MINUTES
"""Minutes that are read off the wall: six weeks, more than any run of closed days drawn here and a week beside."""
QUARTER = 15
ASKED = 21 * DAY_MINUTES
SEEN = GRID * MINUTE - 4 * DAY
"""What lies later is none: the longest ``last_start`` would look over the end of the wall."""


@dataclass(frozen=True)
class Drawn:
    """A rule of hours, the zones it is judged in, the first minute of the wall, and the instants that are asked about."""

    openings: tuple[Open, ...]
    zones: tuple[str, ...]
    first: datetime
    last_start: int
    lead: int
    instants: tuple[int, ...]
    """Microseconds after the first minute."""


@st.composite
def drawn(draw: st.DrawFn) -> Drawn:
    """One to four openings of quarter hours that may lie over one another; up to sixteen closed days in a row."""
    zones = tuple(draw(st.lists(st.sampled_from(ZONES), min_size=1, max_size=2, unique=True)))
    first = draw(st.sampled_from(clock_changes(zones[0]))) - timedelta(days=draw(st.integers(0, 12)))
    begins = first.date().toordinal() + draw(st.integers(-3, 12))
    closed = frozenset(range(begins, begins + draw(st.integers(0, 16))))
    openings = []
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, 95))
        end = (start + draw(st.integers(1, 95 if start else 96))) % 96 or 96
        days = draw(st.frozensets(st.integers(1, 7), min_size=1))
        openings.append(Open(days, start * QUARTER, end * QUARTER, holidays=closed))
    last_start = draw(st.sampled_from([0, 0, 1, 45, 5 * 60, 26 * 60]))
    instants = draw(st.lists(st.integers(1, ASKED * MINUTE), min_size=1, max_size=6))
    lead = draw(st.sampled_from([0, 1, 3 * 60, 30 * 60]))
    return Drawn(tuple(openings), zones, first, last_start, lead, tuple(instants))


@lru_cache(maxsize=32)
def wall(zone: str, first: datetime) -> tuple[Minutes, Minutes, Minutes]:
    """ISO weekday, minute of the local day and the day itself of each minute; a clock changes on a quarter hour."""
    local = [(first + timedelta(minutes=step)).astimezone(ZoneInfo(zone)) for step in range(0, GRID, QUARTER)]
    shown = [each.toordinal() * DAY_MINUTES + each.hour * 60 + each.minute for each in local]
    minutes = (np.array(shown)[:, None] + np.arange(QUARTER)).ravel()
    ordinal = minutes // DAY_MINUTES
    return (ordinal - 1) % 7 + 1, minutes % DAY_MINUTES, ordinal


class Wall:
    """What the clock on the wall says of a rule of hours; instants in microseconds after the first minute."""

    def __init__(self, asked: Drawn) -> None:
        opened = [is_open(asked.openings, *wall(each, asked.first)) for each in asked.zones]
        both: npt.NDArray[np.bool_] = np.logical_and.reduce(opened)
        self.last_start = asked.last_start
        self.at_minute = stays_open(both, asked.last_start)
        self.within_minute = stays_open(both, asked.last_start + 1)

    def may_begin(self, at: int) -> bool:
        minute, after = divmod(at, MINUTE)
        return bool(self.within_minute[minute] if after else self.at_minute[minute])

    def opens(self, at: int) -> int | None:
        """The first instant at or after this one; None where there is none on this wall."""
        if self.may_begin(at):
            return at
        return seen(self._first(self.at_minute, at), 0)

    def closes(self, at: int) -> int | None:
        """The first instant after this one, which is open, that is not; None where there is none on this wall."""
        closed = self._first(~self.at_minute, at)
        return seen(closed - MINUTE + 1 if closed is not None and self.last_start else closed, 0)

    def around(self, at: int) -> Iterator[int]:
        """The instant, and those beside the next opening and its close."""
        yield at
        opens = self.opens(at)
        closes = self.closes(opens) if opens is not None else None
        for edge in (opens, closes):
            if edge is not None:
                yield from (edge - 1, edge, edge + 1)

    def _first(self, wanted: npt.NDArray[np.bool_], at: int) -> int | None:
        """The first whole minute after an instant of which it is true."""
        begin = at // MINUTE + 1
        found = np.flatnonzero(wanted[begin:])
        return (begin + int(found[0])) * MINUTE if len(found) else None


@settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))
@given(asked=drawn())
def test_drawn_hours_open_and_close_by_the_wall(asked: Drawn) -> None:
    """Whether, from when and until when a contact may begin; a lead time asks the same of the moment it arrives."""
    shown, begins = Wall(asked), to_instant(asked.first.astimezone(UTC))
    rule = Rule(
        "law.hours", "hours", "legal", HERE, open=asked.openings, last_start=asked.last_start * MINUTE
    )
    known = asked.zones[0] if len(asked.zones) == 1 else None
    channel = Channel("sms", "outgoing", "gateway", {}, lead_time=asked.lead * MINUTE)
    book = playbook(rule, operator=replace(OPERATOR, plausible_zones=asked.zones), channels={"sms": channel})
    person = profile(zone=known)
    asking, hours = Asking(book, SMS, person), (asked.openings, asked.zones)
    for after in chain.from_iterable(map(shown.around, asked.instants)):
        at, handed = Instant(begins + after), Instant(begins + after - channel.lead_time)
        opens, may_begin = shown.opens(after), shown.may_begin(after)
        assert hours_open(*hours, at, rule.last_start) == may_begin
        assert seen(next_open(*hours, at, rule.last_start), begins) == opens
        assert seen(allows_from(rule, asking, handed), begins - channel.lead_time) == opens
        if may_begin:
            closes = shown.closes(after)
            assert seen(closes_at(*hours, at, rule.last_start), begins) == closes
            closing = hours_close_at(book, SMS, person, handed)
            assert seen(closing, begins - channel.lead_time) == closes


def seen(found: int | None, begins: int) -> int | None:
    """In microseconds after the first minute of the wall, as far as the wall can be read."""
    return None if found is None or found - begins >= SEEN else found - begins
