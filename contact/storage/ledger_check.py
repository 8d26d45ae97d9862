"""Checks the ledger by SQL of its own, never by the code that wrote it: violations, stuck states, orphans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contact.storage.database import Database
from contact.storage.transaction import Transaction
from strategies.playbook import Playbook, Rule

PLAIN = (
    "handed_over_after_withdrawal",
    "moves_astray",
    "crowded_tasks",
    "orphaned_reservations",
    "tasks_without_contact",
)


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
    return await database.read(lambda tx: _check(tx, playbook))


def _check(tx: Transaction, playbook: Playbook) -> LedgerReport:
    caps = [rule for rule in playbook.rules if rule.effect == "cap" and rule.max is not None]
    held = [rule for rule in caps if _in_plain_sql(rule)]
    found = {f"cap {rule.id}": _ids(tx.rows("overshoots", **_window(rule))) for rule in held}
    found |= {name: _ids(tx.rows(name)) for name in PLAIN}
    found["unswept_reservations"] = _ids(tx.rows("unswept_reservations", now_us=tx.now()))
    return LedgerReport(found, tuple(rule.id for rule in caps if not _in_plain_sql(rule)))


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
