"""Models on data that nobody here made; skipped loudly without the folder of public data sets."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from scoring.examples import Examples, design
from scoring.training import train
from tests.unit.scoring.learning_samples import declared


def test_churn_of_ibms_telco_by_the_service_s_own_settings(shared_folder: Path) -> None:
    """AUC at least .848 over StratifiedKFold(5, shuffle) with seeds 42, 0, 1, everything chosen inside the folds; the
    logistic baseline stands at its published .845, and nothing leaks."""
    given = pd.read_csv(shared_folder / "data" / "ibm_telco" / "Telco-Customer-Churn.csv")
    given["TotalCharges"] = pd.to_numeric(given["TotalCharges"], errors="coerce")
    frame = design(given.drop(columns=["customerID", "Churn"]))
    left = (given["Churn"] == "Yes").to_numpy().astype(np.int8)
    people = given["customerID"].to_numpy(dtype=object)
    report = train(declared(*frame.columns), Examples(frame, left, people)).report
    candidate, baseline = report.contenders
    assert (report.validation, report.seeds, len(candidate.folds)) == ("stratified_folds", [42, 0, 1], 15)
    assert candidate.auc.value >= 0.848
    assert abs(baseline.auc.value - 0.845) < 0.001
    assert report.rule == "first" and report.leaks == [] and candidate.calibration_error < 0.02


def test_a_bank_s_calls_fall_in_time_because_of_the_base_rate(shared_folder: Path) -> None:
    """About .80 in mixed folds and far less on the last fifth: the report says so, with the cause."""
    with zipfile.ZipFile(shared_folder / "data" / "bank_marketing" / "bank-additional.zip") as archive:
        given = pd.read_csv(archive.open("bank-additional/bank-additional-full.csv"), sep=";")
    frame = design(given.drop(columns=["y", "duration"]))  # duration is known only after the call
    people = np.asarray([f"c{number}" for number in range(len(given))], dtype=object)
    accepted = (given["y"] == "yes").to_numpy().astype(np.int8)
    rows = Examples(frame, accepted, people, np.arange(len(given)), "order")
    report = train(declared(*frame.columns), rows).report
    check = report.time_check
    assert check is not None and report.validation == "time_ordered"
    assert 0.79 <= check.auc_folds <= 0.81
    assert check.auc_last.value < 0.72 and check.cause == "base_rate"
    assert "6.4% to 30.8%" in check.words
