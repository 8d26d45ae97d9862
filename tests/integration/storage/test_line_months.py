"""Usage of lines by month, as the tariff engine reads it."""

from __future__ import annotations

import numpy as np
import pytest

from contact.faults import NotFound
from strategies.declared.tariff import Counter
from strategies.problems import ProblemsFound, Where
from strategies.profile import CustomerId
from tests.integration.storage.operator import CUSTOMERS, USAGE, Desk

PLACE = Where("counters.yaml", 2, 3)
LINES = """id,customer,number,gb,tariff,addons,ends
L1,C1,13800000001,10,plus-15,data-5;talk-100,2026-12-31
L2,C1,13800000011,20,,,
L3,C2,13800000002,5,basic,,
"""
BILLS = """line,customer,month,total
,C1,2026-03,99.00
L1,C1,2026-03,10.10
,C2,2026-02,20.20
L3,C2,2026-03,30.30
,C2,2026-03,40.40
,C3,2026-03,50.50
"""


def counter(id: str, source: str) -> Counter:
    return Counter(id, "data", "home", "GB", source, PLACE)


DATA = counter("data", "usage.data_gb")


async def delivered(desk: Desk) -> Desk:
    """Customers, lines with their tariffs, usage and bills."""
    await desk.deliver("customers", CUSTOMERS)
    facts = "plan_gb: {from: gb, type: number}, tariff: tariff, addons: addons, contract_end: ends"
    await desk.deliver("lines", LINES, changes={"plan_gb: {from: gb, type: number}": facts})
    await desk.deliver("usage", USAGE + "L2,2026-03,\n")
    await desk.deliver("bills", BILLS)
    return desk


async def test_quantities_stand_by_line_month_and_counter(desk: Desk) -> None:
    """A month without a row is not there; an empty cell of a month that is there is 0."""
    await delivered(desk)
    found = await desk.stores.learning.usage([DATA, counter("again", "usage.data_gb")], months=3)
    place = {line: index for index, line in enumerate(found.lines)}
    assert found.months == [24312, 24313, 24314]
    assert found.there[place["L1"]].tolist() == [True, True, True]
    assert found.quantities[place["L1"]].tolist() == [[1, 1], [2, 2], [3, 3]]
    assert found.there[place["L2"]].tolist() == [False, True, True]
    assert found.quantities[place["L2"], :, 0].tolist() == [0, 4, 0]
    assert not found.there[place["L3"]].any()
    assert (await desk.stores.learning.usage([DATA], months=4)).there[place["L3"]].tolist() == [
        True,
        False,
        False,
        False,
    ]


async def test_a_line_brings_its_tariff_addons_contract_and_unit(desk: Desk) -> None:
    """What the file does not say is None, and no add-ons."""
    await delivered(desk)
    found = await desk.stores.learning.usage([DATA], months=1)
    rows = zip(found.customers, found.units, found.tariffs, found.addons, found.contract_ends, strict=True)
    assert dict(zip(found.lines, rows, strict=True)) == {
        "L1": ("C1", "G1", "plus-15", ("data-5", "talk-100"), "2026-12-31"),
        "L2": ("C1", "G1", None, (), None),
        "L3": ("C2", "G1", "basic", (), None),
    }


async def test_a_customers_bill_is_the_lines_where_it_is_the_only_one(desk: Desk) -> None:
    """A line's own bill comes first; a bill of a customer with two lines belongs to neither."""
    await delivered(desk)
    found = await desk.stores.learning.usage([DATA], months=2)
    issued = dict(zip(found.lines, found.issued.tolist(), strict=True))
    assert issued == {"L1": [-1, 1010], "L2": [-1, -1], "L3": [2020, 3030]}


async def test_one_customers_arrays_are_a_part_of_everybodys(desk: Desk) -> None:
    """The months are the file's, whoever is asked about."""
    await delivered(desk)
    everybody = await desk.stores.learning.usage([DATA], months=4)
    for customer in ("C1", "C2", "C3"):
        found = await desk.stores.learning.usage([DATA], months=4, customer=CustomerId(customer))
        rows = [index for index, owner in enumerate(everybody.customers) if owner == customer]
        assert list(found.lines) == [everybody.lines[index] for index in rows]
        assert list(found.units) == [everybody.units[index] for index in rows]
        assert list(found.addons) == [everybody.addons[index] for index in rows]
        assert list(found.months) == list(everybody.months)
        for one, all_ in (
            (found.quantities, everybody.quantities), (found.there, everybody.there), (found.issued, everybody.issued),
        ):  # fmt: skip
            assert np.array_equal(one, all_[rows])
    with pytest.raises(NotFound):
        await desk.stores.learning.usage([DATA], months=4, customer=CustomerId("C9"))


async def test_a_counter_without_its_column_is_told_at_its_place(desk: Desk) -> None:
    """Each counter that cannot be read, with the reason: no usage at all, no such column, or no number."""
    wanted = [DATA, counter("talk", "usage.minutes"), counter("line", "usage.line")]
    with pytest.raises(ProblemsFound) as before:
        await desk.stores.learning.usage(wanted[:1], months=3)
    await delivered(desk)
    with pytest.raises(ProblemsFound) as after:
        await desk.stores.learning.usage(wanted, months=3)
    told = [(each.code, each.where, each.message) for each in (*before.value.problems, *after.value.problems)]
    assert told == [
        ("tariff.counter_missing", PLACE, "counter 'data' reads usage.data_gb, but no usage was imported yet"),
        ("tariff.counter_missing", PLACE, "counter 'talk' reads usage.minutes, a column the usage file does not have"),
        ("tariff.counter_missing", PLACE, "counter 'line' reads usage.line, which is id and not a number"),
    ]  # fmt: skip


async def test_months_are_those_of_usage_and_bills(desk: Desk) -> None:
    """Ascending, each once; none before the first import."""
    assert await desk.stores.learning.months() == []
    await delivered(desk)
    await desk.deliver("bills", BILLS + ",C2,2026-05,1\n")
    assert await desk.stores.learning.months() == [24311, 24312, 24313, 24314, 24316]


async def test_a_month_that_is_not_delivered_yet_is_left_out(desk: Desk) -> None:
    """April has data and no minutes of anybody: for both it ends in March; a counter never delivered holds up nothing."""
    await delivered(desk)
    mapping = {
        "month: month": "month: month, minutes: {from: minutes, type: number}, fax: {from: fax, type: number}"
    }
    rows = "line,month,gb,minutes,fax\nL1,2026-02,2,20,\nL1,2026-03,3,30,\nL2,2026-04,4,,\n"
    await desk.deliver("usage", rows, changes=mapping)
    minutes, fax = counter("minutes", "usage.minutes"), counter("fax", "usage.fax")

    async def months(*counters: Counter, until: int | None = None) -> list[int]:
        return list((await desk.stores.learning.usage(counters, months=2, until=until)).months)

    assert await months(DATA, fax) == [24314, 24315]
    assert await months(DATA, minutes) == [24313, 24314]
    one = await desk.stores.learning.usage([DATA, minutes], months=2, customer=CustomerId("C1"))
    assert list(one.months) == [24313, 24314]
    assert await months(DATA, until=24314) == [24313, 24314]
    assert await months(DATA, minutes, until=24313) == [24312, 24313]
    await desk.deliver("usage", rows + "L1,2026-04,,7,\n", changes=mapping)
    assert await months(DATA, minutes) == [24314, 24315]
