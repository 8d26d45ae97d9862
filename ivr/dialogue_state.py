"""What a dialogue knows between two keys, and what it says next: values that travel, one for every dialect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from ivr.call import CallOutcome, Entry, Step

ASK = "ask:"
"""Before a goal: the place of the shortcut question for it."""
YES, NO = "1", "2"
"""Keys of the shortcut question."""
LONGEST = 60
"""Steps of one call, after which the caller is passed to an agent: no call goes round for ever."""


class Spoken(msgspec.Struct, frozen=True):
    """One thing said; placeholders in it are filled by ``ivr.speech.filled``."""

    text: str
    seconds: float
    language: str
    ssml: str | None = None
    """The same as an SSML fragment."""
    file: str | None = None
    """A recording of it; of an item, without the key, which is to be said after it."""
    key: str | None = None
    """The key that an item announces."""
    barge: bool = True
    """Whether a key may cut it short; legal notices are heard to their end."""


class Effect(msgspec.Struct, frozen=True):
    """What must happen in the world because the caller came to a node."""

    kind: Literal["opt_out", "offer_wanted", "offer_repeated", "offer_accepted", "offer_rejected"]
    node: str


class Turn(msgspec.Struct, frozen=True):
    """What is said now, and what may be pressed then."""

    node: str
    """Where the caller is: a node, or ``ask:GOAL``."""
    say: tuple[Spoken, ...] = ()
    keys: tuple[str, ...] = ()
    """Keys that do something here."""
    wait_seconds: float = 0.0
    """Silence after the last word that counts as a time-out."""
    ends: Literal["", "hang_up", "transfer"] = ""
    queue: str | None = None
    """Of a transfer."""
    effects: tuple[Effect, ...] = ()


class State(msgspec.Struct, frozen=True):
    """One call between two keys; together with its menu it is all there is to know."""

    language: str
    levels: Mapping[str, tuple[Entry, ...]]
    """Menu node → its keys as this caller hears them."""
    ask: str | None = None
    """Goal to be asked for before the first menu; None once it was."""
    at: str = ""
    trail: tuple[str, ...] = ()
    """Menus above, the root first."""
    before: tuple[tuple[str, float], ...] = ()
    """Notices said ahead of this place in the same turn, with their seconds."""
    tries: int = 0
    """Wrong keys and silences in a row."""
    steps: tuple[Step, ...] = ()
    heard: tuple[str, ...] = ()
    """Menu nodes announced so far, each once."""
    wished: tuple[str, ...] = ()
    """Offer nodes that were asked for already: once in a call."""
    offering: bool = False
    """Whether an offer was spoken at this place and waits for its key."""
    goal: str | None = None
    """First goal served."""
    withdrew: bool = False
    passed_on: bool = False
    queue: str | None = None
    over: bool = False

    @property
    def outcome(self) -> CallOutcome:
        """How the call ended, or that it is open."""
        if not self.over:
            return "open"
        if self.passed_on:
            return "agent"
        if self.withdrew:
            return "opted_out"
        return "reached" if self.goal is not None else "abandoned"
