"""The audit trail on both databases: an act and its record commit together, and chains hold under concurrency."""

from __future__ import annotations

import asyncio
from typing import NoReturn

import pytest

from contact.domain.acts import Act, chain_of
from contact.storage.audit import record_in
from contact.storage.open import Stores
from contact.storage.transaction import Transaction


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
