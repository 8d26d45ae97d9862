"""Meters of what the HTTP face answers; labels are outcomes and reasons, never a customer."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import Counter, Gauge

from contact.telemetry import REGISTRY

DECISIONS = Counter(
    "contact_decisions",
    "Decisions answered, by channel and outcome.",
    ["channel", "outcome"],
    registry=REGISTRY,
)
REFUSALS = Counter("contact_refusals", "Refusals answered, by reason.", ["reason"], registry=REGISTRY)
PERMITS = Counter("contact_permits", "Permits agents asked for, by outcome.", ["outcome"], registry=REGISTRY)
IN_FLIGHT = Gauge("contact_http_in_flight", "Requests being answered.", registry=REGISTRY)


def count_refusals(reasons: Iterable[str]) -> None:
    """Count each refusal under its reason (a closed list, so labels stay few)."""
    for reason in reasons:
        REFUSALS.labels(reason).inc()
