"""What a call is answered with, whoever runs the telephone: what to say, which keys count, and what is known afterwards."""

from __future__ import annotations

from datetime import datetime

import msgspec

from contact.domain.answers import Answer, OptionAnswer


class SaidAnswer(Answer, frozen=True, kw_only=True):
    """One thing to say; a recording or SSML where there is one, else the text."""

    text: str
    language: str
    seconds: float
    """About how long it takes."""
    ssml: str | None = None
    """The same as an SSML fragment, without the ``speak`` element."""
    file: str | None = None
    """Name of a recording; of an item, without the key, which is to be said after it."""
    key: str | None = None
    """The key that this item announces."""
    barge: bool = True
    """Whether a key may cut it short; notices are heard to their end."""


class ShownOfferAnswer(Answer, frozen=True, kw_only=True):
    """The offer that is spoken in this turn, reserved and permitted; without a task in a rehearsal, which reserves none."""

    decision: str
    strategy: str
    offer: str
    title: str
    task: str


class CallAnswer(Answer, frozen=True, kw_only=True):
    """The next turn of a call."""

    call: str
    state: str
    """Goes back with the next key, unchanged."""
    step: int
    """Stays so far, each ended by a key or a time-out."""
    node: str
    """Where the caller is; ``ask:GOAL`` for the shortcut question."""
    say: list[SaidAnswer] = msgspec.field(default_factory=list)
    keys: list[str] = msgspec.field(default_factory=list)
    """Keys that do something here; any other counts as wrong."""
    wait_seconds: float = 0.0
    """Silence after the last word that counts as a time-out, reported as a key of null."""
    ends: str = ""
    """Empty while the call goes on, else ``hang_up`` or ``transfer``, after what is said."""
    queue: str | None = None
    """Of a transfer: the agents' queue."""
    arm: str = "unknown"
    """``personal``, ``static`` (the share held back) or ``unknown`` (a caller nobody knows)."""
    shown: ShownOfferAnswer | None = None


class HeardStepAnswer(Answer, frozen=True, kw_only=True):
    """One stay of a call, for whoever takes it over."""

    node: str
    title: str
    """What the caller was told stands there."""
    key: str | None
    """None: silence, or the call was passed on here."""
    seconds: float


class LikelyGoalAnswer(Answer, frozen=True, kw_only=True):
    """What the caller may want, and how likely."""

    goal: str
    title: str
    probability: float


class ScreenPopAnswer(Answer, frozen=True, kw_only=True):
    """A call of the last minutes as the agent who takes it over sees it: its way, what is wanted, what to offer."""

    call: str
    customer: str | None
    at: datetime
    menu: str
    outcome: str
    """``open, reached, agent, abandoned, opted_out``."""
    queue: str | None
    """Whose it became, where it was passed on."""
    goal: str | None
    """What was served on the way, if anything was."""
    goal_title: str | None
    seconds: float
    keys: int
    path: list[HeardStepAnswer]
    likely: list[LikelyGoalAnswer]
    """Most likely first, three at most; of what lies where the caller looked last."""
    decision: str | None
    """Under which what becomes of ``next`` is reported."""
    next: OptionAnswer | None
    """What to offer now, with its words and its rules; advice, nothing is reserved."""
