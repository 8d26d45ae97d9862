"""A past decision is taken again under its own playbook and comes out equal to the byte; another instant is explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from contact.faults import NotFound
from contact.flow.deciding.decide import DecisionRequest, decide
from contact.flow.deciding.explain import explain, explain_decision
from contact.flow.deciding.recording import answer_record
from contact.flow.deciding.replay import canonical, replay
from contact.flow.hearing.receive import EventBody, event
from contact.flow.hearing.record_consent import ConsentBody, record_consent
from contact.flow.publishing.publish import publish
from contact.wiring import House, join
from strategies.instants import HOUR, Instant, parse_instant, to_datetime
from tests.integration.flow.stage import CAPS, customer, deliver, open_for_business, texts

MORNING = "2030-03-04T10:00+08:00"


async def life_goes_on(house: House, folder: Path) -> None:
    """Everything that may change what rules see: a contact, an event, an opt-out, an import, another playbook."""
    await decide(house.ports, DecisionRequest("C1", "outbound_call", reserve=True))
    await decide(house.ports, DecisionRequest("C1", "sms", reserve=True))
    now = to_datetime((await house.ports.clock.now()).at)
    await event(house.ports, EventBody("E1", "roaming_started", now, "C1"))
    await record_consent(house.ports, "C1", ConsentBody(given=False, source="letter"))
    await deliver(
        house.ports, folder, [customer(1, name="", data_gb="1", p_sms="0.9", language="zh-CN", account="A9")]
    )
    base = (await house.ports.playbooks.current()).version
    await publish(
        house.ports, texts(control="100", caps=CAPS.replace("max: 1", "max: 5")), base, "mei", "more"
    )
    await house.ports.clock.move_to(parse_instant("2030-03-09T12:00+08:00"))


@pytest.mark.parametrize(
    ("channel", "reserve", "at"),
    [
        ("sms", False, MORNING),
        ("sms", True, MORNING),
        ("outbound_call", True, MORNING),
        ("web", False, MORNING),
        ("sms", True, "2030-03-04T07:00+08:00"),
    ],
)
async def test_a_past_decision_comes_out_equal_to_the_byte(
    house: House, tmp_path: Path, channel: str, reserve: bool, at: str
) -> None:
    """Advice, a reservation, and one that waits for hours; whatever happened since."""
    await open_for_business(house, tmp_path, [customer(1)], texts(service=True), at=at)
    await decide(house.ports, DecisionRequest("C1", "web"))
    first = await decide(house.ports, DecisionRequest("C1", channel, reserve=reserve))
    await life_goes_on(house, tmp_path)
    found, gathered = await replay(house.ports, first.decision)
    assert (found.state, found.differences) == ("equal", []) and gathered is not None
    assert found.recorded is not None and found.replayed is not None
    assert canonical(found.recorded) == canonical(found.replayed)
    assert answer_record(first) == found.replayed


async def test_a_refused_and_a_control_decision_come_out_again(house: House, tmp_path: Path) -> None:
    """What the ledger refused then is refused again, and who was in the control group then still is."""
    playbook = texts(control="100", service=True)
    await open_for_business(house, tmp_path, [customer(1)], playbook, at=MORNING)
    control = await decide(house.ports, DecisionRequest("C1", "sms", reserve=True))
    base = (await house.ports.playbooks.current()).version
    await publish(house.ports, texts(), base, "mei", "no control")
    await decide(house.ports, DecisionRequest("C1", "sms", reserve=True))
    refused = await decide(house.ports, DecisionRequest("C1", "outbound_call", reserve=True))
    assert refused.chosen is None
    for each in (control, refused):
        assert (await replay(house.ports, each.decision))[0].state == "equal"


async def test_a_decision_whose_generation_is_gone_says_so(house: House, tmp_path: Path) -> None:
    """The recorded answer is still shown; nothing is made up in place of the facts."""
    await open_for_business(house, tmp_path, [customer(1)], at=MORNING)
    answer = await decide(house.ports, DecisionRequest("C1", "sms"))
    await house.stores.decisions.flush()
    files = list((house.settings.home / "generations").glob("*.parquet"))
    await deliver(house.ports, tmp_path, [customer(1, data_gb="3")])
    for file in files:
        file.unlink()
    later = await join(house.settings)
    found = await explain_decision(later.ports, answer.decision)
    await later.close()
    assert found.replay is not None and found.replay.state == "gone" and found.candidates == []
    assert found.replay.recorded is not None and found.replay.recorded["decision"] == answer.decision


async def test_a_decision_is_explained_under_its_own_playbook(house: House, tmp_path: Path) -> None:
    """Gates, values and version are those of then; a decision about somebody else is not found."""
    await open_for_business(house, tmp_path, [customer(1)], at=MORNING)
    answer = await decide(house.ports, DecisionRequest("C1", "sms"))
    await life_goes_on(house, tmp_path)
    found = await explain_decision(house.ports, answer.decision, "C1")
    assert (found.playbook, found.at, found.of_today) == (answer.playbook, answer.at, [])
    assert [(each.channel, each.allowed) for each in found.candidates] == [("sms", True)]
    audience = next(gate for gate in found.candidates[0].gates if gate.gate == "audience")
    assert "12.5" in [each["shown"] for each in audience.compared]
    with pytest.raises(NotFound):
        await explain_decision(house.ports, answer.decision, "C2")


async def test_another_instant_is_explained_with_the_contacts_of_then(house: House, tmp_path: Path) -> None:
    """Before the contact its cap is free, after it used up, a week on free again; facts are said to be of today."""
    await open_for_business(house, tmp_path, [customer(1)], at=MORNING)
    start = (await house.ports.clock.now()).at
    await house.ports.clock.move_to(Instant(start + HOUR))
    await decide(house.ports, DecisionRequest("C1", "sms", reserve=True))
    await house.ports.clock.move_to(Instant(start + 3 * HOUR))

    async def capped(at: Instant | None) -> bool:
        found = await explain(house.ports, "C1", channel="outbound_call", at=at)
        assert found.of_today == ([] if at is None else ["facts", "lines", "playbook"])
        gates = {gate.gate: gate.passed for each in found.candidates for gate in each.gates}
        return gates["caps.weekly"] is False

    assert await capped(None)
    assert not await capped(Instant(start + HOUR // 2))
    assert await capped(Instant(start + 2 * HOUR))
    assert not await capped(parse_instant("2030-03-12T12:00+08:00"))


async def test_a_withdrawal_counts_from_when_it_was_stored(house: House, tmp_path: Path) -> None:
    """Asked about an hour before, the customer had not objected yet."""
    await open_for_business(house, tmp_path, [customer(1)], at=MORNING)
    start = (await house.ports.clock.now()).at
    await house.ports.clock.move_to(Instant(start + HOUR))
    await record_consent(house.ports, "C1", ConsentBody(given=False, source="letter"))

    async def allowed(at: Instant | None) -> bool:
        found = await explain(house.ports, "C1", channel="sms", at=at)
        return any(each.allowed for each in found.candidates)

    assert await allowed(Instant(start + HOUR // 2)) and not await allowed(None)


async def test_a_decision_made_without_the_store_comes_out_again(house: House, tmp_path: Path) -> None:
    """Of a customer who could not be read nothing is looked up afterwards either, whatever is known of them by now."""
    await open_for_business(house, tmp_path, [customer(1)], texts(service=True), at=MORNING)
    await decide(house.ports, DecisionRequest("C1", "web"))
    first = await decide(house.ports, DecisionRequest("C1", "web"), blind=True)
    found, gathered = await replay(house.ports, first.decision)
    assert first.degraded and gathered is not None
    assert (found.state, found.differences) == ("equal", [])
    assert answer_record(first) == found.replayed
