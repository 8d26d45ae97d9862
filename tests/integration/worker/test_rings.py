"""Jobs whose processes die young: counted, parked and told, while a store that is away is nobody's fault."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from rq import Queue
from rq.serializers import JSONSerializer

from contact.domain.acts import Act
from contact.faces.worker.bell import QUEUE, Bell
from contact.faces.worker.rings import Rings, environment
from contact.ports import Job
from contact.settings import Settings
from contact.wiring import House, join
from tests.servers import Redis, free_port

SECONDS = 60


@asynccontextmanager
async def ringing(house: House, settings: Settings, url: str = "") -> AsyncIterator[None]:
    """A worker whose bell nobody hears unless its address is given, so that it starts the processes of jobs itself."""
    bell, stopping = Bell(url or f"redis://127.0.0.1:{free_port()}/0"), asyncio.Event()
    running = asyncio.create_task(Rings(house.ports, settings, bell).run(stopping))
    yield
    stopping.set()
    await running
    bell.close()


async def seen(house: House, job: Job, there: Callable[[Job], bool]) -> Job:
    """The job, as soon as it is as told."""
    deadline = time.monotonic() + SECONDS
    while not there(found := await house.ports.jobs.get(job.id)):
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.1)
    return found


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    given = {"CONTACT_HOME": str(tmp_path / "home"), "CONTACT_DATABASE_URL": database_url}
    joined = await join(Settings.from_environment(given))
    yield joined
    await joined.close()


async def test_three_processes_that_died_before_they_began_park_their_job(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tried again it has three processes anew, and the first that lives does it."""
    job = await house.ports.jobs.create("plan", {"day": "2030-03-04"})
    with monkeypatch.context() as broken:
        broken.setenv("PYTHONHASHSEED", "no number")  # no Python begins with it
        async with ringing(house, house.settings):
            parked = await seen(house, job, lambda each: each.state != "queued")
    assert parked.parked and parked.run == 3
    assert "before they could begin" in parked.problems[0]["message"]
    await house.ports.jobs.retry(job.id, Act("boss", "admin", "job.retried", why="mended"))
    async with ringing(house, house.settings):
        done = await seen(house, job, lambda each: each.state in ("done", "failed"))
    assert (done.run, [each["code"] for each in done.problems]) == (4, ["not_found"])


async def test_a_store_that_is_away_is_no_death(house: House) -> None:
    """Processes that cannot ask for the job end, again and again, and it waits."""
    job = await house.ports.jobs.create("plan", {"day": "2030-03-04"})
    away = replace(house.settings, database_url=f"postgresql://nobody@127.0.0.1:{free_port()}/none")
    command = [sys.executable, "-m", "contact.faces.worker.run", job.id]
    ended = await asyncio.to_thread(
        subprocess.run, command, env=environment(away), capture_output=True, check=False
    )
    assert ended.returncode == 75
    assert {json.loads(line)["event"] for line in ended.stderr.splitlines()} == {"the store went away"}
    async with ringing(house, away):
        await asyncio.sleep(3)
    waiting = await house.ports.jobs.get(job.id)
    assert (waiting.state, waiting.run) == ("queued", 0)


@pytest.mark.redis
async def test_a_plan_that_waits_for_another_is_not_rung_for(house: House, redis_url: str) -> None:
    """Whoever heard it could not take it; whoever looks reads why, and a job beside it is rung for."""
    first, second = [await house.ports.jobs.create("plan", {"day": "2030-03-04"}) for _ in range(2)]
    assert await house.ports.jobs.claim(first.id) is not None
    beside = await house.ports.jobs.create("learn", {})
    async with ringing(house, house.settings, redis_url):
        await asyncio.sleep(2)
    client = redis.Redis.from_url(redis_url)
    assert Queue(QUEUE, connection=client, serializer=JSONSerializer).job_ids == [beside.id]
    put_off = await house.ports.jobs.get(second.id)
    assert (put_off.state, put_off.message) == ("queued", "waits until another plan of this day has ended")
    client.close()


@pytest.mark.redis
def test_the_password_of_redis_stands_on_no_command_line(
    tmp_path: Path, redis_server: Redis, redis_url: str
) -> None:
    """Everybody on a machine can read it there; the process of a job finds it in its environment."""
    url = redis_url.replace("redis://", "redis://:hidden-from-all@")
    settings = Settings.from_environment({"CONTACT_HOME": str(tmp_path), "CONTACT_REDIS_URL": url})
    redis.Redis.from_url(redis_url).config_set("requirepass", "hidden-from-all")
    client = redis.Redis.from_url(url)
    sleeps = Queue(QUEUE, connection=client, serializer=JSONSerializer).enqueue("time.sleep", 5)
    worker = subprocess.Popen([sys.executable, "-m", "contact.faces.worker"], env=environment(settings))
    try:
        deadline = time.monotonic() + SECONDS
        while sleeps.get_status(refresh=True) != "started" and time.monotonic() < deadline:
            time.sleep(0.1)
        lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")]
        (horse,) = [each for each in lines if sleeps.id.encode() in each]
        assert b"contact.faces.worker.horse" in horse
        assert not [each for each in lines if b"hidden-from-all" in each]
    finally:
        worker.terminate()
        worker.wait(SECONDS)
        client.config_set("requirepass", "")
        client.close()


@pytest.mark.redis
def test_what_the_rq_worker_says_is_json_without_words(tmp_path: Path, redis_url: str) -> None:
    """Of a process that dies and of work that raises; the words of an error may be somebody's name."""
    settings = Settings.from_environment({"CONTACT_HOME": str(tmp_path), "CONTACT_REDIS_URL": redis_url})
    client = redis.Redis.from_url(redis_url)
    queue = Queue(QUEUE, connection=client, serializer=JSONSerializer)
    dies, raises = queue.enqueue("os.abort"), queue.enqueue("builtins.int", "Wang Xiaoming")
    said = tmp_path / "said"
    with said.open("wb") as log:
        command = [sys.executable, "-m", "contact.faces.worker"]
        worker = subprocess.Popen(command, env=environment(settings), stdout=log, stderr=log)
    deadline = time.monotonic() + SECONDS
    while raises.get_status(refresh=True) != "failed" and time.monotonic() < deadline:
        time.sleep(0.1)
    worker.terminate()
    worker.wait(SECONDS)
    client.close()
    lines = [json.loads(line) for line in said.read_text("utf-8").splitlines()]
    (died,) = [line for line in lines if line["event"] == "the process of a job died"]
    assert died["job"] == dies.id
    assert "rq.worker" in {line.get("kind") for line in lines}
    assert "Xiaoming" not in said.read_text("utf-8")
