"""Contacts and places held back, as what a model may learn from them."""

from __future__ import annotations

from contact.ports import Outcome
from contact.storage.databases.transaction import Row, Transaction
from strategies.instants import Instant
from strategies.profile import CustomerId

_REACHED = ("connected_us", "clicked_us", "accepted_us", "rejected_us")
"""Moments that only a person who was reached can bring about."""


def outcomes(tx: Transaction) -> list[Outcome]:
    """Every contact that was attempted and every place held back, own and imported, oldest first."""
    now = tx.now()
    found = [_of_contact(row, now) for row in tx.rows("attempted_contacts")]
    found += [_held_back(row, now) for row in tx.rows("held_back")]
    return sorted(found, key=lambda outcome: outcome.at)


def _of_contact(row: Row, now: Instant) -> Outcome:
    until = row["receipt_until_us"]
    return Outcome(
        customer=CustomerId(row["customer_id"]),
        strategy=row["strategy"],
        offer=row["offer"],
        channel=row["channel"],
        arm="treated",
        at=Instant(row["attempt_us"]),
        attempted=True,
        connected=any(row[name] is not None for name in _REACHED),
        accepted=row["accepted_us"] is not None,
        final=bool(row["final"]) or (until is not None and until <= now),
    )


def _held_back(row: Row, now: Instant) -> Outcome:
    """Nobody contacted them: no report is waited for once their hour has come."""
    return Outcome(
        customer=CustomerId(row["customer_id"]),
        strategy=row["strategy"],
        offer=row["offer"],
        channel=row["channel"],
        arm=row["arm"],
        at=Instant(row["at_us"]),
        attempted=False,
        connected=False,
        accepted=False,
        final=row["at_us"] <= now,
    )
