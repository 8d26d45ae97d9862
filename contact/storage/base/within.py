"""The base for a caller whose customers are only some."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from contact.ports.access import Scope
from contact.ports.base import BASE_MAX_AGE, BaseView
from contact.storage.base.identity import places_among
from contact.storage.databases.scope import customers_within
from strategies.declared.playbook import Playbook
from strategies.instants import Instant

if TYPE_CHECKING:
    from contact.storage.base.base import Base
    from strategies.conditions.columns import Columns


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
        view = await self._base.view(fields, playbook, people=people, max_age=max_age)
        theirs = await self._base.database.read(lambda tx: customers_within(tx, self._scope))
        mask = np.zeros(view.columns.rows, dtype=np.bool_)
        places = places_among(view.ids(), pa.array(theirs, type=pa.string()))
        mask[places[places >= 0]] = True
        return replace(view, within=mask)

    async def refresh(self) -> None:
        """As the base itself."""
        await self._base.refresh()
