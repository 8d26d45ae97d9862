# ruff: noqa: E501
"""Reports of models as training gives them, made by hand: a good one, a refused one and one from rows without time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from contact.domain.model_answers import ModelAnswer, ModelsAnswer
from contact.ports import Job
from scoring.report import (
    Bin,
    Contender,
    Data,
    Importance,
    Interval,
    Lift,
    ModelReport,
    Part,
    Refused,
    Stability,
    TimeCheck,
)
from strategies.instants import to_instant
from strategies.problems import Hint, Problem, Where

NOW = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
FEATURES = [
    ("contract_months_left", 0.231), ("complaint_open", 0.142), ("bill_mean", 0.108), ("tenure_months", 0.094), ("data_gb", 0.081),
    ("arpu", 0.066), ("voice_minutes", 0.052), ("bill_rise", 0.047), ("roaming_days", 0.031), ("device_5g", 0.024),
]  # fmt: skip


def around(value: float, half: float) -> Interval:
    return Interval(value=value, low=value - half, high=value + half)


def contender(name: str, auc: float, *, model: str | None = None) -> Contender:
    return Contender(
        name=name, auc=around(auc, 0.008), log_loss=0.41231 + (0.84 - auc), brier=0.1312 + (0.84 - auc) / 2,
        calibration_error=0.0091 + (0.84 - auc), folds=[auc - 0.006, auc + 0.004, auc - 0.002, auc + 0.007, auc - 0.003], model=model,
    )  # fmt: skip


def parts(names: list[str], aucs: list[float], rows: int) -> list[Part]:
    return [
        Part(name=name, rows=rows + 113 * place, positives=rows // 8, auc=around(auc, 0.018), mean_score=0.118 + place / 900, base_rate=0.121 + place / 400)
        for place, (name, auc) in enumerate(zip(names, aucs, strict=True))
    ]  # fmt: skip


def bins() -> list[Bin]:
    predicted = [0.008, 0.019, 0.031, 0.046, 0.066, 0.092, 0.131, 0.19, 0.297, 0.561]
    happened = [0.009, 0.017, 0.036, 0.044, 0.061, 0.097, 0.125, 0.201, 0.281, 0.602]
    return [
        Bin(low=said / 1.3, high=said * 1.3, rows=4120, predicted=said,
            observed=Interval(value=seen, low=max(0.0, seen - 0.35 * seen**0.5 / 8), high=seen + 0.35 * seen**0.5 / 8))
        for said, seen in zip(predicted, happened, strict=True)
    ]  # fmt: skip


def report(*, promoted: bool = True, timed: bool = True) -> ModelReport:
    """A churn report: promoted on rows in time, or refused; without time there is nothing by month."""
    contenders = [contender("candidate", 0.841 if promoted else 0.831), contender("in_force", 0.832 if promoted else 0.837, model="churn-2"), contender("logistic", 0.812)]  # fmt: skip
    months = ["2025-08", "2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02"]
    return ModelReport(
        model="churn", learns="churn", promoted=promoted,
        verdict="Promoted: AUC 0.841 [0.833, 0.849]" if promoted else "Not promoted: AUC 0.831 [0.823, 0.839]",
        rule="better" if promoted else "not_better_than_in_force", contenders=contenders,
        validation="time_ordered" if timed else "stratified_folds",
        settings={"size": "large", "num_leaves": 31, "learning_rate": 0.05, "min_data_in_leaf": 80, "n_estimators": 412},
        by_time=parts(months, [0.848, 0.851, 0.846, 0.843, 0.839, 0.838, 0.831], 5100) if timed else [],
        calibration=bins(), lift=[Lift(share=share, captured=held, lift=held / share) for share, held in ((0.01, 0.058), (0.05, 0.214), (0.1, 0.357), (0.2, 0.556), (0.3, 0.694), (0.5, 0.868))],
        importance=[Importance(feature=name, gain=gain, contribution=gain * 1.7) for name, gain in FEATURES],
        segments=parts(["value_tier = C1", "value_tier = C3", "value_tier = C4"], [0.794, 0.829, 0.853], 2400),
        stability=[
            Stability(feature="bill_rise", psi=0.312, state="moved"), Stability(feature="data_gb", psi=0.141, state="shifting"),
            Stability(feature="arpu", psi=0.036, state="stable"), Stability(feature="tenure_months", psi=0.011, state="stable"),
        ] if timed else [],
        time_check=TimeCheck(auc_folds=0.843, auc_last=around(0.826, 0.011), base_rate_before=0.118, base_rate_last=0.136, cause="base_rate", words="Falls by 0.017 on the last fifth") if timed else None,
        leaks=[] if promoted else [Refused(feature="complaint_open", why="looked at: alone it tells the label with AUC 0.931; kept"), Refused(feature="device_5g", why="constant: it has one value in every row and was learnt nothing from")],
        data=Data(rows=41200, positives=5108, customers=20000, first="2025-08" if timed else "", last="2026-02" if timed else "", duplicates=212 if promoted else 0, hash="9f" * 32),
        seconds=71.4, seeds=[42, 0, 1],
    )  # fmt: skip


def model(number: int = 3, *, state: str = "in_force", found: ModelReport | None = None) -> ModelAnswer:
    given = found or report()
    return ModelAnswer(
        id=f"churn-{number}", model="churn", number=number, state=state, learns="churn", title="Churn in two months", verdict=given.verdict,
        auc=given.contenders[0].auc.value, rows=given.data.rows, hash="5c" * 32, created=NOW - timedelta(days=40 - 10 * number),
        promoted=NOW - timedelta(days=40 - 10 * number) if state != "candidate" else None, author="DS01", why="better in every month" if state != "candidate" else "",
        report=msgspec.to_builtins(given),
    )  # fmt: skip


def listed() -> ModelsAnswer:
    rows = [model(4, state="candidate", found=report(promoted=False)), model(3), model(2, state="retired"), model(1, state="retired")]  # fmt: skip
    return ModelsAnswer(models=rows, untrained=["reach", "accepts"])


RULES = {"churn-4": "not_better_than_in_force", "churn-3": "better", "churn-2": "better", "churn-1": "first"}


def trainings() -> list[Job]:
    """One that failed, for two problems, and one under way."""
    hint = Hint("look at the label (%(label)s): both outcomes must have happened", label="churned")
    said = "the label 'churned' is the same in all 412 rows"
    problem = Problem("model.one_class", said, Where("models/accepts.yaml", 4, 10), hint).kept()
    at = to_instant(NOW)
    failed = Job("j3", "train", {"model": "accepts"}, "failed", 0, None, "", at, at, None, [problem, problem])
    running = Job("j4", "train", {"model": "reach"}, "running", 7, 18, "fold 2 of 5", at, None, None, [])
    return [failed, running]
