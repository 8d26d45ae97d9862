"""How many callers' menus a second: ``python -m bench.menus [--customers 20000] [--first] [--postgresql]``.

One run on one machine, in turns: the real service (``contact serve --role api``, one process, SQLite or PostgreSQL)
answering ``POST /v1/ivr/menus`` with the demonstration's menu for callers of a large base who have called before, of whom
some have a bill and some an outage; and, as the yardstick, a bare aiohttp handler that reads two keys of Redis in one
pipeline and answers JSON. Both are asked by the same raw clients from another process, over loopback.

cold: every caller once, in no order: facts are decoded and the menu is worked out. warm: callers who were asked about
since anything of them changed. Goal: warm ≥ 0.45 of the yardstick; p99 ≤ 10 ms at half of what the service can do.

Half of it comes at a steady pace from one process, each request timed from the moment it was due. Requests that come one
by one share no reading and no turn of the loop, so that half as many are more than half of the work: ``half_busy`` says how
much of its one core the service used, ``client_busy`` the client of its own, ``half_withheld`` for what share of the time
others had a processor that the service could have used. ``--first`` (as root) puts both before all else on the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench.opt_outs import Line, percentile
from bench.pacing import before_others, paced, processor_seconds, request, withheld_seconds
from tests.servers import ROOT, PostgreSQL, Redis, Service, end, free_port

CLIENTS = 32
ROUNDS = 3
GOAL = 0.45
GOAL_MS = 10.0
MAPPING = """
kind: customers
mode: snapshot
columns:
  id: id
  number: {from: number, type: phone, region: CN}
  unit: unit
  language: lang
  senior: {from: senior, type: boolean}
"""
Body = Callable[[int], dict[str, Any]]


def caller(number: int) -> dict[str, Any]:
    return {"customer": f"C{number}"}


async def capacity(url: str, path: str, key: str, customers: int, seconds: float) -> float:
    """Answers a second to clients that each wait for theirs."""
    until, done = time.perf_counter() + seconds, 0

    async def client(seed: int) -> None:
        nonlocal done
        line, draw = Line(url, key), random.Random(seed)
        while time.perf_counter() < until:
            status = await line.post(path, caller(draw.randrange(customers)))
            done += status == 200

    await asyncio.gather(*(client(seed) for seed in range(CLIENTS)))
    return done / seconds


async def each_once(url: str, key: str, customers: int) -> tuple[float, list[float]]:
    """Every caller once: answers a second, and milliseconds each took."""
    order, took = list(range(customers)), list[float]()
    random.Random(1).shuffle(order)
    started = time.perf_counter()

    async def client() -> None:
        line = Line(url, key)
        while order:
            asked = time.perf_counter()
            assert await line.post("/v1/ivr/menus", caller(order.pop())) == 200
            took.append((time.perf_counter() - asked) * 1000)

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return customers / (time.perf_counter() - started), took


def yardstick(port: int, redis_url: str) -> None:
    """A bare aiohttp handler with one pipelined Redis read and JSON."""
    import redis.asyncio
    from aiohttp import web

    store = redis.asyncio.from_url(redis_url, max_connections=4096)

    async def answer(request: web.Request) -> web.Response:
        who = (await request.json())["customer"]
        pipe = store.pipeline(transaction=False)
        pipe.get(f"facts:{who}")
        pipe.get(f"calls:{who}")
        facts, calls = await pipe.execute()
        return web.json_response({"facts": json.loads(facts), "menu": json.loads(calls)})

    app = web.Application()
    app.router.add_post("/menus", answer)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


@dataclass
class Half:
    """One round at a steady pace."""

    took: list[float]
    busy: float
    client_busy: float
    withheld: float

    @property
    def p99(self) -> float:
        return round(percentile(self.took, 0.99), 1)


@dataclass
class Found:
    """What one run measured."""

    cold: float
    cold_ms: list[float]
    warm: list[float]
    yardstick: list[float]
    cpu: list[float]
    """Milliseconds of processor time an answer, ours and the yardstick's: the same however busy the machine is."""
    rate: float
    half: list[Half]
    bare_half: list[Half]
    """Of the bare handler at half of what it can do: what the machine allows at this moment."""

    def as_json(self) -> dict[str, Any]:
        ratios = sorted(mine / theirs for mine, theirs in zip(self.warm, self.yardstick, strict=True))
        return {
            "warm_a_second": [round(each) for each in self.warm],
            "aiohttp_redis_a_second": [round(each) for each in self.yardstick],
            "ratio": round(ratios[len(ratios) // 2], 3), "ratios": [round(each, 3) for each in ratios],
            "processor_ms": [round(each, 3) for each in self.cpu],
            "ratio_by_processor_time": round(self.cpu[1] / self.cpu[0], 3),
            "half_load_a_second": round(self.rate),
            "p50_ms": [round(percentile(each.took, 0.5), 1) for each in self.half],
            "p99_ms": [each.p99 for each in self.half], "aiohttp_redis_p99_ms": [each.p99 for each in self.bare_half],
            "half_busy": [round(each.busy, 2) for each in self.half],
            "client_busy": [round(each.client_busy, 2) for each in self.half],
            "half_withheld": [round(each.withheld, 3) for each in self.half], "cold_a_second": round(self.cold),
            "cold_p50_ms": round(percentile(self.cold_ms, 0.5), 1), "cold_p99_ms": round(percentile(self.cold_ms, 0.99), 1),
            "cold_clients": CLIENTS, "load_average": round(os.getloadavg()[0], 1),
        }  # fmt: skip


async def measured(
    service: Service, bare: str, bare_pid: int, customers: int, seconds: float, *, first: bool
) -> Found:
    url, key = service.url, service.key("ivr")
    cold, cold_ms = await each_once(url, key, customers)
    warm, theirs, cpu = list[float](), list[float](), [0.0, 0.0]
    for _ in range(ROUNDS):
        for place, (rates, pid, at, path) in enumerate(
            ((warm, service.process.pid, url, "/v1/ivr/menus"), (theirs, bare_pid, bare, "/menus"))
        ):
            before = processor_seconds(pid)
            rates.append(await capacity(at, path, key, customers, seconds))
            cpu[place] += (processor_seconds(pid) - before) / (rates[-1] * seconds) / ROUNDS * 1000
    rate, bare_rate = (sorted(each)[ROUNDS // 2] / 2 for each in (warm, theirs))
    half, bare_half, draw = list[Half](), list[Half](), random.Random(7)
    with before_others(service.process.pid, bare_pid) if first else nullcontext():
        for _ in range(ROUNDS):
            for rounds, pid, at, path, pace in (
                (half, service.process.pid, url, "/v1/ivr/menus", rate), (bare_half, bare_pid, bare, "/menus", bare_rate),
            ):  # fmt: skip
                make = partial(_drawn, at, path, key, draw, customers)
                rounds.append(_half(pid, at, make, pace, seconds))
    return Found(cold, cold_ms, warm, theirs, cpu, rate, half, bare_half)


def _drawn(url: str, path: str, key: str, draw: random.Random, customers: int) -> bytes:
    return request(url, path, key, caller(draw.randrange(customers)))


def _half(pid: int, url: str, make: Callable[[], bytes], rate: float, seconds: float) -> Half:
    busy, mine, withheld = processor_seconds(pid), time.process_time(), withheld_seconds(pid)
    asked = paced(url, make, rate, seconds)
    return Half(
        [took if status == 200 else float("inf") for status, took in asked],
        (processor_seconds(pid) - busy) / seconds,
        (time.process_time() - mine) / seconds,
        (withheld_seconds(pid) - withheld) / seconds,
    )


async def filled(settings: dict[str, str], customers: int) -> None:
    """Earlier calls of everybody, a bill for some, an outage for the customers of a few grids."""
    from contact.ports import IncomingEvent
    from contact.settings import Settings
    from contact.wiring import join
    from ivr.call import Journey, Step
    from strategies.instants import DAY, HOUR, Instant
    from strategies.profile import CustomerId

    house = await join(Settings.from_environment(settings))
    menu = (await house.ports.playbooks.current()).menus["main"]
    draw, goals, now = random.Random(5), sorted(menu.goals), (await house.ports.clock.now()).at
    for number in range(customers):
        at = Instant(now - draw.randrange(1, 200) * DAY)
        heard = {
            menu.top: {
                item.key or str(place + 1): item.to for place, item in enumerate(menu.nodes[menu.top].items)
            }
        }
        await house.ports.calls.record(
            Journey(
                f"past-{number}",
                f"C{number}",
                at,
                "main",
                "",
                "personal",
                "own",
                (Step(1, menu.top, "1", 6.0),),
                "reached",
                draw.choice(goals),
                heard=heard,
            )
        )
        if number % 5000 == 4999:
            await house.ports.calls.flush()
    until = Instant(now + HOUR)
    told = [
        house.ports.events.accept(
            IncomingEvent(f"bill-{number}", "bill_issued", CustomerId(f"C{number}"), None, Instant(now - 1), {}),
            {"bill_issued": True}, until,
        )
        for number in range(0, customers, 10)
    ]  # fmt: skip
    told += [
        house.ports.events.accept(
            IncomingEvent(f"out-{unit}", "outage", None, unit, Instant(now - 1), {}), {"outage": True}, until
        )
        for unit in ("G0101", "G0102", "B03")
    ]
    await asyncio.gather(*told)
    await house.close()


@contextmanager
def prepared(customers: int, postgresql: bool) -> Iterator[tuple[Service, str, int]]:
    """The service with a large base, and the bare handler with as many callers in Redis."""
    with tempfile.TemporaryDirectory(prefix="contact-menus-") as name:
        folder, settings = Path(name), dict[str, str]()
        server = PostgreSQL() if postgresql else None
        if server is not None:
            settings["CONTACT_DATABASE_URL"] = server.create("menus")
        redis, service = Redis(folder), Service(folder / "home", "api", demo=False, **settings)
        port = free_port()
        bare = subprocess.Popen(
            [sys.executable, "-m", "bench.menus", "--yardstick", str(port), redis.url], cwd=ROOT
        )
        try:
            service.publish()
            _import(service, folder, customers)
            asyncio.run(filled({"CONTACT_HOME": str(service.home), **settings}, customers))
            _fill_redis(redis.url, customers)
            yield service, f"http://127.0.0.1:{port}", bare.pid
        finally:
            service.stop()
            end(bare)
            end(redis.process)
            if server is not None:
                server.stop()


def _import(service: Service, folder: Path, customers: int) -> None:
    units = [f"G{branch:02}{grid:02}" for branch in range(1, 19) for grid in range(1, 11)]
    rows = (
        f"C{n},138{n:08},{units[n % len(units)]},{'zh-CN' if n % 4 else 'en'},{'yes' if n % 6 == 0 else 'no'}\n"
        for n in range(customers)
    )
    (folder / "people.csv").write_text("id,number,unit,lang,senior\n" + "".join(rows), encoding="utf-8")
    (folder / "people.yaml").write_text(MAPPING, encoding="utf-8")
    service.contact(
        "import", "customers", str(folder / "people.csv"), "--mapping", str(folder / "people.yaml")
    )


def _fill_redis(url: str, customers: int) -> None:
    import redis

    store = redis.Redis.from_url(url)
    facts = {"bill_issued": True, "outage": None, "senior": False, "contract_left": 3, "searched": None}
    menu = [
        {"key": str(each), "to": f"node{each}", "say": f"For what is number {each}"} for each in range(1, 10)
    ]
    for start in range(0, customers, 1000):
        pipe = store.pipeline(transaction=False)
        for number in range(start, min(start + 1000, customers)):
            pipe.set(f"facts:C{number}", json.dumps(facts))
            pipe.set(f"calls:C{number}", json.dumps(menu))
        pipe.execute()


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print one row a figure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--callers", type=int, help="how many of them call; all, where it is left out")
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--first", action="store_true", help="before all else on this machine; needs root")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--yardstick", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(words)
    if options.yardstick:
        yardstick(int(options.yardstick[0]), options.yardstick[1])
        return
    callers = options.callers or options.customers
    with prepared(options.customers, options.postgresql) as (service, bare, pid):
        found = asyncio.run(
            measured(service, bare, pid, callers, options.seconds, first=options.first)
        ).as_json()
    found["database"] = "postgresql" if options.postgresql else "sqlite"
    found["customers"], found["callers"] = options.customers, callers
    found["machine"] = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    for name, value in found.items():
        print(f"{name:24} {value}")
    print("goal of the ratio", "met" if found["ratio"] >= GOAL else f"MISSED: under {GOAL}")
    p99 = sorted(found["p99_ms"])[ROUNDS // 2]
    print("goal of p99", "met" if p99 <= GOAL_MS else f"MISSED: over {GOAL_MS:.0f} ms")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
