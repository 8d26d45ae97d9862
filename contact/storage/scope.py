"""Whose customers a statement may read: the units and the account manager of a caller, as SQL takes them in its WHERE."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from contact.faults import NotFound
from contact.ports.access import WHOLE, Scope
from contact.ports.base import BASE_MAX_AGE, BaseView
from contact.storage.transaction import Transaction
from strategies.instants import Instant
from strategies.playbook import Playbook

if TYPE_CHECKING:
    from contact.storage.base import Base
    from contact.storage.decisions import Decisions
    from strategies.columns import Columns


def scope_values(scope: Scope) -> dict[str, object]:
    """What every scoped statement takes beside its own: ``:everywhere, :any_unit, :within, :manager``."""
    return {
        "everywhere": int(scope.whole),
        "any_unit": int(scope.units is None),
        "within": list(scope.units or ()),
        "manager": scope.manager,
    }


def require_within(tx: Transaction, scope: Scope, customer: str) -> None:
    """Raises NotFound, as for nobody at all, where the customer is none of the caller's."""
    if not scope.whole and tx.row("customer_within", customer=customer, **scope_values(scope)) is None:
        raise NotFound("there is no customer of this id")


def customers_within(tx: Transaction, scope: Scope) -> list[str]:
    """The ids of all customers of a scope."""
    return [row["customer_id"] for row in tx.rows("customers_within", **scope_values(scope))]


class Scoped:
    """A store that knows whose customers it may tell of."""

    scope: Scope = WHOLE

    def within(self, scope: Scope) -> Self:
        """The same store, with all it keeps in memory, for a caller of this scope."""
        found = copy(self)
        found.scope = scope
        return found


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


class BaseWithin:
    """Keeps BasePort for a caller whose customers are only some: who is not theirs is marked in every view."""

    def __init__(self, base: Base, scope: Scope) -> None:
        self._base, self._scope = base, scope

    def within(self, scope: Scope) -> BaseWithin:
        """The same base in another scope."""
        return BaseWithin(self._base, scope)

    async def columns(
        self, fields: Collection[str], playbook: Playbook, *, max_age: float = BASE_MAX_AGE
    ) -> tuple[Columns, Instant]:
        """These fields of everybody, without who is who: for checks of conditions, which tell of nobody."""
        return await self._base.columns(fields, playbook, max_age=max_age)

    async def view(
        self, fields: Collection[str], playbook: Playbook, *, people: bool, max_age: float = BASE_MAX_AGE
    ) -> BaseView:
        """Everybody, with a mask of those who are the caller's."""
        import numpy as np

        from contact.storage.base_identity import places_among

        view = await self._base.view(fields, playbook, people=people, max_age=max_age)
        theirs = await self._base.database.read(lambda tx: customers_within(tx, self._scope))
        mask = np.zeros(view.columns.rows, dtype=np.bool_)
        places = places_among(view.ids(), pa.array(theirs, type=pa.string()))
        mask[places[places >= 0]] = True
        return replace(view, within=mask)

    async def refresh(self) -> None:
        """As the base itself."""
        await self._base.refresh()
