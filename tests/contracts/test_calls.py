"""Calls are kept on both databases: latest state once, what they leave behind with their end."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from contact.ports import Scope
from contact.storage.calls.calls import LOST
from contact.storage.open import Stores
from ivr.call import Journey, Known, Step
from ivr.call_columns import page_of
from strategies.instants import HOUR, Instant

AT = Instant(1_772_000_000_000_000)
OPEN = Journey(
    id="call-1", customer="c1", at=AT, menu="main", version="v1", arm="personal", source="own",
    steps=(Step(1, "main", "1", 4.5),), outcome="open", goal=None, unit="north", segment="young", language="zh-CN",
    heard={"main": {"1": "bills", "0": "operator"}},
    facts={"bill_issued": True, "web_search": ("bill", "roaming"), "contract_left": None},
)  # fmt: skip
ENDED = replace(OPEN, steps=(*OPEN.steps, Step(2, "bill_amount", None, 6.0)), outcome="reached", goal="bill")


async def test_a_call_is_read_as_it_was_recorded(stores: Stores) -> None:
    """Every member of a journey comes back: path, announced levels and what was known of the caller included."""
    await stores.calls.record(ENDED)
    assert await stores.calls.between(AT, Instant(AT + 1)) == [ENDED]


async def test_an_earlier_or_repeated_state_changes_nothing(stores: Stores) -> None:
    """Neither an open state after the end nor the end once more changes the call or what it left behind."""
    await stores.calls.record(ENDED)
    await stores.calls.flush()
    known = await stores.calls.known("c1", "main")
    for state in (OPEN, ENDED, replace(ENDED, steps=OPEN.steps, outcome="abandoned", goal=None)):
        await stores.calls.record(state)
        await stores.calls.flush()
    assert await stores.calls.between(AT, Instant(AT + 1)) == [ENDED]
    assert await stores.calls.known("c1", "main") == known


async def test_one_call_is_found_by_its_id(stores: Stores) -> None:
    """Also while it waits to be written; none where there is none, or where it is nobody's of the asker's."""
    await stores.calls.record(ENDED)
    assert await stores.calls.get(ENDED.id) == ENDED
    assert await stores.calls.get("call-2") is None
    assert await stores.calls.within(Scope(units=("elsewhere",))).get(ENDED.id) is None


async def test_facts_are_told_when_a_call_begins_and_stay(stores: Stores) -> None:
    """Later states need not repeat what was known then, whether the first is written yet or waits with them."""
    for flushed in (True, False):
        begun = replace(OPEN, id=f"facts-{flushed}")
        await stores.calls.record(begun)
        if flushed:
            await stores.calls.flush()
        await stores.calls.record(replace(ENDED, id=begun.id, facts={}))
    found = await stores.calls.between(AT, Instant(AT + 1))
    assert [each.facts for each in found] == [OPEN.facts, OPEN.facts]
    assert [each.outcome for each in found] == ["reached", "reached"]


async def test_what_a_call_left_behind_is_known_before_it_is_written(stores: Stores) -> None:
    """The next call knows the goal and the layout of the one that ended a moment ago, written or not."""
    await stores.calls.record(ENDED)
    at_once = await stores.calls.known("c1", "main")
    await stores.calls.flush()
    assert at_once == await stores.calls.known("c1", "main")
    assert at_once.goals == (("bill", AT),)
    assert at_once.heard["main"].keys == {"1": "bills", "0": "operator"}
    assert await stores.calls.known("c1", "other") == Known()


async def test_a_call_that_cannot_be_written_holds_up_no_other(stores: Stores) -> None:
    """A text or a value that no database takes is given up and counted; what waited with it is written."""
    lost = LOST._value.get()
    odd: Any = {"day": object()}
    none = (replace(ENDED, id="call-2", version="\ud800"), replace(ENDED, id="call-4", facts=odd))
    for each in (ENDED, *none, replace(ENDED, id="call-3")):
        await stores.calls.record(each)
    await stores.calls.flush()
    assert [each.id for each in await stores.calls.between(AT, Instant(AT + 1))] == ["call-1", "call-3"]
    assert LOST._value.get() == lost + 2


async def test_a_key_that_leads_elsewhere_has_moved(stores: Stores) -> None:
    """A key that changed its meaning remembers when; one that stayed, or was new, does not."""
    later = Instant(AT + HOUR)
    await stores.calls.record(ENDED)
    await stores.calls.flush()
    heard = {"main": {"1": "plans", "2": "bills", "0": "operator"}}
    await stores.calls.record(replace(ENDED, id="call-2", at=later, heard=heard, goal="plan"))
    known = await stores.calls.known("c1", "main")
    assert known.goals == (("plan", later), ("bill", AT))
    assert dict(known.heard["main"].moved) == {"1": (later,)}


async def test_calls_left_open_are_found(stores: Stores) -> None:
    """Those that began before an instant and have not ended, at most so many."""
    for each in (OPEN, replace(OPEN, id="call-2"), replace(OPEN, id="call-3", at=Instant(AT + 1)), ENDED):
        await stores.calls.record(each)
    assert await stores.calls.left_open(Instant(AT + 1), 10) == [replace(OPEN, id="call-2")]
    assert [each.id for each in await stores.calls.left_open(Instant(AT + 2), 1)] == ["call-2"]


async def test_two_calls_of_one_id_stay_two(stores: Stores) -> None:
    """Another caller, or the same hours later: neither path is lost, told as often as they may be."""
    other = replace(ENDED, customer="c2")
    later = replace(ENDED, at=Instant(AT + 7 * HOUR), steps=(*ENDED.steps, Step(3, "main", None, 9.0)))
    for _ in range(2):
        for state in (OPEN, other, later, ENDED, replace(ENDED, at=Instant(AT + 1))):
            await stores.calls.record(state)
        await stores.calls.flush()
        kept = await stores.calls.between(Instant(0), Instant(AT + 8 * HOUR))
        assert [(call.id, call.customer, len(call.steps)) for call in kept] == [
            ("call-1", "c1", 2), (f"call-1@{AT}", "c2", 2), (f"call-1@{later.at}", "c1", 3),
        ]  # fmt: skip


async def test_calls_of_one_id_keep_their_names_in_whatever_order_they_are_told(stores: Stores) -> None:
    """Three callers at one instant are three calls, and none of them twice, though another one's state comes first."""
    third = replace(ENDED, customer="c3")
    for states in (
        (OPEN, replace(ENDED, customer="c2"), third),
        (third, ENDED),
        (replace(ENDED, customer="c2"), ENDED),
    ):
        for state in states:
            await stores.calls.record(state)
        await stores.calls.flush()
    kept = await stores.calls.between(AT, Instant(AT + 1))
    assert [(call.id, call.customer, call.outcome) for call in kept] == [
        ("call-1", "c1", "reached"), (f"call-1@{AT}", "c2", "reached"), (f"call-1@{AT}@{AT}", "c3", "reached"),
    ]  # fmt: skip
    assert (await stores.calls.known("c1", "main")).goals == (("bill", AT),)


async def test_of_calls_of_one_id_the_newest_is_found(stores: Stores) -> None:
    """Whichever was told first; an older one is found by the name it is kept under, and stands in for no other."""
    later = replace(ENDED, at=Instant(AT + 7 * HOUR), customer="c2", unit="south")
    for state in (later, ENDED):
        await stores.calls.record(state)
        await stores.calls.flush()
    assert await stores.calls.get("call-1") == later
    assert await stores.calls.get(f"call-1@{AT}") == replace(ENDED, id=f"call-1@{AT}")
    for state in (again := replace(later, at=Instant(AT + 20 * HOUR)), replace(again, customer="c3")):
        await stores.calls.record(state)
        await stores.calls.flush()
    newest = await stores.calls.get("call-1")
    assert newest == replace(again, id=f"call-1@{again.at}@{again.at}", customer="c3")
    assert await stores.calls.within(Scope(units=("north",))).get("call-1") is None


async def test_columns_are_the_calls_that_were_recorded(stores: Stores) -> None:
    """On either database the report reads what was written, and of a scope only what is its own."""
    calls = [
        ENDED,
        replace(ENDED, id="call-2", customer=None, unit="south", goal=None, outcome="abandoned", steps=()),
    ]
    for each in calls:
        await stores.calls.record(each)
    south = stores.calls.within(Scope(units=("south",)))
    for asked, kept in ((stores.calls, calls), (south, calls[1:])):
        page = await asked.columns(AT, Instant(AT + 1))
        assert [list(getattr(page, each.name)) for each in fields(page)] == [
            list(getattr(page_of(kept), each.name)) for each in fields(page)
        ]
