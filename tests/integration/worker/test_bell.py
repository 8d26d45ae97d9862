"""The bell carries a job's id and nothing else, and nobody minds when it is gone."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis
from rq import Queue
from rq.serializers import JSONSerializer

from contact.faces.worker.bell import QUEUE, RUN, Bell, bell_url
from contact.settings import Settings
from tests.servers import Redis, free_port

pytestmark = pytest.mark.redis
JOB = "01a20062-ccc2-7268-a919-ac6a577c4509"


async def test_a_ring_is_the_name_of_our_function_and_an_id(redis_url: str) -> None:
    """The payload is JSON, calls one function of ours and has one argument; nothing is pickled."""
    bell = Bell(redis_url)
    assert await bell.ring(JOB)
    bell.close()
    client = redis.Redis.from_url(redis_url)
    (rung,) = Queue(QUEUE, connection=client, serializer=JSONSerializer).jobs
    assert (rung.func_name, rung.args, rung.kwargs) == (RUN, [JOB], {})
    assert all(b"\x80\x04" not in (client.dump(key) or b"") for key in client.keys("rq:job:*"))
    client.close()


async def test_a_job_that_waits_long_is_rung_for_once(redis_url: str) -> None:
    """Each ring is a process that somebody starts; one that was heard does not keep the job from being rung for again."""
    bell, client = Bell(redis_url), redis.Redis.from_url(redis_url)
    queue = Queue(QUEUE, connection=client, serializer=JSONSerializer)
    for _ in range(3):
        assert await bell.ring(JOB)
    assert queue.job_ids == [JOB]
    heard = Queue.dequeue_any([queue], None, connection=client, serializer=JSONSerializer)
    assert heard is not None and queue.job_ids == []
    assert await bell.ring(JOB)
    assert queue.job_ids == [JOB]
    bell.close()
    client.close()


async def test_without_redis_a_ring_says_so_and_raises_nothing() -> None:
    """Whoever rang goes on; the job's row is found by the workers' own look."""
    bell = Bell(f"redis://127.0.0.1:{free_port()}/0")
    assert not await bell.ring(JOB)
    assert not await bell.answers()
    bell.close()


async def test_the_bell_rings_again_after_redis_was_away(redis_server: Redis, redis_url: str) -> None:
    """A connection that broke is made anew at the next ring."""
    bell = Bell(redis_url)
    assert await bell.ring(JOB)
    redis_server.kill()
    assert not await bell.ring(JOB)
    redis_server.start_again()
    assert await bell.ring(JOB)
    bell.close()


def test_without_a_url_the_bell_is_the_homes_own(tmp_path: Path) -> None:
    """Every process of one home finds the same bundled Valkey."""
    settings = Settings.from_environment({"CONTACT_HOME": str(tmp_path)})
    assert bell_url(settings) == f"unix://{tmp_path}/run/valkey.sock"
    given = Settings.from_environment({"CONTACT_HOME": str(tmp_path), "CONTACT_REDIS_URL": "redis://cache/0"})
    assert bell_url(given) == "redis://cache/0"
