"""One customer, now: what to offer in this channel, and on request a place for it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from uuid_utils import uuid7

from contact.domain.answers import DecisionAnswer, OptionAnswer
from contact.faults import StoreUnavailable
from contact.flow.deciding.recording import LedgerPlaces, Places, answer_record, attempts_record, seen_record
from contact.flow.deciding.weigh import Option, Weighed, weigh
from contact.flow.gather import (
    Gathered,
    arm_reasons,
    facts_of,
    gather,
    gather_blind,
    identity_or_none,
    known_channel,
    nameless,
    placed,
)
from contact.flow.gather import unknown as unknown_name
from contact.flow.present import moment_or_none, option_answer, refusal_answers
from contact.flow.wording import placeholders
from contact.ports import Identity, Ports, Reserved, Wish, WouldHave
from contact.telemetry import request_id
from strategies.candidate import OUTGOING, Ranked
from strategies.instants import Instant, format_instant, to_datetime
from strategies.judging.judge import UNREACHABLE, judge
from strategies.offering.ranking import rank
from strategies.offering.rerouting import ways_round
from strategies.problems import ProblemsFound
from strategies.verdict import Refusal

STEPS = 3
"""How far down the ranking a reservation walks."""
PATIENCE_SECONDS = 5.0
"""How long advice waits to learn of its customer; a store that hangs is then as one that is away."""


class DecisionRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who asks for what. ``strategies`` None means all; ``limit`` bounds the options shown, not those weighed."""

    customer: str
    channel: str
    reserve: bool = False
    strategies: list[str] | None = None
    limit: int = 3
    language: str | None = None


@dataclass(slots=True)
class _Walk:
    """How far the walk down the ranking came."""

    options: list[Option]
    chosen: Option | None = None
    reserved: Reserved | None = None
    stopped: list[Refusal] = field(default_factory=list)
    """Why a place that was there was not taken: control groups."""


async def decide(
    ports: Ports, request: DecisionRequest, *, permit: bool = False, blind: bool = False
) -> DecisionAnswer:
    """Advice in order of priority; with ``reserve`` a durable place for the first option that finds one.

    With ``permit`` a place in this channel is handed over in the same transaction, because it is shown at once. Where the
    store does not answer, or may not be asked (``blind``), advice is what may be said to anybody, and marked ``degraded``;
    what asks for a place raises StoreUnavailable then. Raises NotFound for an unknown customer, ProblemsFound for an
    unknown channel or strategy.
    """
    gathered, identity = await _known(ports, request, blind=blind)
    playbook = gathered.playbook
    known_channel(playbook, request.channel)
    missing = [name for name in request.strategies or () if playbook.strategy(name) is None]
    if missing:
        known = [strategy.id for strategy in playbook.strategies]
        raise ProblemsFound([unknown_name("strategy", name, known) for name in missing])
    weighed = weigh(gathered, identity, request.channel, request.strategies, request.language)
    decision, places = str(uuid7()), LedgerPlaces(ports, request.channel if permit else None)
    walk = _Walk(list(weighed.options))
    await _walk_down(places, gathered, request, walk, decision)
    answer = _answer(gathered, request, identity, weighed, walk, decision)
    record = _record(gathered, request, walk) | {
        "seen": seen_record(gathered, identity),
        "attempts": attempts_record(places.answers),
        "answer": answer_record(answer),
    }
    await ports.decisions.record(decision, request.customer, record)
    return answer


async def _known(ports: Ports, request: DecisionRequest, *, blind: bool) -> tuple[Gathered, Identity]:
    """What the decision is made of, and who it is for; of nobody in particular where the store does not tell in time."""
    if blind and request.reserve:
        raise StoreUnavailable("a place is kept in the store, which may not be asked")
    if not blind:
        try:
            async with asyncio.timeout(None if request.reserve else PATIENCE_SECONDS):
                gathered = await gather(ports, request.customer)
                return gathered, await identity_or_none(ports, gathered.profile.customer)
        except (StoreUnavailable, TimeoutError):
            if request.reserve:
                raise
    gathered = await gather_blind(ports, request.customer)
    return gathered, nameless(gathered.profile.customer)


async def decide_again(
    gathered: Gathered, request: DecisionRequest, identity: Identity, places: Places, decision: str
) -> DecisionAnswer:
    """The decision over what was seen then, with the places the ledger gave then; nothing is stored or reserved."""
    weighed = weigh(gathered, identity, request.channel, request.strategies, request.language)
    walk = _Walk(list(weighed.options))
    await _walk_down(places, gathered, request, walk, decision)
    return _answer(gathered, request, identity, weighed, walk, decision)


async def _walk_down(
    places: Places, gathered: Gathered, request: DecisionRequest, walk: _Walk, decision: str
) -> None:
    """Try the allowed options in order, three steps at most; then the best refused one that may wait.

    A control candidate that would have found room is written down and takes the customer's promotional place:
    only candidates that no control group concerns are tried after it.
    """
    steps = 0
    for place, option in enumerate(walk.options):
        ranked = option.ranked
        if not option.verdict.allowed or (walk.stopped and ranked.candidate.promotional):
            continue
        if ranked.in_control:
            walk.stopped.append(_control_refusal(ranked))
            if request.reserve:
                await places.would_have(_would_have(gathered, ranked, gathered.moment.at))
            continue
        if not request.reserve:
            walk.chosen = option
            return
        steps += 1
        answer = await places.reserve(_wish(gathered, option, request, decision, may_defer=False))
        if isinstance(answer, Reserved):
            walk.chosen, walk.reserved = option, answer
            return
        walk.options[place] = Option(ranked, answer)
        if steps == STEPS:
            break
    if request.reserve and not walk.stopped and not await _reroute(places, gathered, request, walk, decision):
        await _defer(places, gathered, request, walk, decision)


async def _reroute(
    places: Places, gathered: Gathered, request: DecisionRequest, walk: _Walk, decision: str
) -> bool:
    """Reserve a refused option in another channel, where its rules reroute; False where none finds a place."""
    playbook, profile, now = gathered.playbook.at(gathered.moment.at), gathered.profile, gathered.moment.at
    refused = [each for each in walk.options if not each.verdict.allowed and not each.ranked.in_control]
    for option in refused[:STEPS]:
        for candidate in ways_round(playbook, profile, option.ranked.candidate, option.verdict):
            verdict = judge(playbook, candidate, profile, now)
            if not verdict.allowed:
                continue
            way = Option(rank(playbook, profile, [candidate], now)[0], verdict)
            answer = await places.reserve(_wish(gathered, way, request, decision, may_defer=False))
            if isinstance(answer, Reserved):
                walk.options.append(way)
                walk.chosen, walk.reserved = way, answer
                return True
    return False


async def _defer(
    places: Places, gathered: Gathered, request: DecisionRequest, walk: _Walk, decision: str
) -> None:
    """Reserve the best refused option that may wait, at its clearing instant; only outgoing contacts can wait."""
    for place, option in enumerate(walk.options):
        ranked, verdict = option.ranked, option.verdict
        may_wait = verdict.until is not None and verdict.on_hit == "defer" and not verdict.allowed
        if ranked.candidate.direction != OUTGOING or not may_wait:
            continue
        if ranked.in_control:
            assert verdict.until is not None
            walk.stopped.append(_control_refusal(ranked))
            await places.would_have(_would_have(gathered, ranked, verdict.until))
            return
        answer = await places.reserve(_wish(gathered, option, request, decision, may_defer=True))
        if isinstance(answer, Reserved):
            walk.chosen, walk.reserved = option, answer
        else:
            walk.options[place] = Option(ranked, answer)
        return


def _wish(
    gathered: Gathered, option: Option, request: DecisionRequest, decision: str, *, may_defer: bool
) -> Wish:
    candidate = option.ranked.candidate
    strategy = placed(gathered.playbook, candidate).strategy
    wait = gathered.playbook.channels[candidate.channel].reserve_for
    if may_defer and strategy is not None:
        wait = max(wait, strategy.task_valid_for)
    return Wish(
        profile=gathered.profile,
        candidate=candidate,
        priority=option.ranked.priority.total,
        playbook=gathered.playbook,
        valid_until=Instant(gathered.moment.at + wait),
        rank=option.ranked.rank,
        reasons=task_reasons(gathered, option.ranked, request.language),
        may_defer=may_defer,
        decision=decision,
    )


def task_reasons(gathered: Gathered, ranked: Ranked, language: str | None = None) -> dict[str, Any]:
    """What is kept on a task: factors, arm, playbook, the facts its reasons speak of, and the request that asked for it."""
    way = placed(gathered.playbook, ranked.candidate).way
    facts = facts_of(gathered.playbook, gathered.profile, ranked.candidate.line)
    named = (
        {name for texts in way.why.values() for text in texts for name in placeholders(text)}
        if way
        else set()
    )
    why = {name: facts[name] for name in sorted(named) if facts.get(name) is not None}
    kept = arm_reasons(ranked) | {"why": why, "playbook": gathered.playbook.version}
    asked_by = {"language": language, "request": request_id()}
    return kept | {name: value for name, value in asked_by.items() if value}


def _control_refusal(ranked: Ranked) -> Refusal:
    return Refusal("control_group", ranked.arm, None, ranked.candidate.place, on_hit="drop")


def _would_have(gathered: Gathered, ranked: Ranked, at: Instant) -> WouldHave:
    candidate = ranked.candidate
    today = to_datetime(gathered.moment.at).astimezone(ZoneInfo(gathered.playbook.operator.zone)).date()
    return WouldHave(
        today.isoformat(), gathered.profile.customer, candidate.strategy, candidate.offer, candidate.channel,
        ranked.arm, at, gathered.profile.unit,
    )  # fmt: skip


def _answer(
    gathered: Gathered,
    request: DecisionRequest,
    identity: Identity,
    weighed: Weighed,
    walk: _Walk,
    decision: str,
) -> DecisionAnswer:
    shown = walk.options[: max(request.limit, 0)]
    if walk.chosen is not None and all(each.ranked is not walk.chosen.ranked for each in shown):
        shown.append(walk.chosen)
    answers = [_option(gathered, request, identity, weighed, each) for each in shown]
    chosen = next((a for a, o in zip(answers, shown, strict=True) if o is walk.chosen), None)
    none = walk.chosen is None
    reserved = walk.reserved
    return DecisionAnswer(
        decision=decision,
        customer=request.customer,
        at=to_datetime(gathered.moment.at),
        simulated_time=gathered.moment.simulated,
        playbook=gathered.playbook.version,
        chosen=chosen,
        options=answers,
        task=reserved.task if reserved else None,
        contact=reserved.contact if reserved else None,
        deferred_to=to_datetime(reserved.planned_at) if reserved and reserved.deferred else None,
        refusals=refusal_answers(_refusals(gathered, weighed, walk)),
        until=_possible_from(walk.options) if none else None,
        degraded=not gathered.profile.history_reachable,
    )


def _option(
    gathered: Gathered, request: DecisionRequest, identity: Identity, weighed: Weighed, option: Option
) -> OptionAnswer:
    elsewhere = [] if option.ranked.in_control else weighed.channels_now(option.ranked.candidate)
    return option_answer(gathered, option.ranked, option.verdict, identity, request.language, elsewhere)


def _refusals(gathered: Gathered, weighed: Weighed, walk: _Walk) -> list[Refusal]:
    """Why a deferred place waits; where nothing was chosen, the control groups met and what refused the best option.

    Of a customer who cannot be read nothing can be told, whatever field was missing first.
    """
    if walk.reserved is not None:
        return list(walk.reserved.deferred_by)
    if walk.chosen is not None:
        return []
    if not gathered.profile.history_reachable and not walk.options:
        return [Refusal("cannot_tell", UNREACHABLE, detail="the customer cannot be read")]
    best = next((option.verdict.refusals for option in walk.options if not option.verdict.allowed), ())
    return [*walk.stopped, *best] or list(weighed.not_eligible)


def _possible_from(options: list[Option]) -> datetime | None:
    """The first instant at which time alone makes one of the options possible."""
    clears = [
        each.verdict.until
        for each in options
        if each.verdict.until is not None and not each.ranked.in_control
    ]
    return moment_or_none(min(clears, default=None))


def _record(gathered: Gathered, request: DecisionRequest, walk: _Walk) -> dict[str, Any]:
    """Everything needed to take the decision again, and what it was."""
    profile, chosen = gathered.profile, walk.chosen
    return {
        "playbook": gathered.playbook.version,
        "at": format_instant(gathered.moment.at),
        "at_us": gathered.moment.at,
        "generation": profile.generation,
        "last_profile_change": profile.last_profile_change,
        "last_unit_change": profile.last_unit_change,
        "ledger_sequence": profile.ledger_sequence,
        "epochs": [[subject.kind, subject.key, epoch] for subject, epoch in sorted(profile.epochs.items())],
        "request": msgspec.to_builtins(request),
        "chosen": None if chosen is None else _named(chosen.ranked),
        "task": walk.reserved.task if walk.reserved else None,
        "options": [
            _named(each.ranked)
            | {"refused_by": list(each.verdict.rules), "priority": each.ranked.priority.total}
            for each in walk.options
        ],
    }


def _named(ranked: Ranked) -> dict[str, Any]:
    candidate = ranked.candidate
    return {
        "strategy": candidate.strategy, "offer": candidate.offer, "channel": candidate.channel,
        "line": candidate.line, "arm": ranked.arm,
    }  # fmt: skip
