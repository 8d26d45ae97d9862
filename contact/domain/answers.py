"""What flow answers and every face shows: HTTP encodes these as they are, console and CLI draw them.

Instants are aware UTC datetimes, money is integer minor units, missing is null.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every answer."""


class RefusalAnswer(Answer, frozen=True, kw_only=True):
    """Why not, by which rule, and until when."""

    reason: str
    rule: str
    until: datetime | None = None
    place: str | None = None
    field: str | None = None
    detail: str = ""


class FactorsAnswer(Answer, frozen=True, kw_only=True):
    """Priority and the factors it is the product of."""

    total: float
    propensity: float
    context: float
    value: float
    lever: float
    explored: bool = False
    """The propensity is smoothed, because none is known: the customer was drawn to see a new offer."""


class OptionAnswer(Answer, frozen=True, kw_only=True):
    """One candidate in the ranking, with its verdict."""

    rank: int
    strategy: str
    offer: str
    family: str
    channel: str
    category: str
    line: str | None = None
    title: str = ""
    text: list[str] = []
    why: list[str] = []
    priority: FactorsAnswer
    arm: str = "treated"
    allowed: bool = False
    refusals: list[RefusalAnswer] = []
    until: datetime | None = None
    channels_now: list[str] = []


class DecisionAnswer(Answer, frozen=True, kw_only=True):
    """Advice for one customer at one instant; with ``reserve`` also the task it took."""

    decision: str
    customer: str
    at: datetime
    simulated_time: bool
    playbook: str
    chosen: OptionAnswer | None
    options: list[OptionAnswer]
    task: str | None = None
    contact: str | None = None
    deferred_to: datetime | None = None
    refusals: list[RefusalAnswer] = []
    until: datetime | None = None
    degraded: bool = False
    """The store did not answer: nothing is known of the customer, and only what may be said to anybody is allowed."""


class TaskAnswer(Answer, frozen=True, kw_only=True):
    """A task as its worker sees it."""

    task: str
    customer: str
    line: str | None
    strategy: str
    offer: str
    channel: str
    category: str
    title: str
    state: str
    fence: int
    """Goes with start, complete and give-back; an older one is refused as ``lease_lost``."""
    priority: float
    not_before: datetime
    valid_until: datetime
    attempts: int
    attempts_left: int
    leased_to: str | None = None
    contact: str | None = None
    reason: str | None = None
    """Why it ended, where it did."""
    text: list[str] = []
    text_language: str | None = None
    """Of the text: the customer's, not the reader's, because it is said to the customer."""
    why: list[str] = []
    number: str | None = None
    """Where to reach the customer; only in the answer to start, to the person who holds the task."""


class PermissionAnswer(Answer, frozen=True, kw_only=True):
    """May this customer be contacted in this channel now, why not, when."""

    channel: str
    allowed: bool
    until: datetime | None = None
    """Allowed: when hours close, if they do today. Refused: when contact becomes possible."""
    refusals: list[RefusalAnswer] = []
    used: list[str] = []
    """Caps in words: ``1 of 2 calls in 7 days``."""


class TimelineEntry(Answer, frozen=True, kw_only=True):
    """One contact or event on the customer's timeline, newest first."""

    at: datetime
    kind: str
    """``contact``, ``consent``, ``event``, ``complaint``."""
    channel: str | None
    strategy: str | None
    offer: str | None
    title: str
    state: str
    result: str | None
    contact: str | None = None
    moves: list[dict[str, Any]] = []
    """Each ``{from, to, at, why}``."""


class CardField(Answer, frozen=True, kw_only=True):
    """One fact shown on the card."""

    name: str
    title: str
    value: Any
    type: str
    unit: str | None = None


class LikelyTopicAnswer(Answer, frozen=True, kw_only=True):
    """What a customer most likely asks about now, with the answer."""

    topic: str
    title: str
    probability: float
    answer: str | None
    """None where nobody knows it beforehand."""
    fetched: datetime | None = None
    """When it was fetched; None for one that the menu itself says."""


class CardAnswer(Answer, frozen=True, kw_only=True):
    """The customer as agents and portals see it; ``name`` and ``number`` masked, and only for roles that may see them.

    With a task the person holds, the name is whole: it is said to the customer.
    """

    customer: str
    name: str | None
    number: str | None
    language: str | None
    zone: str | None
    local_time: str | None
    unit: str | None
    unit_title: str | None
    branch: str | None
    manager: str | None
    account: str
    at: datetime
    simulated_time: bool
    fields: list[CardField]
    lines: list[dict[str, Any]]
    permissions: list[PermissionAnswer]
    timeline: list[TimelineEntry]
    consents: list[dict[str, Any]]
    topics: list[LikelyTopicAnswer] = []
    """What the customer most likely asks about now, with its answer; for whoever has them on the line."""


class NextAnswer(Answer, frozen=True, kw_only=True):
    """What an agent's pull brings: a task with its card, or why there is none."""

    task: TaskAnswer | None
    card: CardAnswer | None
    waiting: int
    """Tasks this agent could still take."""
    blocked: list[dict[str, Any]] = []
    """Why waiting tasks may not be taken now: ``{rule, reason, tasks, until}``."""
    permission: PermissionAnswer | None = None


class GateAnswer(Answer, frozen=True, kw_only=True):
    """One gate a candidate met: ``audience, validity, suitable, control, ranking, verdict, consent`` or a rule's id."""

    gate: str
    passed: bool | None
    """None: not reached."""
    place: str | None
    compared: list[dict[str, Any]] = []
    """``{text, field, value, shown, outcome}``; money is minor in ``value`` and major, as written, in ``shown``."""
    until: datetime | None = None
    detail: str = ""
    law: str = ""
    """What the rule rests on, with its status: ``47 CFR 64.1200(c)(1) (law)``."""
    owner: str = ""


class ExplainedCandidate(Answer, frozen=True, kw_only=True):
    """Everything one candidate met on its way."""

    strategy: str
    offer: str
    channel: str
    line: str | None
    gates: list[GateAnswer]
    allowed: bool
    until: datetime | None
    factors: FactorsAnswer | None


class ReplayAnswer(Answer, frozen=True, kw_only=True):
    """A past decision taken again under its own playbook, on what was seen then."""

    decision: str
    playbook: str
    generation: int
    state: str
    """``equal`` to the byte, ``different``, or ``gone``: what it rested on is no longer kept."""
    differences: list[str] = []
    """Where the two answers part, or why it could not be taken again."""
    recorded: dict[str, Any] | None = None
    """The answer as it was given, without the words filled in from the customer's record."""
    replayed: dict[str, Any] | None = None


class ExplanationAnswer(Answer, frozen=True, kw_only=True):
    """Each candidate, each gate, each rule with the values compared."""

    customer: str
    at: datetime
    simulated_time: bool
    playbook: str
    candidates: list[ExplainedCandidate]
    of_today: list[str] = []
    """What was taken as it is today, where another instant was asked about: ``facts, lines, playbook``, …"""
    replay: ReplayAnswer | None = None
    """Where a past decision was asked about."""


class PlanAnswer(Answer, frozen=True, kw_only=True):
    """What a plan did."""

    day: str
    customers: int
    candidates: int
    reserved: int
    control: int
    """Recorded as ``would_have``."""
    no_capacity: int
    cancelled: int
    """Untouched tasks of an earlier plan of that day."""
    by_channel: dict[str, int]
    refusals: dict[str, int]
    """Rule → candidates it refused."""
    value_minor: int


class JobAnswer(Answer, frozen=True, kw_only=True):
    """A running or finished import or plan."""

    job: str
    kind: str
    state: str
    """``queued, running, done, failed, cancelled``."""
    done: int
    total: int | None
    message: str
    created: datetime
    finished: datetime | None
    result: dict[str, Any] | None = None
    problems: list[dict[str, Any]] = []
    parked: bool = False
    """Three workers died of it: it is tried again only when a person says so."""


class ImportAnswer(Answer, frozen=True, kw_only=True):
    """What an import did."""

    kind: str
    generation: int | None
    rows: int
    accepted: int
    set_aside: int
    set_aside_file: str | None
    erased: int = 0
    """Rows of customers who were erased: neither taken nor set aside."""


class EffectAnswer(Answer, frozen=True, kw_only=True):
    """Difference in goal rate, treated minus control, with its 95 % interval (Newcombe 1998, method 10)."""

    treated: int
    treated_goals: int
    control: int
    control_goals: int
    effect: float | None
    low: float | None
    high: float | None


class BreakdownRow(Answer, frozen=True, kw_only=True):
    """Funnel and effect of one branch, grid, person, channel or offer."""

    key: str
    title: str
    planned: int
    contacted: int
    reached: int
    accepted: int
    goals: int


class EvaluationAnswer(Answer, frozen=True, kw_only=True):
    """What a strategy brought, held against its control group by assignment."""

    strategy: str
    at: datetime
    simulated_time: bool
    effect: EffectAnswer
    by_offer_channel: dict[str, EffectAnswer]
    """``offer/channel`` → effect."""
    funnel: list[dict[str, Any]]
    """Ordered ``{stage, count, lost, waiting, why}``."""
    refusals: dict[str, int]
    """Reason and rule → count, ``cap calls.weekly-cap``."""
    breakdown: dict[str, list[BreakdownRow]]
    """``branch, grid, person, channel``."""
    sample_ratio_p: float | None
    """Chance of arms as unequal as these if the draw is honest (binomial test, normal approximation)."""


class QueueAnswer(Answer, frozen=True, kw_only=True):
    """One queue of the overview."""

    channel: str
    waiting: int
    in_hand: int
    done_today: int
    oldest: datetime | None
    expiring_today: int
    opens_at: datetime | None
    refused_now: int


class OverviewAnswer(Answer, frozen=True, kw_only=True):
    """The overview page: funnel of the last planned day, queues, refusals by reason, running jobs."""

    at: datetime
    simulated_time: bool
    playbook: str
    generation: int
    customers: int
    day: str | None
    funnel: list[dict[str, Any]]
    queues: list[QueueAnswer]
    refusals: list[dict[str, Any]]
    """``{reason, rule, count, until}``, most first."""
    jobs: list[JobAnswer]
    strategies: list[dict[str, Any]]
    """``{strategy, title, treated, control}``."""
