"""F16: rules change while tasks are queued, and what became unlawful is cancelled with the reason."""

from __future__ import annotations

from pathlib import Path

from contact.flow.deciding.decide import DecisionRequest, decide
from contact.flow.jobs.run_job import run_job
from contact.flow.planning.plan import plan
from contact.flow.publishing.publish import publish
from contact.flow.publishing.roll_back import roll_back_playbook
from contact.flow.publishing.versions import versions
from contact.flow.working.sweep_lawful import sweep_unlawful
from contact.ports import PlaybookVersion, TaskRow
from contact.wiring import House
from tests.integration.flow.stage import CAPS, customer, open_for_business, texts

DAY = "2030-03-05"
NO_RICH = (
    CAPS
    + """
  - rule: rich-rest
    effect: forbid
    match: {channels: [sms, outbound_call]}
    when: arpu >= 203
"""
)


async def queued(house: House) -> dict[str, TaskRow]:
    """Everybody's task of the day."""
    return {row.customer: row for row in await house.ports.tasks.list(day=DAY, limit=100)}


async def published(house: House, caps: str) -> PlaybookVersion:
    """Other caps in force."""
    base = (await house.ports.playbooks.current()).version
    return await publish(house.ports, texts(caps=caps), base, "mei", "other caps")


async def test_f16_a_sweep_after_a_publishing_cancels_what_became_unlawful(
    house: House, tmp_path: Path
) -> None:
    """Three of five may no longer be contacted: their tasks end with the rule, the places return, the others stay."""
    people = [customer(n, arpu=str(200 + n)) for n in range(1, 6)]
    await open_for_business(house, tmp_path, people)
    await plan(house.ports, DAY)
    version = await published(house, NO_RICH)
    assert version.sweep_job is not None and version.swept is None
    assert await run_job(house.ports, version.sweep_job)
    tasks = await queued(house)
    assert {who: row.state for who, row in tasks.items()} == {
        "C1": "waiting", "C2": "waiting", "C3": "cancelled", "C4": "cancelled", "C5": "cancelled",
    }  # fmt: skip
    assert {tasks[who].reason for who in ("C3", "C4", "C5")} == {"forbidden caps.rich-rest"}
    told = (await versions(house.ports))[0]
    assert (told.state, told.swept) == ("in_force", 3)
    assert told.actual is not None and told.actual["refusals"]["caps.rich-rest"] == 3
    timeline = await house.ports.customers.timeline(tasks["C3"].customer)
    assert any("caps.rich-rest" in str(each) for each in timeline)


async def test_a_second_sweep_cancels_nothing_twice(house: House, tmp_path: Path) -> None:
    """A worker that died and another that did it again leave one count."""
    await open_for_business(house, tmp_path, [customer(n, arpu="250") for n in range(1, 4)])
    await plan(house.ports, DAY)
    await published(house, NO_RICH)
    assert (await sweep_unlawful(house.ports)).cancelled == 3
    again = await sweep_unlawful(house.ports)
    assert (again.checked, again.cancelled) == (0, 0)
    assert (await versions(house.ports))[0].swept == 3


async def test_a_sweep_leaves_alone_what_was_refused_before_already(house: House, tmp_path: Path) -> None:
    """The customer ordered a rest of the channel by other means: the new words of a title make nothing unlawful."""
    await open_for_business(house, tmp_path, [customer(1)])
    await plan(house.ports, DAY)
    await published(house, CAPS.replace("weekly contacts", "contacts a week"))
    found = await sweep_unlawful(house.ports)
    assert (found.checked, found.cancelled) == (1, 0)


async def test_an_offer_taken_out_of_the_playbook_leaves_the_queue(house: House, tmp_path: Path) -> None:
    """Nobody works on what is not offered any more; put back, it is planned anew."""
    await open_for_business(house, tmp_path, [customer(1)])
    await plan(house.ports, DAY)
    base = await house.ports.playbooks.current()
    fewer = {path: text for path, text in texts().items() if not path.startswith("strategies/")}
    await publish(house.ports, fewer, base.version, "mei", "no data offers")
    assert (await sweep_unlawful(house.ports)).by_rule == {"offer.validity": 1}
    await roll_back_playbook(house.ports, None, "mei", "they are asked for")
    assert (await plan(house.ports, DAY)).reserved == 1


async def test_without_anything_queued_there_is_nothing_to_sweep(house: House, tmp_path: Path) -> None:
    """No job is queued, and the record says so at once; an online ask without a place queues nothing."""
    await open_for_business(house, tmp_path, [customer(1)])
    await decide(house.ports, DecisionRequest("C1", "sms"))
    version = await published(house, NO_RICH)
    assert (version.sweep_job, version.swept) == (None, 0)
    assert all(job.kind != "sweep_unlawful" for job in await house.ports.jobs.recent())
