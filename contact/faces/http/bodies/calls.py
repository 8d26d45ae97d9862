"""What the telephone's side sends of a call."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from contact.faces.http.bodies.bodies import Body, Id, Language, Number

State = Annotated[
    str, Meta(min_length=1, max_length=4096, description="`state` of the last answer, unchanged")
]
KeypadKey = Annotated[str, Meta(pattern=r"^[0-9*#]$(?!\n)", description="one of 0–9 * #")]
Seconds = Annotated[float, Meta(ge=0, le=86400, description="since the last answer was received, in seconds")]


class CallBody(Body, frozen=True, kw_only=True):
    """Somebody calls: ``customer``, ``number`` or neither, where nobody knows who it is."""

    customer: Id | None = None
    number: Number | None = None
    call: Id | None = None
    """An id of the telephone's side; a repeat then is the same call. Left out: one is made."""
    menu: Id | None = None
    """Left out: the one of the number that was dialled, else ``main``, else the first."""
    dialled: Annotated[str, Meta(max_length=256, description="as networks write it")] | None = None
    """The number the caller dialled; a menu may declare it."""
    language: Language | None = None
    """Left out: the customer's own."""
    rehearse: bool = False
    """Only to hear it: no consent is withdrawn, no offer reserved, no journey kept."""


class KeyBody(Body, frozen=True, kw_only=True):
    """A key, or null for a time-out."""

    state: State
    key: KeypadKey | None
    seconds: Seconds = 0.0


class CallEndBody(Body, frozen=True, kw_only=True):
    """The caller hung up."""

    state: State
    seconds: Seconds = 0.0


class ScreenPopQuery(Body, frozen=True, kw_only=True):
    """Which caller: ``call``, as the telephone's side names it, or ``customer``, whose newest call is meant."""

    call: Id | None = None
    customer: Id | None = None
    language: Language = "en"
