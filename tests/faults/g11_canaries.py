"""G11: no personal data in logs, metrics, Redis keys, job payloads, error bodies or URLs.

5,000 customers with names and numbers that exist nowhere else are delivered to a running service, planned, called, looked at
and asked about, rightly and wrongly. Attempts are requests and jobs, grants what was searched: logs, numbers for Prometheus,
everything in Redis, job rows, error bodies, addresses, the audit trail, kept answers, decision records, generations. A hit
is a violation. The mutant is a careless line: a number planted in a copy of each of these places must be found.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pyarrow.parquet as pq
import redis

from contact.faces.http.edge.row import ROLES
from contact.faces.worker.valkey import socket_path
from contact.flow.publishing.publish import publish
from contact.flow.selecting.import_file import import_file
from contact.storage.databases.transaction import Transaction
from contact.storage.open import open_database
from contact.wiring import join
from tests.faults.canaries import Canary, Detector, hatch, leaks_of
from tests.faults.place import Patience, Place, Spot
from tests.faults.row import Row
from tests.integration.http_story import CUSTOMER_MAPPING, DAY, MORNING, PLAYBOOK, STAFF, STAFF_MAPPING
from tests.servers import Service

SEEDED = 5_000
MUTANT = "careless_line"
_TABLES = {
    "job payloads": "SELECT kind, arguments, message, result, problems FROM job",
    "audit trail": "SELECT content FROM audit",
    "kept answers": "SELECT scope, key, body FROM idempotency",
    "decisions": "SELECT id, record FROM decision",
    "tasks": "SELECT id, reasons, reason FROM task",
    "moves": "SELECT contact_id, why FROM contact_move",
    "card views": "SELECT viewer, customer_id FROM card_view",
    "sealed people": "SELECT customer_id, name, number, number_hash FROM identity",
}


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass
class Caller:
    """Asks a service and keeps what must hold no personal data: bodies of refusals, and addresses it was sent to."""

    service: Service
    keys: Mapping[str, str]
    asked: int = 0
    worked: int = 0
    redis: set[bytes] = field(default_factory=set)
    """Keys, and what they held while jobs waited and ran."""
    errors: list[bytes] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    def ask(
        self, method: str, path: str, body: object = None, *, role: str = "admin", raw: bytes | None = None,
        media: str = "application/json",
    ) -> Any:  # fmt: skip
        """The JSON of an answer, None of a refusal."""
        self.asked += 1
        content = raw if raw is not None else None if body is None else json.dumps(body).encode()
        headers = {
            "Authorization": f"Bearer {self.keys[role]}", "Content-Type": media,
            "Idempotency-Key": f"canary-{self.asked}",
        }  # fmt: skip
        request = Request(self.service.url + path, content, headers, method=method)
        try:
            with build_opener(_NoRedirect).open(request, timeout=60) as answer:
                self.addresses.append(answer.headers.get("Location", ""))
                said = answer.read()
                return json.loads(said) if "json" in answer.headers["Content-Type"] else said
        except HTTPError as error:
            self.errors.append(error.read())
            self.addresses.append(error.headers.get("Location", ""))
            return None

    def deliver(self, kind: str, text: str, mapping: str) -> Any:
        """Hand a file in over HTTP."""
        parts = (("kind", "", kind), ("mapping", "", mapping), ("file", '; filename="a.csv"', text))
        form = "".join(
            f'--edge\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{said}\r\n'
            for name, more, said in parts
        )
        media = "multipart/form-data; boundary=edge"
        return self.ask("POST", "/v1/imports", raw=f"{form}--edge--\r\n".encode(), media=media)

    def wait(self, job: Any) -> None:
        """Until the job has ended, well or not."""
        address = f"/v1/{'imports' if job['kind'] == 'import' else 'plans'}/{job['job']}"
        until = Patience(240)
        while self.ask("GET", address)["state"] in ("queued", "running"):
            self.redis.update(_of_redis(self.service.home))
            assert until.left, "a job did not end"
            time.sleep(0.1)


def prove(place: Place) -> Row:
    """Live through a day with the canaries, search everything, then search it with a line planted."""
    row, canaries = Row("G11", place.kind), hatch(SEEDED)
    detector = Detector(canaries)
    with place.spot("canaries") as spot:
        service = Service(spot.folder / "home", CONTACT_DATABASE_URL=spot.url)
        try:
            caller = _live(service, spot, canaries)
            places = dict(_places(service, spot, caller))
        finally:
            service.stop()
        places["log"] = service.log.read_bytes()
    row.attempts, row.grants = caller.asked, len(places)
    for name, content in places.items():
        found = detector.hits(content)
        row.violations += len(found)
        row.remarks += (
            [f"{name}: {len(found)} names or numbers, as in {min(found.values())!r}"] if found else []
        )
    row.need("sealed people", places["sealed people"].count(b"sealed:"), 2 * (SEEDED - 1))
    row.need("bytes of Redis", len(places["Redis"]), 500)
    row.need("calls with a note", caller.worked, 3)
    row.need("refusals searched", len(caller.errors), 15)
    row.need("places that hold anything", sum(1 for content in places.values() if content), 10)
    leaks = itertools.cycle(leaks_of(canaries[7]).values())
    caught = all(
        detector.hits(content[-50_000:] + b"\n" + leak)
        for content, leak in zip(places.values(), leaks, strict=False)
    )
    row.try_mutant(MUTANT, caught=caught)
    row.remarks.append(
        f"{SEEDED} seeded, {sum(map(len, places.values())) >> 10} KiB in {len(places)} places searched"
    )
    return row


def _live(service: Service, spot: Spot, canaries: list[Canary]) -> Caller:
    """A day of work, and what goes wrong in one."""
    caller = Caller(service, asyncio.run(_opened(spot)))
    _deliver(caller, canaries)
    caller.ask("POST", "/v1/clock", {"to": "2030-03-05T08:00:00+08:00"})
    caller.wait(caller.ask("POST", "/v1/plans", {"day": DAY}))
    caller.ask("POST", "/v1/clock", {"to": MORNING})
    for each in canaries[:12]:
        _served(caller, each)
    for each in canaries[12:15]:
        _worked(caller, each)
        _wrongly(caller, each)
    caller.ask("POST", f"/v1/customers/{canaries[20].customer}/erase", {"why": "asked by letter"})
    return caller


async def _opened(spot: Spot) -> dict[str, str]:
    """The playbook is in force, the staff known, and there is a key for each role and one for agent A1."""
    house = await join(spot.settings)
    try:
        await publish(house.ports, PLAYBOOK, None, "test", "test")
        staff = spot.folder / "staff.csv"
        staff.write_text(STAFF, encoding="utf-8")
        await import_file(house.ports, "staff", str(staff), STAFF_MAPPING)
        keys = house.ports.keys
        return {role: await keys.create(role, None) for role in ROLES} | {
            "A1": await keys.create("agent", "A1")
        }
    finally:
        await house.close()


def _deliver(caller: Caller, canaries: list[Canary]) -> None:
    """Customers with a few faulty rows, and a file that is refused for its faults."""
    head = "id,name,msisdn,zone,unit,arpu"
    rows = [
        f"{each.customer},{each.name},{each.number[3:]},Asia/Shanghai,G1,{60 + int(each.customer[1:]) % 50}"
        for each in canaries
    ]
    faulty = [
        f"X{each.customer},{each.name},{each.number[3:]},Asia/Nowhere,G1,much" for each in canaries[:20]
    ]
    for text in ([head, *rows, *faulty], [head, *faulty]):
        caller.wait(caller.deliver("customers", "\n".join(text), CUSTOMER_MAPPING))


def _served(caller: Caller, who: Canary) -> None:
    """What channels and people ask about a customer."""
    at = f"/v1/customers/{who.customer}"
    caller.ask("POST", "/v1/customers/lookup", {"number": who.number}, role="ivr")
    for path in (at, f"{at}/timeline", f"{at}/consents", f"{at}/explanation"):
        caller.ask("GET", path, role="analyst")
    caller.ask("GET", at, role="A1")
    caller.ask("POST", f"{at}/reveal", {"why": "asked which number we call"}, role="A1")
    caller.ask("POST", "/v1/decisions", {"customer": who.customer, "channel": "web"}, role="portal")
    stop = {"id": f"r-{who.customer}", "from": who.number, "text": f"STOP says {who.name}", "at": MORNING}
    caller.ask("POST", "/v1/replies", stop, role="gateway")


def _worked(caller: Caller, who: Canary) -> None:
    """A call, with a note that holds what a note may hold."""
    pulled = caller.ask("POST", "/v1/agents/A1/next", {"channel": "outbound_call"}, role="A1")
    task = (pulled or {}).get("task")
    if task is None:
        return
    at = f"/v1/tasks/{task['task']}"
    started = caller.ask("POST", f"{at}/start", {"fence": task["fence"]}, role="A1")
    if started is not None:
        done = {"fence": started["fence"], "result": "rejected", "note": f"call {who.name} at {who.number}"}
        caller.worked += caller.ask("POST", f"{at}/complete", done, role="A1") is not None


def _wrongly(caller: Caller, who: Canary) -> None:
    """Names and numbers wherever they do not belong."""
    name, number, at = who.name, who.number, f"/v1/customers/{who.customer}"
    for place in (quote(name), quote(number), who.number[1:]):
        caller.ask("GET", f"/v1/customers/{place}")
        caller.ask("GET", f"/v1/{place}")
        caller.ask("GET", f"{at}?{place}=1&language={place}")
        caller.ask("GET", f"/v1/tasks?customer={place}&after={place}")
    for body in (
        {"number": name}, {"number": number + "x"}, {name: number}, {"number": [number]}, {"number": {"is": name}},
    ):  # fmt: skip
        caller.ask("POST", "/v1/customers/lookup", body)
    for said in (
        {"given": name},
        {"given": False, "channel": name},
        {"given": False, "category": number, "at": name},
    ):
        caller.ask("POST", f"{at}/consents", said)
    caller.ask("POST", "/v1/decisions", {"customer": number, "channel": name})
    caller.ask("POST", "/v1/tasks/none/complete", {"fence": 1, "result": name, "note": number}, role="A1")
    caller.ask("POST", "/v1/events", {"id": "e1", "type": name, "customer": number, "data": {name: number}})
    caller.ask("POST", "/v1/customers/lookup", raw=f'{{"number": "{number}", "number": "{name}"}}'.encode())
    caller.ask("POST", "/v1/customers/lookup", raw=f'{{"number": {number}, {name}'.encode())


def _places(service: Service, spot: Spot, caller: Caller) -> Iterator[tuple[str, bytes]]:
    """Everything that must hold no personal data, as bytes."""
    yield "metrics", caller.ask("GET", "/metrics")
    yield "error bodies", b"\n".join(caller.errors)
    yield "addresses", "\n".join(caller.addresses).encode() + service.url.encode()
    yield "Redis", b"\n".join(caller.redis | set(_of_redis(service.home)))
    database = open_database(spot.url)
    for name, query in _TABLES.items():
        yield name, database.read_here(lambda tx, query=query: _rows(tx, query))  # type: ignore[misc]
    database.close()
    for path in (spot.folder / "home" / "generations").glob("*.parquet"):
        yield f"generation {path.name.partition('-')[0]}", repr(pq.read_table(path).to_pydict()).encode()


def _rows(tx: Transaction, query: str) -> bytes:
    return "\n".join(
        json.dumps(list(row.values()), ensure_ascii=False, default=str)
        for row in tx.connection.execute(query).fetchall()
    ).encode()


def _of_redis(home: Path) -> Iterator[bytes]:
    """Every key with all it holds; what is packed is unpacked too."""
    client: Any = redis.Redis(unix_socket_path=str(socket_path(home)))
    readers = {
        b"string": lambda key: [client.get(key)], b"list": lambda key: client.lrange(key, 0, -1), b"set": client.smembers,
        b"hash": lambda key: [each for pair in client.hgetall(key).items() for each in pair],
        b"zset": lambda key: client.zrange(key, 0, -1), b"stream": lambda key: [repr(client.xrange(key)).encode()],
    }  # fmt: skip
    for key in client.keys("*"):
        yield key
        for value in readers.get(client.type(key), lambda _: [])(key):
            yield value
            try:
                yield zlib.decompress(value)
            except zlib.error:
                continue
