"""Meters of what the HTTP face answers; labels are outcomes and reasons, never a customer."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import Counter, Gauge

from contact.ports.audit import LedgerChecked
from contact.telemetry import REGISTRY
from strategies.instants import SECOND

DECISIONS = Counter(
    "contact_decisions",
    "Decisions answered, by channel and outcome.",
    ["channel", "outcome"],
    registry=REGISTRY,
)
REFUSALS = Counter("contact_refusals", "Refusals answered, by reason.", ["reason"], registry=REGISTRY)
PERMITS = Counter("contact_permits", "Permits agents asked for, by outcome.", ["outcome"], registry=REGISTRY)
IN_FLIGHT = Gauge("contact_http_in_flight", "Requests being answered.", registry=REGISTRY)

LEDGER_FINDINGS = Gauge(
    "contact_ledger_findings", "Contacts and tasks that are not as promised, by check (contact ledger check).",
    ["check"], registry=REGISTRY,
)  # fmt: skip
LEDGER_CHECKED = Gauge(
    "contact_ledger_checked_seconds",
    "When the ledger was last looked at, in seconds since 1970.",
    registry=REGISTRY,
)


def count_findings(checked: LedgerChecked) -> None:
    """What any worker found last."""
    LEDGER_CHECKED.set(checked.at / SECOND)
    for check, count in checked.found.items():
        LEDGER_FINDINGS.labels(check).set(count)


def count_refusals(reasons: Iterable[str]) -> None:
    """Count each refusal under its reason (a closed list, so labels stay few)."""
    for reason in reasons:
        REFUSALS.labels(reason).inc()
