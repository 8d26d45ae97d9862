"""What events of units have set: it lies over the facts of every customer of the unit and of the units below it.

The later lies over the earlier, whichever of a customer's units it was about; what was told of the customer lies over all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contact.storage.databases.transaction import Transaction
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.judging.asking import way_up


@dataclass(frozen=True, slots=True)
class UnitChange:
    """What one event has set for a unit."""

    seq: int
    unit: str
    fields: Mapping[str, Any]


def read_unit_changes(tx: Transaction, now: Instant) -> tuple[UnitChange, ...]:
    """All that hold at an instant, in the order in which they were told."""
    found = tx.rows("all_unit_changes", now_us=now)
    return tuple(UnitChange(int(row["seq"]), row["unit"], json.loads(row["fields"])) for row in found)


def last_unit_change(tx: Transaction) -> int:
    """The number of the newest, by which a process knows whether there is something to read."""
    row = tx.row("last_unit_change")
    return int(row["seq"]) if row else 0


class OfUnits:
    """What holds for the customers of each unit, laid together once."""

    def __init__(self, playbook: Playbook, changes: Sequence[UnitChange]) -> None:
        self._playbook, self._changes = playbook, changes
        self._of: dict[str, tuple[int, Mapping[str, Any]]] = {}

    def of(self, unit: str | None) -> tuple[int, Mapping[str, Any]]:
        """The last change's number and field → value; 0 and nothing where no event concerns the unit."""
        if unit is None or not self._changes:
            return 0, {}
        found = self._of.get(unit)
        if found is None:
            found = self._of[unit] = laid_together(self._changes, way_up(self._playbook, unit))
        return found


def laid_together(changes: Sequence[UnitChange], units: Sequence[str]) -> tuple[int, Mapping[str, Any]]:
    """What these units' changes come to."""
    last, fields = 0, dict[str, Any]()
    for change in changes:
        if change.unit in units:
            last = change.seq
            fields.update(change.fields)
    return last, fields
