"""Why a customer is or is not contacted: every candidate, every gate, the values compared there."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import msgspec

from contact.domain.answers import ExplainedCandidate, ExplanationAnswer, GateAnswer
from contact.domain.halt import halt_refusals
from contact.faults import NotFound
from contact.flow.deciding.replay import replay
from contact.flow.gather import Gathered, known_channel, known_strategy
from contact.flow.present import factors_answer, moment_or_none
from contact.flow.publishing.check_texts import playbook_of
from contact.flow.wording import words_of
from contact.ports import Moment, Ports
from strategies.candidate import Candidate
from strategies.declared.playbook import ComparedLeaf, Playbook
from strategies.instants import Instant, to_datetime
from strategies.offering.explaining import Explained, Gate
from strategies.offering.explaining import explain as explained
from strategies.profile import CustomerId

OF_TODAY = ["facts", "lines", "playbook"]
"""What an explanation of another instant takes as it is now; contacts, consents and events are as of then."""


async def explain(
    ports: Ports, customer: str, strategy: str | None = None, channel: str | None = None, at: Instant | None = None,
    draft: str | None = None,
) -> ExplanationAnswer:  # fmt: skip
    """Each gate each candidate meets now, or at another instant, where it fails and when it clears; by the playbook in
    force or as a draft would have it.

    Raises NotFound for an unknown customer or draft, ProblemsFound for an unknown strategy or channel and for a draft
    that does not compile.
    """
    playbook = await _drafted(ports, draft) if draft is not None else await ports.playbooks.current()
    gathered = await _gathered_at(ports, customer, playbook, at)
    _require_known(gathered.playbook, strategy, channel)
    return _explanation(gathered, strategy, channel, [] if at is None else OF_TODAY)


async def explain_decision(
    ports: Ports, decision: str, customer: str | None = None, strategy: str | None = None, channel: str | None = None
) -> ExplanationAnswer:  # fmt: skip
    """What each candidate of a past decision met then, under the playbook and on the facts of then.

    The answer is also taken again and compared with the recorded one byte by byte. Where the facts are gone no
    candidates are shown. Raises NotFound for an unknown decision, or one about somebody else.
    """
    record = await ports.decisions.get(decision)
    if customer is not None and record["request"]["customer"] != customer:
        raise NotFound(f"decision {decision} was not about this customer")
    found, gathered = await replay(ports, decision)
    if gathered is None:
        return ExplanationAnswer(
            customer=record["request"]["customer"], at=to_datetime(record["at_us"]), simulated_time=False,
            playbook=record["playbook"], candidates=[], replay=found,
        )  # fmt: skip
    _require_known(gathered.playbook, strategy, channel)
    answer = _explanation(gathered, strategy, channel or record["request"]["channel"], [])
    return msgspec.structs.replace(answer, replay=found)


async def _gathered_at(ports: Ports, customer: str, playbook: Playbook, at: Instant | None) -> Gathered:
    """The customer now; or today's facts with contacts, consents and events as of the instant."""
    id = CustomerId(customer)
    if at is None:
        profile = await ports.profiles.gather(id, playbook)
        return Gathered(await ports.clock.now(), playbook, profile, await ports.halts.in_force())
    profile = await ports.past.as_of(id, playbook, at)
    return Gathered(Moment(at, (await ports.clock.now()).simulated), playbook, profile)


async def _drafted(ports: Ports, draft: str) -> Playbook:
    return await asyncio.to_thread(playbook_of, await ports.drafts.texts(draft))


def _require_known(playbook: Playbook, strategy: str | None, channel: str | None) -> None:
    if strategy is not None:
        known_strategy(playbook, strategy)
    if channel is not None:
        known_channel(playbook, channel)


def _explanation(
    gathered: Gathered, strategy: str | None, channel: str | None, of_today: list[str]
) -> ExplanationAnswer:
    playbook = gathered.playbook.at(gathered.moment.at)
    found = explained(
        playbook,
        gathered.profile,
        gathered.moment.at,
        None if channel is None else (channel,),
        strategies=None if strategy is None else (strategy,),
    )
    return ExplanationAnswer(
        customer=gathered.profile.customer,
        at=to_datetime(gathered.moment.at),
        simulated_time=gathered.moment.simulated,
        playbook=playbook.version,
        candidates=[_but_for_halts(gathered, candidate_answer(each, playbook)) for each in found],
        of_today=of_today,
    )


def _but_for_halts(gathered: Gathered, answer: ExplainedCandidate) -> ExplainedCandidate:
    """The same with what is halted before every other gate."""
    candidate = Candidate(answer.channel, "", strategy=answer.strategy)
    refusals = halt_refusals(gathered.halted, candidate)
    if not refusals:
        return answer
    gates = [GateAnswer(gate=each.rule, passed=False, place=None, detail=each.detail) for each in refusals]
    return msgspec.structs.replace(answer, gates=[*gates, *answer.gates], allowed=False, until=None)


def candidate_answer(found: Explained, playbook: Playbook) -> ExplainedCandidate:
    """One candidate with its gates in the order it met them."""
    return ExplainedCandidate(
        strategy=found.strategy,
        offer=found.offer,
        channel=found.channel,
        line=found.line,
        gates=[gate_answer(each, playbook) for each in found.gates],
        allowed=found.allowed and not (found.ranked is not None and found.ranked.in_control),
        until=moment_or_none(found.until),
        factors=None if found.ranked is None else factors_answer(found.ranked.priority),
    )


def gate_answer(gate: Gate, playbook: Playbook) -> GateAnswer:
    """One gate: passed, failed or not reached."""
    return GateAnswer(
        gate=gate.name,
        passed=gate.passed,
        place=None if gate.place is None else str(gate.place),
        compared=[compared_answer(each, playbook) for each in gate.compared],
        until=moment_or_none(gate.until),
        detail=gate.detail,
        law="" if gate.law is None else f"{gate.law.reference} ({gate.law.status})",
        owner=gate.owner,
    )


def compared_answer(leaf: ComparedLeaf, playbook: Playbook) -> dict[str, Any]:
    """One comparison with the value it saw; ``shown`` is that value as the author of the condition writes it."""
    value = leaf.value
    finite = not isinstance(value, float) or math.isfinite(value)
    return {
        "text": leaf.text,
        "field": leaf.field,
        "value": value if finite else None,
        "shown": _written(leaf, playbook),
        "outcome": leaf.outcome,
    }


def _written(leaf: ComparedLeaf, playbook: Playbook) -> str:
    """A value as conditions write it: money in major units, ``true``, ``false``, ``NULL``."""
    if isinstance(leaf.value, bool):
        return "true" if leaf.value else "false"
    field = playbook.fields.get(leaf.field) if leaf.field is not None else None
    return words_of(leaf.value, field, playbook, "en") or "NULL"
