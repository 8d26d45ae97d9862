"""What may be taken or handed over now, most valuable first, less what is halted.

Nothing sorts all that is due. Two ways lead to the first of it: down the waiting tasks by priority, past those that are not
due yet, and through those that are due, in any order. Both look at so many rows, then at eight times as many, until one of
them has seen enough to know: the answer is exact, and costs what the shorter way costs.
"""

from __future__ import annotations

from collections.abc import Mapping

from contact.domain.halt import QUARANTINE, Halted
from contact.ports import Blocked
from contact.storage.databases.transaction import Row, Transaction

Scope = Mapping[str, object]
ANYBODY: Scope = {"everywhere": 1, "units": [], "any_language": 1, "languages": []}
LOOK_FIRST = 64
FURTHER = 8
SPARE = 16
"""Tasks looked up for one pull: as many people may pull at the same moment before one of them has to look again."""


def next_due(tx: Transaction, channel: str, scope: Scope) -> Row | None:
    """The task a person within the scope takes next, held until the unit commits."""
    halted = tx.halted()
    if _is_halted(halted, channel):
        return None
    narrowed = {**scope, **_but_for(halted)}
    wanted = SPARE
    while True:
        ids = due_ids(tx, channel, wanted, narrowed)
        row = tx.row("take_first", ids=tx.batch(ids)) if ids else None
        if row is not None or len(ids) < wanted:
            return row
        wanted *= FURTHER  # all of them are being taken by others right now


def due_contacts(tx: Transaction, channel: str, limit: int) -> list[Row]:
    """Reserved contacts of a gateway channel whose time has come."""
    halted = tx.halted()
    if limit <= 0 or _is_halted(halted, channel):
        return []
    ids = due_ids(tx, channel, limit, {**ANYBODY, **_but_for(halted)})
    return tx.rows("contacts_of_tasks", ids=tx.batch(ids)) if ids else []


def due_ids(tx: Transaction, channel: str, limit: int, scope: Scope) -> list[str]:
    """Ids of the first due tasks within the scope, by priority, expiry and id."""
    asked = {"channel": channel, "now_us": tx.now(), **scope}
    look = max(LOOK_FIRST, limit)
    in_any_order = "due_in_any_order" if scope["everywhere"] else "due_in_units"
    while True:
        down = tx.rows("due_by_priority", look=look, limit=limit, **asked)
        if len(down) == limit:
            return [row["id"] for row in down]
        through = tx.rows(in_any_order, look=look + 1, **asked)
        if len(through) <= look:
            first = sorted(through, key=lambda row: (row["urgency"], row["valid_until_us"], row["id"]))
            return [row["id"] for row in first[:limit]]
        look *= FURTHER


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
    kind = "channel" if whole else "strategy"
    kind = next((each for each in ("quarantine", "all") if (each, "") in halted), kind)
    return [Blocked(f"halt.{kind}", "forbidden", row["tasks"], None)] if row and row["tasks"] else []


def _is_halted(halted: Halted, channel: str) -> bool:
    return QUARANTINE in halted or ("all", "") in halted or ("channel", channel) in halted


def _strategies(halted: Halted) -> list[str]:
    return sorted(key for kind, key in halted if kind == "strategy")


def _but_for(halted: Halted) -> Scope:
    strategies = _strategies(halted)
    return {"nothing_halted": int(not strategies), "halted": strategies}
