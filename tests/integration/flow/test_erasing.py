"""Customers who asked to be forgotten."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from contact.domain.acts import Act
from contact.domain.answers import ImportAnswer
from contact.domain.privacy_answers import ErasureAnswer
from contact.faults import Conflict, NotFound
from contact.flow.deciding.decide import DecisionRequest, decide
from contact.flow.hearing.record_consent import ConsentBody, record_consent
from contact.flow.people.erase import erase
from contact.flow.people.merge import merge_customers
from contact.flow.people.retain import retain
from contact.flow.planning.plan import plan
from contact.flow.selecting.import_file import import_file
from contact.flow.selecting.select import selected
from contact.flow.working.show_customer import timeline
from contact.wiring import House
from strategies.problems import ProblemsFound
from strategies.profile import CustomerId
from tests.integration.flow.stage import COLUMNS, CUSTOMERS_MAPPING, customer, open_for_business

DAY = "2030-03-04"
C1 = CustomerId("C1")


async def delivered(house: House, folder: Path, customers: list[dict[str, object]]) -> ImportAnswer:
    """The operator's list of customers once more, with those it had before."""
    people = folder / "again.csv"
    rows = [",".join(str(each[name]) for name in COLUMNS) for each in customers]
    people.write_text("\n".join([",".join(COLUMNS), *rows]) + "\n")
    return await import_file(house.ports, "customers", str(people), CUSTOMERS_MAPPING)


async def forget(house: House, customer: str) -> ErasureAnswer:
    return await erase(house.ports, customer, author="A1", role="admin", why="asked by letter")


async def test_an_erased_customer_is_nowhere_any_more(house: House, tmp_path: Path) -> None:
    """Name, number, facts, tasks and search are gone at once; the generation in force no longer holds the customer."""
    await open_for_business(house, tmp_path, [customer(1, p_call="0.9"), customer(2)])
    await plan(house.ports, DAY)
    number = await house.ports.customers.number(C1, None)
    assert number is not None
    assert (await forget(house, "C1")).tasks_cancelled == 1
    with pytest.raises(NotFound):
        await house.ports.customers.identity(C1)
    with pytest.raises(NotFound):
        await house.ports.profiles.gather(C1, await house.ports.playbooks.current())
    with pytest.raises(NotFound):
        await timeline(house.ports, "C1")
    assert await house.ports.customers.find_by_number(number) == []
    assert (await plan(house.ports, DAY)).customers == 1
    files = list((house.settings.home / "generations").glob("customers-*.parquet"))
    assert len(files) == 2 and b"C1" not in max(files, key=lambda path: path.name).read_bytes()
    acts = await house.ports.audit.page(act="customer.erased")
    assert [(each.act.about, each.act.why) for each in acts] == [("C1", "asked by letter")]


async def test_whoever_was_erased_cannot_be_delivered_again(house: House, tmp_path: Path) -> None:
    """The row is neither taken nor set aside, in a list of customers as in every later generation."""
    await open_for_business(house, tmp_path, [customer(1), customer(2)])
    await forget(house, "C1")
    answer = await delivered(house, tmp_path, [customer(1), customer(2), customer(3)])
    assert (answer.accepted, answer.erased, answer.set_aside) == (2, 1, 0)
    assert await house.ports.customers.count() == 2
    assert (await plan(house.ports, DAY)).customers == 2


async def test_what_an_erased_person_withdrew_goes_on_binding_the_number(
    house: House, tmp_path: Path
) -> None:
    """The same person under another id is not contacted either."""
    await open_for_business(house, tmp_path, [customer(1, p_call="0.9"), customer(2)])
    await record_consent(house.ports, "C1", ConsentBody(given=False, channel="all", category="all"))
    await forget(house, "C1")
    again = {**customer(3, p_call="0.9"), "number": customer(1)["number"]}
    await delivered(house, tmp_path, [customer(2), again])
    assert (await plan(house.ports, DAY)).reserved == 1
    assert [task.customer for task in await house.ports.tasks.list(day=DAY)] == ["C2"]


async def test_erasing_twice_answers_the_same_and_needs_a_reason_and_a_customer(
    house: House, tmp_path: Path
) -> None:
    """A repeated request has no second effect; nobody is erased without a reason or by a wrong id."""
    await open_for_business(house, tmp_path, [customer(1), customer(2)])
    with pytest.raises(ProblemsFound):
        await erase(house.ports, "C1", author="A1", role="admin", why=" ")
    with pytest.raises(NotFound):
        await forget(house, "C9")
    first = await forget(house, "C1")
    second = await forget(house, "C1")
    assert first.at == second.at


async def test_a_store_restored_from_before_an_erasure_erases_again(house: House, tmp_path: Path) -> None:
    """The journal outside the database names the customer; the daily run carries it out."""
    await open_for_business(house, tmp_path, [customer(1), customer(2)])
    journal = house.settings.home / "journal" / "erasures.jsonl"
    journal.parent.mkdir(exist_ok=True)
    journal.write_text(json.dumps({"customer": "C1"}) + '\n{"cust')
    await retain(house.ports, author="A1", role="admin", dry_run=False)
    with pytest.raises(NotFound):
        await house.ports.customers.identity(C1)
    assert await house.ports.customers.count() == 1


async def test_whoever_was_merged_is_forgotten_under_every_id(house: House, tmp_path: Path) -> None:
    """The old id erases nobody and says who it is now; a backup from before the merger meets both in the journal."""
    await open_for_business(house, tmp_path, [customer(1), customer(2)])
    await merge_customers(house.ports, "C1", "C2", author="A1", role="admin", why="one person")
    with pytest.raises(Conflict, match="C2"):
        await forget(house, "C1")
    assert (await house.ports.customers.identity(CustomerId("C2"))).name == "Person 2"
    await forget(house, "C2")
    journal = (house.settings.home / "journal" / "erasures.jsonl").read_text()
    assert {json.loads(line)["customer"] for line in journal.splitlines()} == {"C1", "C2"}


async def test_many_who_go_at_once_are_taken_out_by_one_writing(house: House, tmp_path: Path) -> None:
    """Whoever waits for the files finds them done: none writes what another has written, and none is refused for it."""
    await open_for_business(house, tmp_path, [customer(each) for each in range(1, 15)])
    act = Act("A1", "admin", "customers.merged", why="one person")
    for old in range(1, 7):
        await house.ports.people.merge(CustomerId(f"C{old}"), CustomerId(f"C{old + 7}"), None, act)
    gone = await asyncio.gather(*(house.ports.erasures.forget() for _ in range(6)))
    assert gone == [6, 0, 0, 0, 0, 0]
    files = sorted((house.settings.home / "generations").glob("customers-*.parquet"))
    assert len(files) == 2
    left = pq.read_table(files[-1])["customer"].to_pylist()
    assert sorted(left) == sorted(f"C{each}" for each in range(7, 15))


async def test_a_decision_under_way_leaves_no_facts_of_whoever_was_erased(
    house: House, tmp_path: Path
) -> None:
    """Its record is written a little later than it is answered, and then no more."""
    await open_for_business(house, tmp_path, [customer(1), customer(2)])
    answers = {each: await decide(house.ports, DecisionRequest(each, "web")) for each in ("C1", "C2")}
    await forget(house, "C1")
    await house.stores.decisions.record("late", "C1", {"at_us": 1})
    with pytest.raises(NotFound):
        await house.ports.decisions.get("late")
    assert (await house.ports.decisions.get(answers["C2"].decision))["request"]["customer"] == "C2"


async def test_the_last_customer_can_be_forgotten_too(house: House, tmp_path: Path) -> None:
    """A generation of nobody is a generation: the daily run, a plan and the next delivery go on."""
    await open_for_business(house, tmp_path, [customer(1)])
    await forget(house, "C1")
    await retain(house.ports, author="A1", role="admin", dry_run=False)
    assert (await plan(house.ports, DAY)).customers == 0
    found = await selected(house.ports, "data_gb >= 0", channel="web", category="marketing")
    assert found.answer.total == 0
    assert (await delivered(house, tmp_path, [customer(2)])).accepted == 1
    assert (await plan(house.ports, DAY)).customers == 1


async def test_an_erasure_after_a_crash_amid_a_line_is_on_record(house: House, tmp_path: Path) -> None:
    """Half a line of whoever died before costs that line alone: the next erasure stands on one of its own."""
    await open_for_business(house, tmp_path, [customer(1), customer(2)])
    journal = house.settings.home / "journal" / "erasures.jsonl"
    journal.parent.mkdir(exist_ok=True)
    journal.write_text('{"cust')
    await forget(house, "C1")
    assert json.loads(journal.read_text().splitlines()[-1]) == {"customer": "C1"}
