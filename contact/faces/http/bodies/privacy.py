"""What callers send about personal data: reveals, erasures, more cards for somebody."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from contact.faces.http.bodies.bodies import Body
from contact.faces.http.bodies.ledger import Why


class RevealBody(Body, frozen=True, kw_only=True):
    """Why name and number are asked for."""

    why: Why


class ErasureBody(Body, frozen=True, kw_only=True):
    """Why a customer is forgotten."""

    why: Why


class CardsBody(Body, frozen=True, kw_only=True):
    """How many more customers' cards a person may open today, and why."""

    more: Annotated[int, Meta(ge=1, le=100_000)]
    why: Why
