"""G14: overload degrades, it does not break.

Attempts are requests for advice by many more clients than the service takes at once, grants those it answered; the others
must be told 503 and when to come again. Meanwhile somebody opts out twenty times a second, once each, without repeating:
an opt-out that is not acknowledged, or that SQL of its own does not find, is lost. Any other answer, a connection that
breaks, a process that grows, and a service that is not itself again five seconds after the flood are violations.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from contact.wiring import House, join
from tests.faults.messages import open_shop
from tests.faults.place import Patience, Place, Spot
from tests.faults.processes import Child
from tests.faults.row import Row
from tests.servers import free_port

MUTANT = "no_reserved_places"
CUSTOMERS = 60
FLOODERS = 2
CLIENTS = 160
"""Of each flooder: all together wait for several times as many places as there are."""
EVERY_SECONDS = 0.05
RECOVERED_SECONDS = 5.0
MOST_GROWTH = 200 << 20
DONE = (200, 201)


@dataclass
class Heard:
    """What became of the opt-outs, and how large the service was."""

    acknowledged: list[str] = field(default_factory=list)
    asked: int = 0
    seconds: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    recovered: float = 0.0

    @property
    def p99(self) -> float:
        """Milliseconds within which 99 of 100 opt-outs were acknowledged."""
        return sorted(self.seconds)[int(len(self.seconds) * 0.99)] * 1000 if self.seconds else 0.0


def prove(place: Place) -> Row:
    """The flood, then the same on the build whose urgent routes queue up like all others."""
    row = Row("G14", place.kind)
    asyncio.run(attack(place, row, place.size(4.0, 60.0), "-"))
    mutant = Row("G14", place.kind)
    asyncio.run(attack(place, mutant, 2.0, MUTANT))
    row.try_mutant(MUTANT, caught=mutant.lost > 0)
    return row


async def attack(place: Place, row: Row, seconds: float, mutant: str) -> None:
    """Flood a service for so long."""
    with place.spot("overload") as spot:
        house = await join(spot.settings)
        await open_shop(house, spot.folder / "files", CUSTOMERS)
        key, port = await house.ports.keys.create("portal", None), free_port()
        service = Child(
            "tests.faults.api:run",
            port,
            mutant,
            environment=spot.environment,
            log=spot.folder / "service.log",
        )
        flooders: list[Child] = []
        try:
            await _until_advised(port, key, 240)
            flooders = [_flooder(spot, number, port, key) for number in range(FLOODERS)]
            await asyncio.to_thread(_until_flooded, spot)
            heard = await _opt_out(port, key, service, seconds)
            (spot.folder / "over").touch()
            for each in flooders:
                await asyncio.to_thread(each.join, 120)
            heard.recovered = await _until_advised(port, key, 30)
        finally:
            for each in (*flooders, service):
                each.kill()
        await judge(row, house, spot, heard)
        await house.close()


def _flooder(spot: Spot, number: int, port: int, key: str) -> Child:
    words = (spot.folder, number, port, key)
    return Child("tests.faults.g14_overload:flood", *words, environment={}, log=spot.folder / "workers.log")


def _until_flooded(spot: Spot) -> None:
    """All flooders have filled every place they can."""
    patience = Patience(60)
    while patience.left and len(list(spot.folder.glob("flooding-*"))) < FLOODERS:
        time.sleep(0.05)


def flood(folder: Path, number: int, port: int, key: str) -> None:
    """Ask for advice without a pause until it is over, in a process of its own; what was answered goes to a file."""
    counts = asyncio.run(_flood(folder, number, port, key))
    (folder / f"flood-{number}.json").write_text(json.dumps(counts))


async def _flood(folder: Path, number: int, port: int, key: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    async with _session(port, key, CLIENTS) as session:

        async def client(place: int) -> None:
            while not (folder / "over").exists():
                counts[await _advice(session, place)] += 1
                if counts.total() == CLIENTS:
                    (folder / f"flooding-{number}").touch()

        await asyncio.gather(*(client(place) for place in range(CLIENTS)))
    return counts


def _session(port: int, key: str, limit: int) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {key}"},
        timeout=aiohttp.ClientTimeout(total=90), connector=aiohttp.TCPConnector(limit=limit),
    )  # fmt: skip


async def _advice(session: aiohttp.ClientSession, number: int) -> str:
    body = {"customer": f"C{number % CUSTOMERS + 1}", "channel": "sms"}
    try:
        async with session.post("/v1/decisions", json=body) as answer:
            await answer.read()
            if answer.status == 503 and "Retry-After" not in answer.headers:
                return "503 without Retry-After"
            return str(answer.status)
    except (aiohttp.ClientError, TimeoutError) as error:
        return type(error).__name__


async def _opt_out(port: int, key: str, service: Child, seconds: float) -> Heard:
    """One after the other at an even pace, whatever becomes of those before."""
    heard, patience, under_way = Heard(), Patience(seconds), []
    async with _session(port, key, 0) as session:
        while patience.left:
            heard.asked += 1
            under_way.append(asyncio.create_task(_one(session, heard, heard.asked)))
            heard.sizes.append(_size(service))
            await asyncio.sleep(EVERY_SECONDS)
        await asyncio.gather(*under_way)
    return heard


async def _one(session: aiohttp.ClientSession, heard: Heard, number: int) -> None:
    customer, evidence = f"C{number % CUSTOMERS + 1}", f"opt-out-{number}"
    body = {"given": False, "channel": "web", "category": "marketing", "source": "test", "evidence": evidence}
    began = time.monotonic()
    try:
        async with session.post(
            f"/v1/customers/{customer}/consents", json=body, headers={"Idempotency-Key": evidence}
        ) as answer:
            await answer.read()
            if answer.status in DONE:
                heard.acknowledged.append(evidence)
                heard.seconds.append(time.monotonic() - began)
    except (aiohttp.ClientError, TimeoutError):
        return  # not acknowledged, which is what counts


def _size(service: Child) -> int:
    """Resident bytes of the process."""
    status = Path(f"/proc/{service.process.pid}/statm")
    return int(status.read_text().split()[1]) * 4096 if status.exists() else 0


async def _until_advised(port: int, key: str, patience_seconds: float) -> float:
    """Seconds until advice is given again."""
    patience = Patience(patience_seconds)
    async with _session(port, key, 1) as session:
        for _ in range(10_000):
            if await _advice(session, 1) == "200":
                return patience.spent
            if not patience.left:
                break
            await asyncio.sleep(0.05)
    raise AssertionError("the service gives no advice")


async def judge(row: Row, house: House, spot: Spot, heard: Heard) -> None:
    """What flooders and opt-outs were told, against SQL."""
    counts: Counter[str] = Counter()
    for answer in spot.folder.glob("flood-*.json"):
        counts.update(json.loads(answer.read_text()))
    rows = await house.stores.database.read(
        lambda tx: tx.connection.execute(
            "SELECT evidence FROM consent WHERE evidence LIKE 'opt-out-%'"
        ).fetchall()
    )
    stored = {each["evidence"] for each in rows}
    row.attempts += counts.total()
    row.grants += counts["200"]
    odd = {what: count for what, count in counts.items() if what not in ("200", "503")}
    growth = max(heard.sizes) - heard.sizes[0]
    row.violations += sum(odd.values()) + (growth > MOST_GROWTH) + (heard.recovered > RECOVERED_SECONDS)
    row.lost += heard.asked - len(stored & set(heard.acknowledged))
    row.remarks.append(
        f"{counts['503']} told 503; {len(heard.acknowledged)} of {heard.asked} opt-outs, p99 {heard.p99:.0f} ms; "
        f"grew {growth >> 20} MB; itself again after {heard.recovered:.2f} s"
    )
    row.remarks += [f"other answers: {odd}"] if odd else []
    row.need("requests that were turned away", counts["503"], 10)
