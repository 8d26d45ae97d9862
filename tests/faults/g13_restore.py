"""G13: a restore forgets no opt-out and resends nothing.

Attempts are messages sent and opt-outs acknowledged after a backup was made; grants those the gateway accepted, unknown
the contacts that may have gone out since. Then the store is gone, the backup is restored, and dispatching goes on. The
judge is the gateway's log: a message accepted twice is a violation, and so is one handed over in quarantine. An opt-out is
lost where the restored store would contact that customer again.
"""

from __future__ import annotations

import asyncio
import shutil
import time

from contact.domain.acts import Act
from contact.domain.halt import QUARANTINE
from contact.flow.record_consent import ConsentBody, record_consent
from contact.storage import restore as restoring
from contact.storage.backup import make_backup
from contact.wiring import House, join
from tests.faults.crash_gateway import CrashGateway
from tests.faults.messages import open_shop, reserve_each, reserve_one
from tests.faults.place import Patience, Place, Spot
from tests.faults.processes import Child
from tests.faults.row import Row
from tests.races import mutants

MUTANTS = ("journal_not_replayed", "open_contacts_not_settled")
STILL_SECONDS = 1.5
EARLY = 5
"""Opt-outs before the backup, which it holds itself."""


def prove(place: Place) -> Row:
    """The drill, then with each half of what makes it safe left out."""
    row = Row("G13", place.kind)
    drill(place, row, place.count(60, 10_000), place.count(15, 500), "-")
    for name in MUTANTS:
        mutant = Row("G13", place.kind)
        drill(place, mutant, 12, 6, name)
        row.try_mutant(name, caught=mutant.violations + mutant.lost > 0)
    return row


def drill(place: Place, row: Row, sends: int, opt_outs: int, mutant: str) -> None:
    """Reserve, back up, send and withdraw, lose the store, restore, go on."""
    with place.spot("restore") as spot:
        gateway = CrashGateway(spot.folder / "gateway", ())
        try:
            asyncio.run(_before(spot, sends, opt_outs))
            make_backup(spot.settings, spot.folder / "backup", _silent)
            asyncio.run(_withdraw(spot, range(sends + EARLY + 1, sends + EARLY + opt_outs + 1)))
            _dispatch(spot, gateway, sends, row)
            _lose(spot)
            if mutant != "-":
                mutants.switch_on(mutant, None)
            done = restoring.restore(spot.settings, spot.folder / "backup", "faults", _silent, into=True)
            row.unknown += done.settled.unknown
            before = gateway.accepted().total()
            _dispatch(spot, gateway, None, row)
            row.violations += gateway.accepted().total() - before  # nothing leaves a store in quarantine
            again = asyncio.run(_end_quarantine(spot, sends, opt_outs))
            _dispatch(spot, gateway, None, row)
        finally:
            gateway.stop()
        accepted = gateway.accepted()
        twice = [contact for contact, times in accepted.items() if times > 1]
        row.attempts += sends + opt_outs
        row.grants += accepted.total()
        row.violations += len(twice)
        row.lost += len(again)
        row.remarks += [f"{mutant}: {opt_outs} opt-outs after the backup, {done.replayed} played back"]
        row.remarks += [f"sent twice: {twice[:2]}"] * bool(twice) + [
            f"opt-outs forgotten: {again[:3]}"
        ] * bool(again)


def _silent(done: int, total: int, what: str) -> None:
    return None


async def _before(spot: Spot, sends: int, opt_outs: int) -> None:
    house = await join(spot.settings)
    await open_shop(house, spot.folder / "files", sends + EARLY + opt_outs)
    await reserve_each(house.ports, [f"C{n}" for n in range(1, sends + 1)])
    for n in range(sends + 1, sends + EARLY + 1):
        await _opt_out(house, n)
    await house.close()


async def _withdraw(spot: Spot, numbers: range) -> None:
    house = await join(spot.settings)
    for n in numbers:
        await _opt_out(house, n)
    await house.close()


async def _opt_out(house: House, n: int) -> None:
    await record_consent(house.ports, f"C{n}", ConsentBody(False, source="test", evidence=f"E{n}"))


def _dispatch(spot: Spot, gateway: CrashGateway, until: int | None, row: Row) -> None:
    """Until so many were accepted; None: for a while in which nothing more comes."""
    environment = {**spot.environment, "CONTACT_SMS_URL": gateway.url}
    worker = Child(
        "tests.faults.dispatcher:run", "-", environment=environment, log=spot.folder / "workers.log"
    )
    patience, seen, since = Patience(900 if until else 60), -1, time.monotonic()
    while patience.left:
        time.sleep(0.1)
        accepted = gateway.accepted().total()
        if until is not None and accepted >= until:
            break
        if accepted != seen:
            seen, since = accepted, time.monotonic()
        if until is None and time.monotonic() - since > STILL_SECONDS:
            break
    else:
        row.thin = f"only {seen} messages were taken in {patience.seconds} seconds"
    worker.kill()


def _lose(spot: Spot) -> None:
    """The disk is gone; the secret and the journal lie elsewhere."""
    home = spot.settings.home
    for name in ("generations", "models", "anchors"):
        shutil.rmtree(home / name, ignore_errors=True)
    if spot.url.startswith("sqlite:///"):
        for path in spot.folder.glob("contact.db*"):
            path.unlink()


async def _end_quarantine(spot: Spot, sends: int, opt_outs: int) -> list[str]:
    """Whoever withdrew and would be written to again."""
    house = await join(spot.settings)
    act = Act("faults", "command line", "quarantine.ended", why="drill")
    await house.ports.halts.lift(*QUARANTINE, act)
    everybody = [f"C{n}" for n in range(sends + 1, sends + EARLY + opt_outs + 1)]
    again = [each for each in everybody if await reserve_one(house.ports, each) is not None]
    await house.close()
    return again
