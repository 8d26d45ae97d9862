"""Meters of what the HTTP face answers; labels are closed words and rules, never a customer."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import Counter, Gauge

from contact.domain.answers import RefusalAnswer
from contact.ports.access import ROLES
from contact.telemetry import CARD_VIEWS, REGISTRY

DECISIONS = Counter(
    "contact_decisions",
    "Decisions answered, by channel and outcome.",
    ["channel", "outcome"],
    registry=REGISTRY,
)
REFUSALS = Counter(
    "contact_refusals", "Refusals answered, by reason and rule.", ["reason", "rule"], registry=REGISTRY
)
PERMITS = Counter("contact_permits", "Permits agents asked for, by outcome.", ["outcome"], registry=REGISTRY)
IN_FLIGHT = Gauge("contact_http_in_flight", "Requests being answered.", registry=REGISTRY)
for _role in ROLES:
    CARD_VIEWS.labels(_role, "refused")  # from the start, or the first refusal would be no rise, and no alert


def count_refusals(refusals: Iterable[RefusalAnswer]) -> None:
    """Count each refusal under its reason and rule (a closed list and the playbook's, so labels stay few)."""
    for refusal in refusals:
        REFUSALS.labels(refusal.reason, refusal.rule).inc()
