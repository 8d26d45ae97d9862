"""What is answered about held-out calls played against menus."""

from __future__ import annotations

from datetime import datetime

from contact.domain.answers import Answer


class FigureAnswer(Answer, frozen=True, kw_only=True):
    """A mean or a ratio with its 95 % interval, callers being drawn; the ends are missing below two callers."""

    value: float
    low: float | None
    high: float | None


class StabilityAnswer(Answer, frozen=True, kw_only=True):
    """How often callers found a key leading elsewhere than they remembered, counted apart from what ordered the keys."""

    hearings: int
    """Levels heard by somebody who still remembered them."""
    changed: int
    """Of those, levels on which some key led elsewhere."""
    most_changed: int
    """Keys of one level that led elsewhere than when it was last heard, at most."""
    over_limit: int
    """Levels with more changed keys than the menu allows."""
    moved_too_often: int
    """Keys that changed their meaning for one caller more often than the menu allows."""


class PlayedAnswer(Answer, frozen=True, kw_only=True):
    """One menu on the held-out calls: what a caller listens and presses until their goal begins to speak."""

    name: str
    """``static``, ``declared`` (personal, by the chances as declared), ``personal`` (as learnt), ``truth`` (as planted)."""
    seconds: FigureAnswer
    keys: FigureAnswer
    asked: int
    """Calls that begin with a question."""
    asked_rightly: int
    stability: StabilityAnswer
    against_static: FigureAnswer
    """Its seconds over those of the static menu."""


class MenuReplayAnswer(Answer, frozen=True, kw_only=True):
    """Calls split by time: learnt from the older, played against each menu on the later."""

    menu: str
    calls: int
    """Calls of the log with a known caller and goal."""
    left_out: int
    """Calls without a known caller or a goal that the menu serves."""
    learnt_from: int
    held_out: int
    callers: int
    """Who made the held-out calls."""
    since: datetime
    split: datetime
    """The first held-out call."""
    until: datetime
    menus: list[PlayedAnswer]
    over_truth: FigureAnswer | None
    """Seconds of the personal menu over those of the planted truth's; None where no truth was given."""
    declared_loss: float
    """Mean logarithmic loss on the held-out calls of chances as declared."""
    learnt_loss: float
    """The same as learnt from the older calls."""
    true_loss: float | None
