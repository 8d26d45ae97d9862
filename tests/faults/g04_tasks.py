"""G4: no accepted task is lost.

Attempts are tasks offered, grants those whose acceptance was acknowledged. Real workers hand them over to a gateway that
now and then dies, over a line that now and then breaks; the processes that take tasks in and the workers are killed, Redis
is emptied, killed, and comes back as it was long ago, jobs are rung for in between. Judges: the tallies of who was told yes,
against SQL of its own: an accepted task that is missing or has no final state when all is over is lost, and so is a job that
is not done; one that is done again because an old copy of Redis rang for it is a violation.
"""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

from redis import Redis as Plain

from contact.faces.worker.bell import QUEUE, Bell
from contact.flow.jobs.queue_job import queue_import
from contact.storage.audits.ledger_check import check_ledger
from contact.wiring import House, join
from strategies.instants import DAY, SECOND, Instant
from tests.faults.crash_gateway import CrashGateway
from tests.faults.messages import open_shop
from tests.faults.place import Patience, Place, Spot
from tests.faults.processes import Child
from tests.faults.rings import cancel_rings
from tests.faults.row import Row
from tests.faults.tally import read_tallies
from tests.integration.flow.stage import STAFF_MAPPING
from tests.proxy import Proxy, Weather
from tests.servers import Redis, Service

MUTANT = "outbox_outside_the_transaction"
POINTS = ("none", "none", "after_accepting", "half_a_reply", "refuses_for_now", "none")
FINAL = ("done", "cancelled")
HEARD_SECONDS = 1.5
"""A worker that took a ring has claimed its job by then, or been refused it."""


def prove(place: Place) -> Row:
    """Everything is hurt while tasks come in and go out; then the build whose outbox is another transaction."""
    row, tasks = Row("G4", place.kind), place.count(120, 100_000)
    with place.spot("tasks") as spot:
        _attack(place, row, spot, tasks)
    with place.spot("mutant") as spot:
        asyncio.run(_open(spot, 200))
        mutant = Row("G4", place.kind)
        _take_in(mutant, spot, 200, place.count(4, 4), MUTANT)
        asyncio.run(_judge(mutant, spot, jobs=(), final=False))
        row.try_mutant(MUTANT, caught=mutant.lost > 0)
    return row


def _attack(place: Place, row: Row, spot: Spot, tasks: int) -> None:
    asyncio.run(_open(spot, tasks))
    (spot.folder / "redis").mkdir()
    redis, gateway = Redis(spot.folder / "redis"), CrashGateway(spot.folder / "gateway", POINTS)
    lines = {"CONTACT_REDIS_URL": Proxy.before(redis.url), "CONTACT_SMS_URL": Proxy.before(gateway.url)}
    outside = {"CONTACT_REDIS_URL": redis.url, "CONTACT_SMS_URL": gateway.url}
    if place.kind == "postgresql":
        lines["CONTACT_DATABASE_URL"], outside["CONTACT_DATABASE_URL"] = Proxy.before(spot.url), spot.url
    settings = {name: lines[name].url(url) for name, url in outside.items()}
    settings.setdefault("CONTACT_DATABASE_URL", spot.url)
    jobs = asyncio.run(_queue_jobs(spot, place.count(2, 40)))
    _keep_copy(redis, jobs)
    workers = [Service(spot.folder / "home", "worker", **settings) for _ in range(place.count(1, 3))]
    try:
        _take_in(row, spot, tasks, place.count(1, 10), "-")
        row.kills += _hurt(place, redis, lines, workers)
        for line in lines.values():
            line.weather = Weather()
        asyncio.run(_see_out(spot, place))
        asyncio.run(_judge(row, spot, jobs))
        _bring_back(row, spot, redis)
        row.kills += asyncio.run(cancel_rings(row, redis.url, place.count(200, 10_000)))
        row.remarks.append(", ".join(f"{name} {dict(line.done)}" for name, line in lines.items()))
    finally:
        for worker in workers:
            worker.kill()
        for line in lines.values():
            line.stop()
        gateway.stop()
        redis.stop()


def _keep_copy(redis: Redis, jobs: tuple[str, ...]) -> None:
    """Of a Redis in which every job waits to be heard of; such rings fade, and those of the copy never do."""
    bell = Bell(redis.url)
    for job in jobs:
        assert asyncio.run(bell.ring(job))
    bell.close()
    with Plain.from_url(redis.url) as plain:
        for key in plain.keys("rq:job:*"):
            plain.persist(key)
    redis.keep_copy()


def _bring_back(row: Row, spot: Spot, redis: Redis) -> None:
    """Redis comes back as it was long ago: it rings for jobs that are done, and none is done again."""
    before, patience = asyncio.run(_runs(spot)), Patience(60)
    redis.kill()
    redis.start_again(from_copy=True)
    with Plain.from_url(redis.url) as plain:
        rings = plain.llen(f"rq:queue:{QUEUE}")
        while patience.left and plain.llen(f"rq:queue:{QUEUE}"):
            time.sleep(0.1)
        row.need("rings of an old copy heard", int(rings - plain.llen(f"rq:queue:{QUEUE}")), 1)  # type: ignore[operator]
    time.sleep(HEARD_SECONDS)
    again = asyncio.run(_runs(spot)) ^ before
    row.kills += 1
    row.violations += len(again)
    row.remarks.append(f"an old copy of Redis rang for {rings} jobs; done again: {len(again)}")


async def _runs(spot: Spot) -> set[tuple[str, int, int]]:
    house = await join(spot.settings)
    rows = await house.stores.database.read(
        lambda tx: tx.connection.execute("SELECT id, runs, finished_us FROM job").fetchall()
    )
    await house.close()
    return {(each["id"], each["runs"], each["finished_us"]) for each in rows}


def _hurt(place: Place, redis: Redis, lines: dict[str, Proxy], workers: list[Service]) -> int:
    """Kill workers in turn, empty Redis, break lines; how often."""
    hurts = 0
    for round in range(place.count(2, 20)):
        for line in lines.values():
            line.weather = Weather(delay=0.005, drop=0.02, half=0.02)
        time.sleep(0.5)
        redis.empty()
        victim = random.choice(workers)
        victim.kill()
        for line in lines.values():
            line.cut()
        if round % 2:
            redis.kill()
            redis.start_again()
        victim.start()
        hurts += 3 + round % 2
    return hurts


async def _open(spot: Spot, tasks: int) -> None:
    house = await join(spot.settings)
    await open_shop(house, spot.folder / "files", tasks)
    await house.close()


async def _queue_jobs(spot: Spot, jobs: int) -> tuple[str, ...]:
    """Imports, of which Redis knows nothing: whoever looks at the rows rings."""
    house = await join(spot.settings)
    staff = spot.folder / "more_staff.csv"
    staff.write_text("id,name,role,unit,team,languages,channels\nP1,Wu,agent,H,t,,\nP2,Li,agent,H,t,,\n")
    made = [await queue_import(house.ports, "staff", str(staff), STAFF_MAPPING) for _ in range(jobs)]
    await house.close()
    return tuple(job.id for job in made)


def _take_in(row: Row, spot: Spot, tasks: int, kills: int, mutant: str) -> None:
    """A process takes tasks in; killed so often, it goes on behind the last customer it tried."""
    folder, first = spot.folder, 1
    for left in reversed(range(kills + 1)):
        child = Child(
            "tests.faults.accepting:run", folder, first, tasks, mutant,
            environment=spot.environment, log=folder / "workers.log",
        )  # fmt: skip
        goal = first + (tasks - first) // (left + 1)
        while child.alive and (not left or _tried(folder) < goal):
            time.sleep(0.02 if tasks < 1000 else 2.0)
        if left:
            child.kill()
            row.kills += 1
        first = _tried(folder) + 1


def _tried(folder: Path) -> int:
    """The last customer for whom anybody tried."""
    return max((int(each.about[-1][1:]) for each in read_tallies(folder, "accepted")), default=0)


async def _see_out(spot: Spot, place: Place) -> None:
    """Until nothing is on its way; then days pass, in which no receipt comes, and the sweep ends what waits for one."""
    house = await join(spot.settings)
    patience, left = Patience(place.size(600, 3600)), -1
    waiting = "SELECT count(*) AS n FROM contact WHERE state = 'reserved'"
    while patience.left and (now_left := await _count(house, waiting)):
        if now_left == left:  # a refusal for now waits for a minute
            now = (await house.ports.clock.now()).at
            await house.ports.clock.move_to(Instant(now + 30 * SECOND))
        left = now_left
        await asyncio.sleep(0.4)
    now = (await house.ports.clock.now()).at
    await house.ports.clock.move_to(Instant(now + 4 * DAY))
    while patience.left and await _count(
        house, "SELECT count(*) AS n FROM task WHERE state NOT IN ('done', 'cancelled')"
    ):
        await house.ports.tasks.sweep()
        await asyncio.sleep(0.1)
    await _until_none(house, patience, "SELECT count(*) AS n FROM job WHERE state NOT IN ('done', 'failed')")
    await house.close()


async def _until_none(house: House, patience: Patience, sql: str) -> None:
    for _ in range(int(patience.seconds / 0.2)):
        if not patience.left or not await _count(house, sql):
            return
        await asyncio.sleep(0.2)


async def _count(house: House, sql: str) -> int:
    rows = await house.stores.database.read(lambda tx: tx.connection.execute(sql).fetchall())
    return int(rows[0]["n"])


async def _judge(row: Row, spot: Spot, jobs: tuple[str, ...], *, final: bool = True) -> None:
    """Who was told yes against what the database holds."""
    house = await join(spot.settings)
    told = list(read_tallies(spot.folder, "accepted"))
    accepted = {each.about[0] for each in told if each.what == "accepted"}
    row.attempts += sum(each.what == "attempt" for each in told)
    row.grants += len(accepted)
    database = house.stores.database
    rows = await database.read(
        lambda tx: tx.connection.execute(
            "SELECT c.id, c.state, t.state AS task_state FROM contact c JOIN task t ON t.id = c.task_id"
        ).fetchall()
    )
    kept = {each["id"]: each for each in rows}
    row.unknown += sum(each["state"] == "unknown" for each in rows)
    missing = accepted - kept.keys()
    stuck = {id for id in accepted & kept.keys() if final and kept[id]["task_state"] not in FINAL}
    row.lost += len(missing) + len(stuck)
    row.remarks += [f"missing: {id}" for id in sorted(missing)[:2]]
    row.remarks += [f"not final: {dict(kept[id])}" for id in sorted(stuck)[:2]]
    states = [(await house.ports.jobs.get(job)).state for job in jobs]
    row.lost += sum(state != "done" for state in states)
    row.remarks += [f"jobs: {states}"] if set(states) - {"done"} else []
    if final:
        report = await check_ledger(database, await house.ports.playbooks.current())
        wrong = {name: ids for name, ids in report.found.items() if ids}
        row.violations += sum(len(ids) for ids in wrong.values())
        row.remarks += [f"{name}: {ids[:2]}" for name, ids in wrong.items()]
    await house.close()
