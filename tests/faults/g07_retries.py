"""G7: a retried POST has one effect.

Attempts are requests on the wire, grants logical requests that got an answer; kills are replies swallowed, connections cut
and processes killed. Each request is sent one to four times with one Idempotency-Key, some of them at once, over a line that
swallows replies, to a service that is killed in between. The judge is SQL of its own: two effects of one key are a
violation, and so are two different answers; an effect that was acknowledged and is missing is lost.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from contact.wiring import House, join
from tests.faults.messages import open_shop
from tests.faults.place import Place
from tests.faults.processes import Child
from tests.faults.row import Row
from tests.proxy import Proxy, Weather
from tests.servers import free_port

MUTANT = "key_not_claimed"
CLIENTS = 8
PATIENCE_SECONDS = 40.0
DONE = (200, 201)
CARRIED_OUT = "idempotency_answer_lost"


@dataclass
class Asked:
    """One logical request and every answer it got."""

    number: int
    consent: bool
    answers: list[tuple[int, str]] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Its Idempotency-Key, and for an opt-out also its evidence."""
        return f"request-{self.number}"

    @property
    def customer(self) -> str:
        """Nobody else's."""
        return f"C{self.number}"

    @property
    def settled(self) -> bool:
        """Whether it is known what became of it."""
        return any(status in DONE or word == CARRIED_OUT for status, word in self.answers)

    def request(self) -> tuple[str, dict[str, Any]]:
        """Path and body."""
        if not self.consent:
            return "/v1/decisions", {"customer": self.customer, "channel": "sms", "reserve": True}
        body = {
            "given": False,
            "channel": "web",
            "category": "marketing",
            "source": "test",
            "evidence": self.key,
        }
        return f"/v1/customers/{self.customer}/consents", body


def prove(place: Place) -> Row:
    """The shipped build behind a bad line, then the build that does not claim its keys."""
    row = Row("G7", place.kind)
    asyncio.run(attack(place, row, place.count(160, 20_000), place.count(1, 20), "-"))
    mutant = Row("G7", place.kind)
    asyncio.run(attack(place, mutant, 40, 0, MUTANT))
    row.try_mutant(MUTANT, caught=mutant.violations > 0)
    return row


async def attack(place: Place, row: Row, requests: int, kills: int, mutant: str) -> None:
    """So many logical requests."""
    with place.spot("retries") as spot:
        house = await join(spot.settings)
        await open_shop(house, spot.folder / "files", requests)
        key, port = await house.ports.keys.create("admin", None), free_port()
        service = Child(
            "tests.faults.api:run",
            port,
            mutant,
            environment=spot.environment,
            log=spot.folder / "service.log",
        )
        line = Proxy("127.0.0.1", port, Weather(delay=0.002, drop=0.05, half=0.05, swallow=0.15))
        asked = [Asked(number, bool(number % 2)) for number in range(1, requests + 1)]
        try:
            await _listening(port)
            waiting = iter(asked)
            clients = asyncio.gather(*(_client(row, waiting, line.port, key) for _ in range(CLIENTS)))
            row.kills += await _hurt(service, asked, kills)
            await clients
        finally:
            service.kill()
            line.stop()
        row.kills += sum(line.done[name] for name in ("drop", "half", "swallow"))
        await judge(row, house, asked)
        row.remarks.append(f"{mutant}: the line {dict(line.done)}")
        await house.close()


async def _listening(port: int) -> None:
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return
    raise AssertionError("the service did not start")


async def _hurt(service: Child, asked: list[Asked], kills: int) -> int:
    """Kill the service whenever another share of the requests is settled."""
    for number in range(kills):
        await asyncio.to_thread(_until_settled, asked, len(asked) * (number + 1) / (kills + 2))
        await asyncio.to_thread(service.kill)
        await asyncio.to_thread(service.start)
    return kills


def _until_settled(asked: list[Asked], share: float) -> None:
    while sum(each.settled for each in asked) < share:
        time.sleep(0.05)


async def _client(row: Row, waiting: Iterator[Asked], port: int, key: str) -> None:
    draw = random.Random(key)
    async with aiohttp.ClientSession(
        f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {key}"},
        timeout=aiohttp.ClientTimeout(total=10), connector=aiohttp.TCPConnector(force_close=True),
    ) as session:  # fmt: skip
        for each in waiting:
            began, times = time.monotonic(), draw.randint(1, 4)
            for turn in itertools.count():
                if turn >= times and (each.settled or time.monotonic() - began > PATIENCE_SECONDS):
                    break
                at_once = draw.choice((1, 1, 2))
                row.attempts += at_once
                await asyncio.gather(*(_send(session, each) for _ in range(at_once)))


async def _send(session: aiohttp.ClientSession, each: Asked) -> None:
    path, body = each.request()
    try:
        async with session.post(path, json=body, headers={"Idempotency-Key": each.key}) as answer:
            told = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError):
        await asyncio.sleep(0.05)
        return
    word = str(told.get("task") if answer.status in DONE else told.get("code"))
    each.answers.append((answer.status, word))
    if answer.status in (409, 503):
        await asyncio.sleep(0.1)


async def judge(row: Row, house: House, asked: list[Asked]) -> None:
    """Effects as SQL counts them against what clients were told."""

    async def counts(sql: str) -> dict[str, int]:
        rows = await house.stores.database.read(lambda tx: tx.connection.execute(sql).fetchall())
        return {each["name"]: int(each["n"]) for each in rows}

    consents = await counts("SELECT evidence AS name, count(*) AS n FROM consent GROUP BY evidence")
    contacts = await counts("SELECT customer_id AS name, count(*) AS n FROM contact GROUP BY customer_id")
    row.grants += sum(each.settled for each in asked)
    for each in asked:
        effects = consents.get(each.key, 0) if each.consent else contacts.get(each.customer, 0)
        answers = {word for status, word in each.answers if status in DONE}
        odd = [answer for answer in each.answers if answer[0] not in (*DONE, 409, 503)]
        if effects > 1 or len(answers) > 1 or odd:
            row.violations += 1
            row.remarks.append(f"{each.key}: {effects} effects, {each.answers}")
        if effects == 0 or not each.settled:
            row.lost += 1
            row.remarks.append(f"{each.key}: {effects} effects, {each.answers[-3:]}")
