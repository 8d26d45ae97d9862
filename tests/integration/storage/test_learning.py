"""Columns of everybody are the facts of each one, today and at the end of an earlier month."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date

import pandas as pd

from contact.ports import IncomingEvent
from strategies.declared.playbook import Field
from strategies.instants import HOUR, Instant
from strategies.profile import CustomerId, FieldValue
from tests.integration.storage.operator import CUSTOMERS, Desk

MARCH_2026 = 2026 * 12 + 2


def as_fact(cell: object, field: Field) -> FieldValue:
    """What a cell of a column says, as a profile would have it."""
    if cell is None or (isinstance(cell, float) and cell != cell):
        return None
    if field.type in ("text", "list"):
        return cell  # type: ignore[return-value]
    assert isinstance(cell, float)
    if field.type == "date":
        return date.fromordinal(int(cell) + date(1970, 1, 1).toordinal()).isoformat()
    return bool(cell) if field.type == "boolean" else int(cell) if field.type == "money" else cell


async def assert_twins(desk: Desk) -> pd.DataFrame:
    """Every cell of every field is what the profile says; the frame."""
    frame = await desk.stores.learning.table(desk.playbook, list(desk.playbook.fields))
    everybody = await desk.everybody()
    assert list(frame.index) == list(everybody) and frame.index.name == "customer"
    for customer, profile in everybody.items():
        gathered = await desk.profile(customer)
        told = {
            name: as_fact(frame.at[customer, name], field) for name, field in desk.playbook.fields.items()
        }
        assert told == profile.facts == gathered.facts
    return frame


class Operator:
    """Files of a made-up operator, drawn from a seed; ``until`` gives them as they were at a month's end."""

    def __init__(self, seed: int) -> None:
        draw = random.Random(seed)
        self.people = [f"C{number}" for number in range(25)]
        self.lines = [(f"L{number}", draw.choice(self.people)) for number in range(40)]
        months = range(MARCH_2026 - 3, MARCH_2026 + 3)
        self.usage = [
            (line, month, draw.choice(["", draw.randint(0, 900) / 100]))
            for line, _ in self.lines
            for month in months
            if draw.random() < 0.7
        ]
        self.usage += [(self.lines[0][0], month, 1.5) for month in months if month != self.usage[0][1]]
        self.usage = list({(line, month): (line, month, gb) for line, month, gb in self.usage}.values())
        self.bills = [
            (person, month, draw.randint(0, 9999) / 100) for person in self.people for month in months
        ]
        days = [date(2026, 1, 1).toordinal() + draw.randint(0, 180) for _ in range(60)]
        self.complaints = [
            (f"T{place}", draw.choice(self.people), day, draw.choice([None, day + draw.randint(0, 90)]))
            for place, day in enumerate(days)
        ]
        self.products = [
            (person, f"P{place}", draw.choice([None, days[place]]), draw.choice([None, days[place] + 40]))
            for place, person in enumerate(draw.choices(self.people, k=50))
        ]

    async def deliver(self, desk: Desk, until: int | None = None) -> None:
        last = 1 << 40 if until is None else date(until // 12, until % 12 + 2, 1).toordinal() - 1
        rows = [f"{person},{draw}.5,gold,a|b" for draw, person in enumerate(self.people)]
        changes = {"  account: account\n  name: name\n": "", "  zone: zone\n  unit: unit\n": ""}
        changes |= {"  number: {from: number, type: phone, region: CN}\n": ""}
        changes |= {"  birthday: {from: birthday, type: date}\n": ""}
        changes |= {"  roaming_now: {from: roaming, type: boolean}\n": ""}
        await desk.deliver("customers", _file("id,arpu,tier,tags", rows), changes=changes)
        rows = [f"{line},{person},,{len(line)}" for line, person in self.lines]
        await desk.deliver("lines", _file("id,customer,number,gb", rows))
        rows = [
            f"{line},{_month(month)},{gb}" for line, month, gb in self.usage if month <= (until or 1 << 40)
        ]
        await desk.deliver("usage", _file("line,month,gb", rows))
        rows = [
            f",{person},{_month(month)},{total}"
            for person, month, total in self.bills
            if month <= (until or 1 << 40)
        ]
        await desk.deliver("bills", _file("line,customer,month,total", rows))
        rows = [
            f"{id},{person},{_day(opened)},{_day(closed if closed and closed <= last else None)},bill"
            for id, person, opened, closed in self.complaints
            if opened <= last
        ]
        await desk.deliver("complaints", _file("id,customer,opened,closed,kind", rows))
        rows = [
            f"{person},{product},{_day(begun)},{_day(ended if ended and ended <= last else None)}"
            for person, product, begun, ended in self.products
            if begun is None or begun <= last
        ]
        changes = {"from: from}": "from: from, to: to}"}
        await desk.deliver("products", _file("customer,product,from,to", rows), changes=changes)


def _file(header: str, rows: list[str]) -> str:
    return "\n".join([header, *rows, ""])


def _month(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02}"


def _day(ordinal: int | None) -> str:
    return "" if ordinal is None else date.fromordinal(ordinal).isoformat()


def _columns(frame: pd.DataFrame) -> Iterator[tuple[str, list[object]]]:
    """Columns with NaN as None, so that equal means equal."""
    for name in frame.columns:
        yield name, [None if isinstance(cell, float) and cell != cell else cell for cell in frame[name]]


async def test_columns_are_the_facts_of_each_customer(desk: Desk) -> None:
    """One declaration, read for one customer, for a plan and for a model, comes to the same in every field."""
    await Operator(7).deliver(desk)
    frame = await assert_twins(desk)
    assert len(frame) == 25 and frame["arpu"].dtype == "float64" and frame["tier"].dtype == "object"


async def test_columns_have_their_types_without_any_value(desk: Desk) -> None:
    """Kinds that were never imported give columns of nothing, and no customers give no rows."""
    empty = await desk.stores.learning.table(desk.playbook, ["arpu", "tier"])
    assert len(empty) == 0 and list(empty.columns) == ["arpu", "tier"]
    await desk.deliver("customers", CUSTOMERS)
    frame = await assert_twins(desk)
    assert frame["bill_sum"].dtype == "float64" and frame["churn_reasons"].dtype == "object"


async def test_what_events_have_set_lies_over_the_columns(filled: Desk) -> None:
    """As over a profile: the later over the earlier, and only until it runs out."""
    now = (await filled.stores.clock.now()).at
    for id, customer, sets, until in (
        ("E1", "C1", {"roaming_now": True, "tags": ["x", "y"], "tier": "silver"}, None),
        ("E2", "C1", {"tier": "black", "arpu": 7}, Instant(now + HOUR)),
        ("E3", "C2", {"tier": "gone"}, Instant(now - HOUR)),
        ("E4", "C2", {"birthday": "1999-12-31"}, None),
        ("E5", "nobody", {"tier": "gold"}, None),
    ):
        event = IncomingEvent(id, "roaming_started", CustomerId(customer), None, Instant(now - 2 * HOUR), {})
        await filled.stores.events.accept(event, sets, until)
    frame = await assert_twins(filled)
    assert (frame.at["C1", "tier"], frame.at["C1", "tags"], frame.at["C1", "arpu"]) == (
        "black",
        ("x", "y"),
        7.0,
    )
    assert frame.at["C2", "tier"] is None


async def test_an_earlier_month_is_seen_as_its_own_files_had_it(desk: Desk) -> None:
    """The columns as of a month are those of a store that was only ever given the files of that day."""
    operator, names = Operator(3), list(desk.playbook.fields)
    await operator.deliver(desk, until=MARCH_2026)
    then = dict(_columns(await desk.stores.learning.table(desk.playbook, names)))
    await operator.deliver(desk)
    now = dict(_columns(await desk.stores.learning.table(desk.playbook, names)))
    again = dict(_columns(await desk.stores.learning.table(desk.playbook, names, as_of=MARCH_2026)))
    assert again == then
    differing = {name for name in names if now[name] != then[name]}
    assert {"data_gb", "bill_sum", "products", "complaint_open", "complained", "product_ended"} <= differing
