"""What is answered about learning why people call, and about why one caller hears the order they hear."""

from __future__ import annotations

from datetime import datetime

from contact.domain.answers import Answer


class WeightAnswer(Answer, frozen=True, kw_only=True):
    """How much likelier one goal is in a circumstance: as declared and as learnt."""

    when: str
    goal: str
    declared: float
    learnt: float


class MenuLearntAnswer(Answer, frozen=True, kw_only=True):
    """What became of one menu."""

    menu: str
    calls: int
    """With a goal that the menu serves."""
    held_back: int
    """The latest of them, which the weights were tried on."""
    promoted: bool
    verdict: str
    loss: float | None = None
    """Mean logarithmic loss on the calls held back: learnt of the others."""
    in_force_loss: float | None = None
    declared_loss: float | None = None
    half_life_days: float | None = None
    weights: tuple[WeightAnswer, ...] = ()
    """Circumstances whose weight changed most."""


class MenusLearntAnswer(Answer, frozen=True, kw_only=True):
    """What became of each menu."""

    menus: list[MenuLearntAnswer]


class MenuFactorAnswer(Answer, frozen=True, kw_only=True):
    """One reason for a probability."""

    name: str
    times: float


class GoalLikelyAnswer(Answer, frozen=True, kw_only=True):
    """One goal of a caller."""

    goal: str
    title: str
    probability: float
    factors: list[MenuFactorAnswer]
    seconds: float | None
    """In this caller's menu; None where it cannot be reached."""
    static_seconds: float | None


class HeardEntryAnswer(Answer, frozen=True, kw_only=True):
    """One key of a level."""

    key: str
    to: str
    lifted: bool
    probability: float
    """That this caller presses it."""
    before: str | None
    """Where the key led when this caller last heard the level; None where it led nowhere, or nothing is remembered."""
    rests: bool
    """Whether the key changed lately, so that it may not change again now."""


class HeardLevelAnswer(Answer, frozen=True, kw_only=True):
    """One level as this caller hears it."""

    node: str
    entries: list[HeardEntryAnswer]
    heard_at: datetime | None
    """When they last heard it, if they still remember."""
    held_back: str
    """What kept it from the order that the probabilities alone would give; empty where nothing did."""


class MenuExplanationAnswer(Answer, frozen=True, kw_only=True):
    """Why a caller hears this order."""

    customer: str
    at: datetime
    menu: str
    arm: str
    language: str
    learnt_from: int
    """Calls behind the weights; 0 where they are as declared."""
    ask: str | None
    seconds: float
    static_seconds: float
    bound: float
    unfamiliar_seconds: float
    """Were no layout familiar."""
    goals: list[GoalLikelyAnswer]
    """Likeliest first."""
    levels: list[HeardLevelAnswer]
