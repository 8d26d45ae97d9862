"""Why a customer is or is not contacted: every candidate, every gate, the values compared there."""

from __future__ import annotations

import math
from typing import Any

from contact.domain.answers import ExplainedCandidate, ExplanationAnswer, GateAnswer
from contact.flow.gather import gather, known_channel, unknown
from contact.flow.present import factors_answer, moment_or_none
from contact.flow.wording import words_of
from contact.ports import Ports
from strategies.explaining import Explained, Gate
from strategies.explaining import explain as explained
from strategies.instants import to_datetime
from strategies.playbook import ComparedLeaf, Playbook
from strategies.problems import ProblemsFound


async def explain(
    ports: Ports, customer: str, strategy: str | None = None, channel: str | None = None
) -> ExplanationAnswer:
    """Each gate each candidate meets now, where it fails and when it clears.

    Raises NotFound for an unknown customer, ProblemsFound for an unknown strategy or channel.
    """
    gathered = await gather(ports, customer)
    playbook = gathered.playbook
    if strategy is not None and playbook.strategy(strategy) is None:
        raise ProblemsFound([unknown("strategy", strategy, [each.id for each in playbook.strategies])])
    if channel is not None:
        known_channel(playbook, channel)
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
        candidates=[candidate_answer(each, playbook) for each in found],
    )


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
