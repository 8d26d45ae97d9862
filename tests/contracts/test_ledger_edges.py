"""The ledger at its edges: reports out of turn, old plans, several numbers, tasks nobody reports on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from contact.domain.contact import ContactId
from contact.faults import Conflict, StoreUnavailable
from contact.ports import Permit, Receipt, Reserved, Showing
from contact.storage.audits.ledger_check import check_ledger
from contact.storage.ledger import history
from contact.storage.ledger.tasks import CANCELLED_AT_ONCE
from contact.storage.open import Stores, open_stores
from contact.telemetry import RECEIPTS_OF_NOBODY
from strategies.candidate import Candidate
from strategies.declared.playbook import Playbook
from strategies.instants import DAY, HOUR, MINUTE, Instant
from strategies.profile import Consent, Line, Profile
from strategies.verdict import Verdict
from tests.contracts import situations
from tests.contracts.conftest import settings
from tests.contracts.situations import CALL, profile, wish
from tests.contracts.test_ledger import SMS, now, published, reserved, send
from tests.contracts.test_ledger import history as moves_of

WEB_ONCE_A_DAY = """
  - {rule: web, effect: cap, match: {channels: [web]}, window: {sliding: PT24H}, max: 1}
"""
CALL_ONCE_A_WEEK = """
  - {rule: weekly, effect: cap, match: {channels: [outbound_call]}, window: {sliding: P7D}, max: 1}
"""
WEB = Candidate(channel="web", category="marketing", direction="incoming")


def showing(id: str, type: str, at: Instant) -> Showing:
    return Showing(id, "d1", type, profile().customer, "", "", "web", at)


async def seen(stores: Stores, who: Profile, rules: Playbook) -> Profile:
    return await stores.database.read(lambda tx: history.gathered(tx, who, rules, tx.now()))


async def test_a_reserved_offer_that_was_shown_keeps_its_place(stores: Stores) -> None:
    """A portal reserves, shows and reports: the contact is sent, and no sweep gives its place back."""
    playbook = await published(stores, WEB_ONCE_A_DAY)
    at = await now(stores)
    place = await reserved(
        stores, wish(playbook, profile(), at, WEB, decision="d1", valid_until=Instant(at + 15 * MINUTE))
    )
    assert await stores.events.show(showing("s1", "shown", at), profile(), WEB, playbook)
    await stores.clock.move_to(Instant(at + HOUR))
    await stores.tasks.sweep()
    assert await moves_of(stores, place.contact) == ["reserved", "sending", "sent"]
    assert isinstance(await stores.ledger.reserve(wish(playbook, profile(), at, WEB)), Verdict)


async def test_an_offer_shown_after_its_reservation_expired_counts_all_the_same(stores: Stores) -> None:
    """What was shown happened: the report makes a contact of its own, and one only, and the expired one stays."""
    playbook = await published(stores, WEB_ONCE_A_DAY)
    at = await now(stores)
    place = await reserved(
        stores, wish(playbook, profile(), at, WEB, decision="d1", valid_until=Instant(at + 15 * MINUTE))
    )
    await stores.clock.move_to(Instant(at + HOUR))
    await stores.tasks.sweep()
    later = await now(stores)
    assert await stores.events.show(showing("s1", "shown", later), profile(), WEB, playbook)
    assert await stores.events.show(showing("s2", "clicked", later), profile(), WEB, playbook)
    assert isinstance(await stores.ledger.reserve(wish(playbook, profile(), later, WEB)), Verdict)
    task = await stores.tasks.get(place.task)
    assert (task.state, task.reason) == ("cancelled", "expired")
    kept = await seen(stores, profile(), playbook)
    assert sorted(contact.state for contact in kept.contacts) == ["expired", "sent"]


async def test_a_receipt_that_came_while_the_dispatcher_died_is_applied(stores: Stores) -> None:
    """G6: the report overtook the confirmation that never came; the sweep does not lose it."""
    playbook = await published(stores)
    permit = await send(stores, playbook, profile())
    assert await stores.ledger.receive(Receipt("r1", permit.contact, "delivered", permit.at))
    await stores.clock.move_to(Instant(permit.at + 3 * MINUTE))
    await stores.tasks.sweep()
    assert await moves_of(stores, permit.contact) == ["reserved", "sending", "unknown", "delivered"]
    assert (await stores.tasks.get(permit.task)).state == "done"


@pytest.mark.parametrize("confirmed", [True, False])
async def test_a_message_nobody_reports_on_ends_its_task(stores: Stores, confirmed: bool) -> None:
    """G4: once the wait for receipts is over the task is over, delivered or not; the contact still counts."""
    playbook = await published(stores)
    permit = await send(stores, playbook, profile())
    if confirmed:
        await stores.ledger.confirm(permit.contact, permit.fence, "ref")
    await stores.clock.move_to(Instant(permit.at + 3 * MINUTE))
    await stores.tasks.sweep()
    assert (await stores.tasks.get(permit.task)).state == "started"
    await stores.clock.move_to(Instant(permit.at + 2 * DAY))
    await stores.tasks.sweep()
    assert (await stores.tasks.get(permit.task)).state == "done"


async def test_an_opt_out_of_another_number_of_the_customer_binds_a_profile_gathered_before(
    stores: Stores,
) -> None:
    """G3: a withdrawal binds the person through every number they have, also where only the number was named."""
    playbook = await published(stores)
    who = replace(profile(), lines=(Line("L2", "hash-of-second"),))
    who = await seen(stores, who, playbook)
    waiting = await reserved(stores, wish(playbook, who, await now(stores), SMS))
    await stores.ledger.record_consent(
        Consent(False, await now(stores), number_hash="hash-of-second", source="agent")
    )
    answer = await stores.ledger.permit(waiting.contact, who, playbook)
    assert isinstance(answer, Verdict) and answer.rules == ("consent.opted_out",)
    assert isinstance(await stores.ledger.reserve(wish(playbook, who, await now(stores), SMS)), Verdict)


async def test_a_contact_planned_long_ago_counts_from_its_hand_over(stores: Stores) -> None:
    """G1: a task may wait for weeks; what it counts by is the attempt, not the plan."""
    playbook = await published(stores, CALL_ONCE_A_WEEK)
    at = await now(stores)
    place = await reserved(stores, wish(playbook, profile(), at, valid_until=Instant(at + 60 * DAY)))
    await stores.clock.move_to(Instant(at + 40 * DAY))
    permit = await stores.ledger.permit(place.contact, profile(), playbook)
    assert isinstance(permit, Permit)
    await stores.ledger.confirm(place.contact, permit.fence, "ref")
    await stores.ledger.receive(Receipt("r1", place.contact, "delivered", permit.at))
    await stores.clock.move_to(Instant(at + 42 * DAY))
    later = await now(stores)
    answer = await stores.ledger.reserve(wish(playbook, profile(), later, CALL))
    assert isinstance(answer, Verdict) and answer.rules == ("p.weekly",)


async def test_two_first_publishes_at_once_leave_one_winner(tmp_path: Path, database_url: str) -> None:
    """Compare-and-set holds from the first version on, between processes too: the other is told to read again."""
    houses = [open_stores(settings(tmp_path, database_url)) for _ in range(4)]
    answers = await asyncio.gather(
        *(
            house.playbooks.publish(
                situations.playbook(CALL_ONCE_A_WEEK.replace("P7D", f"P{n}D")), base=None, author="a", why="b"
            )
            for n, house in enumerate(houses, 2)
        ),
        return_exceptions=True,
    )
    for house in houses:
        await house.close()
    assert sum(isinstance(answer, Conflict) for answer in answers) == len(houses) - 1, answers


async def test_what_comes_after_closing_is_refused_and_never_hangs(stores: Stores) -> None:
    """G15: a write that arrives when the store is closed gets an answer."""
    stores.database.close()
    with pytest.raises(StoreUnavailable):
        await asyncio.wait_for(stores.database.write(lambda tx: 1), 2)
    with pytest.raises(StoreUnavailable):
        await asyncio.wait_for(stores.database.read(lambda tx: 1), 2)


async def test_a_gateways_clock_cannot_carry_a_delivery_out_of_its_window(stores: Stores) -> None:
    """A delivery lies between the hand-over and now, whatever the gateway's clock says."""
    rule = "  - {rule: d, effect: cap, match: {channels: [sms]}, count: delivered, window: {sliding: P7D}, max: 1}\n"
    playbook = await published(stores, rule)
    for number, off in enumerate((400 * DAY, -400 * DAY)):
        who = profile(f"C{number}")
        permit = await send(stores, playbook, who)
        await stores.ledger.confirm(permit.contact, permit.fence, "ref")
        receipt = Receipt(f"r{number}", permit.contact, "delivered", Instant(permit.at + off))
        assert await stores.ledger.receive(receipt)
        assert isinstance(await stores.ledger.reserve(wish(playbook, who, permit.at, SMS)), Verdict)


async def test_a_showing_reported_late_is_marked_by_the_instant_at_which_it_happened(stores: Stores) -> None:
    """Reported three hours later it still broke the cap of two hours, and is no violation of ours."""
    playbook = await published(stores, WEB_ONCE_A_DAY.replace("PT24H", "PT2H"))
    at = await now(stores)
    assert await stores.events.show(showing("s1", "shown", at), profile(), WEB, playbook)
    await stores.clock.move_to(Instant(at + 3 * HOUR))
    late = replace(showing("s2", "shown", Instant(at + HOUR)), decision="d2")
    assert await stores.events.show(late, profile(), WEB, playbook)
    assert (await check_ledger(stores.database, playbook)).found["cap p.web"] == ()


async def test_a_day_planned_again_gives_up_all_that_nobody_took(stores: Stores) -> None:
    """However many pages that takes; what somebody took stays, and so does another day's."""
    playbook, at = await published(stores), await now(stores)
    wishes = [
        wish(playbook, profile(f"C{n}"), at, SMS, day=day, rank=1)
        for day, many in (("2030-01-01", 2 * CANCELLED_AT_ONCE + 3), ("2030-01-02", 2))
        for n in range(many)
    ]
    answers = await stores.ledger.reserve_many(wishes)
    taken = answers[CANCELLED_AT_ONCE]
    assert isinstance(taken, Reserved)
    await stores.ledger.permit(taken.contact, profile(f"C{CANCELLED_AT_ONCE}"), playbook)
    assert await stores.tasks.cancel_untouched("2030-01-01") == 2 * CANCELLED_AT_ONCE + 2
    left = await stores.tasks.list(state="waiting", limit=10)
    assert [each.day for each in left] == ["2030-01-02"] * 2
    assert (await stores.tasks.get(taken.task)).state == "started"


async def test_a_receipts_id_that_was_used_for_another_contact_is_a_report_of_its_own(stores: Stores) -> None:
    """A gateway that begins its ids anew settles every contact; the same report again still has no second effect."""
    playbook = await published(stores)
    sent = [await send(stores, playbook, profile(each)) for each in ("C1", "C2")]
    for each in sent:
        await stores.ledger.confirm(each.contact, each.fence, "gateway")
    reports = [Receipt("1", each.contact, "delivered", await now(stores)) for each in sent]
    assert [await stores.ledger.receive(each) for each in (*reports, *reports)] == [True, True, False, False]
    assert [(await stores.ledger.get(each.contact)).state for each in sent] == ["delivered"] * 2


async def test_a_report_on_a_contact_nobody_has_is_accepted_once_and_told(stores: Stores) -> None:
    """After a restore it may be of a contact made since the backup; else its gateway reports to the wrong service."""
    stray = [Receipt(each, ContactId("not-ours"), "delivered", await now(stores)) for each in ("1", "2", "1")]
    before = RECEIPTS_OF_NOBODY._value.get()
    assert [await stores.ledger.receive(each) for each in stray] == [True, True, False]
    assert RECEIPTS_OF_NOBODY._value.get() == before + 2
    playbook = await published(stores)
    place = await send(stores, playbook, profile("C1"))
    await stores.ledger.confirm(place.contact, place.fence, "gateway")
    of_ours = Receipt("1", place.contact, "delivered", await now(stores))
    assert await stores.ledger.receive(of_ours)
    assert (await stores.ledger.get(place.contact)).state == "delivered"
    assert RECEIPTS_OF_NOBODY._value.get() == before + 2
