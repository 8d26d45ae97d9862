"""Checks the ledger by SQL of its own, never by the code that wrote it: violations, stuck states, orphans."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contact.clock import real_now
from contact.domain.contact import MOVES
from contact.storage.database import Database
from contact.storage.transaction import Transaction
from strategies.playbook import Playbook, Rule

PLAIN = (
    "handed_over_after_withdrawal", "handed_over_too_late", "moves_astray", "broken_moves", "contacts_without_moves",
    "attempts_astray", "crowded_tasks", "orphaned_reservations", "tasks_without_contact", "started_without_contact",
    "consents_without_epoch", "orphans",
)  # fmt: skip
"""Checks that are one statement without parameters."""


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """What was checked and found: check → ids of contacts or tasks; rules that plain SQL cannot hold, by name."""

    found: Mapping[str, tuple[str, ...]]
    not_checked: tuple[str, ...]

    @property
    def violations(self) -> int:
        """How many contacts and tasks are not as promised."""
        return sum(len(ids) for ids in self.found.values())


async def check_ledger(database: Database, playbook: Playbook) -> LedgerReport:
    """One snapshot, every check."""
    return await database.read(lambda tx: check_in(tx, playbook))


def check_in(tx: Transaction, playbook: Playbook) -> LedgerReport:
    """Every check in one transaction."""
    caps = [rule for rule in playbook.rules if rule.effect == "cap" and rule.max is not None]
    held = [rule for rule in caps if _in_plain_sql(rule)]
    found = {f"cap {rule.id}": _ids(tx.rows("overshoots", **_window(rule))) for rule in held}
    found |= {name: _ids(tx.rows(name)) for name in PLAIN}
    lawful = sorted(f"{old}>{new}" for old, following in MOVES.items() for new in following)
    found["unlawful_moves"] = _ids(tx.rows("unlawful_moves", lawful=lawful))
    found["epochs_ahead"] = _epochs_ahead(tx)
    found |= stuck(tx, playbook)
    return LedgerReport(found, tuple(rule.id for rule in caps if not _in_plain_sql(rule)))


def stuck(tx: Transaction, playbook: Playbook) -> dict[str, tuple[str, ...]]:
    """What time should have ended by itself and has not, by indexes of few rows: cheap enough to ask every minute."""
    now = tx.now()
    late = {
        channel.name: now - channel.stale_after
        for channel in playbook.channels.values()
        if channel.stale_after is not None
    }
    hand_overs = [
        row
        for channel, before in late.items()
        for row in tx.rows("unsettled_hand_overs", channel=channel, before_us=before)
    ]
    return {
        "unswept_reservations": _ids(tx.rows("unswept_reservations", now_us=now)),
        "unlapsed_leases": _ids(tx.rows("unlapsed_leases", real_us=real_now())),
        "unsettled_hand_overs": _ids(hand_overs),
        "unsettled_receipts": _ids(tx.rows("unsettled_receipts", now_us=now)),
        "unapplied_reports": _ids(tx.rows("unapplied_reports", now_us=now)),
    }


def _epochs_ahead(tx: Transaction) -> tuple[str, ...]:
    """Open contacts whose verdict saw a later consent epoch than there is: somebody reset it."""
    known = {f"{row['kind']}:{row['key']}": row["epoch"] for row in tx.rows("standing_epochs")}
    return tuple(
        str(row["id"])
        for row in tx.rows("open_epochs")
        if any(epoch > known.get(subject, 0) for subject, epoch in json.loads(row["epochs"]).items())
    )


def _in_plain_sql(rule: Rule) -> bool:
    """Sliding caps over attempts whose scope stands in the ledger's own columns."""
    window = rule.window
    match = rule.match
    of_customers = match.units is not None or match.jurisdictions is not None or rule.segment is not None
    dated = rule.valid_from is not None or rule.valid_until is not None
    in_columns = rule.when is None and not of_customers and not dated and not rule.counts_even_if_exempt
    return (
        in_columns
        and rule.same == "any"
        and rule.count == "attempt"
        and window is not None
        and window.kind == "sliding"
    )


def _window(rule: Rule) -> dict[str, Any]:
    match, window = rule.match, rule.window
    assert window is not None
    named = {
        "channel": match.channels, "category": match.categories, "strategy": match.strategies,
        "offer": match.offers, "family": match.families,
    }  # fmt: skip
    plural = {"category": "categories", "strategy": "strategies", "family": "families"}
    scope: dict[str, Any] = {}
    for name, values in named.items():
        scope[f"every_{name}"] = int(values is None)
        scope[plural.get(name, f"{name}s")] = sorted(values or ())
    return scope | {
        "subject": rule.subject, "length_us": window.length, "closed": int(window.closed), "max": rule.max,
        "not_counted": sorted(rule.not_counted) or ["-"], "exempt": sorted(rule.exempt) or ["-"],
        "every_direction": int(match.direction is None), "direction": match.direction or "",
        "any_promotional": int(match.promotional is None), "promotional": int(bool(match.promotional)),
    }  # fmt: skip


def _ids(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(str(row.get("contact") or row.get("task")) for row in rows)
