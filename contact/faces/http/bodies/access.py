"""What callers send to export customers."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from contact.faces.http.bodies.bodies import Body, Id
from contact.faces.http.bodies.ledger import Why
from contact.faces.http.bodies.selection import ConditionText

Column = Literal["customer", "name", "number", "language", "manager"]


class ExportBody(Body, frozen=True, kw_only=True):
    """Who is meant, which columns, and why. ``selection`` takes what /v1/selections takes, ``list`` a list's name,
    ``warnings`` the least risk of leaving."""

    kind: Literal["selection", "list", "warnings"]
    columns: Annotated[tuple[Column, ...], Meta(min_length=1, max_length=5)]
    why: Why
    condition: ConditionText | None = None
    channel: Id | None = None
    category: Id | None = None
    strategy: Id | None = None
    without: Annotated[tuple[ConditionText, ...], Meta(max_length=20)] = ()
    list: Id | None = None
    above: Annotated[float, Meta(ge=0, le=1)] | None = None


class ExportDecisionBody(Body, frozen=True, kw_only=True):
    """What the second person says to it."""

    why: Why
