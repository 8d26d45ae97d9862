"""Take a past decision again under its own playbook, on what was seen then, and compare it byte by byte."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from contact.domain.answers import ReplayAnswer
from contact.faults import NotFound
from contact.flow.deciding.decide import DecisionRequest, decide_again
from contact.flow.deciding.recording import (
    RecordedPlaces,
    answer_record,
    attempts_of,
    halted_of,
    identity_of,
    profile_of,
)
from contact.flow.gather import Gathered, unknown_customer
from contact.ports import Moment, Ports
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.problems import ProblemsFound
from strategies.profile import CustomerId, Profile

MOST_DIFFERENCES = 20
NOT_KEPT = "it was taken before records held what was seen"


async def replay(ports: Ports, decision: str) -> tuple[ReplayAnswer, Gathered | None]:
    """How the decision comes out again, and on what; nothing to go on where its generation or playbook is gone.

    Raises NotFound for an unknown decision.
    """
    record = await ports.decisions.get(decision)
    customer = CustomerId(record["request"]["customer"])
    if "seen" not in record:
        return _gone(decision, record, NOT_KEPT), None
    playbook = await _playbook(ports, record["playbook"])
    if playbook is None:
        return _gone(decision, record, "this release no longer understands its playbook"), None
    at = Instant(record["at_us"])
    facts = await _facts(ports, record, customer, playbook, at)
    if facts is None:
        return _gone(decision, record, f"generation {record['generation']} is no longer kept"), None
    moment = Moment(at, record["seen"]["simulated"])
    gathered = Gathered(moment, playbook, profile_of(record, facts), halted_of(record))
    request = msgspec.convert(record["request"], DecisionRequest)
    places = RecordedPlaces(attempts_of(record["attempts"]))
    try:
        answer = await decide_again(gathered, request, identity_of(record, customer), places, decision)
    except NotFound as missing:
        return _compared(decision, record, None, [str(missing)]), gathered
    again = answer_record(answer)
    differences = list(_differences("", record["answer"], again))
    return _compared(decision, record, again, differences), gathered


async def _facts(
    ports: Ports, record: Mapping[str, Any], customer: CustomerId, playbook: Playbook, at: Instant
) -> Profile | None:
    """What was known of the customer then; None where it is no longer kept."""
    if not record["seen"]["history_reachable"]:
        return unknown_customer(playbook, customer)
    return await ports.past.facts(
        customer, playbook, generation=record["generation"], bucket=record["seen"]["bucket"],
        change=record["last_profile_change"], unit_change=record.get("last_unit_change", 0), at=at,
    )  # fmt: skip


async def _playbook(ports: Ports, version: str) -> Playbook | None:
    try:
        return await ports.playbooks.version(version)
    except (NotFound, ProblemsFound):
        return None


def _gone(decision: str, record: Mapping[str, Any], why: str) -> ReplayAnswer:
    return ReplayAnswer(
        decision=decision, playbook=record["playbook"], generation=record["generation"], state="gone",
        differences=[why], recorded=record.get("answer"), replayed=None,
    )  # fmt: skip


def _compared(
    decision: str, record: Mapping[str, Any], again: dict[str, Any] | None, differences: list[str]
) -> ReplayAnswer:
    equal = again is not None and canonical(again) == canonical(record["answer"])
    return ReplayAnswer(
        decision=decision, playbook=record["playbook"], generation=record["generation"],
        state="equal" if equal else "different", differences=[] if equal else differences[:MOST_DIFFERENCES],
        recorded=record["answer"], replayed=again,
    )  # fmt: skip


def canonical(answer: Mapping[str, Any]) -> bytes:
    """The bytes that are compared: JSON with sorted keys."""
    return msgspec.json.encode(answer, order="sorted")


def _differences(path: str, recorded: Any, again: Any) -> Iterator[str]:
    """Where two answers part, as ``options.0.allowed: was true, is false``."""
    if isinstance(recorded, Mapping) and isinstance(again, Mapping):
        for key in sorted({*recorded, *again}):
            yield from _differences(f"{path}.{key}".lstrip("."), recorded.get(key), again.get(key))
    elif isinstance(recorded, list) and isinstance(again, list) and len(recorded) == len(again):
        for index, (one, other) in enumerate(zip(recorded, again, strict=True)):
            yield from _differences(f"{path}.{index}".lstrip("."), one, other)
    elif recorded != again:
        yield f"{path}: was {_said(recorded)}, is {_said(again)}"


def _said(value: Any) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 80 else f"{text[:79]}…"
