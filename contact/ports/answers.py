"""What flow needs to have answers ready before anybody asks: a provider that knows them, a store that keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from strategies.instants import Instant


@dataclass(frozen=True, slots=True)
class Question:
    """One topic that one customer may ask about."""

    customer: str
    topic: str
    language: str


@dataclass(frozen=True, slots=True)
class ReadyAnswer:
    """An answer that was fetched before anybody asked."""

    question: Question
    text: str
    at: Instant
    """When it was fetched."""
    until: Instant
    """After which it is no longer told."""


class AnswerProviderPort(Protocol):
    """Whoever knows the answers: the operator's knowledge base, billing, fault desk."""

    async def ask(self, questions: Sequence[Question]) -> Mapping[Question, str]:
        """Answers to as many as it knows. Raises GatewayRefused where it cannot be asked or says what nobody can read."""
        ...

    async def close(self) -> None: ...


class ReadyAnswerPort(Protocol):
    """Answers that are ready, one for each customer, topic and language."""

    async def keep(self, answers: Sequence[ReadyAnswer]) -> int:
        """Put them in the place of older ones, drop those that are no longer told; how many were kept.

        Of customers who were erased nothing is kept.
        """
        ...

    async def of(self, customer: str) -> Sequence[ReadyAnswer]:
        """Those of a customer that may still be told."""
        ...

    async def ready(self, customers: Sequence[str]) -> Sequence[ReadyAnswer]:
        """Those of some customers, past ones too, without their texts."""
        ...

    async def count(self) -> tuple[int, Instant | None]:
        """How many may still be told, and when the newest of them was fetched."""
        ...
