"""Whose customers a statement may read: the units and the account manager of a caller, as SQL takes them in its WHERE."""

from __future__ import annotations

from copy import copy
from typing import Self

from contact.faults import NotFound
from contact.ports.access import WHOLE, Scope
from contact.storage.databases.transaction import Transaction


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
