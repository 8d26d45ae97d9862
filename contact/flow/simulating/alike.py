"""Days that are alike: to a customer without contacts and events only the hour of the day matters, and the kind of day.

Facts stand still in a simulation. A customer nobody has contacted lately, whose consents neither begin nor end, gets the
same answer on each day of one kind, by so much later. What is kept and said again is the answer of the plan's own functions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from contact.flow.planning.draft import Draft, RefusalKey
from contact.flow.simulating.messages import Row
from strategies.declared.calendar import local_datetime, zone_exists
from strategies.declared.playbook import Playbook
from strategies.instants import DAY, Instant
from strategies.judging.applying import conditions_of
from strategies.profile import Profile

_WEEK = frozenset(range(1, 8))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a day said of a customer."""

    kind: tuple[object, ...]
    start: Instant
    rows: tuple[Row, ...]
    refusals: tuple[RefusalKey, ...]
    rules: frozenset[str]

    def add_to(self, rows: list[Row], refusals: Counter[RefusalKey], start: Instant) -> frozenset[str]:
        """Say the same of another day of the kind, which begins at ``start``; the rules that refuse anything."""
        later = start - self.start
        for row in self.rows:
            hours, preferred = row[11], row[12]
            rows.append(
                (
                    *row[:11], tuple([Instant(each + later) for each in hours]),
                    None if preferred is None else Instant(preferred + later),
                )
            )  # fmt: skip
        for key in self.refusals:
            refusals[key] += 1
        return self.rules


class Kinds:
    """The kinds of day under one playbook."""

    def __init__(self, playbook: Playbook, first: Instant, last: Instant) -> None:
        """For days planned from the first instant to the last."""
        self._playbook = playbook
        self._first, self._last = Instant(first - 2 * DAY), Instant(last + 3 * DAY)
        self.known = not any(map(self._falls_into, self._turns())) and not any(
            condition.reads_clock for rule in playbook.rules for condition in conditions_of(playbook, rule)
        )
        """Whether days have kinds at all: no date within them and no condition on the clock makes each of them its own."""
        opens = [each for rule in playbook.rules for each in rule.open]
        self._by_week = any(not each.days >= _WEEK for each in opens)
        self._holidays = frozenset(day for each in opens for day in each.holidays)
        self._zones = {rule.zone for rule in playbook.rules if zone_exists(rule.zone)}
        self._seen: dict[tuple[date, str | None], tuple[object, ...]] = {}

    def of(self, draft: Draft, zone: str | None) -> tuple[object, ...]:
        """The kind of the draft's day to a customer of that zone; equal kinds differ by nothing but when they begin."""
        key = (draft.day, zone)
        found = self._seen.get(key)
        if found is None:
            found = self._seen[key] = self._worked_out(draft, zone)
        return found

    def _turns(self) -> Iterator[Instant | None]:
        yield from (begins for begins, _ in self._playbook.later)
        for rule in self._playbook.rules:
            yield from (rule.valid_from, rule.valid_until)
        for strategy in self._playbook.strategies:
            yield from (strategy.valid_from, strategy.valid_until)

    def _falls_into(self, turn: Instant | None) -> bool:
        return turn is not None and self._first < turn < self._last

    def _worked_out(self, draft: Draft, zone: str | None) -> tuple[object, ...]:
        start, operator = draft.start, self._playbook.operator
        own = (zone,) if zone is not None and zone_exists(zone) else ()
        hours = tuple(
            (channel, hour.at - start, hour.end - start, hour.places)
            for channel, hours in draft.hours.items()
            for hour in hours
        )
        clocks = tuple(
            local_datetime(each, Instant(at)).utcoffset()
            for each in (operator.zone, *operator.plausible_zones, *sorted(self._zones), *own)
            for at in (start - DAY, start, start + DAY, start + 2 * DAY)
        )
        around = range(draft.day.toordinal() - 2, draft.day.toordinal() + 3)
        return (
            max(draft.moment.at, start) - start,
            hours,
            clocks,
            draft.day.isoweekday() if self._by_week else 0,
            tuple(day in self._holidays for day in around),
        )


def nothing_turns(profile: Profile) -> bool:
    """Whether consents stay as they are, and nothing happened that a rule might look at."""
    return not profile.events and all(each.until is None for each in profile.consents)
