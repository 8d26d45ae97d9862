"""Reveals, budgets of card views, and records whose time is over."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from contact.domain.contact import ContactId
from contact.domain.task import TaskId
from contact.faults import TooManyCards
from contact.flow.deciding.explain import explain
from contact.flow.hearing.receive import EventBody, event
from contact.flow.people.retain import retain, retain_if_due
from contact.flow.people.reveal import allow_cards, card_budget, look_at_card, reveal
from contact.flow.planning.plan import plan
from contact.flow.working.correct import correct
from contact.flow.working.next_task import next_task
from contact.flow.working.work_task import complete, start
from contact.ports import IncomingEvent, Receipt, WouldHave
from contact.settings import Settings
from contact.storage.audits.ledger_check import check_ledger
from contact.storage.databases.transaction import Transaction
from contact.storage.keys.sealing import is_sealed
from contact.wiring import House, join
from strategies.instants import DAY as A_DAY
from strategies.instants import Instant, parse_instant, to_datetime
from strategies.problems import ProblemsFound
from strategies.profile import CustomerId
from tests.integration.flow.stage import customer, open_for_business, texts

DAY = "2030-03-04"
CALLS = {"p_call": "0.9", "p_sms": "0.01"}


def said(operator: str) -> dict[str, str]:
    """The small operator's playbook with more in ``operator.yaml``."""
    usual = texts()
    return {**usual, "operator.yaml": usual["operator.yaml"] + operator}


async def test_names_and_numbers_lie_sealed_and_open_for_their_own_customer_only(
    house: House, tmp_path: Path
) -> None:
    """What the tables hold is no name and no number; the port opens both."""
    await open_for_business(house, tmp_path, [customer(1), customer(2)])
    rows = await house.stores.database.read(lambda tx: tx.rows("open_identities", after="", limit=9))
    assert [(is_sealed(row["name"]), is_sealed(row["number"])) for row in rows] == [(True, True)] * 2
    identity = await house.ports.customers.identity(CustomerId("C1"))
    assert (identity.name, identity.number) == ("Person 1", "+8613800000001")


async def test_the_folder_of_a_new_store_is_for_its_own_user_alone(tmp_path: Path) -> None:
    """Facts of customers lie there in files that are not sealed."""
    home = tmp_path / "somewhere" / "home"
    house = await join(Settings.from_environment({"CONTACT_HOME": str(home)}))
    await house.close()
    assert home.stat().st_mode & 0o077 == 0


async def test_a_reveal_is_on_record_with_its_reason(house: House, tmp_path: Path) -> None:
    """Without a reason nothing is shown; with one, who and why stand in the audit trail, name and number do not."""
    await open_for_business(house, tmp_path, [customer(1)])
    with pytest.raises(ProblemsFound):
        await reveal(house.ports, "C1", author="P1", role="agent", why="")
    shown = await reveal(house.ports, "C1", author="P1", role="agent", why="asked which number we call")
    assert (shown.name, shown.number) == ("Person 1", "+8613800000001")
    (entry,) = await house.ports.audit.page(act="customer.revealed")
    assert (entry.act.actor, entry.act.about) == ("P1", "C1")
    assert "Person" not in repr(entry) and "13800000001" not in repr(entry)


async def test_a_person_opens_so_many_cards_a_day_and_no_more(house: House, tmp_path: Path) -> None:
    """The same customer counts once; one too many is refused and on record; a supervisor allows more for the day."""
    operator = "card_views_per_day: 2\n"
    await open_for_business(house, tmp_path, [customer(each) for each in (1, 2, 3)], said(operator))

    async def look(number: int) -> None:
        await look_at_card(house.ports, f"C{number}", viewer="P1", role="agent")

    for number in (1, 2, 1):
        await look(number)
    with pytest.raises(TooManyCards):
        await look(3)
    (refused,) = await house.ports.audit.page(act="card.refused")
    assert (refused.act.about, dict(refused.act.details)) == ("C3", {"used": 2, "most": 2})
    await look_at_card(house.ports, "C3", viewer="P2", role="agent")
    after = await allow_cards(house.ports, "P1", 1, author="S1", role="supervisor", why="recall")
    assert (after.used, after.most) == (2, 3)
    await look(3)
    await house.ports.clock.move_to(parse_instant("2030-03-05T11:00+08:00"))
    for number in (1, 2):
        await look(number)


async def called(house: House, *, note: str) -> str:
    """P1 makes the first call of a plan, which is accepted; its task."""
    await plan(house.ports, DAY)
    await house.ports.clock.move_to(parse_instant("2030-03-04T10:30+08:00"))
    task = (await next_task(house.ports, "P1")).task
    assert task is not None and (await start(house.ports, task.task, task.fence, "P1")).allowed
    await complete(house.ports, task.task, task.fence, "P1", "accepted", note)
    return task.task


async def test_what_is_old_goes_and_what_still_counts_stays(house: House, tmp_path: Path) -> None:
    """A dry run counts what a run deletes; notes go before contacts; a run a day is enough and is on record."""
    await open_for_business(
        house, tmp_path, [customer(1, **CALLS)], said("retention: {notes: P10D, contacts: P20D}\n")
    )
    await called(house, note="a note of mine")
    aside = house.settings.home / "set-aside" / "old.csv"
    aside.parent.mkdir(exist_ok=True)
    aside.write_text("x")
    os.utime(aside, (time.time() - 40 * 86_400,) * 2)

    async def ran(dry_run: bool) -> dict[str, int]:
        return (await retain(house.ports, author="A1", role="admin", dry_run=dry_run)).records

    await house.ports.clock.move_to(parse_instant("2030-03-16T10:30+08:00"))
    would = await ran(True)
    assert (would["notes"], would["contacts"], would["set_aside"]) == (1, 0, 1) and aside.exists()
    done = await ran(False)
    assert {kind: done[kind] for kind in would} == would and not aside.exists()
    assert not await retain_if_due(house.ports)
    await house.ports.clock.move_to(parse_instant("2030-03-26T10:30+08:00"))
    assert (await ran(True))["contacts"] == 0  # the widest window looks back 31 days
    await house.ports.clock.move_to(parse_instant("2030-05-26T10:30+08:00"))
    assert await retain_if_due(house.ports)
    assert (await ran(True))["contacts"] == 0
    acts = [dict(each.act.details) for each in await house.ports.audit.page(act="retention.run")]
    assert [each.get("contacts", 0) for each in acts] == [1, 0]


async def test_what_hangs_on_old_contacts_and_events_goes_with_them(house: House, tmp_path: Path) -> None:
    """Corrections, places of the control group and what events set leave nothing, and the ledger has no loose ends."""
    await open_for_business(
        house, tmp_path, [customer(1, **CALLS)], said("retention: {events: P10D, contacts: P20D}\n")
    )
    task = await called(house, note="")
    row = await house.ports.tasks.get(TaskId(task))
    assert row.contact is not None
    await correct(house.ports, row.contact, "rejected", author="S1", role="supervisor", why="misheard")
    now = (await house.ports.clock.now()).at
    held_back = WouldHave(
        DAY,
        CustomerId("C1"),
        row.candidate.strategy,
        row.candidate.offer,
        "outbound_call",
        "control",
        now,
        None,
    )
    await house.ports.plans.would_have(held_back)
    told = IncomingEvent("order-1", "ordered", CustomerId("C1"), None, now, {})
    await house.ports.events.accept(told, {"last_order": "data-20"}, Instant(now + 5 * A_DAY))
    tables = ("correction", "would_have", "profile_change")

    def left(tx: Transaction) -> list[int]:
        return [
            tx.connection.execute(f"SELECT count(*) AS count FROM {each}").fetchone()["count"]
            for each in tables
        ]

    assert await house.stores.database.read(left) == [1, 1, 1]
    await house.ports.clock.move_to(parse_instant("2030-05-26T10:30+08:00"))
    await retain(house.ports, author="A1", role="admin", dry_run=False)
    assert await house.stores.database.read(left) == [0, 0, 0]
    checked = await check_ledger(house.stores.database, await house.ports.playbooks.current())
    assert checked.violations == 0, checked


async def test_reports_on_contacts_nobody_has_go_after_thirty_days(house: House, tmp_path: Path) -> None:
    """Those on contacts that stand stay with them, however old."""
    await open_for_business(house, tmp_path, [customer(1, **CALLS)], said("retention: {contacts: P900D}\n"))
    task = await house.ports.tasks.get(TaskId(await called(house, note="")))
    assert task.contact is not None
    now = (await house.ports.clock.now()).at
    for number, contact in enumerate((task.contact, ContactId("not-ours"))):
        assert await house.ports.ledger.receive(Receipt(str(number), contact, "delivered", now))

    async def left_at(instant: str) -> list[str]:
        await house.ports.clock.move_to(parse_instant(instant))
        await retain(house.ports, author="A1", role="admin", dry_run=False)
        text = "SELECT source FROM inbox ORDER BY source"
        found = await house.stores.database.read(lambda tx: tx.connection.execute(text).fetchall())
        return [row["source"] for row in found]

    assert await left_at("2030-04-02T10:30+08:00") == ["astray", "receipt"]
    assert await left_at("2030-04-04T10:30+08:00") == ["receipt"]


async def test_what_is_told_of_one_customer_is_a_look_except_at_work(house: House, tmp_path: Path) -> None:
    """A person who holds a task of the customer looks without its being counted; anybody else's look counts."""
    await open_for_business(house, tmp_path, [customer(1, **CALLS)])
    await plan(house.ports, DAY)
    await house.ports.clock.move_to(parse_instant("2030-03-04T10:30+08:00"))
    assert (await next_task(house.ports, "P1")).task is not None
    for viewer in ("P1", "P2"):
        await look_at_card(house.ports, "C1", viewer=viewer, role="agent")
    assert [(await card_budget(house.ports, viewer)).used for viewer in ("P1", "P2")] == [0, 1]


async def test_an_event_that_a_rule_still_looks_at_outlives_its_period(house: House, tmp_path: Path) -> None:
    """A rest after an event lasts as the rule says, however short events are kept; then the event goes like others."""
    usual = said("retention: {events: P10D}\n")
    rest = "  - {rule: rest, effect: cooldown, event: ordered, lasts: P40D}\n"
    policies = {"policies/caps.yaml": usual["policies/caps.yaml"] + rest}
    await open_for_business(house, tmp_path, [customer(1)], {**usual, **policies})
    at = to_datetime((await house.ports.clock.now()).at)
    for kind in ("ordered", "roaming_started"):
        await event(house.ports, EventBody(id=kind, type=kind, at=at, customer="C1"))

    async def ran() -> int:
        return (await retain(house.ports, author="A1", role="admin", dry_run=False)).records["events"]

    await house.ports.clock.move_to(parse_instant("2030-04-03T10:30+08:00"))
    assert await ran() == 1
    answer = await explain(house.ports, "C1")
    assert {"rest"} <= {
        gate.gate.split(".")[-1] for each in answer.candidates for gate in each.gates if not gate.passed
    }
    await house.ports.clock.move_to(parse_instant("2030-05-26T10:30+08:00"))
    assert await ran() == 1
