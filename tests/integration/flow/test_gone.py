"""Customers who left, and numbers that changed, between the plan and the hand-over."""

from __future__ import annotations

from pathlib import Path

from contact.flow.planning.plan import plan
from contact.flow.selecting.import_file import import_file
from contact.flow.working.dispatch import dispatch_due
from contact.flow.working.next_task import next_task
from contact.wiring import House
from strategies.instants import parse_instant
from tests.integration.flow.stage import COLUMNS, CUSTOMERS_MAPPING, Gateway, customer, open_for_business

DAY = "2030-03-04"


async def redelivered(house: House, folder: Path, customers: list[dict[str, object]]) -> None:
    """The operator's list of customers once more."""
    people = folder / "customers.csv"
    rows = [",".join(str(each[name]) for name in COLUMNS) for each in customers]
    people.write_text("\n".join([",".join(COLUMNS), *rows]) + "\n")
    await import_file(house.ports, "customers", str(people), CUSTOMERS_MAPPING, confirm_shrink=True)


async def test_a_customer_who_left_holds_up_nobody(house: House, tmp_path: Path) -> None:
    """Whoever is in the operator's list no more leaves the queues with the import; agents go on with the others."""
    await open_for_business(house, tmp_path, [customer(1, p_call="0.9"), customer(2)])
    assert (await plan(house.ports, DAY)).by_channel == {"outbound_call": 2}
    await redelivered(house, tmp_path, [customer(2)])
    await house.ports.clock.move_to(parse_instant("2030-03-04T10:30+08:00"))
    answer = await next_task(house.ports, "P1")
    assert answer.task is not None and answer.task.customer == "C2"
    gone = await house.ports.tasks.list(customer="C1")
    assert [(task.state, task.reason) for task in gone] == [("cancelled", "customer_gone")]


async def test_a_message_never_goes_to_a_number_the_caps_did_not_count(
    house: House, tmp_path: Path, gateway: tuple[Gateway, str]
) -> None:
    """The number changed after the place was taken: the contact is released, and the new number hears nothing."""
    heavy = {"p_sms": "0.9", "p_call": "0.01"}
    await open_for_business(house, tmp_path, [customer(1, **heavy)])
    assert (await plan(house.ports, DAY)).by_channel == {"sms": 1}
    await redelivered(house, tmp_path, [{**customer(1, **heavy), "number": "13900009999"}])
    await house.ports.clock.move_to(parse_instant("2030-03-04T10:30+08:00"))
    assert await dispatch_due(house.ports, "sms") == 0
    assert gateway[0].log == []
    (task,) = await house.ports.tasks.list(customer="C1")
    assert (task.state, task.reason) == ("cancelled", "gateway: number_changed")
