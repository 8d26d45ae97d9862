"""Contacts, consents and staff delivered as files: rows of the ledger that repeat without effect."""

from __future__ import annotations

from pathlib import Path

import pytest

from contact.faults import NotFound
from contact.ports import Reserved
from contact.storage.audits.ledger_check import check_ledger
from strategies.candidate import Candidate
from strategies.compiling.compile import compile_playbook
from strategies.instants import parse_instant
from strategies.problems import ProblemsFound
from strategies.profile import Subject
from tests.contracts.situations import CONSENT, wish
from tests.integration.storage.operator import PLAYBOOK, Desk

CONTACTS = """id,customer,channel,category,at,result,line
H1,C1,sms,marketing,2026-03-01T10:00:00+08:00,,L2
H2,C1,sms,service,2026-03-02T10:00:00+08:00,rejected,
H3,C2,web,marketing,2026-03-02T11:00:00+08:00,accepted,
"""
CONSENTS = "customer,number,given,channel,category,at\n"


async def _contacts(desk: Desk, customer: str) -> dict[str, object]:
    rows = await desk.stores.database.read(
        lambda tx: tx.connection.execute("SELECT * FROM contact ORDER BY id").fetchall()
    )
    return {row["id"]: row for row in rows if row["customer_id"] == customer}


async def test_past_contacts_enter_the_ledger_once(filled: Desk) -> None:
    """A contact has its subjects, its moments and one move; importing the file again changes nothing."""
    await filled.deliver("contacts", CONTACTS)
    before = await filled.state()
    answer = await filled.deliver("contacts", CONTACTS)
    assert (answer.generation, answer.accepted) == (None, 3)
    assert await filled.state() == before
    found = await _contacts(filled, "C1")
    first, second = found["past-H1"], found["past-H2"]
    at = parse_instant("2026-03-01T10:00:00+08:00")
    assert (first["state"], first["final"], first["attempt_us"], first["promotional"]) == ("sent", 1, at, 1)  # type: ignore[index]
    assert first["account_id"] == "A1"  # type: ignore[index]
    assert first["number_hash"] == filled.stores.customers.number_hash("+8613800000011")  # type: ignore[index]
    assert (second["promotional"], second["rejected_us"] is not None) == (0, True)  # type: ignore[index]


async def test_past_contacts_count_for_everybody_they_concern(filled: Desk) -> None:
    """A gather sees the contacts of the customer's account, not only the customer's own."""
    await filled.deliver("contacts", CONTACTS.replace("2026-03-0", "2126-03-0"))
    expected = {"past-H1", "past-H2", "past-H3"}
    assert {contact.id for contact in (await filled.profile("C1")).contacts} == expected
    assert {contact.id for contact in (await filled.everybody())["C2"].contacts} == expected


async def test_past_contacts_alone_break_no_cap_of_today(filled: Desk) -> None:
    """Two messages in two days were sent by whoever was there before; only a third that is ours is told."""
    once_a_week = """
policy: p
layer: company
rules: [{rule: weekly, effect: cap, match: {channels: [sms]}, window: {sliding: P7D}, max: 1}]
"""
    lawful = PLAYBOOK | {"policies/law.yaml": CONSENT}
    capped = compile_playbook(lawful | {"policies/p.yaml": once_a_week})
    await filled.deliver("contacts", CONTACTS.replace("2026-03-0", "2126-03-0"))
    assert (await check_ledger(filled.stores.database, capped)).found["cap p.weekly"] == ()
    at = parse_instant("2126-03-03T10:00:00+08:00")
    candidate = Candidate(channel="sms", category="marketing")
    made = await filled.stores.ledger.reserve(
        wish(compile_playbook(lawful), await filled.profile("C1"), at, candidate, planned_at=at)
    )
    assert isinstance(made, Reserved)
    assert (await check_ledger(filled.stores.database, capped)).found["cap p.weekly"] == (made.contact,)


async def test_past_contacts_of_unknown_people_channels_and_results_are_set_aside(filled: Desk) -> None:
    """Who is nobody, what is no channel, category or result of ours is told by column."""
    faulty = CONTACTS + "".join(
        f"{row},2026-03-01T10:00:00+08:00,{result},\n"
        for row, result in [
            ("X1,C9,sms,marketing", ""), ("X2,C1,fax,marketing", ""),
            ("X3,C1,sms,gossip", ""), ("X4,C1,sms,marketing", "maybe"),
        ]
    )  # fmt: skip
    answer = await filled.deliver("contacts", faulty)
    assert (answer.accepted, answer.set_aside) == (3, 4)
    told = Path(answer.set_aside_file or "").read_text(encoding="utf-8")
    for reason in (
        "belongs to no imported customer",
        "is no channel",
        "is no category",
        "is none of accepted",
    ):
        assert reason in told


async def test_consents_are_recorded_once_and_raise_epochs(filled: Desk) -> None:
    """The epoch of person and number rises with a new record, and not when the same file comes again."""
    content = CONSENTS + "C1,,no,sms,marketing,2026-01-01T00:00Z\n,13800000002,no,all,all,2026-01-01T00:00Z\n"
    await filled.deliver("consents", content)
    await filled.deliver("consents", content)
    first, second = await filled.profile("C1"), await filled.profile("C2")
    assert [(each.given, each.channel, each.category) for each in first.consents] == [
        (False, "sms", "marketing")
    ]
    assert [(each.given, each.customer, each.channel) for each in second.consents] == [(False, None, "all")]
    assert first.epochs[Subject("customer", "C1")] == 1
    assert second.epochs[Subject("number", second.number_hash or "")] == 1
    everybody = await filled.everybody()
    assert (everybody["C1"], everybody["C2"]) == (first, second)


async def test_consents_for_what_there_is_not_refuse_the_file(filled: Desk) -> None:
    """A misspelt channel or category would bind nobody: each is told by line and column, and no record is kept."""
    rows = [
        "C1,,no,sms,marketing",
        "C1,,no,smss,marketing",
        "C2,,no,all,gossip",
        "C2,,no,all,promotional",
        "C1,,no,fax,gossip",
    ]
    content = CONSENTS + "".join(f"{row},2026-01-01T00:00Z\n" for row in rows)
    with pytest.raises(ProblemsFound) as found:
        await filled.deliver("consents", content)
    told = [(each.where.line, each.where.column, each.message) for each in found.value.problems]
    assert told == [
        (3, 4, "channel is no channel of the playbook"),
        (4, 5, "category is no category of the playbook"),
        (6, 4, "channel is no channel of the playbook"),
        (6, 5, "category is no category of the playbook"),
    ]
    assert (await filled.profile("C1")).consents == ()


async def test_where_two_rows_of_consent_disagree_the_stricter_counts(filled: Desk) -> None:
    """Of a grant and a withdrawal of the same scope and instant the withdrawal stands, in either order."""
    for customer, answers in (("C1", ("yes", "no")), ("C2", ("no", "yes"))):
        rows = "".join(f"{customer},,{answer},sms,marketing,2026-01-01T00:00Z\n" for answer in answers)
        await filled.deliver("consents", CONSENTS + rows)
        assert [each.given for each in (await filled.profile(customer)).consents] == [False]


async def test_a_withdrawal_binds_person_and_number_a_grant_only_the_person(filled: Desk) -> None:
    """A row that names both withdraws for both; a grant is not spread over a number others may use."""
    both = "C1,13800000001,{},sms,marketing,2026-0{}-01T00:00Z\n"
    await filled.deliver("consents", CONSENTS + both.format("no", 1) + both.format("yes", 2))
    found = {(each.given, each.customer is None) for each in (await filled.profile("C1")).consents}
    assert found == {(False, False), (False, True), (True, False)}


async def test_consents_take_no_faulty_row_at_all(filled: Desk) -> None:
    """One bad row among good ones refuses the file, with its place."""
    before = await filled.state()
    rows = "".join(f"C1,,no,sms,marketing,2026-01-{day:02}T00:00Z\n" for day in range(1, 29))
    with pytest.raises(ProblemsFound) as caught:
        await filled.deliver("consents", f"{CONSENTS}{rows},,no,sms,marketing,2026-01-01T00:00Z\n")
    assert "consents.csv:30:0: import.faulty_row: customer or number is empty" in str(caught.value)
    assert await filled.state() == before


async def test_staff_come_and_go_with_their_file(filled: Desk) -> None:
    """A staff snapshot adds, changes and removes people."""
    head = "id,name,role,languages,channels\n"
    await filled.deliver("staff", f"{head}p1,Ann,agent,en;zh-CN,outbound_call\np2,Bo,agent,,\n")
    person = await filled.stores.customers.person("p1")
    assert (person.name, person.languages, person.channels) == ("Ann", ("en", "zh-CN"), ("outbound_call",))
    await filled.deliver("staff", f"{head}p1,Anna,field,,\n")
    assert (await filled.stores.customers.person("p1")).role == "field"
    with pytest.raises(NotFound):
        await filled.stores.customers.person("p2")
