"""What may be taken or handed over now, most valuable first, less what is halted."""

from __future__ import annotations

from collections.abc import Mapping

from contact.domain.halt import QUARANTINE, Halted
from contact.ports import Blocked
from contact.storage.transaction import Row, Transaction

Scope = Mapping[str, object]


def next_due(tx: Transaction, channel: str, scope: Scope) -> Row | None:
    """The task a person within the scope takes next."""
    halted = tx.halted()
    if _is_halted(halted, channel):
        return None
    return tx.row("next_task", channel=channel, now_us=tx.now(), **scope, **_but_for(halted))


def due_contacts(tx: Transaction, channel: str, limit: int) -> list[Row]:
    """Reserved contacts of a gateway channel whose time has come."""
    halted = tx.halted()
    if limit <= 0 or _is_halted(halted, channel):
        return []
    return tx.rows("due_contacts", channel=channel, now_us=tx.now(), limit=limit, **_but_for(halted))


def halted_here(tx: Transaction, channel: str, scope: Scope) -> list[Blocked]:
    """Due tasks within the scope that wait only for a halt to be lifted."""
    halted = tx.halted()
    strategies = _strategies(halted)
    whole = _is_halted(halted, channel)
    if not whole and not strategies:
        return []
    row = tx.row(
        "halted_tasks",
        channel=channel,
        now_us=tx.now(),
        **scope,
        every_strategy=int(whole),
        strategies=strategies,
    )
    widest = [kind for kind, key in (QUARANTINE, ("all", ""), ("channel", channel)) if (kind, key) in halted]
    kind = widest[0] if widest else "strategy"
    return [Blocked(f"halt.{kind}", "forbidden", row["tasks"], None)] if row and row["tasks"] else []


def _is_halted(halted: Halted, channel: str) -> bool:
    return QUARANTINE in halted or ("all", "") in halted or ("channel", channel) in halted


def _strategies(halted: Halted) -> list[str]:
    return sorted(key for kind, key in halted if kind == "strategy")


def _but_for(halted: Halted) -> Scope:
    strategies = _strategies(halted)
    return {"nothing_halted": int(not strategies), "halted": strategies}
