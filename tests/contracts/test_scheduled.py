"""Playbooks that take force at a later instant, on both databases and in every process."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from contact.faults import Conflict
from contact.ports import Publishing
from contact.storage.open import Stores, open_stores
from contact.storage.playbooks.published import POLL_SECONDS, Playbooks
from strategies.declared.playbook import Playbook
from strategies.instants import HOUR, MINUTE, Instant
from tests.contracts import situations
from tests.contracts.conftest import settings
from tests.contracts.situations import CALL_ONCE_A_DAY


async def drafted(stores: Stores, playbook: Playbook, base: Playbook) -> str:
    """A draft of these texts."""
    row = await stores.drafts.create(
        playbook.texts, base=base.version, version=playbook.version, author="mei", title=""
    )
    return row.id


async def scheduled(stores: Stores, playbook: Playbook, base: Playbook, draft: str, wait: int) -> Instant:
    """The draft takes force so much later."""
    at = Instant((await stores.clock.now()).at + wait)
    await stores.playbooks.schedule(playbook, at, Publishing(base.version, "mei", "later", draft=draft))
    return at


async def looks_again(playbooks: Playbooks) -> str:
    """The version in force as a process sees it that polls now."""
    playbooks._asked = time.monotonic() - POLL_SECONDS
    return (await playbooks.current()).version


@pytest.fixture
def begun() -> tuple[Playbook, Playbook]:
    """What is in force at first, and what shall be."""
    return situations.playbook(), situations.playbook(CALL_ONCE_A_DAY)


async def test_a_scheduled_playbook_takes_force_at_its_instant_in_every_process(
    stores: Stores, begun: tuple[Playbook, Playbook]
) -> None:
    """Before it nothing changes; at the next look after it each process has it, and one record says so."""
    first, second = begun
    other = Playbooks(stores.database)
    await stores.playbooks.publish(first, base=None, author="lin", why="begin")
    draft = await drafted(stores, second, first)
    at = await scheduled(stores, second, first, draft, HOUR)
    await stores.clock.move_to(Instant(at - MINUTE))
    assert await looks_again(stores.playbooks) == first.version == await looks_again(other)
    assert [(each.state, each.published) for each in await stores.playbooks.scheduled()] == [
        ("scheduled", at)
    ]
    await stores.clock.move_to(at)
    assert await looks_again(other) == second.version == await looks_again(stores.playbooks)
    assert [(each.version, each.why, each.draft) for each in await stores.playbooks.versions()] == [
        (second.version, "later", draft), (first.version, "begin", None),
    ]  # fmt: skip
    assert (await stores.drafts.get(draft)).state == "published" and await stores.playbooks.scheduled() == []


async def test_a_rescheduled_playbook_takes_force_only_at_the_new_instant(
    stores: Stores, begun: tuple[Playbook, Playbook]
) -> None:
    """The old instant passes without effect."""
    first, second = begun
    await stores.playbooks.publish(first, base=None, author="lin", why="begin")
    draft = await drafted(stores, second, first)
    old = await scheduled(stores, second, first, draft, HOUR)
    new = await scheduled(stores, second, first, draft, 3 * HOUR)
    await stores.clock.move_to(Instant(old + HOUR))
    assert await looks_again(stores.playbooks) == first.version
    await stores.clock.move_to(new)
    assert await looks_again(stores.playbooks) == second.version


async def test_a_schedule_whose_base_was_replaced_fails_and_says_so(
    stores: Stores, begun: tuple[Playbook, Playbook]
) -> None:
    """Nobody's work is lost: what was published meanwhile stays in force, and the draft is open again."""
    first, second = begun
    third = situations.playbook(CALL_ONCE_A_DAY.replace("max: 1", "max: 3"))
    await stores.playbooks.publish(first, base=None, author="lin", why="begin")
    draft = await drafted(stores, second, first)
    at = await scheduled(stores, second, first, draft, HOUR)
    await stores.playbooks.publish(third, base=first.version, author="tao", why="three")
    await stores.clock.move_to(at)
    assert await looks_again(stores.playbooks) == third.version
    failed = (await stores.playbooks.scheduled())[0]
    assert failed.state == "failed" and third.version[:12] in failed.reason
    row = await stores.drafts.get(draft)
    assert (row.state, row.publish_at) == ("open", None) and row.failed == failed.reason


async def test_what_this_release_no_longer_understands_does_not_take_force(
    stores: Stores, begun: tuple[Playbook, Playbook]
) -> None:
    """Scheduled before an upgrade: it fails and says so, instead of leaving every process without rules."""
    first, second = begun
    old = replace(second, version="f" * 64, texts={"operator.yaml": "operator: {id: x}\n"})
    await stores.playbooks.publish(first, base=None, author="lin", why="begin")
    draft = await drafted(stores, old, first)
    await stores.clock.move_to(await scheduled(stores, old, first, draft, HOUR))
    assert await looks_again(stores.playbooks) == first.version
    assert [each.state for each in await stores.playbooks.scheduled()] == ["failed"]
    assert "no longer understands" in (await stores.drafts.get(draft)).failed


@pytest.mark.parametrize("how", ["edited", "discarded"])
async def test_a_changed_draft_loses_its_schedule(
    stores: Stores, begun: tuple[Playbook, Playbook], how: str
) -> None:
    """What was approved and scheduled is not what stands there now."""
    first, second = begun
    await stores.playbooks.publish(first, base=None, author="lin", why="begin")
    draft = await drafted(stores, second, first)
    at = await scheduled(stores, second, first, draft, HOUR)
    if how == "edited":
        await stores.drafts.save(draft, "new.yaml", "x: 1\n", seen=None, author="mei")
    else:
        await stores.drafts.discard(draft, "mei")
    await stores.clock.move_to(Instant(at + HOUR))
    assert await looks_again(stores.playbooks) == first.version
    assert (await stores.drafts.get(draft)).publish_at is None and await stores.playbooks.scheduled() == []


async def test_an_instant_that_is_over_is_refused(stores: Stores, begun: tuple[Playbook, Playbook]) -> None:
    """Whoever wants it now says so; nothing is scheduled."""
    first, second = begun
    await stores.playbooks.publish(first, base=None, author="lin", why="begin")
    draft = await drafted(stores, second, first)
    with pytest.raises(Conflict):
        await scheduled(stores, second, first, draft, -1)
    assert (await stores.drafts.get(draft)).state == "open"


async def test_a_publishing_is_live_in_another_process_at_its_next_look(
    tmp_path: Path, database_url: str, begun: tuple[Playbook, Playbook]
) -> None:
    """Two sets of stores on one database, as two processes have them, which look each second."""
    first, second = begun
    here, there = (open_stores(settings(tmp_path, database_url)) for _ in range(2))
    try:
        await here.playbooks.publish(first, base=None, author="lin", why="begin")
        assert (await there.playbooks.current()).version == first.version
        await here.playbooks.publish(second, base=first.version, author="lin", why="once a day")
        assert await looks_again(there.playbooks) == second.version
        assert POLL_SECONDS <= 1
    finally:
        await here.close()
        await there.close()
