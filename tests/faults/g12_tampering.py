"""G12: the audit trail shows tampering.

Attempts are tamperings of every kind that tests/contracts/test_tampering.py knows, by somebody who can also mend hashes; one
that is not found is a violation, and so is an accusation where nobody has done anything.
"""

from __future__ import annotations

import asyncio
import random

from contact.storage.audits.anchors import binding, read_anchors
from contact.storage.audits.checks import walk
from contact.storage.open import open_stores
from tests.contracts.test_tampering import WAYS, Tamperer, _lived, _undone
from tests.faults.place import Place
from tests.faults.row import Row

MUTANT = "anchors_not_compared"


def prove(place: Place) -> Row:
    """Each kind so often; then without the anchors outside, where those who mend hashes get away."""
    row = Row("G12", place.kind)
    missed = asyncio.run(_tamper(place, row, place.count(4, 40)))
    row.try_mutant(MUTANT, caught=missed > 0)
    return row


async def _tamper(place: Place, row: Row, rounds: int) -> int:
    """How many were missed without anchors."""
    missed = 0
    with place.spot("audit") as spot:
        stores = open_stores(spot.settings)
        await _lived(stores)
        path = stores.audit.anchors.path
        assert path is not None
        bound, dice = binding(read_anchors(path)[0]), random.Random(16)
        with _undone(stores, spot.url) as begin:
            row.violations += bool(walk(begin(), bound).found)
            for way in WAYS * rounds:
                tx = begin()
                way(Tamperer(tx, dice))
                row.attempts += 1
                found = walk(tx, bound).found
                row.grants += bool(found)
                row.violations += not found
                row.remarks += [] if found else [f"not found: {way.__name__}"]
                missed += not walk(tx, binding(())).found
        await stores.close()
    row.remarks.append(f"{len(WAYS)} kinds; without anchors {missed} would be missed")
    return missed
