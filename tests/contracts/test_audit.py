"""The audit trail on both databases: an act and its record commit together, and chains hold under concurrency."""

from __future__ import annotations

import asyncio
from typing import NoReturn

import pytest

from contact.domain.acts import Act, chain_of
from contact.storage.audits.audit import record_in
from contact.storage.databases.transaction import Transaction
from contact.storage.open import Stores
from strategies.instants import MINUTE, Instant
from tests.contracts.situations import CALL_ONCE_A_DAY, playbook


async def test_an_act_is_read_back_as_recorded(stores: Stores) -> None:
    """Who, what, about what, details and why come back, newest first, and the trail is untouched."""
    act = Act(
        "A0001", "supervisor", "halt.set", "sms", {"kind": "channel", "waiting": 3}, "gateway is «down»"
    )
    await stores.audit.record(act)
    await stores.audit.record(Act("A0002", "admin", "halt.lifted", "sms"))
    page = await stores.audit.page()
    assert [each.act.act for each in page] == ["halt.lifted", "halt.set"]
    assert page[1].act == act and page[1].chain == chain_of("A0001")
    assert [each.act for each in await stores.audit.page(actor="A0001")] == [act]
    verified = await stores.audit.verify()
    assert verified.untouched and verified.entries == 2


async def test_an_act_is_recorded_with_what_it_changes_or_not_at_all(stores: Stores) -> None:
    """A unit that fails leaves no record, and its neighbours in the same commit keep theirs."""

    def fails(tx: Transaction) -> NoReturn:
        record_in(tx, Act("A0001", "admin", "key.created", "k1"))
        raise ValueError("no")

    def stands(tx: Transaction) -> None:
        record_in(tx, Act("A0001", "admin", "key.created", "k2"))

    units = [stores.database.write(each) for each in (fails, stands, fails)]
    answers = await asyncio.gather(*units, return_exceptions=True)
    assert [type(each) for each in answers] == [ValueError, type(None), ValueError]
    assert [each.act.about for each in await stores.audit.page()] == ["k2"]
    assert (await stores.audit.verify()).untouched


async def test_chains_hold_while_everybody_writes_at_once(stores: Stores) -> None:
    """300 acts of 30 people at once, several in one unit: no place twice, none missing, no deadlock."""

    def acts(number: int) -> list[Act]:
        return [Act(f"A{(number * step) % 30:04}", "agent", "login", f"{number}") for step in (1, 7, 11)]

    async def write(number: int) -> None:
        def work(tx: Transaction) -> None:
            for act in acts(number):
                record_in(tx, act)

        await stores.database.write(work)

    await asyncio.gather(*(write(number) for number in range(100)))
    verified = await stores.audit.verify()
    assert verified.untouched and verified.entries == 300


def test_an_act_of_another_name_is_none() -> None:
    """The list of acts is closed: a misspelt one fails where it is written."""
    with pytest.raises(ValueError, match="no act is called"):
        Act("A0001", "admin", "key.made")


async def test_publishing_and_rolling_back_are_audited(stores: Stores) -> None:
    """Who put which version in force and why; a version that was in force before is told from a new one."""
    playbooks = [playbook(), playbook(CALL_ONCE_A_DAY)]
    base: str | None = None
    for each in (*playbooks, playbooks[0]):
        published = await stores.playbooks.publish(each, base=base, author="mei", why="first")
        base = published.version
    acts = [(kept.act.actor, kept.act.act, kept.act.about) for kept in reversed(await stores.audit.page())]
    assert acts == [
        ("mei", "playbook.published", playbooks[0].version),
        ("mei", "playbook.published", playbooks[1].version),
        ("mei", "playbook.rolled_back", playbooks[0].version),
    ]


async def test_moving_the_clock_is_audited(stores: Stores) -> None:
    """A clock that was moved changes every decision: who moved it is on record."""
    at = (await stores.clock.now()).at
    await stores.clock.move_to(Instant(at + MINUTE), "mei")
    (entry,) = await stores.audit.page(act="clock.moved")
    assert (entry.act.actor, entry.act.details) == ("mei", {"to": at + MINUTE})


async def test_a_line_that_a_crash_cut_short_costs_no_other(stores: Stores) -> None:
    """Anchors go on in a line of their own after half a line, and half a line accuses nobody."""
    path = stores.audit.anchors.path
    assert path is not None
    await stores.audit.record(Act("A0001", "admin", "login"))
    assert await stores.audit.anchor() and not await stores.audit.anchor()
    with path.open("a") as file:
        file.write('{"at": 17, "he')
    await stores.audit.record(Act("A0001", "admin", "logout"))
    assert await stores.audit.anchor()
    verified = await stores.audit.verify()
    assert (verified.anchors, verified.unreadable, verified.untouched) == (2, 1, True)
