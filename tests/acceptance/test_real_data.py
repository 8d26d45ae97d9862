"""``make real-data``: four public data sets through the real commands give the figures that others published."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.real_data import DATA, Figure, figures_of

pytestmark = pytest.mark.processes
Figures = Mapping[str, Mapping[str, Figure]]


@pytest.fixture(scope="module")
def figures(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Figures:
    """Every figure by data set and name; two data sets at a time, since training keeps to one core."""
    homes = {name: tmp_path_factory.mktemp(name) for name in DATA}
    with ThreadPoolExecutor(2) as pool:
        running = {name: pool.submit(figures_of, name, shared_folder / "data", homes[name]) for name in DATA}
        return {name: {each.what: each for each in future.result()} for name, future in running.items()}


@pytest.mark.parametrize("data", DATA)
def test_every_figure_is_the_published_one(figures: Figures, data: str) -> None:
    """What can be compared agrees: to the last digit where nothing is drawn, within its spread where something is."""
    assert [each for each in figures[data].values() if each.same is False] == []


def test_the_bills_agree_to_the_last_digit(figures: Figures) -> None:
    """Means of thousands of bills, Welch's t and the shares of months in which the other tariff is cheaper."""
    found = figures["megaline"]
    assert {what: each.ours for what, each in found.items()} == {
        "mean bill, 1573 months of surf": "$60.7064",
        "mean bill, 720 months of ultimate": "$72.3139",
        "the other would be cheaper than surf": "31.2%",
        "the other would be cheaper than ultimate": "66.5%",
        "Welch's t of both": "-7.952095",
    }


def test_the_churn_model_beats_logistic_regression(figures: Figures) -> None:
    """The mean AUC of fifteen folds is at least .848 and above the baseline's, so the service puts the model in force."""
    found = figures["ibm_telco"]
    assert float(found["churn AUC, 5 folds, 3 seeds"].ours) >= 0.848
    assert found["put in force"].ours == "yes (first)"


def test_the_length_of_a_call_may_not_be_learnt_from(figures: Figures) -> None:
    """The guard names file, line and column of the feature that only the call tells."""
    assert figures["bank_marketing"]["with the call's length"].ours.startswith("models/deposit.yaml:6:")
