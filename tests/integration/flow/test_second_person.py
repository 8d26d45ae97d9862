"""No way around a second person, none out of the folder, and one back from a playbook that is no longer understood."""

from __future__ import annotations

import json
from math import inf
from pathlib import Path

import pytest

from contact.faults import Forbidden, NotFound
from contact.flow.publishing.drafts import approve, create_draft, draft_file, publish_draft, save_file
from contact.flow.publishing.publish import publish
from contact.flow.publishing.pull import plan_pull
from contact.flow.publishing.roll_back import roll_back_playbook
from contact.flow.publishing.versions import versions
from contact.storage.databases.transaction import Transaction
from contact.wiring import House, join
from strategies.compiling.compile import version_of
from strategies.instants import HOUR, Instant
from strategies.problems import ProblemsFound
from tests.integration.flow.stage import CAPS, texts

OLD = {"operator.yaml": "operator: {id: x}\napprovals: 1\n", "channels/sms.yaml": "channel: sms\n"}
"""What no release understands any more, as its texts lie in the store."""


def approved_texts() -> dict[str, str]:
    """The small playbook, in which one other person must approve."""
    found = texts()
    return {**found, "operator.yaml": found["operator.yaml"] + "approvals: 1\n"}


async def test_a_process_that_has_not_looked_yet_asks_for_the_approvals_of_what_it_replaces(
    house: House,
) -> None:
    """For up to a second it takes the version before for the one in force, which asks for none."""
    ports = house.ports
    first = (await publish(ports, texts(), None, "lin", "first")).version
    behind = await join(house.settings)
    try:
        assert (await behind.ports.playbooks.current()).version == first
        behind.stores.playbooks._asked = inf
        strict = (await publish(ports, approved_texts(), first, "lin", "two people")).version
        with pytest.raises(Forbidden):
            await publish(behind.ports, texts(control="10"), strict, "mei", "quickly")
    finally:
        await behind.close()


async def test_only_what_was_in_force_comes_back(house: House) -> None:
    """A version that was scheduled, approved, then edited away was never in force: its approval is gone."""
    ports = house.ports
    first = (await publish(ports, approved_texts(), None, "lin", "first")).version
    draft = (await create_draft(ports, "mei")).draft
    text, seen = await draft_file(ports, draft, "policies/caps.yaml")
    saved = await save_file(ports, draft, "policies/caps.yaml", text.replace("max: 1", "max: 9"), seen, "mei")
    await approve(ports, draft, "tao")
    later = Instant((await ports.clock.now()).at + HOUR)
    await publish_draft(ports, draft, "mei", "later", later)
    text, seen = await draft_file(ports, draft, "policies/caps.yaml")
    await save_file(ports, draft, "policies/caps.yaml", CAPS, seen, "mei")
    with pytest.raises(NotFound):
        await roll_back_playbook(ports, saved.hash, "mei", "by the back door")
    assert (await ports.playbooks.current()).version == first


async def test_going_back_does_not_lower_the_approvals(house: House) -> None:
    """Else whoever is alone goes back to a time when nobody was asked, and publishes there."""
    ports = house.ports
    first = (await publish(ports, texts(), None, "lin", "first")).version
    strict = (await publish(ports, approved_texts(), first, "lin", "two people")).version
    with pytest.raises(Forbidden):
        await roll_back_playbook(ports, None, "mei", "alone again")
    assert (await ports.playbooks.current()).version == strict


@pytest.mark.parametrize(
    "path",
    ["policies/../../outside.yaml", "policies//x.yaml", "policies/..\\..\\x.yaml", "policies/C:x.yaml"],
)
async def test_no_published_file_lies_outside_of_the_folder(house: House, path: str) -> None:
    """`contact pull` writes what was published over HTTP to somebody's disk."""
    with pytest.raises(ProblemsFound) as found:
        await publish(house.ports, texts() | {path: CAPS}, None, "lin", "first")
    assert [each.code for each in found.value.problems] == ["file.unknown"]


async def keep(house: House, old: dict[str, str]) -> str:
    """Another release published this; the version."""
    version = version_of(old)

    def work(tx: Transaction) -> None:
        tx.run("insert_playbook", version=version, texts=json.dumps(old))
        tx.run("point", name="playbook", value=version)
        tx.run(
            "insert_publication", version=version, base=None, published_us=1, author="lin", why="old", approved_by="[]",
            draft=None, predicted=None, words="[]", sweep_job=None, swept=0,
        )  # fmt: skip

    await house.stores.database.write(work)
    return version


async def test_what_this_release_no_longer_understands_is_replaced(house: House) -> None:
    """After an upgrade the way out stands open, with as many approvals as the old texts ask for."""
    ports = house.ports
    version = await keep(house, OLD)
    with pytest.raises(Forbidden):
        await publish(ports, approved_texts(), version, "mei", "new files")
    await publish(ports, approved_texts(), version, "mei", "new files", ["tao"])
    assert [each.state for each in await versions(ports)] == ["in_force", "past"]
    with pytest.raises(ProblemsFound):
        await roll_back_playbook(ports, version, "mei", "back to the old release")


async def test_an_old_file_that_leads_outside_is_not_written(house: House, tmp_path: Path) -> None:
    """Whatever lies in the store, `contact pull` stays in its folder."""
    await keep(house, {"policies/../../x.yaml": "policy: x\n"})
    with pytest.raises(ProblemsFound):
        await plan_pull(house.ports, None, {})


async def test_files_named_in_any_script_become_a_draft(house: House) -> None:
    """A folder may be published whose names a new file would not be given; it is still worked on."""
    ports = house.ports
    named = texts() | {"policies/公司 a.yaml": CAPS.replace("policy: caps", "policy: more")}
    await publish(ports, named, None, "lin", "first")
    draft = (await create_draft(ports, "mei")).draft
    await save_file(ports, draft, "policies/频次.yaml", "policy: x\n", None, "mei")
    with pytest.raises(ProblemsFound):
        await save_file(ports, draft, "policies/a b.yaml", "policy: x\n", None, "mei")
