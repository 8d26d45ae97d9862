"""G7: a retried POST has one effect.

Attempts are requests on the wire, grants logical requests that got an answer; kills are replies swallowed, connections cut,
processes killed, full disks (also PostgreSQL's own), clocks that step, crashes of PostgreSQL, power cuts over the store that
take all that was not synced. Each request is sent one to four times with one Idempotency-Key, some of them at once, over a
line that swallows replies, to a service that is hurt in between. The judge is
SQL of its own: two effects of one key are a violation, and so are two different answers, and any answer but done, busy with
it (409) and come again (503); an effect that was acknowledged and is missing is lost, and so is an opt-out that was
acknowledged and cannot be read in the journal. A place that was asked for while the clock stepped forward is rightly
refused as ``expired``, as it was to be held for a quarter of an hour: such an answer must have no effect, and there may be
no more of them than requests were under way.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from contact.wiring import House, join
from tests.faults.g07_injuries import Victims, copies_of, journal_at, own_server, power_can_be_cut
from tests.faults.messages import open_shop
from tests.faults.place import Place
from tests.faults.processes import Child
from tests.faults.row import Row
from tests.proxy import Proxy, Weather
from tests.servers import PostgreSQL, free_port

MUTANT = "key_not_claimed"
HASTY = "commits_not_synced"
"""Without a power cut nobody would notice."""
CLIENTS = 8
"""Each with one logical request under way."""
PATIENCE_SECONDS = 120.0
DONE = (200, 201)
CARRIED_OUT = "idempotency_answer_lost"
EXPIRED = "expired"


@dataclass
class Asked:
    """One logical request and every answer it got."""

    number: int
    consent: bool
    answers: list[tuple[int, str]] = field(default_factory=list)
    given_up: bool = False

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
    """The shipped build behind a bad line; then the builds that do not claim keys, and that answer before they sync."""
    return asyncio.run(_prove(place))


async def _prove(place: Place) -> Row:
    """In one loop: a server that one of its threads has started again dies with the thread."""
    row = Row("G7", place.kind)
    with ExitStack() as stack:
        server = own_server() if place.kind == "postgresql" else None
        if server is not None:
            stack.callback(server.stop)
        await attack(place, row, server, place.count(160, 20_000), place.count(1, 10), "-")
        mutant = Row("G7", place.kind)
        await attack(place, mutant, server, 40, 0, MUTANT)
        row.try_mutant(MUTANT, caught=mutant.violations > 0)
        if power_can_be_cut(place.kind):
            hasty = Row("G7", place.kind)
            await attack(place, hasty, server, 40, 1, HASTY)
            row.try_mutant(HASTY, caught=hasty.lost > 0)
    return row


async def attack(
    place: Place, row: Row, server: PostgreSQL | None, requests: int, rounds: int, mutant: str
) -> None:
    """So many logical requests, and so many rounds of injuries meanwhile."""
    with place.spot("retries", server) as spot:
        house = await join(spot.settings)
        await open_shop(house, spot.folder / "files", requests)
        key, port = await house.ports.keys.create("portal", None), free_port()
        await house.close()
        service = Child(
            "tests.faults.api:run", port, mutant, copies_of(spot),
            environment=spot.environment, log=spot.folder / "service.log",
        )  # fmt: skip
        line = Proxy("127.0.0.1", port, Weather(delay=0.002, drop=0.05, half=0.05, swallow=0.15))
        asked = [Asked(number, bool(number % 2)) for number in range(1, requests + 1)]
        victims = Victims(row, spot, service, server, partial(_told_later, asked))
        try:
            await _listening(port)
            waiting = iter(asked)
            clients = asyncio.gather(*(_client(row, waiting, line.port, key) for _ in range(CLIENTS)))
            injuries = [victims.power_cut] if mutant == HASTY else victims.a_round() if rounds else []
            row.kills += await _hurt(injuries * rounds, asked)
            await clients
        finally:
            service.kill()
            line.stop()
        row.kills += sum(line.done[name] for name in ("drop", "half", "swallow"))
        house = await join(spot.settings)
        await judge(row, house, asked, told_by(journal_at(spot)), steps=rounds)
        row.remarks.append(f"{mutant}: the line {dict(line.done)}")
        row.remarks.append(f"{_told_later(asked)} told to come again")
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


def _told_later(asked: list[Asked]) -> int:
    return sum(status == 503 for each in asked for status, _ in each.answers)


async def _hurt(injuries: list[Callable[[], None]], asked: list[Asked]) -> int:
    """One of them whenever another share of the requests is settled."""
    for number, injury in enumerate(injuries, 1):
        await asyncio.to_thread(_until_settled, asked, len(asked) * number / (len(injuries) + 2))
        await asyncio.to_thread(injury)
    return len(injuries)


def _until_settled(asked: list[Asked], share: float) -> None:
    while sum(each.settled or each.given_up for each in asked) < share:
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
            each.given_up = not each.settled


async def _send(session: aiohttp.ClientSession, each: Asked) -> None:
    path, body = each.request()
    try:
        async with session.post(path, json=body, headers={"Idempotency-Key": each.key}) as answer:
            told = await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError):
        await asyncio.sleep(0.05)
        return
    word = str(_outcome(told) if answer.status in DONE else told.get("code"))
    each.answers.append((answer.status, word))
    if answer.status in (409, 503):
        await asyncio.sleep(0.1)


def _outcome(told: dict[str, Any]) -> str | None:
    """What became of a request that was done: its task, or why there is none."""
    refusals = told.get("refusals", [])
    return told.get("task") or (str(refusals[0]["reason"]) if refusals else None)


def told_by(journal: Path) -> set[str]:
    """Everybody of whom the journal tells that they opted out; a line that a full disk cut short tells nothing."""
    told = set()
    for line in journal.read_text().splitlines() if journal.exists() else ():
        try:
            told.add(json.loads(json.loads(line)[1])["customer"])
        except ValueError:
            continue
    return told


async def judge(row: Row, house: House, asked: list[Asked], journal: set[str], steps: int) -> None:
    """Effects as SQL counts them against what clients were told."""

    async def counts(sql: str) -> dict[str, int]:
        rows = await house.stores.database.read(lambda tx: tx.connection.execute(sql).fetchall())
        return {each["name"]: int(each["n"]) for each in rows}

    consents = await counts("SELECT evidence AS name, count(*) AS n FROM consent GROUP BY evidence")
    contacts = await counts("SELECT customer_id AS name, count(*) AS n FROM contact GROUP BY customer_id")
    row.grants += sum(each.settled for each in asked)
    expired = 0
    for each in asked:
        effects = consents.get(each.key, 0) if each.consent else contacts.get(each.customer, 0)
        answers = {word for status, word in each.answers if status in DONE}
        odd = [answer for answer in each.answers if answer[0] not in (*DONE, 409, 503)]
        if effects > 1 or len(answers) > 1 or odd:
            row.violations += 1
            row.remarks.append(f"{each.key}: {effects} effects, {each.answers}")
        if answers == {EXPIRED} and effects == 0:
            expired += 1
        elif effects == 0 or not each.settled or EXPIRED in answers:
            row.lost += 1
            row.remarks.append(f"{each.key}: {effects} effects, {each.answers[-3:]}")
        if each.consent and answers and each.customer not in journal:
            row.lost += 1
            row.remarks.append(f"{each.key}: acknowledged, and not in the journal")
    if expired > CLIENTS * steps:
        row.lost += expired
        row.remarks.append(f"{expired} places refused as {EXPIRED}, the clock stepped forward {steps} times")
