"""What is answered about models and scores."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from contact.domain.answers import Answer, EffectAnswer


class ReasonAnswer(Answer, frozen=True, kw_only=True):
    """A feature that moves a customer's score: its value in words and which way it moves."""

    field: str
    title: str
    value: str
    raises: bool
    weight: float
    """Contribution in log-odds."""


class ChurnAnswer(Answer, frozen=True, kw_only=True):
    """The risk and its three main reasons."""

    risk: float
    model: str
    reasons: list[ReasonAnswer]


class ChanceAnswer(Answer, frozen=True, kw_only=True):
    """One offer in one channel: chance of success, best hour, and what asking is worth."""

    strategy: str
    offer: str
    channel: str
    title: str
    propensity: float
    best_hour: int | None
    value_minor: int
    cost_minor: int
    expected_minor: int
    """Propensity × value − cost of the contact."""


class ScoresAnswer(Answer, frozen=True, kw_only=True):
    """Everything the models in force say of one customer now."""

    customer: str
    at: datetime
    simulated_time: bool
    scores: dict[str, float]
    """Column → value of models with one value a customer."""
    churn: ChurnAnswer | None
    chances: list[ChanceAnswer]
    """Highest expected value first."""
    models: dict[str, str]
    """Model → id in force."""


class ScoredAnswer(Answer, frozen=True, kw_only=True):
    """What scoring everybody brought."""

    generation: int
    customers: int
    columns: list[str]
    models: dict[str, str]
    missing: list[str]
    """Models that are declared and not in force yet."""
    seconds: float


class ModelAnswer(Answer, frozen=True, kw_only=True):
    """One trained model; ``report`` is left out in lists."""

    id: str
    model: str
    number: int
    state: str
    learns: str
    title: str
    verdict: str
    auc: float
    rows: int
    hash: str
    created: datetime
    promoted: datetime | None
    author: str
    why: str
    report: dict[str, Any] | None = None


class ModelsAnswer(Answer, frozen=True, kw_only=True):
    """Trained models, newest first, and the declared ones nobody trained yet."""

    models: list[ModelAnswer]
    untrained: list[str]


class TrainAnswer(Answer, frozen=True, kw_only=True):
    """What a training brought."""

    id: str
    model: str
    promoted: bool
    verdict: str
    report: dict[str, Any]


class LearnAnswer(Answer, frozen=True, kw_only=True):
    """What came back from outcomes: rows by label, and the trainings that followed."""

    outcomes: int
    control: int
    accepted: int
    trained: list[TrainAnswer]
    problems: list[dict[str, Any]] = msgspec.field(default_factory=list)
    """Why other models could not be trained, as ``contact check`` prints problems."""


class WarningRow(Answer, frozen=True, kw_only=True):
    """One customer about to leave."""

    customer: str
    risk: float
    reasons: list[str]
    value_tier: str | None
    unit: str | None
    manager: str | None
    allowed: bool
    """May be called now."""
    until: datetime | None
    """When it becomes possible, where it is not."""


class WarningsAnswer(Answer, frozen=True, kw_only=True):
    """The warning list, highest risk first."""

    at: datetime
    above: float
    total: int
    rows: list[WarningRow]


class MeanEffectAnswer(Answer, frozen=True, kw_only=True):
    """Difference in the mean of a figure, one arm minus control, with Welch's 95 % interval."""

    mean: float
    control_mean: float
    effect: float
    low: float
    high: float


class TrialArmAnswer(Answer, frozen=True, kw_only=True):
    """One arm of a trial against the control arm; a share has ``effect``, any other figure has ``mean``."""

    arm: str
    rows: int
    effect: EffectAnswer | None = None
    mean: MeanEffectAnswer | None = None


class TrialAnswer(Answer, frozen=True, kw_only=True):
    """What each arm of a trial file brought, held against one control arm."""

    arm: str
    """The column that names the arms."""
    control: str
    goal: str
    rows: int
    control_rows: int
    arms: list[TrialArmAnswer]
    """In order of name."""
