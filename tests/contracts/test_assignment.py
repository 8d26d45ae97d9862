"""What evaluation stands on: who was assigned to what, and when, whatever happened afterwards."""

from __future__ import annotations

from contact.ports import Reserved, WouldHave
from contact.storage.open import Stores
from strategies.candidate import Candidate
from strategies.instants import DAY, HOUR, Instant
from strategies.profile import CustomerId
from strategies.verdict import Verdict
from tests.contracts import situations
from tests.contracts.situations import CALL_ONCE_A_DAY, profile, wish

SMS = Candidate(channel="sms", category="marketing")


async def test_a_deferral_does_not_move_the_instant_of_assignment(stores: Stores) -> None:
    """The goal's window of a treated customer begins where a control customer's does: at the place first given."""
    loose = situations.playbook()
    tight = situations.playbook(CALL_ONCE_A_DAY.replace("outbound_call", "sms"))
    at = (await stores.clock.now()).at
    assert isinstance(await stores.ledger.reserve(wish(loose, profile(), at, SMS)), Reserved)
    wanted = wish(loose, profile(), at, SMS, valid_until=Instant(at + 3 * DAY))
    place = await stores.ledger.reserve(wanted)
    assert isinstance(place, Reserved)
    answer = await stores.ledger.permit(place.contact, profile(), tight)
    assert isinstance(answer, Verdict) and (await stores.tasks.get(place.task)).not_before > place.planned_at
    assert place.planned_at in {row["at"] for row in await stores.reports.assigned("")}


async def test_a_day_planned_again_keeps_the_control_places_whose_hour_has_come(stores: Stores) -> None:
    """They are to the control group what tasks somebody has taken are to the treated."""
    at = (await stores.clock.now()).at

    def held(customer: str, when: int) -> WouldHave:
        return WouldHave(
            "2026-03-02", CustomerId(customer), "s", "o", "sms", "control.strategy", Instant(when), None
        )

    await stores.plans.record("2026-03-02", [held("past", at - HOUR), held("ahead", at + HOUR)], {}, {})
    await stores.plans.record("2026-03-02", [held("anew", at + 2 * HOUR)], {}, {})
    assert {row["customer"] for row in await stores.reports.assigned("s")} == {"past", "anew"}
