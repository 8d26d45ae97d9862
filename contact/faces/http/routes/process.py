"""Of the process that answers, which asks no store: it lives, and its own numbers."""

from __future__ import annotations

from contact.faces.http.edge.row import Call, Reply
from contact.faces.http.edge.shapes import HealthAnswer
from contact.telemetry import exposition


async def get_live(_call: Call) -> Reply:
    """The process answers."""
    return Reply(HealthAnswer(status="live"))


async def get_own_metrics(_call: Call) -> Reply:
    """What this process counts itself, in Prometheus' text format; of the store the API's processes tell."""
    return Reply(exposition())
