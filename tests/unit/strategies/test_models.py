"""Models as they are declared: labels, features, the columns they fill, and what they may not read."""

from __future__ import annotations

import pytest

from strategies.compiling.compile import compile_playbook
from strategies.declared.model import FieldLabel, LeavingLabel, Model, OutcomeLabel
from strategies.declared.playbook import Playbook
from strategies.declared.score_columns import columns_of
from strategies.problems import ProblemsFound, Where
from tests.unit.strategies.small import small_texts

TITLE = "title: {en: Own, zh-CN: 自有}\n"


def compiled(*bodies: str, **files: str) -> Playbook:
    """The small playbook with one model for each body."""
    own = {f"models/{place}.yaml": f"model: m{place}\n{TITLE}{body}" for place, body in enumerate(bodies)}
    return compile_playbook({**small_texts(), **own, **files})


def model(body: str) -> Model:
    return compiled(body).models["m0"]


def refused(*bodies: str, **files: str) -> list[str]:
    with pytest.raises(ProblemsFound) as found:
        compiled(*bodies, **files)
    return [problem.code for problem in found.value.problems]


def test_a_model_of_churn_by_a_field() -> None:
    """Its score is churn_risk unless it says another; features keep their order and their places."""
    found = model(
        "learns: churn\nlabel: {field: churned}\nfeatures: [arpu, tier]\norder: row_no\nsegments: [tier]\n"
    )
    assert found == Model(
        "m0", "churn", {"en": "Own", "zh-CN": "自有"}, FieldLabel("churned"), ("arpu", "tier"),
        Where("models/0.yaml", 1, 1),
        {"arpu": Where("models/0.yaml", 5, 12), "tier": Where("models/0.yaml", 5, 18)},
        "churn_risk", "row_no", ("tier",),
    )  # fmt: skip


def test_a_model_of_churn_by_the_day_of_leaving() -> None:
    """A row for each customer and month-end."""
    found = model(
        "learns: churn\nlabel: {left: left_on, within_months: 2, months: 3}\nfeatures: [arpu]\nscore: goes\n"
    )
    assert (found.label, found.score) == (LeavingLabel("left_on", 2, 3), "goes")


def test_models_of_outcomes() -> None:
    """They fill a column for each offer and channel, or for each outgoing channel, and have no score of their own."""
    playbook = compiled(
        "learns: propensity\nlabel: {outcomes: accepted}\nfeatures: [arpu]\n",
        "learns: reach\nlabel: {outcomes: connected}\nfeatures: [queue_length]\n",
    )
    chance, hour = playbook.models.values()
    assert (chance.label, chance.score) == (OutcomeLabel("accepted"), "")
    assert (hour.label, hour.score) == (OutcomeLabel("connected"), "")
    assert columns_of(chance, playbook.strategies, playbook.channels) == {"p_data_20_sms": "number"}
    assert columns_of(hour, playbook.strategies, playbook.channels) == {
        "best_hour_outbound_call": "number", "best_hour_sms": "number",
    }  # fmt: skip


def test_the_columns_of_churn() -> None:
    """The score, and its reasons beside it; a propensity by a field has no reasons."""
    playbook = compiled(
        "learns: churn\nlabel: {field: churned}\nfeatures: [arpu]\n",
        "learns: propensity\nlabel: {field: churned}\nfeatures: [arpu]\nscore: p_says_yes\n",
    )
    churn, chance = (columns_of(each, (), {}) for each in playbook.models.values())
    assert churn == {"churn_risk": "number", "churn_risk_reasons": "list"}
    assert chance == {"p_says_yes": "number"}


def test_a_field_known_at_the_contact_serves_who_is_asked_then() -> None:
    """A propensity is asked at the contact, churn long before it."""
    assert model("learns: propensity\nlabel: {outcomes: accepted}\nfeatures: [queue_length]\n").features
    body = "learns: churn\nlabel: {field: churned}\nfeatures: [queue_length]\n"
    assert refused(body) == ["model.leak"]


def test_a_goal_that_sets_a_field_leaks_only_into_models_of_outcomes() -> None:
    """Whether someone ordered is not what churn is about; an event that is nobody's goal tells nothing."""
    events = {
        "events.yaml": "events:\n  ordered: {sets: {tier: data.tier}}\n  paid: {sets: {arpu: data.sum}}\n"
    }
    assert compiled("learns: churn\nlabel: {field: churned}\nfeatures: [tier]\n", **events).models
    assert compiled("learns: propensity\nlabel: {outcomes: accepted}\nfeatures: [arpu]\n", **events).models
    body = "learns: propensity\nlabel: {outcomes: accepted}\nfeatures: [tier]\n"
    assert refused(body, **events) == ["model.leak"]


def test_two_models_never_fill_one_column() -> None:
    """Neither by their scores, nor by what models of outcomes fill, nor by a score named like one of those."""
    chance = "learns: propensity\nlabel: {outcomes: accepted}\nfeatures: [arpu]\n"
    churn = "learns: churn\nlabel: {field: churned}\nfeatures: [arpu]\n"
    assert refused(chance, chance) == ["value.duplicate"]
    assert refused(churn, churn) == ["value.duplicate"]
    assert refused(chance, churn + "score: p_data_20_sms\n") == ["value.duplicate"]
    assert len(compiled(chance, churn, churn + "score: second\n").models) == 3


def test_a_field_with_problems_is_judged_where_it_is_declared() -> None:
    """A model that names it adds no second complaint."""
    fields = small_texts()["fields.yaml"].replace("known_at: contact", "known_at: contacted")
    body = "learns: churn\nlabel: {field: churned}\nfeatures: [arpu, queue_length]\n"
    assert refused(body, **{"fields.yaml": fields}) == ["value.choice"]


def test_fields_say_when_they_become_known() -> None:
    """With the customer file, unless they say otherwise."""
    fields = compile_playbook(small_texts()).fields
    known = {name: fields[name].known_at for name in ("arpu", "queue_length", "churned")}
    assert known == {"arpu": "snapshot", "queue_length": "contact", "churned": "outcome"}


def test_scores_have_one_row_and_advice_one_for_each_line() -> None:
    """A score has no aggregate; advice needs one, and counting lines makes a number of any column."""
    fields = small_texts()["fields.yaml"] + (
        "  p_x: {type: number, source: scores.p_x}\n"
        "  best: {type: text, source: advice.tariff, aggregate: latest}\n"
        "  advised: {type: number, source: advice.tariff, aggregate: count}\n"
    )
    found = compile_playbook({**small_texts(), "fields.yaml": fields}).fields
    assert (found["p_x"].aggregate, found["best"].aggregate, found["advised"].type) == (
        None,
        "latest",
        "number",
    )
