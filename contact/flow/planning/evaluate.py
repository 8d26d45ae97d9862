"""What a strategy brought: those it reserved for, held against its control group, by assignment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from contact.domain.answers import BreakdownRow, EffectAnswer, EvaluationAnswer
from contact.faults import NotFound
from contact.flow.wording import titled
from contact.ports import Ports
from scoring.effects import Arm, Effect, effect, sample_ratio_p
from strategies.declared.playbook import Playbook, Strategy
from strategies.instants import Instant, to_datetime

TREATED = "treated"
STAGES = ("planned", "handed_over", "delivered", "reached", "accepted", "goals")
_HANDED_OVER = frozenset({"sending", "sent", "delivered", "undelivered", "unknown"})
_NOT_HANDED_OVER = frozenset({"released", "not_sent"})
"""Tried, and provably never with the customer."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """One customer's first assignment under the strategy, and what came of it."""

    customer: str
    offer: str
    channel: str
    arm: str
    at: Instant
    unit: str | None
    person: str | None
    state: str
    moments: Mapping[str, Instant]
    goal: bool

    @property
    def treated(self) -> bool:
        return self.arm == TREATED

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages reached, in order; a later moment proves the earlier ones."""
        accepted = "accepted" in self.moments
        reached = accepted or bool({"connected", "shown", "clicked", "rejected"} & set(self.moments))
        delivered = reached or "delivered" in self.moments or self.state == "delivered"
        attempted = "attempt" in self.moments and self.state not in _NOT_HANDED_OVER
        handed_over = delivered or attempted or self.state in _HANDED_OVER
        proofs = (True, handed_over, delivered, reached, accepted, self.goal)
        return tuple(stage for stage, proved in zip(STAGES, proofs, strict=True) if proved)


async def evaluate(ports: Ports, strategy: str, language: str = "en") -> EvaluationAnswer:
    """Effect with its interval, funnel, refusals and breakdowns.

    A customer counts once, by the first assignment, whatever became of the contact; a goal counts if it happened
    within the strategy's ``goal.within`` after the assignment and names one of its offers, or none.
    Raises NotFound for a strategy the playbook does not have.
    """
    playbook, moment = await ports.playbooks.current(), await ports.clock.now()
    found = playbook.strategy(strategy)
    if found is None:
        raise NotFound(f"there is no strategy {strategy!r}")
    rows = await ports.reports.assigned(strategy)
    since = Instant(min((row["at"] for row in rows), default=moment.at))
    people = first_assignments(found, rows, await ports.reports.goals(found.goal_event, since))
    refusals = Counter[str]()
    for _, _, reason, rule, count in await ports.reports.refusals(strategy):
        refusals[f"{reason} {rule}"] += count
    treated = [each for each in people if each.treated]
    return EvaluationAnswer(
        strategy=strategy,
        at=to_datetime(moment.at),
        simulated_time=moment.simulated,
        effect=effect_answer(effect_of(people)),
        by_offer_channel={
            key: effect_answer(effect_of(group))
            for key, group in _grouped(people, lambda p: f"{p.offer}/{p.channel}")
        },
        funnel=funnel_of(treated),
        refusals=dict(refusals.most_common()),
        breakdown=breakdown_of(playbook, treated, language),
        sample_ratio_p=sample_ratio_p(
            len(treated), len(people) - len(treated), control_share(playbook, found)
        ),
    )


def first_assignments(
    strategy: Strategy, rows: Iterable[Mapping[str, Any]], goals: Iterable[tuple[str, str | None, Instant]]
) -> list[Assigned]:
    """Each customer once, by the earliest assignment, with whether the goal was reached in time."""
    offers = {offer.id for offer in strategy.offers}
    reached: dict[str, list[Instant]] = {}
    for customer, offer, at in goals:
        if offer is None or offer in offers:
            reached.setdefault(customer, []).append(at)
    people: dict[str, Assigned] = {}
    for row in sorted(rows, key=lambda row: (row["at"], row["customer"])):
        if row["customer"] in people:
            continue
        at = row["at"]
        goal = any(at <= each < at + strategy.goal_within for each in reached.get(row["customer"], ()))
        people[row["customer"]] = Assigned(
            row["customer"], row["offer"], row["channel"], row["arm"], at, row.get("unit"), row.get("person"),
            row.get("contact_state") or "", row.get("moments") or {}, goal,
        )  # fmt: skip
    return list(people.values())


def effect_of(people: Sequence[Assigned]) -> Effect:
    """Goal rate of the treated minus that of both control groups."""
    treated = [each for each in people if each.treated]
    control = [each for each in people if not each.treated]
    return effect(_arm(treated), _arm(control))


def _arm(people: Sequence[Assigned]) -> Arm:
    return Arm(len(people), sum(each.goal for each in people))


def effect_answer(found: Effect) -> EffectAnswer:
    """An effect as answers carry it."""
    return EffectAnswer(
        treated=found.treated.assigned,
        treated_goals=found.treated.goals,
        control=found.control.assigned,
        control_goals=found.control.goals,
        effect=found.difference,
        low=found.low,
        high=found.high,
    )


def control_share(playbook: Playbook, strategy: Strategy) -> float:
    """The share of eligible customers that an honest draw puts into either control group."""
    promotional = playbook.operator.categories.get(strategy.category, True)
    universal = playbook.operator.universal_control_hundredths / 10_000 if promotional else 0.0
    return universal + (1.0 - universal) * strategy.control_hundredths / 10_000


def funnel_of(treated: Sequence[Assigned]) -> list[dict[str, Any]]:
    """Ordered stages with how many were lost before each, and in which state these ended."""
    reached = [set(each.stages) for each in treated]
    return funnel_stages(
        {stage: sum(stage in stages for stages in reached) for stage in STAGES},
        {
            stage: Counter(
                each.state or "none"
                for each, stages in zip(treated, reached, strict=True)
                if before in stages and stage not in stages
            )
            for before, stage in pairwise(STAGES)
        },
    )


def funnel_stages(counts: Mapping[str, int], why: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    """``{stage, count, lost, waiting, why}`` in order; ``why`` names the commonest states of those lost there.

    Stages that nobody counted are left out. Who is planned and still waits in a queue is not lost before the hand-over.
    """
    stages: list[dict[str, Any]] = []
    known = [stage for stage in STAGES if stage in counts]
    for number, stage in enumerate(known):
        count = counts[stage]
        before = counts[known[number - 1]] if number else count
        commonest = Counter(why.get(stage, {})).most_common(3)
        waiting = counts.get("waiting", 0) if stage == "handed_over" else 0
        lost = max(0, before - count - waiting)
        words = ", ".join(f"{state} {times}" for state, times in commonest) if lost else ""
        stages.append({"stage": stage, "count": count, "lost": lost, "waiting": waiting, "why": words})
    return stages


def breakdown_of(
    playbook: Playbook, treated: Sequence[Assigned], language: str
) -> dict[str, list[BreakdownRow]]:
    """Funnel figures by branch, grid, person and channel."""
    known = playbook.operator.languages

    def unit_title(unit: str) -> str:
        node = playbook.units.get(unit)
        return titled(node.title, language, known, unit) if node is not None else unit

    def channel_title(name: str) -> str:
        channel = playbook.channels.get(name)
        return titled(channel.title, language, known, name) if channel is not None else name

    return {
        "branch": _rows(treated, lambda each: playbook.branch_of(each.unit) or "", unit_title),
        "grid": _rows(treated, lambda each: each.unit or "", unit_title),
        "person": _rows([each for each in treated if each.person], lambda each: each.person or "", str),
        "channel": _rows(treated, lambda each: each.channel, channel_title),
    }


def _rows(
    people: Sequence[Assigned], key: Callable[[Assigned], str], title: Callable[[str], str]
) -> list[BreakdownRow]:
    rows = []
    for name, group in _grouped(people, key):
        counts = Counter(stage for each in group for stage in each.stages)
        rows.append(
            BreakdownRow(
                key=name,
                title=title(name),
                planned=counts["planned"],
                contacted=counts["handed_over"],
                reached=counts["reached"],
                accepted=counts["accepted"],
                goals=counts["goals"],
            )
        )
    return rows


def _grouped(people: Iterable[Assigned], key: Callable[[Assigned], str]) -> list[tuple[str, list[Assigned]]]:
    groups: dict[str, list[Assigned]] = {}
    for each in people:
        groups.setdefault(key(each), []).append(each)
    return sorted(groups.items())
