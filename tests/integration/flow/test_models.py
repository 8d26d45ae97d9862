"""Models in the loop: trained, put in force, asked, learnt again; and everything that can be wrong with them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from contact.domain.answers import CardField
from contact.domain.model_answers import TrainAnswer
from contact.faults import Conflict, ModelBroken, NotFound
from contact.flow.deciding.decide import DecisionRequest, decide
from contact.flow.hearing.record_consent import ConsentBody, record_consent
from contact.flow.jobs.queue_job import queue_score, queue_train
from contact.flow.jobs.run_job import run_job
from contact.flow.learning.examples import examples_of
from contact.flow.learning.models import list_models, promote, roll_back, show_model
from contact.flow.learning.score import score_all, scores_of
from contact.flow.learning.train import train
from contact.flow.selecting.list_warnings import list_warnings
from contact.flow.working.show_customer import card
from contact.wiring import House
from strategies.problems import Problem, ProblemsFound
from tests.integration.flow.learning_stage import (
    LEAVING,
    LEAVING_FIELDS,
    LINES_MAPPING,
    MODEL_COLUMNS,
    MODEL_MAPPING,
    USAGE_MAPPING,
    model_texts,
    open_with_models,
    people,
    take,
)
from tests.integration.flow.stage import customer, open_for_business


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """One database is enough for what is no matter of the store; ``test_learning_loop.py`` runs on both."""
    return f"sqlite:///{tmp_path}/contact.db"


async def problems_of(house: House, model: str = "churn") -> list[Problem]:
    with pytest.raises(ProblemsFound) as caught:
        await train(house.ports, model)
    return list(caught.value.problems)


def model_files(house: House) -> list[Path]:
    return sorted(path for path in (house.settings.home / "models").rglob("*") if path.is_file())


async def test_one_customer_and_everybody_are_scored_the_same(house: House, tmp_path: Path) -> None:
    """The live answer is what the columns hold, whose reasons are those of risks not below the mean; the card shows both."""
    await open_with_models(house, tmp_path, people(400))
    await train(house.ports, "churn")
    await score_all(house.ports)
    playbook = await house.ports.playbooks.current()
    table = await house.ports.learning.table(playbook, ["churn_risk", "churn_reasons"])
    for name in ("C1", "C2", "C399"):
        live = await scores_of(house.ports, name)
        assert live.churn is not None and live.models == {"churn": "churn-1"}
        assert live.scores["churn_risk"] == pytest.approx(table.loc[name, "churn_risk"])
        kept = table.loc[name, "churn_reasons"]
        at_risk = bool(table.loc[name, "churn_risk"] >= table["churn_risk"].mean())
        assert kept == (tuple(reason.field for reason in live.churn.reasons) if at_risk else None)
        raising = [reason.raises for reason in live.churn.reasons]
        assert raising and len(set(raising)) == 1
    risky = str(table["churn_risk"].idxmax())
    shown: dict[str, CardField] = {field.name: field for field in (await card(house.ports, risky)).fields}
    assert shown["churn_risk"].value == table.loc[risky, "churn_risk"]
    words = [f"{reason.title}: {reason.value}" for reason in (await _churn(house, risky))]
    assert list(shown["churn_reasons"].value) == words
    assert any(each.startswith("Customer for: ") and each.endswith(" months") for each in words)


async def _churn(house: House, customer: str):  # type: ignore[no-untyped-def]
    live = await scores_of(house.ports, customer)
    assert live.churn is not None
    return live.churn.reasons


async def test_nobody_is_scored_before_a_model_is_in_force(house: House, tmp_path: Path) -> None:
    """Without a model there are clear words, and the strategy that asks for the risk is *unknown*, not open."""
    await open_with_models(house, tmp_path, people(5))
    for asked in (score_all(house.ports), scores_of(house.ports, "C1"), list_warnings(house.ports)):
        with pytest.raises(ProblemsFound) as caught:
            await asked
        assert caught.value.problems[0].code == "model.none" and caught.value.problems[0].hint
    told = await decide(house.ports, DecisionRequest("C1", "web", strategies=["retention"]))
    assert [(each.reason, each.field) for each in told.refusals] == [("unknown_field", "churn_risk")]
    heavy = next(str(each["id"]) for each in people(5) if float(str(each["data_gb"])) >= 5)
    call = await decide(house.ports, DecisionRequest(heavy, "outbound_call", strategies=["data-upgrade"]))
    assert call.chosen is None and not call.options
    assert [(each.reason, each.field) for each in call.refusals] == [("unknown_field", "p_data20_call")]


async def test_an_equal_model_does_not_replace_the_one_in_force(house: House, tmp_path: Path) -> None:
    """Trained again on the same rows nothing is better: the incumbent stays, and a person may overrule and take back."""
    await open_with_models(house, tmp_path, people(300))
    first, second = await train(house.ports, "churn"), await train(house.ports, "churn")
    assert (first.promoted, second.promoted) == (True, False)
    assert second.report["rule"] == "not_better_than_in_force"
    listed = await list_models(house.ports, "zh-CN")
    assert [(each.id, each.state, each.title) for each in listed.models] == [
        ("churn-2", "candidate", "流失"), ("churn-1", "in_force", "流失"),
    ]  # fmt: skip
    assert all(each.report is None and each.auc > 0.5 and each.rows == 300 for each in listed.models)
    raised = await promote(house.ports, "churn-2", "li", "same rows, newer file")
    assert (raised.state, raised.why) == ("in_force", "same rows, newer file")
    with pytest.raises(Conflict):
        await promote(house.ports, "churn-2", "li", "again")
    back = await roll_back(house.ports, "churn", "li", "it was a mistake")
    assert (back.id, back.state) == ("churn-1", "in_force")
    shown = await show_model(house.ports, "churn-2")
    assert shown.report is not None and shown.report["model"] == "churn"
    with pytest.raises(NotFound):
        await show_model(house.ports, "churn-9")


async def test_of_two_trainings_at_once_the_second_is_not_put_over_the_first(
    house: House, tmp_path: Path
) -> None:
    """It was compared with what was in force when it began, not with the one that came meanwhile."""
    await open_with_models(house, tmp_path, people(300))
    found = await asyncio.gather(
        train(house.ports, "churn"), train(house.ports, "churn"), return_exceptions=True
    )
    (first,) = [each for each in found if isinstance(each, TrainAnswer)]
    assert len([each for each in found if isinstance(each, Conflict)]) == 1
    states = {row.id: row.state for row in await house.ports.models.list("churn")}
    assert sorted(states.values()) == ["candidate", "in_force"] and states[first.id] == "in_force"


async def test_a_corrupted_model_file_is_never_asked(house: House, tmp_path: Path) -> None:
    """One changed byte: scoring says that the model is broken, and training again does away with it."""
    await open_with_models(house, tmp_path, people(300, seed=3))
    await train(house.ports, "churn")
    for path in model_files(house):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.chmod(0o600)
        path.write_bytes(content)
    for asked in (scores_of(house.ports, "C1"), score_all(house.ports)):
        with pytest.raises(ModelBroken):
            await asked
    job = await queue_score(house.ports)
    await run_job(house.ports, job.id)
    ended = await house.ports.jobs.get(job.id)
    assert (ended.state, ended.problems[0]["code"]) == ("failed", "model_broken")
    again = await train(house.ports, "churn")
    assert again.promoted
    row = await house.ports.models.in_force("churn")
    assert row is not None and "churn-1, whose file is broken" in row.why
    assert (await scores_of(house.ports, "C1")).churn is not None


async def test_a_model_is_read_once(house: House, tmp_path: Path) -> None:
    """A loaded model is kept by its hash: asking again reads no file."""
    await open_with_models(house, tmp_path, people(300))
    await train(house.ports, "churn")
    before = await scores_of(house.ports, "C1")
    for path in model_files(house):
        path.chmod(0o600)
        path.unlink()
    assert (await scores_of(house.ports, "C1")).scores == before.scores


async def test_twenty_rows_are_too_few(house: House, tmp_path: Path) -> None:
    """The problem names how many there are and stands at the model."""
    await open_with_models(house, tmp_path, people(20))
    (problem,) = await problems_of(house)
    assert problem.code == "model.too_few_rows" and "20" in problem.message
    assert problem.where.path == "models/churn.yaml"


async def test_a_label_with_one_class_teaches_nothing(house: House, tmp_path: Path) -> None:
    """Where nobody left, nothing can be learnt of leaving."""
    await open_with_models(house, tmp_path, people(300, churned=["0"] * 300))
    (problem,) = await problems_of(house)
    assert problem.code == "model.one_class" and problem.where.path == "models/churn.yaml"


async def test_a_column_missing_in_the_generation_is_named_at_its_feature(
    house: House, tmp_path: Path
) -> None:
    """Tenure is declared and no file holds it: the problem stands where the model names it, for training and scoring."""
    mapping = MODEL_MAPPING.replace("  tenure: {from: tenure, type: number}\n", "")
    await open_with_models(house, tmp_path, people(300), mapping=mapping)
    (problem,) = await problems_of(house)
    assert problem.code == "model.field_missing" and "'tenure'" in problem.message
    assert (problem.where.path, problem.where.line) == ("models/churn.yaml", 6)
    assert problem.hint


async def test_scoring_asks_for_the_columns_its_models_read(house: House, tmp_path: Path) -> None:
    """A later file without tenure: scoring names the column instead of guessing."""
    await open_with_models(house, tmp_path, people(300))
    await train(house.ports, "churn")
    without = MODEL_MAPPING.replace("  tenure: {from: tenure, type: number}\n", "")
    rows = (",".join(str(each[name]) for name in MODEL_COLUMNS) for each in people(300))
    await take(house.ports, tmp_path, "customers", ",".join(MODEL_COLUMNS), rows, without)
    with pytest.raises(ProblemsFound) as caught:
        await score_all(house.ports)
    assert caught.value.problems[0].code == "model.field_missing"


async def test_an_unknown_model_cannot_be_trained(house: House, tmp_path: Path) -> None:
    """The declared ones are named."""
    await open_for_business(house, tmp_path, [customer(1)], model_texts())
    with pytest.raises(NotFound) as caught:
        await queue_train(house.ports, "churm")
    assert "declared: churn" in str(caught.value)


async def test_who_is_about_to_leave_is_listed_with_reasons(house: House, tmp_path: Path) -> None:
    """Highest risk first, no names or numbers; who opted out stays listed as not to be called."""
    await open_with_models(house, tmp_path, people(300))
    await train(house.ports, "churn")
    await score_all(house.ports)
    first = await list_warnings(house.ports, above=0.5, limit=5)
    assert len(first.rows) == 5 and first.total > 5
    assert [row.risk for row in first.rows] == sorted((row.risk for row in first.rows), reverse=True)
    top = first.rows[0]
    assert top.allowed and top.until is None and top.unit == "G1"
    assert any(reason.startswith("Customer for: ") for reason in top.reasons)
    await record_consent(
        house.ports, top.customer,
        ConsentBody(given=False, channel="outbound_call", category="all", source="test"),
    )  # fmt: skip
    again = (await list_warnings(house.ports, above=0.5, limit=5)).rows[0]
    assert (again.customer, again.allowed, again.until) == (top.customer, False, None)
    none = await list_warnings(house.ports, above=1.0)
    assert (none.total, none.rows) == (0, [])


def test_the_stage_has_both_classes() -> None:
    """A stage on which nobody or everybody leaves would show nothing."""
    labels = [each["churned"] for each in people(300)]
    assert 60 < labels.count("1") < 240


async def test_who_leaves_is_learnt_from_the_ends_of_past_months(house: House, tmp_path: Path) -> None:
    """Each month-end is a row of those still there, with usage as known then; who has left has no score and no warning."""
    playbook = model_texts(churn=LEAVING)
    playbook["fields.yaml"] += LEAVING_FIELDS
    customers = people(120)
    for number, each in enumerate(customers):
        each["left"] = ("2030-01-15", "2030-02-20", "", "")[number % 4]
    await open_with_models(house, tmp_path, [], playbook)
    columns = (*MODEL_COLUMNS, "left")
    rows = (",".join(str(each[name]) for name in columns) for each in customers)
    mapping = MODEL_MAPPING + "  left_on: {from: left, type: date}\n"
    await take(house.ports, tmp_path, "customers", ",".join(columns), rows, mapping)
    lines = [f"L{number},C{number},,," for number in range(1, 121)]
    await take(house.ports, tmp_path, "lines", "id,customer,tariff,addons,until", lines, LINES_MAPPING)
    usage = [
        f"L{number},{month},{draw},{number}"
        for number in range(1, 121)
        for draw, month in enumerate(
            ("2029-11", "2029-12", "2030-01", "2030-02", "2030-03")
        )  # March is not over
        if number < 120 or draw > 1  # the last came in January
    ]
    await take(house.ports, tmp_path, "usage", "line,month,voice,data_gb", usage, USAGE_MAPPING)
    compiled = await house.ports.playbooks.current()
    found = await examples_of(house.ports, compiled, compiled.models["churn"])
    assert found.time_name == "month" and found.time is not None
    by_month = {int(month): found.label[found.time == month] for month in sorted(set(found.time))}
    december, january = 2029 * 12 + 11, 2030 * 12
    assert {month: (len(each), int(each.sum())) for month, each in by_month.items()} == {
        december: (119, 30), january: (90, 30),
    }  # fmt: skip
    assert set(found.frame["voice"][found.time == december]) == {1.0}
    assert set(found.frame["voice"][found.time == january]) == {2.0}
    answer = await train(house.ports, "churn")
    if not answer.promoted:
        await promote(house.ports, answer.id, "wang", "to look at its scores")
    await score_all(house.ports)
    risks = (await house.ports.learning.table(compiled, ["churn_risk"]))["churn_risk"]
    assert risks.isna().sum() == 60
    assert (await scores_of(house.ports, "C1")).churn is None and (await scores_of(house.ports, "C3")).churn


async def test_training_leaves_the_loop_to_others(house: House, tmp_path: Path) -> None:
    """While a model is trained its progress is told and the store still answers: heartbeats go on."""
    await open_with_models(house, tmp_path, people(300, seed=5))
    told: asyncio.Queue[str] = asyncio.Queue()
    training = asyncio.create_task(
        train(house.ports, "churn", lambda done, total, message: told.put_nowait(message))
    )
    messages = {await told.get()}
    while len(messages) < 3:
        messages.add(await told.get())
    answered = await house.ports.clock.now()
    assert answered.at and not training.done()
    assert (await training).model == "churn"
