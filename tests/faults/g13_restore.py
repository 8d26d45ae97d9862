"""G13: a restore forgets no opt-out and resends nothing.

Attempts are messages handed over and opt-outs acknowledged after a backup was made, grants the hand-overs. Then the store is
lost, the backup restored, and dispatching goes on for days. The judge is the gateway's log that tests/drill.py keeps: a
customer who is sent a message of theirs twice is a violation, and so is anything that leaves a store in quarantine; an
opt-out that the restored store does not know is lost.
"""

from __future__ import annotations

import asyncio

from contact.faults import NotFound
from contact.storage.backups import restore
from tests.drill import drill
from tests.faults.place import Place
from tests.faults.row import Row
from tests.races import mutants

MUTANTS = ("journal_not_replayed", "open_contacts_not_settled")
ON_SQLITE = ("no_quarantine",)
"""PostgreSQL's quarantine begins with the load itself, in its transaction: there the later one cannot be missed."""


def prove(place: Place) -> Row:
    """The drill, then with each part of what makes it safe left out."""
    row = Row("G13", place.kind)
    _drill(place, row, place.count(400, 10_000), place.count(40, 500))
    whole = (restore._replay, restore.settle, restore.hold)
    for name in MUTANTS + (ON_SQLITE if place.kind == "sqlite" else ()):
        mutant = Row("G13", place.kind)
        mutants.switch_on(name, None)
        _drill(place, mutant, 20, 5)
        row.try_mutant(name, caught=mutant.violations + mutant.lost > 0)
        restore._replay, restore.settle, restore.hold = whole
    return row


def _drill(place: Place, row: Row, sends: int, opt_outs: int) -> None:
    with place.spot("restore") as spot:
        try:
            done = asyncio.run(drill(spot.settings, spot.folder / "fresh", sends, opt_outs))
        except NotFound:  # there was no quarantine that could be ended
            row.violations += 1
            row.remarks.append("the restored store was not in quarantine")
            return
    row.attempts += done.sends + opt_outs
    row.grants += done.log.total()
    row.violations += done.resent + done.in_quarantine + done.moves_astray + (not done.untouched)
    row.lost += opt_outs - done.known
    row.remarks.append(
        f"{done.sends} sends and {opt_outs} opt-outs after the backup: {done.resent} resent, {done.known} known, "
        f"{done.in_quarantine} in quarantine, {done.moves_astray} astray, audit untouched: {done.untouched}"
    )
