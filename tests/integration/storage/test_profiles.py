"""Profiles: aggregates over many rows, events laid over, and one meaning for one customer and for all."""

from __future__ import annotations

from contact.ports import IncomingEvent
from strategies.instants import HOUR, Instant
from strategies.profile import CustomerId
from tests.integration.storage.operator import Desk

PRODUCTS = "customer,product,from\nC1,cloud,2026-01-01\nC1,music,2026-02-01\n"
COMPLAINTS = """id,customer,opened,closed,kind
T1,C1,2026-01-01,2026-01-03,bill
T2,C1,2026-02-01,,network
T3,C2,2026-02-01,2026-02-03,bill
"""


async def test_many_rows_become_one_fact(filled: Desk) -> None:
    """Lines are summed by month, months count back from the latest on file, NULL and nothing are told apart."""
    await filled.deliver("products", PRODUCTS)
    await filled.deliver("complaints", COMPLAINTS)
    first, second, third = [(await filled.profile(each)).facts for each in ("C1", "C2", "C3")]
    assert (first["lines"], second["lines"], third["lines"]) == (2, 1, 0)
    assert (first["plan_gb"], third["plan_gb"]) == (20.0, None)
    assert first["data_gb"] == (6 + 3) / 2
    assert (first["data_peak"], first["data_last"]) == (6.0, 3.0)
    assert (second["data_gb"], second["data_last"]) == (None, 9.0)
    assert (first["products"], first["product_names"]) == (2, ("cloud", "music"))
    assert (third["products"], third["product_names"]) == (0, None)
    assert (first["complaint_open"], second["complaint_open"], third["complaint_open"]) == (
        True,
        False,
        False,
    )
    assert (first["complaint_kind"], first["complained"]) == ("network", "2026-02-01")
    assert first["bill_sum"] is None


async def test_a_line_has_facts_of_its_own(filled: Desk) -> None:
    """What is on file for one line is that line's; how many lines there are is the customer's."""
    lines = {line.id: line.facts for line in (await filled.profile("C1")).lines}
    assert (lines["L1"]["plan_gb"], lines["L2"]["plan_gb"]) == (10.0, 20.0)
    assert (lines["L1"]["data_gb"], lines["L2"]["data_gb"]) == (2.5, 4.0)
    assert "lines" not in lines["L1"] and "arpu" not in lines["L1"]


async def test_all_customers_are_gathered_as_each_one_is(filled: Desk) -> None:
    """``all`` and ``gather`` agree on every profile, and come in order of bucket and id."""
    await filled.deliver("products", PRODUCTS)
    await filled.deliver("complaints", COMPLAINTS)
    everybody = await filled.everybody()
    assert {name: await filled.profile(name) for name in everybody} == everybody
    order = [(profile.bucket, profile.customer) for profile in everybody.values()]
    assert order == sorted(order) and len(order) == 3
    bucket = everybody["C3"].bucket
    assert set(await filled.everybody([bucket])) == {
        name for name, each in everybody.items() if each.bucket == bucket
    }


async def test_events_lie_over_the_generation_until_they_run_out(filled: Desk) -> None:
    """What an event set is seen by one and by all, and ends at its instant."""
    now = (await filled.stores.clock.now()).at
    for name, until in (("e1", Instant(now + HOUR)), ("e2", Instant(now - 1))):
        customer = CustomerId("C1" if name == "e1" else "C2")
        event = IncomingEvent(name, "roaming_started", customer, None, Instant(now - 2), {})
        await filled.stores.events.accept(event, {"roaming_now": True, "nothing_declared": 1}, until)
    first, second = await filled.profile("C1"), await filled.profile("C2")
    assert (first.facts["roaming_now"], second.facts["roaming_now"]) == (True, False)
    assert first.last_profile_change == 1 and "nothing_declared" not in first.facts
    assert (await filled.everybody())["C1"] == first


async def test_a_kind_that_was_never_imported_is_unknown(desk: Desk) -> None:
    """Without a complaints file nobody knows whether a complaint is open."""
    await desk.deliver(
        "customers", "id,account,name,number,zone,unit,arpu,tier,birthday,tags,roaming\nC1,,,,,,,,,,\n"
    )
    facts = (await desk.profile("C1")).facts
    assert facts["complaint_open"] is None and facts["lines"] is None
    assert set(facts) == set(desk.playbook.fields)
