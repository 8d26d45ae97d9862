"""Whose cards each person looked at, by day; the same customer counts once, one of a task they hold not at all."""

from __future__ import annotations

from contact.domain.acts import Act
from contact.ports.privacy import CardBudget
from contact.storage.audits.audit import record_in
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Transaction
from strategies.profile import CustomerId, Subject


class CardViews:
    """Keeps CardViewPort on either database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def look(self, viewer: str, day: str, customer: CustomerId, most: int) -> CardBudget | None:
        """Note the view, unless it would be one too many: None then, and nothing is noted.

        Nor is it where the viewer is at work for the customer: the card came with the task, and so may what belongs to it.
        """

        def seen(tx: Transaction) -> CardBudget | None:
            known = tx.row("seen_today", viewer=viewer, day=day, customer=customer) or tx.row(
                "held_task_of_customer", person=viewer, customer=customer
            )
            return None if known is None else _budget(tx, viewer, day, most)

        def note(tx: Transaction) -> CardBudget | None:
            budget = _budget(tx, viewer, day, most)
            known = tx.row("seen_today", viewer=viewer, day=day, customer=customer)
            if known is None and budget.used >= budget.most:
                return None
            fresh = tx.run("insert_view", viewer=viewer, day=day, customer=customer)
            return CardBudget(viewer, day, budget.used + fresh, budget.most)

        return await self.database.look_up(seen) or await self.database.write(
            note, [Subject("viewer", viewer)]
        )

    async def allow(self, viewer: str, day: str, more: int, act: Act) -> None:
        """Let somebody look at so many more on a day."""

        def work(tx: Transaction) -> None:
            tx.run("allow_views", viewer=viewer, day=day, more=more)
            record_in(tx, act)

        await self.database.write(work, [Subject("viewer", viewer)])

    async def budget(self, viewer: str, day: str, most: int) -> CardBudget:
        """What is used of it so far."""
        return await self.database.read(lambda tx: _budget(tx, viewer, day, most))


def _budget(tx: Transaction, viewer: str, day: str, most: int) -> CardBudget:
    row = tx.row("views_of_day", viewer=viewer, day=day)
    assert row is not None
    return CardBudget(viewer, day, int(row["used"]), most + int(row["more"]))
