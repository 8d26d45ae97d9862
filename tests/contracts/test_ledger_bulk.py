"""Many wishes in one commit get what they would get one by one; what was judged before is trusted only while it stands."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

import pytest

from contact.faults import Conflict
from contact.ports import IncomingEvent, Reserved, Wish
from contact.storage.ledger import history
from contact.storage.open import Stores
from strategies.declared.playbook import Playbook
from strategies.instants import DAY, HOUR, Instant
from strategies.profile import Consent, Profile
from strategies.verdict import Verdict
from tests.contracts import situations
from tests.contracts.situations import profile, wish
from tests.contracts.test_ledger import SMS, now

RULES = """
  - {rule: customer, effect: cap, match: {channels: [sms]}, window: {sliding: P7D}, max: 2}
  - {rule: account, effect: cap, subject: account, match: {channels: [sms]}, window: {sliding: P7D}, max: 3}
  - {rule: number, effect: cap, subject: number, match: {channels: [sms]}, window: {sliding: P7D}, max: 1}
"""


async def gathered(stores: Stores, playbook: Playbook, who: Profile) -> Profile:
    """The profile as a plan reads it."""
    return await stores.database.read(lambda tx: history.gathered(tx, who, playbook, tx.now()))


def planned(playbook: Playbook, who: Profile, at: Instant) -> Wish:
    """A wish for an hour ahead that was judged on this profile."""
    return wish(playbook, who, at, SMS, planned_at=Instant(at + HOUR), judged=True)


async def test_wishes_in_one_commit_get_what_they_would_get_one_by_one(stores: Stores) -> None:
    """Sixty wishes over shared accounts and numbers, judged before: the same are granted, the others refused by the same."""
    playbook, at, drawn = situations.playbook(RULES), await now(stores), random.Random(3)
    drawings = [(drawn.randrange(12), drawn.randrange(5), drawn.randrange(30)) for _ in range(60)]

    async def ask(prefix: str, *, together: bool) -> list[tuple[str, ...]]:
        people = [
            await gathered(
                stores, playbook, profile(f"{prefix}C{c}", account=f"{prefix}A{a}", number=f"{prefix}n{n}")
            )
            for c, a, n in drawings
        ]
        wishes = [planned(playbook, who, at) for who in people]
        if together:
            answers = await stores.ledger.reserve_many(wishes)
        else:
            answers = [await stores.ledger.reserve(each) for each in wishes]
        return [each.rules if isinstance(each, Verdict) else ("granted",) for each in answers]

    alone, together = await ask("x", together=False), await ask("y", together=True)
    assert alone == together and 10 < alone.count(("granted",)) < 50


async def test_what_was_judged_before_is_asked_again_where_a_contact_came_between(stores: Stores) -> None:
    """The number was used up after the plan had read it: the judged wish is refused by that cap."""
    playbook, at = situations.playbook(RULES), await now(stores)
    who = await gathered(stores, playbook, profile())
    other = await gathered(stores, playbook, profile("C2", number="hash-of-C1"))
    assert isinstance(await stores.ledger.reserve(planned(playbook, other, at)), Reserved)
    (answer,) = await stores.ledger.reserve_many([planned(playbook, who, at)])
    assert isinstance(answer, Verdict) and answer.rules == ("p.number",)


async def test_keys_of_any_characters_are_held_and_counted_as_they_are(stores: Stores) -> None:
    """What quotes, escapes or ends a value somewhere on the way: one contact of a number refuses the next of it."""
    playbook, at = situations.playbook(RULES), await now(stores)
    odd = ['"', "\\", "a,b", "{}", "NULL", "x'y", "100%", ":customers", "客户", "\U0001f4de", "\\u0041", " "]  # fmt: skip
    first = [profile(f"C{each}", account=f"A{each}", number=each) for each in odd]
    granted = await stores.ledger.reserve_many([planned(playbook, each, at) for each in first])
    assert all(isinstance(each, Reserved) for each in granted)
    second = [profile(f"D{each}", account=f"B{each}", number=each) for each in odd]
    refused = await stores.ledger.reserve_many([planned(playbook, each, at) for each in second])
    assert [each.rules for each in refused if isinstance(each, Verdict)] == [("p.number",)] * len(odd)
    held = await stores.database.read(lambda tx: tx.rows("read_epochs", kinds=["number"], keys=odd))
    assert stores.database.dialect == "sqlite" or sorted(row["key"] for row in held) == sorted(odd)


@pytest.mark.parametrize("by", ["customer", "number"])
async def test_what_was_judged_before_is_asked_again_where_an_opt_out_came_between(
    stores: Stores, by: str
) -> None:
    """G3 holds for plans: a withdrawal of the person or the number after the reading refuses the judged wish."""
    playbook, at = situations.playbook(RULES), await now(stores)
    who = await gathered(stores, playbook, profile())
    holder = {"customer": "C1"} if by == "customer" else {"number_hash": "hash-of-C1"}
    await stores.ledger.record_consent(Consent(False, await now(stores), "all", "promotional", **holder))
    (answer,) = await stores.ledger.reserve_many([planned(playbook, who, at)])
    assert isinstance(answer, Verdict) and answer.rules == ("consent.opted_out",)


async def test_a_rank_of_a_day_is_given_once_and_nobody_elses_place_is_lost(stores: Stores) -> None:
    """Alone a taken rank is a conflict of its own wish; in one commit nothing of it stands."""
    playbook, at = situations.playbook(), await now(stores)
    day = {"day": "2030-03-04", "rank": 1}
    first, other = planned(playbook, profile(), at), planned(playbook, profile("C2"), at)
    answers = await asyncio.gather(
        stores.ledger.reserve(replace(first, **day)), stores.ledger.reserve(replace(first, **day)),
        stores.ledger.reserve(replace(other, **day)), return_exceptions=True,
    )  # fmt: skip
    assert sorted(type(each).__name__ for each in answers) == ["Conflict", "Reserved", "Reserved"]
    with pytest.raises(Conflict):
        await stores.ledger.reserve_many([planned(playbook, profile("C3"), at), replace(other, **day)])
    row = await stores.database.read(lambda tx: tx.rows("customer_contacts", customer="C3", limit=1))
    assert row == []


async def test_the_longer_reach_counts_where_two_playbooks_are_reserved_for_together(stores: Stores) -> None:
    """While a publication is under way one commit serves wishes of both; neither shortens what the other looks back at."""
    calm = "  - {rule: calm, effect: cooldown, event: complaint_closed, lasts: P14D}\n"
    longer, shorter = situations.playbook(calm), situations.playbook(calm.replace("P14D", "P2D"))
    at = await now(stores)
    closed = IncomingEvent("e1", "complaint_closed", profile().customer, None, Instant(at - 10 * DAY), {})
    await stores.events.accept(closed, {}, None)
    answers = await stores.ledger.reserve_many(
        [wish(longer, profile(), at, SMS), wish(shorter, profile("C2"), at, SMS)]
    )
    assert [isinstance(each, Verdict) and each.rules for each in answers] == [("p.calm",), False]
