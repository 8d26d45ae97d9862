"""History: what a version was expected to do, beside what came of it."""

from __future__ import annotations

from pathlib import Path

from contact.flow.planning.plan import plan
from contact.flow.publishing.publish import publish
from contact.flow.publishing.versions import versions
from contact.wiring import House
from strategies.compiling.compile import version_of
from tests.integration.flow.stage import CAPS, customer, open_for_business, texts

DAY = "2030-03-05"
EXPECTED = {
    "days": 30, "before": 10, "after": 14, "customers": 5, "words": ["4 more contacts"], "load": [1, 2, 3],
    "refusals": [{"rule": "caps.weekly", "before": 9, "after": 4, "place": None}],
}  # fmt: skip


async def test_a_version_keeps_what_its_simulation_expected(house: House, tmp_path: Path) -> None:
    """The last simulation of these very texts goes on record with the publishing, without its bulky parts."""
    await open_for_business(house, tmp_path, [customer(1)])
    more = texts(caps=CAPS.replace("max: 1", "max: 2"))
    for new in ("0" * 64, version_of(more), "1" * 64):
        job = await house.ports.jobs.create("simulate", {"days": 30})
        claimed = await house.ports.jobs.claim(job.id)
        assert claimed is not None
        await house.ports.jobs.finish(claimed, {**EXPECTED, "new": new})
    base = (await house.ports.playbooks.current()).version
    await publish(house.ports, more, base, "mei", "more")
    told, first = await versions(house.ports)
    assert told.predicted is not None and first.predicted is None
    assert (told.predicted["after"], told.predicted["refusals"]) == (14, {"caps.weekly": [9, 4]})
    assert "load" not in told.predicted and told.words == ["rule caps.weekly: at most 1 → 2"]


async def test_what_came_is_counted_while_a_version_was_in_force(house: House, tmp_path: Path) -> None:
    """Refusals of a plan belong to the version that was in force when it was made."""
    await open_for_business(house, tmp_path, [customer(n) for n in range(1, 4)], texts(control="100"))
    await plan(house.ports, DAY)
    base = (await house.ports.playbooks.current()).version
    await publish(house.ports, texts(), base, "mei", "no control")
    now, before = await versions(house.ports)
    assert before.actual is not None and before.actual["refusals"] == {"control.strategy": 3}
    assert now.actual is not None and now.actual["refusals"] == {}
