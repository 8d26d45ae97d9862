"""The whole loop on both databases: trained, in force, scored, decided by, learnt from what came back."""

from __future__ import annotations

from pathlib import Path

import pytest

from contact.domain.model_answers import ChanceAnswer
from contact.flow.deciding.decide import DecisionRequest, decide
from contact.flow.hearing import receive
from contact.flow.jobs.queue_job import queue_learn, queue_score, queue_train
from contact.flow.jobs.run_job import run_job
from contact.flow.learning.outcome_labels import labelled_outcomes
from contact.flow.learning.score import score_all, scores_of
from contact.ports import WouldHave
from contact.wiring import House
from strategies.declared.model import OutcomeLabel
from strategies.instants import parse_instant, to_datetime
from strategies.profile import CustomerId
from tests.integration.flow.learning_stage import (
    ACCEPTS,
    REACHED,
    contacts,
    deliver_contacts,
    model_texts,
    open_with_models,
    people,
)


async def test_a_model_goes_from_training_to_decisions(house: House, tmp_path: Path) -> None:
    """Trained as a job it is put in force, scores everybody, and a condition on the risk decides who is talked to."""
    await open_with_models(house, tmp_path, people(500))
    job = await queue_train(house.ports, "churn", "wang")
    assert await run_job(house.ports, job.id)
    ended = await house.ports.jobs.get(job.id)
    assert ended.state == "done" and ended.result is not None, ended.problems
    assert ended.result["promoted"] is True and ended.result["id"] == "churn-1"
    assert ended.result["report"]["contenders"][0]["auc"]["value"] > 0.7
    row = await house.ports.models.in_force("churn")
    assert row is not None and (row.id, row.author) == ("churn-1", "wang")

    scoring = await queue_score(house.ports)
    assert await run_job(house.ports, scoring.id)
    scored = (await house.ports.jobs.get(scoring.id)).result
    assert scored is not None and scored["customers"] == 500
    assert scored["columns"] == ["churn_risk", "churn_risk_reasons"]
    assert scored["models"] == {"churn": "churn-1"}

    playbook = await house.ports.playbooks.current()
    risks = (await house.ports.learning.table(playbook, ["churn_risk"]))["churn_risk"]
    risky, safe = str(risks.idxmax()), str(risks.idxmin())
    told = await decide(
        house.ports, DecisionRequest(risky, "web", strategies=["retention"], language="zh-CN")
    )
    assert told.chosen is not None and told.chosen.text[0].startswith("请留下（在网时长：")
    assert "个月" in told.chosen.text[0]
    quiet = await decide(house.ports, DecisionRequest(safe, "web", strategies=["retention"]))
    assert quiet.chosen is None and quiet.refusals[0].rule == "strategy.audience"


async def test_what_came_back_teaches_the_next_model(house: House, tmp_path: Path) -> None:
    """Outcomes and held-back places become labels once nothing more can come; chances and best hours are then scored."""
    playbook = model_texts(accepts=ACCEPTS, reached=REACHED)
    customers = people(300)
    await open_with_models(house, tmp_path, customers, playbook)
    await deliver_contacts(house.ports, tmp_path, contacts(customers))
    for number in range(1, 41):  # forty places held back; an order before the place proves nothing
        entry = WouldHave(
            "2030-03-04", CustomerId(f"C{number}"), "data-upgrade", "data-20", "outbound_call", "control.strategy",
            parse_instant("2030-03-04T11:00+08:00"), "G1",
        )  # fmt: skip
        await house.ports.plans.would_have(entry)
        if number <= 4:
            ordered = receive.EventBody(
                id=f"o{number}", type="ordered", at=to_datetime(parse_instant("2030-03-04T10:20+08:00")),
                customer=f"C{number}", data={"offer": "data-20"},
            )  # fmt: skip
            await receive.event(house.ports, ordered)
    await house.ports.clock.move_to(parse_instant("2030-03-05T09:00+08:00"))
    for number in (1, 2, 3):
        later = receive.EventBody(
            id=f"l{number}", type="ordered", at=to_datetime(parse_instant("2030-03-05T08:00+08:00")),
            customer=f"C{number}", data={"offer": "data-20"},
        )  # fmt: skip
        await receive.event(house.ports, later)
    early = await labelled_outcomes(
        house.ports, await house.ports.playbooks.current(), OutcomeLabel("accepted")
    )
    assert not any(each.held_back for each in early), "who ordered waits for those who may still do so"
    over = [row for row in contacts(customers) if row.split(",")[4] < "2030-02-26T09"]
    assert len(early) == len(over) < 600, "and so does who accepted in the last seven days"
    await house.ports.clock.move_to(parse_instant("2030-03-15T09:00+08:00"))

    job = await queue_learn(house.ports, "wang")
    assert await run_job(house.ports, job.id)
    ended = await house.ports.jobs.get(job.id)
    assert ended.state == "done" and ended.result is not None, ended.problems
    result = ended.result
    assert {each["report"]["data"]["first"] for each in result["trained"]} == {"2030-02-01"}
    assert {each["report"]["data"]["last"] for each in result["trained"]} == {"2030-03-04", "2030-02-28"}
    accepted = sum(",accepted," in row for row in contacts(customers))
    assert (result["outcomes"], result["control"], result["accepted"]) == (640, 40, accepted + 3)
    assert {each["model"]: each["promoted"] for each in result["trained"]} == {
        "accepts": True,
        "reached": True,
    }

    scored = await score_all(house.ports)
    read = {"p_data_20_outbound_call", "best_hour_outbound_call"}
    assert set(scored.columns) == read, "what no field reads is not asked of everybody"
    compiled = await house.ports.playbooks.current()
    hours = (await house.ports.learning.table(compiled, ["best_hour_call"]))["best_hour_call"]
    assert set(hours) <= {14.0, 15.0}
    middle = next(each for each in customers if 20 <= int(str(each["tenure"])) <= 40)
    new = next(each for each in customers if int(str(each["tenure"])) < 10)
    likely, unlikely = [await chance(house, str(each["id"])) for each in (middle, new)]
    assert likely.propensity > unlikely.propensity
    assert likely.best_hour in (14, 15)
    assert likely.expected_minor == round(likely.propensity * 6000) - likely.cost_minor


async def chance(house: House, customer: str) -> ChanceAnswer:
    """The chance of the data offer by call, which the columns hold as well."""
    live = await scores_of(house.ports, customer)
    assert live.churn is None and live.scores == {}
    assert [each.expected_minor for each in live.chances] == sorted(
        (each.expected_minor for each in live.chances), reverse=True
    )
    found = next(each for each in live.chances if (each.offer, each.channel) == ("data-20", "outbound_call"))
    playbook = await house.ports.playbooks.current()
    table = await house.ports.learning.table(playbook, ["p_data20_call"])
    assert found.propensity == pytest.approx(table.loc[customer, "p_data20_call"])
    return found


async def test_learning_without_outcomes_says_so(house: House, tmp_path: Path) -> None:
    """No contact was ever made: each model that learns of outcomes has its problem."""
    await open_with_models(house, tmp_path, people(30), model_texts(accepts=ACCEPTS, reached=REACHED))
    job = await queue_learn(house.ports)
    await run_job(house.ports, job.id)
    ended = await house.ports.jobs.get(job.id)
    assert (ended.state, [each["code"] for each in ended.problems]) == ("failed", ["model.too_few_rows"] * 2)
