"""G5: a task goes to a gateway at most once unless the gateway provably refused it.

Attempts are messages reserved, grants those the gateway accepted, kills its crashes and those of dispatchers. The judge is
the gateway's log: accepted twice is a violation, and so is a contact that the ledger calls sent and the gateway never took,
or one that it took and the ledger does not count.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable

from contact.wiring import join
from strategies.instants import MINUTE, Instant
from tests.faults.crash_gateway import POINTS, CrashGateway
from tests.faults.messages import open_shop, reserve_each
from tests.faults.place import Patience, Place, Spot
from tests.faults.processes import Child
from tests.faults.row import Row
from tests.kannel import Kannel
from tests.races.judging import FREE
from tests.servers import free_port

DISPATCHERS = 2
STILL_SECONDS = 1.5
"""So long without a change and with nothing due, and the dispatchers have done what can be done now."""
ROUNDS = 6
"""At most: two do where every gateway is up at the second; on a starved machine one may not be."""
SWEEPS = 10
"""Each takes no more than some hundreds."""
KANNEL_IS_LATE_SECONDS = 1.5
ON_THE_WAY = frozenset({"reserved", "sending"})


def prove(place: Place) -> Row:
    """Eight points at which the gateway dies, dispatchers killed in between; then the build that sends again."""
    row = Row("G5", place.kind)
    attack(place, row, place.count(10, 500), place.count(2, 40), "-")
    through_kannel(place, row, place.count(24, 1_000), place.count(2, 10))
    mutant = Row("G5", place.kind)
    attack(place, mutant, 2, 0, "ambiguous_is_sent_again")
    row.try_mutant("ambiguous_is_sent_again", caught=mutant.violations > 0)
    return row


def attack(place: Place, row: Row, each_point: int, kills: int, mutant: str) -> None:
    """So many messages for each point."""
    messages = each_point * len(POINTS)
    with place.spot("once") as spot:
        gateway = CrashGateway(spot.folder / "gateway")
        try:
            asyncio.run(_reserve(spot, messages))
            row.attempts += messages
            row.kills += _run(spot, gateway, kills, mutant)
        finally:
            gateway.stop()
        states = asyncio.run(_states(spot))
        judge(row, gateway, states)
        crashes = gateway.crashes()
        row.kills += crashes.total()
        row.remarks.append(f"{mutant}: points {dict(sorted(crashes.items()))}")
        row.need("points at which the gateway died", len(crashes), len(POINTS) - (mutant != "-") * 4)


def judge(row: Row, gateway: CrashGateway, states: dict[str, str]) -> None:
    """The gateway's log against the ledger."""
    accepted = gateway.accepted()
    row.grants += accepted.total()
    row.unknown += sum(state == "unknown" for state in states.values())
    twice = [contact for contact, times in accepted.items() if times > 1]
    uncounted = [contact for contact in accepted if states.get(contact) in FREE]
    claimed = [contact for contact, state in states.items() if state == "sent" and contact not in accepted]
    stuck = [contact for contact, state in states.items() if state in ON_THE_WAY]
    for what, found in (("twice", twice), ("uncounted", uncounted), ("never taken", claimed)):
        row.violations += len(found)
        row.remarks += [f"{what}: {contact} {states.get(contact)}" for contact in found[:2]]
    row.lost += len(stuck)
    row.remarks += [f"still on the way: {contact} {states[contact]}" for contact in stuck[:2]]


async def _reserve(spot: Spot, messages: int) -> None:
    house = await join(spot.settings)
    await open_shop(house, spot.folder / "files", messages)
    await reserve_each(house.ports, [f"C{n}" for n in range(1, messages + 1)])
    await house.close()


def through_kannel(place: Place, row: Row, messages: int, kills: int) -> None:
    """Over a real Kannel, of which the smsbox or all is killed midway; the SMS centre behind it says who got what.

    A bearerbox that comes back hands over what its store holds, which may be twice: that is Kannel's doing where its smsbox
    was asked once.
    """
    if shutil.which("bearerbox") is None:
        row.thin = "Kannel is not installed here: tests/servers.sh installs it"
        return
    with place.spot("kannel") as spot:
        kannel = Kannel(spot.folder / "kannel")
        asyncio.run(_reserve(spot, messages))
        environment = {**spot.environment, "CONTACT_SMS_URL": kannel.url, "CONTACT_PORT": str(free_port())}
        worker = Child(
            "tests.faults.dispatcher:run", "-", environment=environment, log=spot.folder / "workers.log"
        )
        try:
            for number in range(kills):
                _until(lambda number=number: len(kannel.messages()) > messages * number // (kills + 1))  # type: ignore[misc]
                kannel.kill(*(("smsbox",) if number % 2 else ()))
                time.sleep(0.3)
                kannel.start()
            _until(lambda: not _waiting(spot))
            time.sleep(KANNEL_IS_LATE_SECONDS)
        finally:
            worker.kill()
            got = Counter(receiver for receiver, _ in kannel.messages())
            asked = kannel.asked()
            kannel.stop()
        states = Counter(asyncio.run(_states(spot)).values())
    row.attempts += messages
    row.grants += got.total()
    row.kills += kills
    row.unknown += states["unknown"]
    twice = [receiver for receiver, times in got.items() if times > 1 and asked[receiver] > 1]
    # What its smsbox took and a killed bearerbox forgot is sent by the ledger, and Kannel's loss.
    row.violations += len(twice) + (states["sent"] > len(asked))
    row.lost += states["reserved"]
    row.remarks.append(f"Kannel: {got.total()} of {messages} at the centre, {dict(states)}")
    if not got:
        row.thin = "nothing went through Kannel"


def _waiting(spot: Spot) -> bool:
    """Whether something may still be handed over now."""
    states = asyncio.run(_states(spot)).values()
    if "reserved" in states and "sending" not in states:
        asyncio.run(_later(spot))  # refused for now, as nobody listened: it waits for a minute
    return "reserved" in states or "sending" in states


def _until(so: Callable[[], bool]) -> None:
    patience = Patience(240)
    while patience.left and not so():
        time.sleep(0.2)


def _run(spot: Spot, gateway: CrashGateway, kills: int, mutant: str) -> int:
    """Dispatch until nothing moves, at least twice: what was refused for now waits for a minute, the unconfirmed for two."""
    environment = {**spot.environment, "CONTACT_SMS_URL": gateway.url}
    workers = [
        Child("tests.faults.dispatcher:run", mutant, environment=environment, log=spot.folder / "workers.log")
        for _ in range(DISPATCHERS)
    ]
    killed = 0
    try:
        for round in range(ROUNDS):
            patience, last, seen = Patience(600), time.monotonic(), -1
            while patience.left:
                if time.monotonic() - last >= STILL_SECONDS:
                    if not asyncio.run(_due(spot)):
                        break
                    last = time.monotonic()
                time.sleep(0.2)
                log = len(gateway.log())
                if log != seen or not log:
                    seen, last = log, time.monotonic()
                if killed < kills and log and random.random() < 0.5:
                    victim = random.choice(workers)
                    victim.kill()
                    victim.start()
                    killed += 1
            if round and "reserved" not in asyncio.run(_states(spot)).values():
                break
            asyncio.run(_later(spot))
            time.sleep(1.0)
    finally:
        for worker in workers:
            worker.kill()
    asyncio.run(_swept(spot))  # by then nobody hands anything over any more
    return killed


async def _later(spot: Spot) -> None:
    house = await join(spot.settings)
    now = (await house.ports.clock.now()).at
    await house.ports.clock.move_to(Instant(now + 3 * MINUTE))
    await house.close()


async def _due(spot: Spot) -> int:
    """How many wait whose time has come: on a busy machine a gateway takes longer to come back than it is still here."""
    house = await join(spot.settings)
    now = (await house.ports.clock.now()).at
    (row,) = await house.stores.database.read(
        lambda tx: tx.connection.execute(
            f"SELECT count(*) AS waiting FROM contact WHERE state = 'reserved' AND planned_us <= {int(now)}"
        ).fetchall()
    )
    await house.close()
    return int(row["waiting"])


async def _swept(spot: Spot) -> None:
    house = await join(spot.settings)
    now = (await house.ports.clock.now()).at
    await house.ports.clock.move_to(Instant(now + 3 * MINUTE))
    for _ in range(SWEEPS):
        await house.ports.tasks.sweep()
    await house.close()


async def _states(spot: Spot) -> dict[str, str]:
    house = await join(spot.settings)
    rows = await house.stores.database.read(
        lambda tx: tx.connection.execute("SELECT id, state FROM contact").fetchall()
    )
    await house.close()
    return {row["id"]: row["state"] for row in rows}
