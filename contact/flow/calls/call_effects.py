"""What a call brings about: consent withdrawn at once, offers reserved just before they are spoken, and what became of them.

Each happens once for a step of a call, however often the step is reported.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec

from contact.clock import real_now
from contact.domain.acts import Act
from contact.domain.answers import OptionAnswer
from contact.domain.task import TaskId
from contact.faults import Conflict, NotFound, StoreUnavailable
from contact.flow.calls.call_token import OfferMade, OpenCall
from contact.flow.deciding.decide import DecisionRequest, decide
from contact.flow.deciding.report import ShowingReport, report
from contact.flow.gather import gather, identity_or_none
from contact.flow.present import task_answer
from contact.ports import Ports
from contact.ports.claims import Claim, held
from contact.telemetry import log
from strategies.declared.menu import OptOut
from strategies.instants import to_datetime
from strategies.problems import ProblemsFound
from strategies.profile import Consent, CustomerId

CHANNEL = "ivr"
CLAIMS = "ivr"
"""Whose claims those are that make an offer one for each step of a call."""
_log = log("ivr")

Offering = tuple[OfferMade, list[str]]
"""An offer and the texts that say it."""


@dataclass(frozen=True, slots=True)
class ToldBy:
    """Who runs the telephone, for the audit trail."""

    actor: str
    role: str


async def withdraw(ports: Ports, call: OpenCall, scope: OptOut, step: int, by: ToldBy | None) -> bool:
    """The caller's consent is withdrawn, as this customer and for the number they call from, in one commit.

    Where it was not known which of its holders calls, as each of them, as by any other way that only tells a number.
    False where nobody knows who calls, or where it cannot be kept now: then it must not be said to be.
    """
    if call.rehearsed:
        return True
    customers = [CustomerId(call.customer)] if call.customer is not None else []
    numbers = [call.number_hash] if call.number_hash is not None else []
    if not customers and not numbers:
        return False
    act = (
        None if by is None else Act(by.actor, by.role, "consent.recorded", call.customer or "", {"given": 0})
    )
    try:
        now = (await ports.clock.now()).at
        if call.customer is None and call.number_hash is not None:
            customers = await ports.customers.find_by_hash(call.number_hash)
        told = Consent(
            False, now, scope.channel, scope.category, source=CHANNEL, evidence=f"call {call.call}"
        )
        of_all = [
            *(replace(told, customer=each) for each in customers),
            *(replace(told, number_hash=each) for each in numbers),
        ]
        await ports.ledger.record_consents(of_all, idempotency=f"call:{_step_of(call, step)}", by=act)
    except StoreUnavailable:
        _log.error("an opt-out by telephone could not be kept")
        return False
    return True


def _step_of(call: OpenCall, step: int) -> str:
    """One step of one call, also where the telephone's side gives an id a second time."""
    return f"{call.call}:{call.at}:{step}"


async def make_offer(ports: Ports, call: OpenCall, language: str, step: int) -> Offering | None:
    """The best offer that may be spoken to this caller now, reserved and permitted in one transaction.

    None where there is none, where nobody knows who calls and where the store does not answer. The same step again gives the
    same offer; while the first is still being made it is told to come again (Conflict).
    """
    if call.customer is None:
        return None
    if call.rehearsed:
        return await _advised(ports, call, language)
    key = _step_of(call, step)
    try:
        begun = await ports.idempotency.begin(CLAIMS, key, call.customer)
        if begun.state == "in_progress":
            raise Conflict("this step is being answered: send the same again in a second")
        if begun.state == "stored":
            made = msgspec.json.decode(begun.body, type=OfferMade | None)
            return None if made is None else await _worded(ports, call, made, language)
        if begun.claim is None:
            return None  # reserved by a process that died before it could say so: it is not spoken twice
        return await _decided(ports, call, language, begun.claim)
    except StoreUnavailable:
        return None


async def offer_again(ports: Ports, call: OpenCall, language: str) -> Offering | None:
    """The offer that was spoken before, in words once more."""
    if call.offer is None:
        return None
    if call.rehearsed:
        return await _advised(ports, call, language)
    try:
        return await _worded(ports, call, call.offer, language)
    except (StoreUnavailable, NotFound):
        return None


async def report_offer(ports: Ports, call: OpenCall, made: OfferMade, step: int, done: str | None) -> bool:
    """The offer was shown at this step, and ``accepted`` or ``rejected`` where the caller said so; counted once.

    False where it cannot be kept now: the contact then stands as handed over, and so counts; nobody is to be thanked.
    """
    for kind in () if call.rehearsed else ("shown", done):
        if kind is None:
            continue
        told = ShowingReport(
            id=f"{call.call}:{made.decision}:{kind}",
            type=kind,  # type: ignore[arg-type]
            customer=call.customer or "",
            strategy=made.strategy,
            offer=made.offer,
            channel=CHANNEL,
            at=to_datetime(real_now()),
        )
        try:
            told = msgspec.structs.replace(told, at=to_datetime((await ports.clock.now()).at))
            await report(ports, made.decision, told)
        except (StoreUnavailable, NotFound, ProblemsFound) as error:
            _log.error("what became of an offer by telephone could not be kept", error=type(error).__name__)
            return False
    return True


async def _advised(ports: Ports, call: OpenCall, language: str) -> Offering | None:
    """What would be offered, without a place for it."""
    try:
        answer = await decide(
            ports, DecisionRequest(call.customer or "", CHANNEL, limit=1, language=language)
        )
    except (NotFound, ProblemsFound, StoreUnavailable):
        return None
    chosen = answer.chosen
    if chosen is None:
        return None
    return OfferMade(answer.decision, chosen.strategy, chosen.offer, chosen.title, ""), _texts(chosen)


async def _decided(ports: Ports, call: OpenCall, language: str, claim: Claim) -> Offering | None:
    """Decide and keep what was decided under the claim of this step."""
    request = DecisionRequest(call.customer or "", CHANNEL, reserve=True, limit=1, language=language)
    try:
        with held(claim):
            answer = await decide(ports, request, permit=True)
    except (NotFound, ProblemsFound):
        await ports.idempotency.abandon(claim.scope, claim.key)
        return None
    chosen = answer.chosen
    made = None
    if chosen is not None and answer.task is not None and chosen.channel == CHANNEL:
        made = OfferMade(answer.decision, chosen.strategy, chosen.offer, chosen.title, answer.task)
    await ports.idempotency.finish(claim.scope, claim.key, 200, msgspec.json.encode(made))
    return None if made is None or chosen is None else (made, _texts(chosen))


def _texts(option: OptionAnswer) -> list[str]:
    return option.text or [option.title]


async def _worded(ports: Ports, call: OpenCall, made: OfferMade, language: str) -> Offering:
    row = await ports.tasks.get(TaskId(made.task))
    gathered = await gather(ports, row.customer)
    identity = await identity_or_none(ports, gathered.profile.customer)
    told = task_answer(gathered, row, identity, language)
    return made, told.text or [made.title]
