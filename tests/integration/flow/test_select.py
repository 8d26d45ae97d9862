"""Selecting: what everybody at once is told equals what each customer alone is told, as the days go by."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from contact.faults import Conflict, NotFound
from contact.flow.planning.plan import plan
from contact.flow.publishing.check_texts import checked
from contact.flow.publishing.drafts import create_draft, draft_file
from contact.flow.selecting.cluster import cluster
from contact.flow.selecting.lists import import_list, lists, remove_list
from contact.flow.selecting.segments import save_segment, segment_file, segments
from contact.flow.selecting.select import selected
from contact.flow.selecting.spread import fields, spread
from contact.wiring import House
from strategies.candidate import Candidate
from strategies.instants import HOUR, Instant
from strategies.judging.judge import judge
from strategies.offering.eligibility import TREATED, arm
from strategies.problems import ProblemsFound
from strategies.profile import Consent, CustomerId
from tests.integration.flow.stage import CAPS, customer, open_for_business, texts

DAY = "2030-03-04"
CARE = """
policy: care
layer: unit
rules:
  - {rule: after-order, effect: cooldown, match: {promotional: true}, event: ordered, lasts: P14D}
  - rule: rejected
    effect: suppress
    results: [rejected]
    times: 1
    same: any
    lasts: P10D
"""
SEGMENT = "segment: heavy\ntitle: {en: Heavy users}\nwhen: data_gb > 20\n"


def people() -> list[dict[str, object]]:
    """Sixty customers: some complain, some have no number, some nothing is known of."""
    return [
        customer(number)
        | {
            "data_gb": "" if number % 13 == 0 else str(number % 30),
            "arpu": str(20 + number * 7 % 300),
            "complaint_open": "" if number % 11 == 0 else "1" if number % 7 == 0 else "0",
            "number": "" if number % 17 == 0 else f"1380000{number:04}",
            "zone": "" if number % 5 == 0 else "Asia/Shanghai",
        }
        for number in range(1, 61)
    ]


async def opened(house: House, folder: Path) -> None:
    playbook = {**texts(control="20"), "policies/care.yaml": CARE, "segments/heavy.yaml": SEGMENT}
    playbook["operator.yaml"] = playbook["operator.yaml"].replace(
        "universal_control: 0", "universal_control: 10"
    )
    playbook["channels.yaml"] = (
        playbook["channels.yaml"].replace("per_hour: 20", "per_hour: 1").replace("per_hour: 5", "per_hour: 1")
    )
    await open_for_business(house, folder, people(), playbook)


async def assert_as_each_alone(house: House, condition: str, *, hours: bool = False) -> int:
    """The selection of everybody, held against asking each customer by name; how many are left."""
    ports = house.ports
    now = (await ports.clock.now()).at
    found = await selected(
        ports, condition, channel="sms", strategy="data-upgrade", without=["roaming_now"], base_max_age=0,
        at=now if hours else None,
    )  # fmt: skip
    playbook = await ports.playbooks.current()
    strategy = playbook.strategy("data-upgrade")
    assert strategy is not None
    refused: dict[str, int] = {}
    left = []
    for number in range(1, 61):
        profile = await ports.profiles.gather(CustomerId(f"C{number}"), playbook)
        data = profile.facts["data_gb"]
        if not isinstance(data, float) or data < 5:
            continue
        candidate = Candidate("sms", "marketing", strategy="data-upgrade", number_hash=profile.number_hash)
        rules = set(judge(playbook, candidate, profile, now).rules) - (set() if hours else {"law.quiet"})
        rules |= {"channel.number"} if profile.number_hash is None else set()
        rules |= {arm(playbook, strategy, profile)} - {TREATED}
        for rule in rules:
            refused[rule] = refused.get(rule, 0) + 1
        if not rules and profile.facts["roaming_now"] is False:
            left.append(profile.customer)
    told = {rule: count for step in found.answer.exclusions for rule, count in step.rules.items()}
    assert {rule: count for rule, count in told.items() if rule not in ("true", "unknown")} == refused
    assert sorted(found.customers()) == sorted(left)
    assert found.answer.left == found.answer.exclusions[-1].left == len(left)
    assert found.answer.found - sum(step.excluded for step in found.answer.exclusions) == len(left)
    return len(left)


async def test_everybody_at_once_is_told_what_each_alone_is_told(house: House, tmp_path: Path) -> None:
    """After the import, a plan, opt-outs, events and outcomes: the same customers are left, for the same reasons."""
    await opened(house, tmp_path)
    ports = house.ports
    first = await assert_as_each_alone(house, "data_gb >= 5")
    assert await assert_as_each_alone(house, "data_gb >= 5", hours=True) == 0, "09:00 is before the hours"
    await plan(ports, DAY)
    planned = await assert_as_each_alone(house, "data_gb >= 5")
    now = (await ports.clock.now()).at
    for number in (8, 9, 10, 20):
        withdrawn = Consent(False, Instant(now), "sms", "marketing", customer=f"C{number}")
        await ports.ledger.record_consent(withdrawn)
    await plan(ports, DAY)  # other customers are reserved, those who withdrew are cancelled
    await ports.clock.move_to(Instant(now + 3 * HOUR))
    after = await assert_as_each_alone(house, "data_gb >= 5", hours=True)
    assert first > planned > 0 and after > 0
    young = await selected(ports, "data_gb >= 5", channel="sms", category="service")
    assert young.answer.age_seconds < 60 and young.answer.exclusions[-1].name == "control"


async def test_the_funnel_is_in_order_and_says_what_it_is_about(house: House, tmp_path: Path) -> None:
    """State, do-not-disturb, frequency, control, then the fields named; without a condition the audience is meant."""
    await opened(house, tmp_path)
    found = await selected(
        house.ports, None, channel="sms", strategy="data-upgrade", without=["COALESCE(roaming_now, FALSE)"]
    )
    assert found.answer.condition == "data_gb >= 5"
    names = [step.name for step in found.answer.exclusions]
    assert names == ["state", "do_not_disturb", "frequency", "control", "COALESCE(roaming_now, FALSE)"]
    assert set(found.answer.exclusions[0].rules) == {"channel.number", "law.complaint"}
    lefts = [found.answer.found, *(step.left for step in found.answer.exclusions)]
    assert lefts == sorted(lefts, reverse=True)


async def test_what_cannot_be_selected_is_a_problem_at_its_place(house: House, tmp_path: Path) -> None:
    """An unknown field, channel, category or strategy is named, with what is known instead."""
    await opened(house, tmp_path)
    for asked, code in (
        ({"condition": "arpo > 1", "category": "marketing"}, "condition.field"),
        ({"condition": "arpu > 1", "category": "sale"}, "reference.unknown"),
        ({"condition": "arpu > 1"}, "key.missing"),
        ({"condition": "arpu > 1", "category": "marketing", "channel": "fax"}, "reference.unknown"),
        ({"condition": "arpu > 1", "strategy": "no"}, "reference.unknown"),
        ({"condition": "arpu > 1", "category": "marketing", "without": ["arpu"]}, "condition.type"),
    ):
        with pytest.raises(ProblemsFound) as problems:
            await selected(house.ports, **{"channel": "sms", **asked})  # type: ignore[arg-type]
        assert [problem.code for problem in problems.value.problems] == [code]


async def test_a_segment_is_counted_by_its_rule_each_time(house: House, tmp_path: Path) -> None:
    """A segment's size follows the base; a selection is kept in a draft as a file that the check accepts."""
    await opened(house, tmp_path)
    ports = house.ports
    sizes = {each.segment: each.found for each in (await segments(ports)).segments}
    assert sizes == {
        "heavy": sum(1 for each in people() if str(each["data_gb"]) > "20" and len(str(each["data_gb"])) == 2)
    }
    draft = await create_draft(ports, "strategist")
    saved = await save_segment(
        ports, draft.draft, "rich", "arpu >= 100\n  AND data_gb > 1", {"en": "Rich: “a”"}, "s"
    )
    assert saved.changed == ["segments/rich.yaml"]
    with pytest.raises(Conflict):
        await save_segment(ports, draft.draft, "rich", "arpu >= 200", {}, "s")
    await save_segment(ports, draft.draft, "rich", "arpu >= 200", {"en": "Rich"}, "s", replace=True)
    text, _ = await draft_file(ports, draft.draft, "segments/rich.yaml")
    whole = checked({**texts(), "segments/rich.yaml": text})
    assert not whole.errors and whole.playbook is not None
    assert whole.playbook.segments["rich"].when.text == "arpu >= 200"
    with pytest.raises(ProblemsFound):
        segment_file(whole.playbook, "poor", "arpo < 1", {})


async def test_clusters_have_rules_that_find_them(house: House, tmp_path: Path) -> None:
    """Three clouds of customers are found without saying how many; each rule is a condition that selects its cloud."""
    clouds = ((30, 2), (150, 9), (280, 27))
    crowd = [
        customer(number, arpu=str(arpu + number % 7), data_gb=str(gb + number % 3))
        for number, (arpu, gb) in enumerate((cloud for cloud in clouds for _ in range(30)), 1)
    ]
    await open_for_business(house, tmp_path, crowd)
    answer = await cluster(house.ports, ["arpu", "data_gb"])
    assert [each.customers for each in answer.clusters] == [30, 30, 30]
    for each in answer.clusters:
        assert (each.precision, each.recall) == (1.0, 1.0)
        found = await selected(house.ports, each.rule, channel="web", category="service")
        assert found.answer.found == 30
    first = {str(one["field"]): float(str(one["deviations"])) for one in answer.clusters[0].portrait}
    assert min(abs(each) for each in first.values()) > 0.05 and set(first) == {"arpu", "data_gb"}
    inner = await cluster(house.ports, ["arpu"], k=2, when="data_gb > 5")
    assert inner.customers == 60 and all("(data_gb > 5) AND " in each.rule for each in inner.clusters)
    assert (await cluster(house.ports, ["arpu", "data_gb"])).clusters == answer.clusters, "the seed is fixed"
    for name, code in (
        ("complaint_open", "cluster.field"),
        ("zone", "cluster.field"),
        ("nothing", "reference.unknown"),
    ):
        with pytest.raises(ProblemsFound) as problems:
            await cluster(house.ports, [name])
        assert [problem.code for problem in problems.value.problems] == [code]


async def test_spread_tells_how_a_field_is_distributed(house: House, tmp_path: Path) -> None:
    """Quantiles in major units, counts of truth values and texts, and what the field means."""
    await opened(house, tmp_path)
    arpu = await spread(house.ports, "arpu")
    values = sorted(int(str(each["arpu"])) for each in people())
    assert (arpu.low, arpu.high, arpu.known, arpu.total) == (values[0], values[-1], 60, 60)
    assert arpu.quantiles[3] == pytest.approx((values[29] + values[30]) / 2) and arpu.title == "ARPU"
    complaint = await spread(house.ports, "complaint_open")
    assert complaint.known == 55 and sum(complaint.words.values()) == 55
    assert (await spread(house.ports, "zone")).words == {"Asia/Shanghai": 48}
    assert {"arpu", "lists", "branch"} <= {each.field for each in (await fields(house.ports)).fields}
    with pytest.raises(NotFound):
        await spread(house.ports, "arpo")


async def test_a_list_reaches_conditions_of_selections_and_decisions(house: House, tmp_path: Path) -> None:
    """Who stands on an imported list is found by it, is judged by it one by one, and is not once it is removed."""
    rule = "\n  - {rule: listed, effect: forbid, when: \"contains(lists, 'stop')\"}\n"
    await open_for_business(house, tmp_path, people(), texts(caps=CAPS + rule))
    ports, file = house.ports, tmp_path / "stop.csv"
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerows([["who"], ["C1"], ["C2"], ["C99"]])
    answer = await import_list(ports, "stop", str(file), id_column="who", author="analyst")
    assert (answer.customers, answer.set_aside) == (2, 1) and (await lists(ports)).lists == [answer]
    found = await selected(
        ports, "contains(lists, 'stop')", channel="web", category="marketing", base_max_age=0
    )
    assert (found.answer.found, found.answer.left) == (2, 0)
    assert found.answer.exclusions[0].rules["caps.listed"] == 2
    playbook = await ports.playbooks.current()
    stopped = await ports.profiles.gather(CustomerId("C1"), playbook)
    now = (await ports.clock.now()).at
    assert "caps.listed" in judge(playbook, Candidate("web", "marketing"), stopped, now).rules
    await remove_list(ports, "stop")
    gone = await selected(
        ports, "contains(lists, 'stop')", channel="web", category="marketing", base_max_age=0
    )
    assert gone.answer.found == 0
    with pytest.raises(NotFound):
        await remove_list(ports, "stop")
    with pytest.raises(ProblemsFound):
        await import_list(ports, "no name", str(file), id_column="who")
