"""What a model's report says, aggregated: at most 50 kB as JSON, and everything its page shows.

Shares and AUCs are from 0 to 1; an interval is 95 %; a month is ``2026-02``.
"""

from __future__ import annotations

import msgspec


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float


class Contender(msgspec.Struct, frozen=True, kw_only=True):
    """One of those compared on the same folds: ``candidate``, ``in_force`` or ``logistic``."""

    name: str
    auc: Interval
    """Mean over folds and seeds; its interval by DeLong's variance within each fold."""
    log_loss: float
    brier: float
    calibration_error: float
    """Expected calibration error over ten bins of equal size."""
    folds: list[float]
    model: str | None = None
    """Id of the model file, for the one in force."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Performance on one stretch of time, or in one segment."""

    name: str
    rows: int
    positives: int
    auc: Interval | None
    """None where one class is missing."""
    mean_score: float
    base_rate: float


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of neighbouring scores: what was predicted and what happened."""

    low: float
    high: float
    rows: int
    predicted: float
    observed: Interval


class Lift(msgspec.Struct, frozen=True, kw_only=True):
    """The best-scored share of all rows: how many of the positives it holds."""

    share: float
    captured: float
    lift: float


class Importance(msgspec.Struct, frozen=True, kw_only=True):
    """How much a feature contributes: its share of the total gain, and its mean absolute contribution."""

    feature: str
    gain: float
    contribution: float


class Stability(msgspec.Struct, frozen=True, kw_only=True):
    """Population stability index of an input; above 0.25 it has moved.

    Between the earlier rows and the last fifth in time; where time is not known, between the rows that the model in force
    learnt from and these.
    """

    feature: str
    psi: float
    state: str
    """``stable`` (< 0.1), ``shifting`` or ``moved`` (≥ 0.25)."""


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A feature that the leakage guard looked at: what it found and whether training stopped because of it."""

    feature: str
    why: str


class TimeCheck(msgspec.Struct, frozen=True, kw_only=True):
    """Trained on the earlier rows, tried on the last fifth: how much is lost, and the likeliest cause.

    ``auc_folds`` is the mean over five stratified folds that mix early and late rows: what a validation that ignores time
    would have promised.
    """

    auc_folds: float
    auc_last: Interval
    base_rate_before: float
    base_rate_last: float
    cause: str
    """``none``, ``base_rate``, ``inputs`` or ``unexplained``."""
    words: str


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """What was learnt from."""

    rows: int
    positives: int
    customers: int
    first: str
    last: str
    """First and last month or order value; empty where time is not known."""
    duplicates: int
    """Rows whose features all equal an earlier row's."""
    hash: str
    """SHA-256 of features and labels, in hexadecimal."""


class ModelReport(msgspec.Struct, frozen=True, kw_only=True):
    """One training, from the verdict down."""

    model: str
    learns: str
    promoted: bool
    verdict: str
    """One sentence: promoted or not, AUC with interval against the one in force and the baseline, calibration, leaks."""
    rule: str
    """The rule that gave it: ``first``, ``better``, ``not_better_than_in_force``, ``not_better_than_logistic``,
    ``calibration_worse``."""
    contenders: list[Contender]
    validation: str
    """``time_ordered`` or ``stratified_folds``."""
    settings: dict[str, float | int | str]
    """What was chosen inside the training folds, and ``size``: ``small`` or ``large``."""
    by_time: list[Part]
    calibration: list[Bin]
    lift: list[Lift]
    importance: list[Importance]
    """Top 20, largest first."""
    segments: list[Part]
    """Worst first; only those with at least 50 rows of each class."""
    stability: list[Stability]
    time_check: TimeCheck | None
    leaks: list[Refused]
    data: Data
    seconds: float
    """Written by whoever has a clock; ``scoring.training.train`` leaves 0."""
    seeds: list[int]
