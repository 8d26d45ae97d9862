"""Answers fetched before anybody asks: one row for each customer, topic and language, told until it is too old."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from contact.ports.answers import Question, ReadyAnswer
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Row, Transaction
from strategies.instants import Instant

PAGE = 500


class ReadyAnswers:
    """Keeps ReadyAnswerPort on either database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def keep(self, answers: Sequence[ReadyAnswer]) -> int:
        """Put them in the place of older ones; of customers who are gone nothing is kept."""
        kept = 0
        for start in range(0, len(answers), PAGE):
            page = answers[start : start + PAGE]
            kept += await self.database.write(partial(_keep, answers=page))
        return kept

    async def of(self, customer: str) -> Sequence[ReadyAnswer]:
        """Those of a customer that may still be told."""
        rows = await self.database.read(
            lambda tx: tx.rows("ready_answers_of", customer=customer, now_us=tx.now())
        )
        return [_answer(row) for row in rows]

    async def ready(self, customers: Sequence[str]) -> Sequence[ReadyAnswer]:
        """Those of some customers, past ones too, without their texts."""
        found: list[ReadyAnswer] = []
        for start in range(0, len(customers), PAGE):
            page = customers[start : start + PAGE]
            rows = await self.database.read(partial(_known, customers=page))
            found += [_answer(row) for row in rows]
        return found

    async def count(self) -> tuple[int, Instant | None]:
        """How many may still be told, and when the newest of them was fetched."""
        row = await self.database.read(lambda tx: tx.row("count_ready_answers", now_us=tx.now()))
        if row is None or row["fetched_us"] is None:
            return 0, None
        return int(row["answers"]), Instant(row["fetched_us"])


def _keep(tx: Transaction, answers: Sequence[ReadyAnswer]) -> int:
    gone = {
        row["customer_id"]
        for row in tx.rows("callers_gone", customers=[a.question.customer for a in answers])
    }
    there = [each for each in answers if each.question.customer not in gone]
    tx.run("drop_old_answers", now_us=tx.now())
    tx.many(
        "keep_ready_answer",
        [
            {
                "customer_id": each.question.customer, "topic": each.question.topic,
                "language": each.question.language, "text": each.text, "at_us": each.at, "until_us": each.until,
            }
            for each in there
        ],
    )  # fmt: skip
    return len(there)


def _known(tx: Transaction, customers: Sequence[str]) -> list[Row]:
    return tx.rows("ready_answers_known", customers=list(customers))


def _answer(row: Row) -> ReadyAnswer:
    question = Question(row["customer_id"], row["topic"], row["language"])
    return ReadyAnswer(question, row["text"], Instant(row["at_us"]), Instant(row["until_us"]))
