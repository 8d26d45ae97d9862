"""What callers send about topics of the hotline."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from contact.faces.http.bodies.bodies import Body, Language


class TopicsQuery(Body, frozen=True, kw_only=True):
    """Which month's topics."""

    month: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}$")] | None = None
    """As ``2026-03``; left out: the running month."""
    language: Language = "en"
