"""What a call is answered with, whoever runs the telephone: what to say, which keys count, and what is known afterwards."""

from __future__ import annotations

import msgspec

from contact.domain.answers import Answer


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
    """The offer that is spoken in this turn, reserved and permitted."""

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
