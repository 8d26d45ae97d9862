"""Take in journeys that others report: calls of foreign voice menus, and what agents of the hotline were asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from contact.domain.journey_answers import JourneysTakenAnswer
from contact.faults import NotFound
from contact.flow.calls.menu_for import segment_of
from contact.flow.hearing.receive import LONGEST_AHEAD
from contact.ports import Ports
from ivr.call import ENQUIRY, Arm, CallOutcome, Journey, Step
from ivr.intent import fields_read
from strategies.declared.playbook import Playbook
from strategies.instants import HOUR, Instant, parse_instant
from strategies.judging import asking
from strategies.problems import Hint, Problem, ProblemsFound, Where
from strategies.profile import CustomerId, FieldValue

EARLIEST = parse_instant("2000-01-01T00:00:00Z")
FACTS_HOLD = HOUR
"""What is known of a caller now is taken for what was known when so young a call began."""


@dataclass(frozen=True, slots=True)
class Reported:
    """One call as its reporter tells it; ``topic`` instead of ``steps`` for what an agent was asked."""

    id: str
    at: Instant
    customer: str | None = None
    number: str | None = None
    """E.164; the customer who has it, if only one has."""
    menu: str = ""
    steps: tuple[Step, ...] = ()
    topic: str | None = None
    seconds: float = 0.0
    """Of an enquiry."""
    outcome: CallOutcome | None = None
    goal: str | None = None
    version: str = ""
    arm: Arm = "unknown"
    segment: str | None = None
    language: str = ""


async def report_journeys(ports: Ports, reported: Sequence[Reported]) -> JourneysTakenAnswer:
    """Keep them all, durable when answered, or none; a repeat changes nothing, a longer state of an open call its path.

    Raises ProblemsFound with everything that is wrong: neither steps nor a topic or both, no outcome, an unknown
    customer, a call of the future. Raises NotFound where no playbook is published.
    """
    now, playbook = (await ports.clock.now()).at, await ports.playbooks.current()
    problems, journeys = list[Problem](), list[Journey]()
    for place, each in enumerate(reported):
        found, caller = _problems(each, place, now), _Caller()
        try:
            caller = await _caller(ports, playbook, each, now)
        except NotFound:
            found.append(
                _problem("reference.unknown", "there is no such customer", place, Hint("leave strangers out"))
            )
        problems += found
        if not found:
            journeys.append(_journey(each, caller))
    if problems:
        raise ProblemsFound(problems)
    for journey in journeys:
        await ports.calls.record(journey)
    await ports.calls.flush()
    return JourneysTakenAnswer(calls=len(journeys))


@dataclass(frozen=True, slots=True)
class _Caller:
    """What is known of who called."""

    customer: str | None = None
    unit: str | None = None
    segment: str | None = None
    facts: Mapping[str, FieldValue] = field(default_factory=dict)


async def _caller(ports: Ports, playbook: Playbook, each: Reported, now: Instant) -> _Caller:
    """Raises NotFound for a customer nobody knows."""
    customer = None if each.customer is None else CustomerId(each.customer)
    if customer is None and each.number is not None:
        holders = await ports.customers.find_by_number(each.number)
        customer = holders[0] if len(holders) == 1 else None
    if customer is None:
        return _Caller()
    profile = await ports.profiles.gather(customer, playbook)
    facts, menu = asking.facts_of(playbook, profile), playbook.menus.get(each.menu)
    read = fields_read(menu) if menu is not None and each.at >= now - FACTS_HOLD else frozenset[str]()
    segment = segment_of(playbook, facts, now)
    return _Caller(customer, profile.unit, segment, {name: facts.get(name) for name in read})


def _problems(each: Reported, place: int, now: Instant) -> list[Problem]:
    found = []
    if bool(each.steps) == (each.topic is not None):
        message = "a journey has steps, an enquiry a topic, one of them"
        found.append(_problem("key.conflict", message, place, Hint("leave the other out")))
    if each.steps and each.outcome is None:
        hint = Hint("reached, agent, abandoned, opted_out; open while the call lasts")
        found.append(_problem("key.missing", "a journey says its outcome", place, hint))
    if each.goal is not None and each.outcome in ("abandoned", "open"):
        message = f"a call that is {each.outcome} has no goal served"
        found.append(_problem("key.conflict", message, place, Hint("leave goal out")))
    if each.customer is not None and each.number is not None:
        message = "a journey names a customer or a number, one of them"
        found.append(_problem("key.conflict", message, place, Hint("leave the number out")))
    if not EARLIEST <= each.at <= now + LONGEST_AHEAD:
        message = "what has happened cannot lie more than a day ahead, or before 2000"
        found.append(_problem("value.instant", message, place, Hint("look at the sender's clock")))
    return found


def _problem(code: str, message: str, place: int, hint: Hint) -> Problem:
    return Problem(code, f"journeys[{place}]: {message}", Where("request"), hint)


def _journey(each: Reported, caller: _Caller) -> Journey:
    """Under a name that no call of our own has."""
    asked = each.topic is not None
    return Journey(
        id=f"topic-{each.id}" if asked else f"reported-{each.id}",
        customer=caller.customer,
        at=each.at,
        menu=each.menu,
        version=each.version,
        arm=each.arm,
        source=ENQUIRY if asked else "reported",
        steps=(Step(1, each.topic, None, each.seconds),) if each.topic is not None else each.steps,
        outcome="agent" if each.topic is not None else each.outcome or "open",
        goal=each.topic or each.goal,
        unit=caller.unit,
        segment=each.segment or caller.segment,
        language=each.language,
        facts=caller.facts,
    )
