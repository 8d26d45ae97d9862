"""What a telephone system with a dialogue of its own asks about a caller's menu."""

from __future__ import annotations

from contact.faces.http.bodies.bodies import Body, Id, Language, Number


class MenuBody(Body, frozen=True, kw_only=True):
    """Whose menu: ``customer``, ``number`` or neither, where nobody knows who it is."""

    customer: Id | None = None
    number: Number | None = None
    menu: Id | None = None
    """Left out: ``main``, else the first."""
    language: Language | None = None
    """Left out: the customer's own."""
