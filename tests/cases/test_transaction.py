"""Golden cases in the reservation transaction: each ask is a reservation on a real store, on both databases."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from contact.domain.acts import Act
from contact.domain.contact import ContactId
from contact.domain.task import TaskId
from contact.faults import StoreUnavailable
from contact.flow.hearing.record_consent import PROMOTIONAL
from contact.flow.working.sweep_lawful import sweep_unlawful
from contact.ports import Completion, Correction, Permit, Receipt, Reserved, Wish
from contact.storage.databases.transaction import Transaction
from contact.storage.ledger.retries import reserve_retry
from contact.storage.open import Stores
from contact.wiring import join_ports
from strategies.candidate import Candidate, Priority, Ranked
from strategies.cases.answering import bare_candidate
from strategies.cases.case import Ask, Case, Move, Outcome, Step, reserved_until
from strategies.cases.comparing import compare
from strategies.cases.files import read_cases
from strategies.cases.givens import moments_of
from strategies.instants import Instant
from strategies.offering.eligibility import candidates
from strategies.offering.ranking import rank
from strategies.profile import Consent
from strategies.verdict import Refusal, Verdict
from tests.cases.cutting import UNREACHABLE, Line, cuts, line_to
from tests.cases.stores import as_stored, delivered, event, given, settings_of, stand_still
from tests.servers import PostgreSQL

FOLDER = Path(__file__).parent
CASES = [
    case
    for file in sorted(FOLDER.glob("*.yaml"))
    for case in read_cases(file.read_text(encoding="utf-8"), file.name)
    if "transaction" in case.paths
]


@dataclass
class Last:
    """The contact that the steps so far moved last."""

    contact: str = ""
    task: str = ""
    fence: int = 0
    following: str = ""
    """The next attempt of the same task, once what came of this one has been told."""


def wanted(case: Case, ask: Ask, at: Instant) -> Candidate:
    """The bare contact asked for, or the first of the ranking that the ask names."""
    if ask.category is not None:
        return bare_candidate(case.playbook, case.profile, ask, ask.channel or "")
    eligible = candidates(case.playbook, case.profile, at).candidates
    ranking = rank(case.playbook, case.profile, list(eligible), at)
    return next(
        each.candidate
        for each in ranking
        if ask.channel in (None, each.candidate.channel)
        and ask.strategy in (None, each.candidate.strategy)
        and ask.offer in (None, each.candidate.offer)
    )


def wish(case: Case, ask: Ask, at: Instant, candidate: Candidate, priority: float = 1.0) -> Wish:
    return Wish(
        profile=case.profile, candidate=candidate, priority=priority, playbook=case.playbook,
        valid_until=reserved_until(case.playbook, ask, candidate.channel, at), may_defer=ask.defer,
    )  # fmt: skip


async def told(stores: Stores, last: Last, outcome: Outcome) -> Outcome:
    """The outcome with state and moves of the contact that was moved last."""
    if not last.contact:
        return outcome
    moves = await stores.database.read(lambda tx: tx.rows("moves_of_contacts", contacts=[last.contact]))
    return replace(
        outcome,
        state=moves[-1]["to_state"],
        moves=tuple(Move(each["to_state"], Instant(each["at_us"])) for each in moves),
    )


async def ask(stores: Stores, case: Case, step: Step, last: Last) -> Outcome:
    """Reserve; an ask that only asks gives its place back, as if it had never been."""
    assert step.ask is not None
    if step.expect is not None and "ranking" in step.expect.named:
        return await queued(stores, case, step.ask, step.at)
    wished = wish(case, step.ask, step.at, wanted(case, step.ask, step.at))
    answer = await stores.ledger.reserve(wished)
    if isinstance(answer, Verdict):
        return Outcome(answer.refusals, answer.until, allowed=False)
    if not (step.ask.reserve or step.ask.defer):
        await stores.database.write(lambda tx: forget(tx, answer))
        return Outcome()
    last.contact, last.task, last.fence = answer.contact, answer.task, answer.fence
    deferred_to = answer.planned_at if answer.deferred else None
    return Outcome(answer.deferred_by, deferred_to, not answer.deferred, deferred_to=deferred_to)


async def queued(stores: Stores, case: Case, ask: Ask, at: Instant) -> Outcome:
    """A place for every candidate, the worst first: the ranking is the order in which the store hands out their tasks."""
    eligible = candidates(case.playbook, case.profile, at).candidates
    here = [each for each in eligible if ask.channel in (None, each.channel)]
    for each in reversed(rank(case.playbook, case.profile, here, at)):
        answer = await stores.ledger.reserve(wish(case, ask, at, each.candidate, each.priority.total))
        assert isinstance(answer, Reserved)
    rows = await stores.database.read(
        lambda tx: tx.connection.execute(
            "SELECT strategy, offer, channel, category, priority FROM task ORDER BY urgency, valid_until_us, id"
        ).fetchall()
    )
    return Outcome(
        ranking=tuple(
            Ranked(
                place, Candidate(row["channel"], row["category"], strategy=row["strategy"], offer=row["offer"]),
                Priority(row["priority"], 1.0, 1.0, 1.0), "treated",
            )
            for place, row in enumerate(rows, 1)
        )
    )  # fmt: skip


def forget(tx: object, reserved: Reserved) -> None:
    for table, key, id in (("contact_move", "contact_id", reserved.contact), ("contact", "id", reserved.contact),
                           ("task", "id", reserved.task)):  # fmt: skip
        tx.connection.execute(f"DELETE FROM {table} WHERE {key} = '{id}'")  # type: ignore[attr-defined]


async def permit(stores: Stores, case: Case, last: Last) -> Outcome:
    answer = await stores.ledger.permit(last.contact, case.profile, case.playbook)  # type: ignore[arg-type]
    if isinstance(answer, Permit):
        last.fence = answer.fence
        return Outcome()
    task = await stores.tasks.get(last.task)  # type: ignore[arg-type]
    if task.state == "cancelled":
        return Outcome(answer.refusals, answer.until, False, cancelled=1)
    return Outcome(answer.refusals, answer.until, False, deferred_to=task.not_before)


async def outcome(stores: Stores, case: Case, step: Step, last: Last) -> Outcome:
    """What came of it; a contact still reserved is handed over first."""
    row = await stores.database.read(lambda tx: tx.row("peek_contact", id=last.contact))
    if row is not None and row["state"] == "reserved":
        await permit(stores, case, last)
    if step.result == "delivered":
        return await received(stores, step, last)
    proven = moments_of(step.result, case.playbook)
    finish = {
        "id": last.contact, "state": "sent", "result": step.result, "note": None,
        **{f"{name}_us": step.at if name in proven else None for name in ("connected", "accepted", "rejected")},
    }  # fmt: skip
    await stores.database.write(lambda tx: tx.run("finish_contact", **finish))
    move = {
        "contact_id": last.contact,
        "from_state": "sending",
        "to_state": "sent",
        "at_us": step.at,
        "why": "case",
    }
    await stores.database.write(lambda tx: tx.run("insert_move", **move))
    if step.result != "do_not_contact":
        return Outcome(next=await stores.database.write(lambda tx: retried(tx, case, step, last)))
    evidence = f"task {last.task} by case"
    said = Consent(
        False, step.at, "outbound_call", PROMOTIONAL, case.profile.customer, source="agent", evidence=evidence
    )
    return Outcome(cancelled=await stores.ledger.record_consent(said))


async def received(stores: Stores, step: Step, last: Last) -> Outcome:
    """The hand-over is confirmed, and the gateway tells that the message arrived."""
    contact = ContactId(last.contact)
    await stores.ledger.confirm(contact, last.fence, "case")
    assert await stores.ledger.receive(Receipt(f"{contact}.delivered", contact, "delivered", step.at))
    return Outcome()


async def corrected(stores: Stores, case: Case, step: Step, last: Last) -> Outcome:
    """The outcome told last is set right; the next attempt it had brought, if any, is the one that ends."""
    retry = last.following
    evidence = f"task {last.task} by case"
    stops = step.result == "do_not_contact"
    said = Consent(
        False, step.at, "outbound_call", PROMOTIONAL, case.profile.customer, source="agent", evidence=evidence
    )
    correction = Correction(
        ContactId(last.contact), step.result or "", Act("case", "admin", "outcome.corrected"),
        withdraw=said if stops else None, may_lift=True, profile=case.profile,
    )  # fmt: skip
    await stores.ledger.correct(correction, case.playbook)
    row = await stores.tasks.get(TaskId(last.task))
    ended = await stores.database.read(lambda tx: tx.row("peek_contact", id=retry)) if retry else None
    return Outcome(
        cancelled=int(ended is not None and ended["state"] == "cancelled"),
        next=row.not_before if row.state == "waiting" and row.contact not in (last.contact, retry) else None,
    )


def retried(tx: Transaction, case: Case, step: Step, last: Last) -> Instant | None:
    """When the next attempt of the task is due, where files and rules leave one."""
    row = tx.row("read_task", id=last.task)
    assert row is not None
    completion = Completion(TaskId(last.task), 0, "case", step.result or "", profile=case.profile)
    if not reserve_retry(tx, row, completion, case.playbook):
        return None
    after = tx.row("read_task", id=last.task)
    assert after is not None
    last.following = after["contact_id"]
    return Instant(after["not_before_us"])


async def publish(stores: Stores, case: Case, home: Path) -> Outcome:
    """The playbook that the case holds by now is put in force, and what waits is swept."""
    ports = join_ports(stores, settings_of(home, ""), {})
    await stores.playbooks.publish(
        case.playbook, base=(await stores.playbooks.current()).version, author="case", why=""
    )
    swept = await sweep_unlawful(ports)
    refusals = tuple(Refusal("cap", rule) for rule in swept.by_rule)
    return Outcome(refusals, allowed=not refusals, cancelled=swept.cancelled)


async def run(stores: Stores, case: Case, step: Step, last: Last, tmp_path: Path) -> Outcome:
    if step.kind == "correct":
        return await corrected(stores, case, step, last)
    last.contact, last.following = last.following or last.contact, ""
    if step.kind == "ask":
        return await ask(stores, case, step, last)
    if step.kind == "permit":
        return await permit(stores, case, last)
    if step.kind == "outcome":
        return await outcome(stores, case, step, last)
    if step.kind == "publish":
        return await publish(stores, case, tmp_path)
    if step.kind == "event":
        assert step.event is not None
        happened = step.event
        await stores.database.write(lambda tx: event(tx, case.profile.customer, happened, f"{step.place}"))
        return Outcome()
    if step.kind == "expire":
        return Outcome(expired=(await stores.tasks.sweep())["reservations_expired"])
    assert step.consent is not None
    return Outcome(cancelled=await stores.ledger.record_consent(step.consent))


async def differences(
    stores: Stores, case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: Line | None = None
) -> list[str]:
    """Where the steps of the case part from what its file expects."""
    last, found = Last(), []
    for step in case.steps:
        stand_still(monkeypatch, step.at)
        case = replace(case, playbook=step.playbook or case.playbook)
        if step.kind == "fault" and line is not None:
            line.pass_on(step.reachable)
            continue
        answered = await over(line, stores, last, lambda case=case, step=step: run(stores, case, step, last, tmp_path))  # type: ignore[misc]  # fmt: skip
        if step.expect is not None:
            expect = replace(step.expect, named=step.expect.named - {"channels_now"})
            found += [f"{step.expect.place}: {each}" for each in compare(expect, answered)]
    return found


async def over(
    line: Line | None, stores: Stores, last: Last, step: Callable[[], Awaitable[Outcome]]
) -> Outcome:
    """The step with what became of the contact, also where the database is away."""
    if line is None:
        return await told(stores, last, await step())
    try:
        outcome = await line.found(step)
    except StoreUnavailable:
        outcome = UNREACHABLE
    return await line.looked_at(lambda: told(stores, last, outcome))


@pytest.mark.parametrize("case", [case for case in CASES if not cuts(case)], ids=lambda case: case.id)
async def test_a_golden_case_comes_out_in_the_transaction(
    case: Case, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every step of the case answers under the locks as its file expects."""
    publishes = any(step.kind == "publish" for step in case.steps)
    async with given(case, tmp_path, database_url, monkeypatch, rehashed=publishes) as stores:
        if publishes:  # a sweep gathers the customer anew
            ports = join_ports(stores, settings_of(tmp_path, database_url), {})
            await delivered(case, stores, ports, tmp_path)
            case = as_stored(case, stores)
        assert await differences(stores, case, monkeypatch, tmp_path) == []


@pytest.mark.postgres
@pytest.mark.parametrize("case", [case for case in CASES if cuts(case)], ids=lambda case: case.id)
async def test_a_golden_case_comes_out_in_the_transaction_while_the_database_is_away(
    case: Case,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    postgres_server: PostgreSQL,
    migrated_postgres: str,
) -> None:
    """What cannot be committed has not happened; once the line is mended it does."""
    with line_to(postgres_server, migrated_postgres) as line:
        async with given(case, tmp_path, line.url, monkeypatch) as stores:
            assert await differences(stores, case, monkeypatch, tmp_path, line) == []
