"""One customer, now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from contact.faults import StoreUnavailable
from contact.flow.deciding import decide as deciding
from contact.flow.deciding.decide import DecisionRequest, decide
from contact.flow.deciding.report import ShowingReport, report
from contact.flow.deciding.weigh import weigh
from contact.flow.gather import gather
from contact.flow.hearing.receive import EventBody, event
from contact.flow.working.show_customer import card
from contact.wiring import House
from strategies.instants import parse_instant, to_datetime
from strategies.problems import ProblemsFound
from tests.integration.flow.stage import customer, open_for_business, texts


async def test_advice_takes_no_place_and_a_reservation_takes_it_once(house: House, tmp_path: Path) -> None:
    """Advice may be asked again and again; the second reservation is refused by the cap the first one filled."""
    await open_for_business(house, tmp_path, [customer(1)], at="2030-03-04T10:00+08:00")
    for _ in range(2):
        advice = await decide(house.ports, DecisionRequest("C1", "sms"))
        assert advice.chosen is not None and advice.task is None
    taken = await decide(house.ports, DecisionRequest("C1", "sms", reserve=True))
    assert (
        taken.task is not None
        and taken.chosen is not None
        and taken.chosen.text == ["Hello Person 1, you use 12.5 GB."]
    )
    again = await decide(house.ports, DecisionRequest("C1", "outbound_call"))
    assert again.chosen is None
    assert [(each.rule, each.detail) for each in again.refusals] == [("caps.weekly", "1 of 1 in 7 days")]
    assert again.until is not None and again.until.isoformat().startswith("2030-03-11T02:00:")
    assert again.options[0].channels_now == ["web"]


async def test_a_store_that_does_not_tell_in_time_is_as_one_that_is_away(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Advice goes on without it, about nobody in particular; a place is waited for as long as it takes."""
    await open_for_business(house, tmp_path, [customer(1)], at="2030-03-04T10:00+08:00")
    assert not (await decide(house.ports, DecisionRequest("C1", "sms"))).degraded
    monkeypatch.setattr(deciding, "PATIENCE_SECONDS", 0.0)
    assert (await decide(house.ports, DecisionRequest("C1", "sms"))).degraded
    taken = await decide(house.ports, DecisionRequest("C1", "sms", reserve=True))
    assert taken.task is not None and not taken.degraded


async def test_a_refused_outgoing_ask_waits_until_it_clears(house: House, tmp_path: Path) -> None:
    """Reserved at seven in the morning, a message waits for the hours that open at ten."""
    await open_for_business(house, tmp_path, [customer(1)], at="2030-03-04T07:00+08:00")
    answer = await decide(house.ports, DecisionRequest("C1", "sms", reserve=True))
    assert answer.deferred_to == to_datetime(parse_instant("2030-03-04T10:00+08:00"))
    assert answer.task is not None and answer.chosen is not None
    assert [each.rule for each in answer.refusals] == ["law.quiet"]


async def test_a_control_customer_is_written_down_and_offered_nothing_promotional(
    house: House, tmp_path: Path
) -> None:
    """The walk records what it would have reserved, stops, and still lets service pass."""
    playbook = texts(control="100", service=True)
    await open_for_business(house, tmp_path, [customer(1)], playbook, at="2030-03-04T10:00+08:00")
    answer = await decide(house.ports, DecisionRequest("C1", "sms", reserve=True))
    assert answer.chosen is None and [each.rule for each in answer.refusals] == ["control.strategy"]
    rows = await house.ports.reports.assigned("data-upgrade")
    assert [(row["customer"], row["arm"]) for row in rows] == [("C1", "control.strategy")]
    web = await decide(house.ports, DecisionRequest("C1", "web"))
    assert web.chosen is not None and web.chosen.strategy == "care"


async def test_a_message_with_a_hole_is_refused_and_a_script_leaves_the_sentence_out(
    house: House, tmp_path: Path
) -> None:
    """Without a name the message is ``unknown_field``; without a bill the script goes on without that step."""
    people = [customer(1, name="", arpu="")]
    await open_for_business(house, tmp_path, people, at="2030-03-04T10:00+08:00")
    sms = await decide(house.ports, DecisionRequest("C1", "sms"))
    assert sms.chosen is None
    assert [(each.reason, each.field) for each in sms.refusals] == [("unknown_field", "name")]
    call = await decide(house.ports, DecisionRequest("C1", "outbound_call"))
    assert call.chosen is not None and call.chosen.text == ["Shall I set it up?"]
    assert call.chosen.why == ["uses 12.5 GB a month"]


async def test_language_goes_by_request_then_by_customer(house: House, tmp_path: Path) -> None:
    """A Chinese customer reads Chinese, unless the channel asks for another language."""
    await open_for_business(house, tmp_path, [customer(1, language="zh-CN")], at="2030-03-04T10:00+08:00")
    own = await decide(house.ports, DecisionRequest("C1", "sms"))
    asked = await decide(house.ports, DecisionRequest("C1", "sms", language="en"))
    assert own.chosen is not None and own.chosen.text == ["Person 1您好，您用 12.5 GB。"]
    assert asked.chosen is not None and asked.chosen.text == ["Hello Person 1, you use 12.5 GB."]


async def test_a_showing_counts_once_though_the_decision_was_never_recorded(
    house: House, tmp_path: Path
) -> None:
    """A report repeats what was decided; it makes the contact, once, and the card tells of it."""
    at = await open_for_business(house, tmp_path, [customer(1)], at="2030-03-04T10:00+08:00")
    shown = ShowingReport("e1", "shown", "C1", "data-upgrade", "data-20", "web", to_datetime(at))
    assert await report(house.ports, "a-lost-decision", shown) is True
    assert await report(house.ports, "a-lost-decision", shown) is False
    told = await card(house.ports, "C1")
    assert [(each.channel, each.title) for each in told.timeline] == [("web", "20 GB pack")]


async def test_unknown_names_are_problems(house: House, tmp_path: Path) -> None:
    """A channel, strategy or offer that the playbook does not know is said with what is known."""
    at = await open_for_business(house, tmp_path, [customer(1)])
    with pytest.raises(ProblemsFound, match="no channel 'fax'"):
        await decide(house.ports, DecisionRequest("C1", "fax"))
    with pytest.raises(ProblemsFound, match="no strategy 'nope'"):
        await decide(house.ports, DecisionRequest("C1", "sms", strategies=["nope"]))
    with pytest.raises(ProblemsFound, match="no offer"):
        shown = ShowingReport("e2", "shown", "C1", "data-upgrade", "gone", "web", to_datetime(at))
        await report(house.ports, "d", shown)


async def test_the_decision_record_lets_it_be_taken_again(house: House, tmp_path: Path) -> None:
    """Playbook, instant, generation, epochs and the request are kept with what was refused."""
    await open_for_business(house, tmp_path, [customer(1)], at="2030-03-04T10:00+08:00")
    answer = await decide(house.ports, DecisionRequest("C1", "sms"))
    record = await house.ports.decisions.get(answer.decision)
    assert record["playbook"] == answer.playbook
    assert record["at"].startswith("2030-03-04T02:00:")
    assert record["generation"] == 1 and record["request"]["customer"] == "C1"
    assert record["chosen"]["offer"] == "data-20"


async def test_without_the_history_only_service_is_answered(house: House, tmp_path: Path) -> None:
    """Nobody can tell what was said before, so marketing is refused ``cannot_tell`` and service still passes."""
    await open_for_business(house, tmp_path, [customer(1)], texts(service=True), at="2030-03-04T10:00+08:00")
    seen = await gather(house.ports, "C1")
    blind = replace(seen, profile=replace(seen.profile, history_reachable=False))
    weighed = weigh(blind, await house.ports.customers.identity(seen.profile.customer), "web", None, None)
    assert {each.ranked.candidate.strategy: each.verdict.rules for each in weighed.options} == {
        "data-upgrade": ("store.unreachable",),
        "care": (),
    }


async def test_who_asks_for_a_place_that_the_store_cannot_be_asked_for_is_told_so(
    house: House, tmp_path: Path
) -> None:
    """Advice does without the store, a reservation does not: an answer without a place would be kept for its repeats."""
    await open_for_business(house, tmp_path, [customer(1)], texts())
    wanted = DecisionRequest("C1", "sms", reserve=True)
    with pytest.raises(StoreUnavailable, match="may not be asked"):
        await decide(house.ports, wanted, blind=True)


async def test_an_event_of_a_unit_is_seen_by_the_next_decision(house: House, tmp_path: Path) -> None:
    """What it sets is a fact of the unit's customers at once; a unit that nobody declared is refused."""
    at = await open_for_business(house, tmp_path, [customer(1)])
    assert await event(house.ports, EventBody("u1", "roaming_started", to_datetime(at), unit="G1")) is True
    assert (await gather(house.ports, "C1")).profile.facts["roaming_now"] is True
    with pytest.raises(ProblemsFound, match="there is no unit 'G7'"):
        await event(house.ports, EventBody("u2", "roaming_started", to_datetime(at), unit="G7"))


async def test_a_rule_that_reroutes_reserves_the_offer_in_another_channel(
    house: House, tmp_path: Path
) -> None:
    """No messages to this customer: asked for one with `reserve`, the same offer finds its place as a call."""
    playbook = texts()
    playbook["policies/quiet.yaml"] = (
        "policy: quiet\nlayer: company\nrules:\n"
        "  - {rule: no-sms, effect: forbid, match: {channels: [sms]}, on_hit: {reroute: [outbound_call]}}\n"
    )
    await open_for_business(house, tmp_path, [customer(1)], playbook, at="2030-03-04T10:00+08:00")
    answer = await decide(house.ports, DecisionRequest("C1", "sms", reserve=True))
    assert answer.chosen is not None and answer.chosen.channel == "outbound_call"
    assert answer.task is not None and answer.deferred_to is None
    assert answer.options[0].refusals[0].rule == "quiet.no-sms"
