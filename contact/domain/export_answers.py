"""What the service answers about exports of personal data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec


class ExportAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One request for a file with names or numbers, and how it stands; the customers themselves are only in the file."""

    export: str
    asked: dict[str, Any]
    """What was asked for: ``{kind: selection | list | warnings, …}`` as it was sent."""
    columns: list[str]
    customers: int
    """How many customers the file holds: those found when it was asked for, and no others."""
    asked_by: str
    why: str
    asked_at: datetime
    state: str
    """``asked, approved, refused, expired``."""
    decided_by: str | None
    decided_at: datetime | None
    until: datetime
    """When the request, or the file, is gone."""


class ExportsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Requests of the last thirty days, newest first."""

    exports: list[ExportAnswer]
