"""How what is asked of models is laid out: names of columns, one customer's row, hours on the customer's clock."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from contact.flow.learning import score_columns
from contact.flow.learning.known_columns import is_there, require_fields
from contact.flow.learning.loaded_models import Loaded
from contact.flow.learning.score_columns import Hour, best_hours, column_of, hours_on, one_row
from scoring.examples import design
from strategies.declared.model import FieldLabel, Model, OutcomeLabel
from strategies.declared.playbook import CapacityHour, Channel, Field, Operator, Playbook
from strategies.instants import parse_instant
from strategies.problems import ProblemsFound, Where
from strategies.profile import FieldValue

OPERATOR = Operator("Demo", "CNY", 100, "Asia/Shanghai", (), 1, ("en",), {"marketing": True}, 0, 1)
FIELDS = {
    "tenure": Field("tenure", "number", "customers.tenure"),
    "arpu": Field("arpu", "money", "customers.arpu"),
    "app": Field("app", "boolean", "customers.app"),
    "tier": Field("tier", "text", "customers.tier"),
}
CALL = Channel(
    "outbound_call", "outgoing", "agents", {"en": "Call"},
    capacity=(CapacityHour(600, 660, 5), CapacityHour(540, 600, 5), CapacityHour(660, 720, 0)),
)  # fmt: skip
WEB = Channel("web", "incoming", "interactive", {"en": "Web"}, capacity=(CapacityHour(0, 60, 1),))
PLAYBOOK = Playbook("v", OPERATOR, {}, FIELDS, {}, {"outbound_call": CALL, "web": WEB}, (), (), ())


def test_a_column_is_named_by_offer_and_channel() -> None:
    """What may not stand in a column's name is written as an underscore."""
    assert column_of("p", "data-20.S", "sms") == "p_data_20_s_sms"
    assert column_of("best_hour", "outbound_call") == "best_hour_outbound_call"


@pytest.mark.parametrize(
    "facts",
    [
        {"tenure": 3, "arpu": 5900, "app": True, "tier": "gold"},
        {"tenure": 2.5, "arpu": None, "app": False, "tier": None},
    ],
)
def test_one_customer_is_laid_out_as_everybody_is(facts: dict[str, FieldValue]) -> None:
    """The row of a live question is the row that the columns of all would have."""
    column = pd.DataFrame(
        {
            "tenure": [float(str(facts["tenure"]))],
            "arpu": [np.nan if facts["arpu"] is None else float(str(facts["arpu"]))],
            "app": [float(bool(facts["app"]))],
            "tier": pd.Series([facts["tier"]], dtype=object),
        }
    )
    live, designed = one_row(PLAYBOOK, facts, list(FIELDS)), design(column)
    for name in FIELDS:
        assert isinstance(live[name].dtype, pd.CategoricalDtype) == (name == "tier")
        assert live[name].isna().tolist() == designed[name].isna().tolist()
        assert live[name].dropna().tolist() == designed[name].dropna().tolist()


def test_hours_are_those_of_the_customers_clock() -> None:
    """Nine and ten o'clock in Shanghai are ten and eleven in Tokyo; hours without places and incoming channels are none."""
    now = parse_instant("2030-03-04T15:00+08:00")
    home = [Hour("outbound_call", 9, 1), Hour("outbound_call", 10, 1)]
    assert hours_on(PLAYBOOK, "Asia/Shanghai", now) == home
    assert [each.hour for each in hours_on(PLAYBOOK, "Asia/Tokyo", now)] == [10, 11]


class Sums:
    """Says that whoever has been there for n months is reached best at n o'clock."""

    features = ("tenure", "channel", "hour", "weekday")

    def __init__(self) -> None:
        self.most = 0

    def predict(self, frame: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """As many numbers as rows; ``most`` is the longest frame so far."""
        self.most = max(self.most, len(frame))
        return np.asarray(-abs(frame["hour"] - frame["tenure"]))


@pytest.mark.parametrize("at_once", [1, 3, 4, 7, 1000])
def test_everybody_is_asked_everything_in_blocks(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows are asked in one call, each has the answer of its own question."""
    monkeypatch.setattr(score_columns, "AT_ONCE", at_once)
    declared = Model("m", "reach", {}, OutcomeLabel("connected"), ("tenure",), Where("models/m.yaml"), {})
    sums = Sums()
    loaded = Loaded(declared, cast(Any, None), cast(Any, sums))
    frame = pd.DataFrame({"tenure": [9.0, 11.0, 10.0, 12.0, 9.0]})
    asked = [Hour("outbound_call", hour, 1) for hour in (9, 10, 11, 12)]
    assert best_hours(loaded, frame, asked)["outbound_call"].tolist() == [9, 11, 10, 12, 9]
    assert 0 < sums.most <= at_once


def test_a_column_that_is_not_there_is_named_at_its_feature() -> None:
    """A file without the column, a kind never imported, and a field no longer declared are three different problems."""
    places = {"tenure": Where("models/m.yaml", 6, 12), "arpu": Where("models/m.yaml", 6, 20)}
    model = Model(
        "m", "churn", {}, FieldLabel("gone"), ("tenure", "arpu"), Where("models/m.yaml", 2, 8), places
    )
    assert is_there(FIELDS["tier"], {"customers": {"tier": "text"}})
    require_fields(PLAYBOOK, model, ["tier"], {"customers": {"tier": "text"}})
    with pytest.raises(ProblemsFound) as caught:
        require_fields(PLAYBOOK, model, ["tenure", "arpu", "old"], {"customers": {"arpu": "money"}})
    found = caught.value.problems
    assert [(each.where.line, each.where.column) for each in found] == [(2, 8), (6, 12)]
    assert "no longer declares" in found[0].message and "no column 'tenure'" in found[1].message
    with pytest.raises(ProblemsFound) as caught:
        require_fields(PLAYBOOK, model, ["arpu"], {})
    assert "no file of customers was imported" in caught.value.problems[0].message
