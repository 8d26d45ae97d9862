"""Labels that flow back: how contacts ended, and what those did who were held back for control."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contact.flow.learning.known_columns import ZONE, is_there, with_field
from contact.flow.planning.evaluate import TREATED
from contact.ports import Outcome, Ports
from strategies.declared.calendar import zone_exists
from strategies.declared.model import OutcomeLabel
from strategies.declared.playbook import Playbook
from strategies.instants import DAY, Instant

Goals = Mapping[str, Mapping[str, list[int]]]
"""Strategy → customer → instants of goal events that count for it, ascending."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A contact or held-back place whose end is known."""

    outcome: Outcome
    label: bool

    @property
    def held_back(self) -> bool:
        return self.outcome.arm != TREATED


async def labelled_outcomes(ports: Ports, playbook: Playbook, label: OutcomeLabel) -> list[Labelled]:
    """Every contact that was attempted and, for acceptance, every held-back place, as far as nothing more can come.

    Those that ended well before their time was over wait like the others: without them the latest would all be successes.
    """
    outcomes = await ports.learning.outcomes()
    now = (await ports.clock.now()).at
    receipts = {channel.name: channel.receipt_wait for channel in playbook.channels.values()}
    if label.moment == "connected":
        return [
            Labelled(each, each.connected)
            for each in outcomes
            if each.arm == TREATED
            and each.attempted
            and each.at + receipts.get(each.channel, 0) <= now
            and (each.final or each.connected)
        ]
    goals = await _goals(ports, playbook, outcomes)
    waits = {strategy.id: strategy.goal_within for strategy in playbook.strategies}
    found = [
        _accepted(each, goals, waits.get(each.strategy, 0), receipts.get(each.channel, 0), now)
        for each in outcomes
    ]
    return [each for each in found if each is not None]


def _accepted(outcome: Outcome, goals: Goals, within: int, receipt: int, now: Instant) -> Labelled | None:
    """Whether it was accepted, or its goal was reached in time; None where that is not known yet or was never asked."""
    treated = outcome.arm == TREATED
    if treated and not outcome.attempted:
        return None
    if outcome.at + max(within, receipt if treated else 0) > now:
        return None
    if outcome.accepted and treated:
        return Labelled(outcome, True)
    instants = goals.get(outcome.strategy, {}).get(outcome.customer, [])
    place = bisect_left(instants, outcome.at)
    if place < len(instants) and instants[place] < outcome.at + within:
        return Labelled(outcome, True)
    return Labelled(outcome, False) if outcome.final or not treated else None


def days_until_known(playbook: Playbook, label: OutcomeLabel, outcomes: Iterable[Outcome]) -> int:
    """After how many days the label of every one of these is known: two rows nearer than that may share a goal event."""
    waits = {name: channel.receipt_wait for name, channel in playbook.channels.items()}
    goals = {strategy.id: strategy.goal_within for strategy in playbook.strategies}
    longest = max(
        (
            max(waits.get(each.channel, 0), goals.get(each.strategy, 0) if label.moment == "accepted" else 0)
            for each in outcomes
        ),
        default=0,
    )
    return max(1, -(-longest // DAY))


async def _goals(ports: Ports, playbook: Playbook, outcomes: Iterable[Outcome]) -> Goals:
    """Goal events of each strategy that has outcomes; an event that names an offer counts for the strategy of that offer."""
    since: dict[str, int] = {}
    for each in outcomes:
        since[each.strategy] = min(since.get(each.strategy, each.at), each.at)
    found: dict[str, dict[str, list[int]]] = {}
    for strategy in playbook.strategies:
        if strategy.id not in since:
            continue
        offers = {offer.id for offer in strategy.offers}
        reached: dict[str, list[int]] = {}
        for customer, offer, at in await ports.reports.goals(
            strategy.goal_event, Instant(since[strategy.id])
        ):
            if offer is None or offer in offers:
                reached.setdefault(customer, []).append(at)
        found[strategy.id] = {customer: sorted(instants) for customer, instants in reached.items()}
    return found


async def clock_hours(ports: Ports, playbook: Playbook) -> Mapping[str, str]:
    """Customer → the zone of their clock, of those whose zone is known."""
    if not is_there(ZONE, await ports.learning.sources()):
        return {}
    table = await ports.learning.table(with_field(playbook, ZONE), [ZONE.name])
    column = table[ZONE.name]
    return {
        str(customer): zone
        for customer, zone in zip(column.index, column, strict=True)
        if isinstance(zone, str) and zone_exists(zone)
    }
