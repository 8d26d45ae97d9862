"""Decisions for a caller whose customers are only some."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from contact.faults import NotFound
from contact.ports.access import Scope
from contact.storage.databases.scope import scope_values

if TYPE_CHECKING:
    from contact.storage.people.decisions import Decisions


class DecisionsWithin:
    """Keeps DecisionPort for a caller whose customers are only some."""

    def __init__(self, decisions: Decisions, scope: Scope) -> None:
        self._decisions, self._scope = decisions, scope

    def within(self, scope: Scope) -> DecisionsWithin:
        """The same decisions in another scope."""
        return DecisionsWithin(self._decisions, scope)

    async def record(self, decision: str, customer: str, record: Mapping[str, Any]) -> None:
        """As the decisions themselves."""
        await self._decisions.record(decision, customer, record)

    async def get(self, decision: str) -> Mapping[str, Any]:
        """A record about one of theirs. Raises NotFound."""
        record = await self._decisions.get(decision)
        values = scope_values(self._scope)
        found = await self._decisions.database.read(
            lambda tx: tx.row("decision_within", decision=decision, **values)
        )
        if found is None:
            raise NotFound(f"there is no decision {decision}")
        return record
