"""The hours of a day in which a channel has places, and which of them a customer may and would rather be reached in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from strategies.candidate import OUTGOING, Candidate
from strategies.declared.calendar import instant_at, local_datetime, start_of_day
from strategies.declared.playbook import Channel, Playbook
from strategies.instants import Instant
from strategies.judging.asking import Asking, zone_of
from strategies.judging.judge import judged
from strategies.judging.pending import Pending, pending, stays_allowed
from strategies.profile import FieldValue, Profile
from strategies.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Hour:
    """One capacity hour that is not over yet: it is asked about at ``at`` and has ``places``."""

    at: Instant
    end: Instant
    places: int


def hours_of(playbook: Playbook, day: date, now: Instant) -> dict[str, tuple[Hour, ...]]:
    """Outgoing channel → its capacity hours on the operator's day, ascending; hours already over are left out."""
    asked = Instant(max(now, start_of_day(playbook.operator.zone, day.toordinal())))
    return {
        channel.name: found
        for channel in playbook.at(asked).channels.values()
        if channel.direction == OUTGOING and (found := _hours(channel, playbook.operator.zone, day, now))
    }


def _hours(channel: Channel, zone: str, day: date, now: Instant) -> tuple[Hour, ...]:
    found = []
    for each in channel.capacity:
        start = instant_at(zone, day, each.start_minute)
        end = instant_at(zone, day, each.end_minute)
        at = Instant(max(start, now))
        if end > at and each.contacts > 0:  # over already, or an hour that a clock change skips
            found.append(Hour(at, end, each.contacts))
    return tuple(sorted(found, key=lambda hour: hour.at))


def local_hours(channel: Channel, zone: str, now: Instant) -> tuple[Instant, ...]:
    """When each capacity hour of the channel begins on the operator's today, over or not, ascending."""
    day = local_datetime(zone, now).date()
    return tuple(
        sorted(instant_at(zone, day, each.start_minute) for each in channel.capacity if each.contacts > 0)
    )


def hours_allowed(
    playbook: Playbook, candidate: Candidate, profile: Profile, hours: Sequence[Hour], valid_until: Instant
) -> tuple[tuple[Instant, ...], Verdict | None]:
    """The hours whose start every rule allows, and the first refusal met; hours before it clears are not asked."""
    allowed: list[Instant] = []
    refused: Verdict | None = None
    clears: int = 0
    asking = Asking(playbook.at(hours[0].at) if hours else playbook, candidate, profile)
    left: Pending | None = None
    for hour in hours:
        if hour.at >= valid_until:
            break
        if hour.at < clears:
            continue
        if left is not None and stays_allowed(asking, left, hour.at):
            allowed.append(hour.at)
            continue
        verdict = judged(asking, hour.at)
        if verdict.allowed:
            allowed.append(hour.at)
            left = left or pending(asking, hour.at, hours[-1].at)
            continue
        refused = refused or verdict
        if verdict.until is None:
            break
        clears = verdict.until
    return tuple(allowed), refused


def best_hour(
    playbook: Playbook, profile: Profile, day: date, hours: Sequence[Hour], value: FieldValue
) -> Instant | None:
    """The capacity hour that holds the customer's best hour (0–23 on the customer's clock); None where none does."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 24:
        return None
    zone = zone_of(playbook, profile) or playbook.operator.zone
    wanted = instant_at(zone, day, int(value * 60))
    return next((hour.at for hour in hours if hour.at <= wanted < hour.end), None)
