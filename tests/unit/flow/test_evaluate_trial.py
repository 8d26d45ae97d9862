"""A trial file's arms against one control arm."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from pathlib import Path

import pytest

from contact.flow.planning.evaluate_trial import evaluate_trial
from scoring.effects import mean_effect
from strategies.problems import ProblemsFound


def rows(goal: str, **arms: Sequence[object]) -> list[dict[str, object]]:
    return [{"segment": arm, goal: value} for arm, values in arms.items() for value in values]


def test_a_yes_or_no_goal_is_a_difference_of_shares() -> None:
    """56 of 70 against 48 of 80 is Newcombe's own example: 0.2 with 0.0524 to 0.3339."""
    trial = rows("visit", mail=["1"] * 56 + ["0"] * 14, none=["yes"] * 48 + ["no"] * 32)
    found = evaluate_trial(trial, arm="segment", control="none", goal="visit")
    assert (found.rows, found.control_rows, [arm.arm for arm in found.arms]) == (150, 80, ["mail"])
    effect = found.arms[0].effect
    assert effect is not None and found.arms[0].mean is None
    assert (effect.treated, effect.treated_goals, effect.control, effect.control_goals) == (70, 56, 80, 48)
    assert [round(each or 0, 4) for each in (effect.effect, effect.low, effect.high)] == [0.2, 0.0524, 0.3339]


def test_a_figure_is_a_difference_of_means() -> None:
    """Spending is compared by Welch: two samples whose t and degrees of freedom were worked out by hand."""
    a, b = [27.5, 21.0, 19.0, 23.6, 17.0], [27.1, 22.0, 20.8, 23.4]
    found = evaluate_trial(rows("spend", a=list(a), b=list(b)), arm="segment", control="b", goal="spend")
    mean = found.arms[0].mean
    assert mean is not None and found.arms[0].effect is None
    assert mean.effect == pytest.approx(21.62 - 23.325)
    # variance of the means 3.3844 and 1.8773, 6.94 degrees of freedom, t 2.3688
    assert mean.high - mean.effect == pytest.approx(2.3688 * (3.3844 + 1.8773) ** 0.5, rel=2e-3)
    assert mean.low == pytest.approx(2 * mean.effect - mean.high)


def test_a_mean_of_two_rows_has_no_interval() -> None:
    """Two values say nothing of their spread, and equal ones leave none."""
    assert mean_effect([1.0, 2.0], [1.0, 2.0, 3.0]) is None
    same = mean_effect([2.0] * 3, [1.0] * 3)
    assert same is not None and (same.low, same.high) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("trial", "code"),
    [
        ([], "import.empty"),
        (rows("visits", mail=["1"]), "import.column"),
        (rows("visit", mail=["1"]), "reference.unknown"),
        (rows("visit", mail=["maybe"], none=["0"]), "value.type"),
        (rows("visit", mail=["nan"], none=["0"]), "value.type"),
    ],
)
def test_a_wrong_trial_file_says_what_is_wrong(trial: list[dict[str, object]], code: str) -> None:
    """Each mistake has its code and its line; no value of the file is repeated."""
    with pytest.raises(ProblemsFound) as caught:
        evaluate_trial(trial, arm="segment", control="none", goal="visit", path="trial.csv")
    problem = caught.value.problems[0]
    assert problem.code == code
    assert "maybe" not in str(problem)


def test_the_public_trial_of_two_emails(shared_folder: Path) -> None:
    """Hillstrom's visits: both e-mails against no e-mail, to five digits."""
    with gzip.open(shared_folder / "data/hillstrom/hillstrom.csv.gz", "rt", encoding="utf-8") as file:
        found = evaluate_trial(csv.DictReader(file), arm="segment", control="No E-Mail", goal="visit")
    effects = {arm.arm: arm.effect for arm in found.arms}
    assert found.rows == 64_000
    assert {name: effect and round(effect.effect or 0, 5) for name, effect in effects.items()} == {
        "Mens E-Mail": 0.07659,
        "Womens E-Mail": 0.04523,
    }
