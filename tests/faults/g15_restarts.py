"""G15: SIGTERM loses nothing.

Attempts are requests with a key of their own, sent to two services on one store while one after the other is told to end
and started again; grants those that were answered. A client repeats a request that was cut off, at the other service. Kills
are restarts, and each time Redis is emptied. Judges: SQL of its own over what clients were told: an acknowledged opt-out
that is missing is lost; two for one key, a service that does not end cleanly or is not listening again, and a message left
unconfirmed, by a gateway that takes its time and has one in hand when somebody is told to end, are violations.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import aiohttp

from contact.wiring import House, join
from tests.faults.crash_gateway import CrashGateway
from tests.faults.messages import open_shop, reserve_each
from tests.faults.place import Patience, Place, Spot
from tests.faults.row import Row
from tests.servers import Redis, Service

CLIENTS = 6
PATIENCE_SECONDS = 120.0
MESSAGES = 5
"""Reserved before each restart; the first of them is in hand at it."""
IN_HAND_SECONDS = 30.0
SETTLED_SECONDS = 20.0
MUTANT = "drops_what_it_has_in_hand"
MUTANT_TRIES = 3
"""On a starved machine the gateway may have answered before anybody is told to end."""


class Abrupt(Service):
    """A service that ends the moment it is told to."""

    main = "tests.faults.abrupt"


@dataclass
class Clients:
    """What clients asked and heard."""

    services: list[Service]
    key: str
    customers: int
    told: dict[str, int] = field(default_factory=dict)
    """Evidence of each answered opt-out → status."""
    tries: int = 0
    cut: int = 0
    over: bool = False

    async def run(self) -> None:
        """Until it is over; every request that was begun is answered in the end."""
        numbers = itertools.count(1)
        # No connection is kept: one that idles may be closed under us, which says nothing about requests.
        connector = aiohttp.TCPConnector(force_close=True, limit=CLIENTS)
        async with aiohttp.ClientSession(
            connector=connector, timeout=aiohttp.ClientTimeout(total=10)
        ) as session:
            await asyncio.gather(*(self._client(session, numbers) for _ in range(CLIENTS)))

    async def _client(self, session: aiohttp.ClientSession, numbers: itertools.count[int]) -> None:
        while not self.over:
            await self._ask(session, next(numbers))

    async def _ask(self, session: aiohttp.ClientSession, number: int) -> None:
        evidence, began = f"request-{number}", time.monotonic()
        body = {
            "given": False,
            "channel": "web",
            "category": "marketing",
            "source": "test",
            "evidence": evidence,
        }
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": evidence}
        for turn in itertools.count(number):
            self.tries += 1
            service = self.services[turn % len(self.services)]
            url = f"{service.url}/v1/customers/C{number % self.customers + 1}/consents"
            try:
                async with session.post(url, json=body, headers=headers) as answer:
                    await answer.read()
                    if answer.status < 500 and answer.status not in (409, 429):
                        self.told[evidence] = answer.status
                        return
            except (aiohttp.ClientConnectorError, ConnectionRefusedError):
                await asyncio.sleep(0.02)  # nobody listened: nothing was begun
            except (aiohttp.ClientError, TimeoutError):
                self.cut += 1
            if time.monotonic() - began > PATIENCE_SECONDS:
                self.told[evidence] = 0
                return
            await asyncio.sleep(0.05)


def prove(place: Place) -> Row:
    """Rolling restarts of two services under load; then the build that drops what it has in hand is told to end."""
    row = Row("G15", place.kind)
    with place.spot("restarts") as spot:
        asyncio.run(_attack(place, row, spot))
    mutant = Row("G15", place.kind)
    for _ in range(MUTANT_TRIES):
        with place.spot("mutant") as spot:
            asyncio.run(_end_abruptly(mutant, spot))
        if mutant.violations:
            break
    row.try_mutant(MUTANT, caught=mutant.violations > 0)
    return row


async def _attack(place: Place, row: Row, spot: Spot) -> None:
    restarts, customers = place.count(2, 100), place.count(60, 5_000)
    house = await join(spot.settings)
    await open_shop(house, spot.folder / "files", customers)
    key = await house.ports.keys.create("admin", None)
    with _outside(spot) as (redis, gateway, settings):
        services: list[Service] = []
        clients = Clients(services, key, customers)
        try:
            begun = [asyncio.to_thread(Service, spot.folder / "home", "all", **settings) for _ in range(2)]
            services += await asyncio.gather(*begun)
            load = asyncio.create_task(clients.run())
            for number in range(restarts):
                await _put_in_hand(row, house, gateway, f"C{number % customers + 1}")
                row.violations += not await asyncio.to_thread(_restart, row, services[number % 2])
                redis.empty()
                row.kills += 2
            clients.over = True
            await load
            await _until_handed_over(house)
        finally:
            for service in services:
                await asyncio.to_thread(service.kill)
        await _judge(row, house, clients, gateway)
    await house.close()
    row.need("answered requests", row.grants, 50)


async def _end_abruptly(row: Row, spot: Spot) -> None:
    """One service of the broken build, told to end while a message is in hand."""
    house = await join(spot.settings)
    await open_shop(house, spot.folder / "files", 1)
    with _outside(spot) as (_, gateway, settings):
        service = await asyncio.to_thread(Abrupt, spot.folder / "home", "all", **settings)
        try:
            await _put_in_hand(row, house, gateway, "C1")
            await asyncio.to_thread(service.stop)
        finally:
            await asyncio.to_thread(service.kill)
        await _judge(row, house, Clients([], "", 1), gateway)
    await house.close()


@contextmanager
def _outside(spot: Spot) -> Iterator[tuple[Redis, CrashGateway, dict[str, str]]]:
    """A Redis, a gateway that takes its time, and the settings that name them."""
    (spot.folder / "redis").mkdir()
    redis, gateway = Redis(spot.folder / "redis"), CrashGateway(spot.folder / "gateway", ("slowly",))
    try:
        yield redis, gateway, {
            "CONTACT_DATABASE_URL": spot.url, "CONTACT_REDIS_URL": redis.url, "CONTACT_SMS_URL": gateway.url,
        }  # fmt: skip
    finally:
        gateway.stop()
        redis.stop()


async def _put_in_hand(row: Row, house: House, gateway: CrashGateway, customer: str) -> None:
    """Returns when the gateway has a new message, which it has not answered yet."""
    taken, patience = gateway.accepted().total(), Patience(IN_HAND_SECONDS)
    await reserve_each(house.ports, [customer] * MESSAGES)
    while gateway.accepted().total() == taken:
        if not patience.left:
            row.remarks.append("no message was in hand at a restart")
            return
        await asyncio.sleep(0.02)


async def _until_handed_over(house: House) -> None:
    """No message waits or is under way, or none has moved for so long."""
    open_still = "SELECT count(*) AS n FROM contact WHERE state IN ('reserved', 'sending')"
    patience, before = Patience(SETTLED_SECONDS), -1
    while patience.left:
        rows = await house.stores.database.read(lambda tx: tx.connection.execute(open_still).fetchall())
        left = int(rows[0]["n"])
        if not left:
            return
        if left != before:
            patience, before = Patience(SETTLED_SECONDS), left
        await asyncio.sleep(0.1)


def _restart(row: Row, service: Service) -> bool:
    """SIGTERM, a clean end, and a start."""
    try:
        service.stop()
        service.start()
    except AssertionError as error:
        row.remarks.append(str(error)[:300])
        return False
    return True


async def _judge(row: Row, house: House, clients: Clients, gateway: CrashGateway) -> None:
    rows = await house.stores.database.read(
        lambda tx: tx.connection.execute(
            "SELECT evidence, count(*) AS n FROM consent WHERE evidence LIKE 'request-%' GROUP BY evidence"
        ).fetchall()
    )
    effects = {each["evidence"]: int(each["n"]) for each in rows}
    answered = {each for each, status in clients.told.items() if status in (200, 201)}
    row.attempts, row.grants = clients.tries, len(answered)
    row.lost = len(answered - effects.keys()) + sum(status == 0 for status in clients.told.values())
    twice = [each for each, times in effects.items() if times > 1]
    odd = {each: status for each, status in clients.told.items() if status not in (0, 200, 201)}
    states = await house.stores.database.read(
        lambda tx: tx.connection.execute("SELECT id, state FROM contact").fetchall()
    )
    unsure = [each["id"] for each in states if each["state"] in ("sending", "unknown")]
    doubled = [contact for contact, times in gateway.accepted().items() if times > 1]
    row.unknown = len(unsure)
    row.violations += len(twice) + len(odd) + len(unsure) + len(doubled)
    row.remarks += [f"{clients.cut} requests cut off and repeated", f"{len(states)} messages"]
    row.remarks += [f"twice {twice[:2]}"] * bool(twice) + [f"answered {dict(list(odd.items())[:3])}"] * bool(
        odd
    )
    row.remarks += [f"unconfirmed {unsure[:2]}"] * bool(unsure) + [f"handed over twice {doubled[:2]}"] * bool(
        doubled
    )
