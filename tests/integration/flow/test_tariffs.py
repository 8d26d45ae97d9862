"""Bills under every tariff, worked out by hand beside what the service says."""

from __future__ import annotations

from pathlib import Path

import pytest

from contact.domain.tariff_answers import TariffsAnswer
from contact.faults import NotFound
from contact.flow.deciding.decide import DecisionRequest, decide
from contact.flow.jobs.queue_job import queue_match_tariffs
from contact.flow.jobs.run_job import run_job
from contact.flow.tariffs.match_tariffs import match_tariffs
from contact.flow.tariffs.rate_bills import rate_bills
from contact.flow.tariffs.show_tariffs import tariffs_of
from contact.flow.working.show_customer import card
from contact.wiring import House
from strategies.problems import ProblemsFound
from tests.integration.flow.learning_stage import (
    LINES_MAPPING,
    USAGE_MAPPING,
    open_with_tariffs,
    take,
    tariff_texts,
)
from tests.integration.flow.stage import customer, open_for_business


async def test_the_comparison_is_what_the_hand_works_out(house: House, tmp_path: Path) -> None:
    """Basic costs 100, 170 and 30; Plus 59, 94 and 59; Plus with 5 GB more 69, 79 and 69: Plus saves 29.33 a month."""
    await open_with_tariffs(house, tmp_path)
    found = await tariffs_of(house.ports, "C1")
    (line,) = found.lines
    best = line.best
    assert (line.tariff, line.verdict, found.data_until) == ("basic", "cheaper", "2030-02")
    assert best is not None and (best.tariff, best.addons) == ("plus", [])
    assert [(bill.month, bill.before_minor, bill.after_minor) for bill in best.bills] == [
        ("2029-12", 10_000, 5_900), ("2030-01", 17_000, 9_400), ("2030-02", 3_000, 5_900),
    ]  # fmt: skip
    assert (best.mean_minor, best.saving_minor, best.worth_minor) == (7_067, 2_933, 35_196)
    assert (best.dearest_month, best.dearest_before_minor, best.dearest_after_minor) == (
        "2030-01",
        17_000,
        9_400,
    )
    assert (best.dearer_months, best.months, best.penalty_minor) == (1, 3, 0)
    assert (best.bills[0].issued_minor, best.bills[0].unexplained_minor, best.bills[1].issued_minor) == (
        10_500, 500, None,
    )  # fmt: skip
    parts = {part.component: (part.before_minor, part.after_minor) for part in best.components}
    assert parts == {"fee": (3_000, 5_900), "voice": (2_000, 333), "data": (5_000, 833)}
    verdicts = {option.tariff: option.verdict for option in line.options}
    assert verdicts == {"plus": "cheaper", "basic": "current", "vip": "not_eligible"}


async def test_the_finding_is_said_in_both_languages(house: House, tmp_path: Path) -> None:
    """Title, sums, months and what changes are words of the reader's language."""
    await open_with_tariffs(house, tmp_path)
    english = await tariffs_of(house.ports, "C1", "en")
    assert english.lines[0].sentence == (
        "Plus would save 29.33 CNY a month: 70.67 CNY instead of 100 CNY, on average over 3 months."
    )
    assert english.lines[0].best is not None
    assert english.lines[0].best.changes == [
        "Contract: 12 months instead of 24 months",
        "Voice included: 300 min instead of none",
        "Data included: 15 GB instead of none",
    ]
    chinese = await tariffs_of(house.ports, "C1", "zh-CN")
    assert (
        chinese.lines[0].sentence
        == "改用「畅享套餐」平均每月可省 29.33 元：从 100 元降到 70.67 元（3 个月平均）。"
    )
    assert chinese.lines[0].best is not None
    assert chinese.lines[0].best.components[0].title == "月费"
    assert chinese.lines[0].best.changes[1] == "资费内含语音：300 分钟（目前无）"
    assert len(english.how) == len(chinese.how) == 4


async def test_having_the_cheapest_is_an_answer(house: House, tmp_path: Path) -> None:
    """So are too few months, a tariff without a price, and no line at all; none of them is an error."""
    await open_with_tariffs(house, tmp_path)

    async def line(customer: str) -> tuple[str, str]:
        answer: TariffsAnswer = await tariffs_of(house.ports, customer)
        return answer.lines[0].verdict, answer.lines[0].sentence

    assert await line("C2") == ("cheapest", "You already have the cheapest tariff.")
    assert await line("C3") == (
        "too_few_months",
        "2 months of usage are on file; a comparison needs at least 3.",
    )
    assert (await line("C4"))[0] == "unknown_tariff"
    none = await tariffs_of(house.ports, "C5", "zh-CN")
    assert (none.lines, none.how) == ([], ["档案中没有该客户的号码。"])
    silent = await tariffs_of(house.ports, "C6")
    assert (silent.lines[0].verdict, silent.data_until) == ("too_few_months", None)
    assert silent.how == ["No usage of this customer is on file."]
    with pytest.raises(NotFound):
        await tariffs_of(house.ports, "C99")


async def test_leaving_a_contract_is_weighed_against_the_saving(house: House, tmp_path: Path) -> None:
    """Until July 2030 five months are begun: 50 + 5 × 20 = 150 once; until 2032 it is more than a year saves."""
    await open_with_tariffs(house, tmp_path)
    rows = ["L1,C1,basic,,2030-07-31", "L9,C5,basic,,2032-12-31"]
    await take(house.ports, tmp_path, "lines", "id,customer,tariff,addons,until", rows, LINES_MAPPING)
    usage = [
        f"{line},{month}"
        for line in ("L1", "L9")
        for month in ("2029-12,200,10", "2030-01,400,20", "2030-02,0,0")
    ]
    await take(house.ports, tmp_path, "usage", "line,month,voice,data_gb", usage, USAGE_MAPPING)
    soon = (await tariffs_of(house.ports, "C1")).lines[0]
    assert soon.best is not None and (soon.best.penalty_minor, soon.best.worth_minor) == (15_000, 20_196)
    assert "costs 150 CNY once" in soon.sentence
    late = (await tariffs_of(house.ports, "C5")).lines[0]
    assert (late.verdict, late.best) == ("penalty", None)
    assert (
        late.sentence.startswith("Keep your tariff: Plus costs 29.33 CNY a month less")
        and "2032-12-31" in late.sentence
    )
    answer = await match_tariffs(house.ports)
    assert answer.by_verdict == {"cheaper": 1, "penalty": 1}


async def test_advice_becomes_columns_that_strategies_and_cards_read(house: House, tmp_path: Path) -> None:
    """Before matching nobody is offered the best tariff; after it, the line it is worth something to, with its words."""
    await open_with_tariffs(house, tmp_path)
    before = await decide(house.ports, DecisionRequest("C1", "web", strategies=["tariff-talk"]))
    assert [(each.reason, each.field) for each in before.refusals] == [("unknown_field", "tariff_worth")]
    job = await queue_match_tariffs(house.ports)
    assert await run_job(house.ports, job.id)
    ended = await house.ports.jobs.get(job.id)
    assert ended.state == "done" and ended.result is not None, ended.problems
    assert ended.result["by_verdict"] == {
        "cheaper": 1,
        "cheapest": 1,
        "too_few_months": 2,
        "unknown_tariff": 1,
    }
    assert (ended.result["best"], ended.result["saving_minor"], ended.result["unexplained_minor"]) == (
        {"plus": 1}, 2_933, 500,
    )  # fmt: skip
    told = await decide(house.ports, DecisionRequest("C1", "web", strategies=["tariff-talk"]))
    assert told.chosen is not None and told.chosen.line == "L1"
    assert told.chosen.text == ["Plus saves 29.33 a month."]
    chinese = await decide(
        house.ports, DecisionRequest("C1", "web", strategies=["tariff-talk"], language="zh-CN")
    )
    assert chinese.chosen is not None and chinese.chosen.text == ["畅享套餐每月省 29.33 元。"]
    shown = {field.name: field.value for field in (await card(house.ports, "C1")).fields}
    assert shown["best_tariff"] == "Plus"


@pytest.mark.parametrize(
    ("who", "reason"), [("C2", "unsuitable"), ("C3", "unknown_field"), ("C4", "unknown_field")]
)
async def test_unsuitable_advice_is_refused(house: House, tmp_path: Path, who: str, reason: str) -> None:
    """Whose tariff is the cheapest is not offered another; neither is one of whom nothing is known."""
    await open_with_tariffs(house, tmp_path)
    await match_tariffs(house.ports)
    told = await decide(house.ports, DecisionRequest(who, "web", strategies=["tariff-talk"]))
    assert told.chosen is None
    assert [(each.reason, each.rule) for each in told.refusals] == [(reason, "offer.suitable")]


async def test_one_customer_and_everybody_are_told_the_same(house: House, tmp_path: Path) -> None:
    """What the columns hold of a line is what its comparison says."""
    await open_with_tariffs(house, tmp_path)
    await match_tariffs(house.ports)
    playbook = await house.ports.playbooks.current()
    table = await house.ports.learning.table(playbook, ["tariff_worth", "tariff_saving", "best_tariff"])
    for customer_ in ("C1", "C2", "C3", "C4"):
        line = (await tariffs_of(house.ports, customer_)).lines[0]
        row = table.loc[customer_]
        if not line.options:
            assert row["best_tariff"] is None and row["tariff_worth"] != row["tariff_worth"]
            continue
        chosen = line.best or next(option for option in line.options if option.verdict == "current")
        assert row.tolist() == [chosen.worth_minor, chosen.saving_minor, chosen.tariff]


async def test_nothing_to_compare_is_a_problem_with_a_hint(house: House, tmp_path: Path) -> None:
    """Without tariffs and without a counter's column it is said what to do."""
    await open_for_business(house, tmp_path, [customer(1)])
    for asked in (match_tariffs(house.ports), tariffs_of(house.ports, "C1")):
        with pytest.raises(ProblemsFound) as caught:
            await asked
        assert caught.value.problems[0].code == "tariff.none" and caught.value.problems[0].hint


async def test_a_counter_without_its_column_is_named(house: House, tmp_path: Path) -> None:
    """The playbook counts roaming, the usage file does not: the problem stands at the counter."""
    playbook = tariff_texts()
    playbook["counters.yaml"] += "  roamed: {service: data, reach: roaming, unit: MB, title: {en: Roamed}}\n"
    for name in ("basic", "plus", "vip"):
        text = playbook[f"tariffs/{name}.yaml"]
        playbook[f"tariffs/{name}.yaml"] = text.replace("rates: {", "rates: {roamed: 1, ")
    await open_with_tariffs(house, tmp_path, playbook)
    with pytest.raises(ProblemsFound) as caught:
        await match_tariffs(house.ports)
    (problem,) = caught.value.problems
    assert problem.code == "tariff.counter_missing" and problem.where.path == "counters.yaml"


async def test_a_month_that_is_not_over_is_no_month_of_a_comparison(house: House, tmp_path: Path) -> None:
    """Four days of March on file make no bill: page, columns and file of bills end with February all the same."""
    await open_with_tariffs(house, tmp_path)
    before = await tariffs_of(house.ports, "C1", months=3)
    bills = list(await rate_bills(house.ports, 3))
    usage = ["L1,2029-12,200,10", "L1,2030-01,400,20", "L1,2030-02,0,0", "L1,2030-03,9,9", "L1,2030-04,9,9"]
    await take(house.ports, tmp_path, "usage", "line,month,voice,data_gb", usage, USAGE_MAPPING)
    after = await tariffs_of(house.ports, "C1", months=3)
    assert (after.data_until, after.lines) == ("2030-02", before.lines)
    assert [each for each in bills if each.line == "L1"] == list(await rate_bills(house.ports, 3))
    assert (await match_tariffs(house.ports)).months[-1] == "2030-02"
