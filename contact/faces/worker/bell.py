"""The bell: RQ tells a worker that a job waits. It carries the job's id and nothing else, and may be lost at any time."""

from __future__ import annotations

import asyncio

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from contact.faces.worker.valkey import answers, socket_path
from contact.settings import Settings
from contact.telemetry import BELL_UP

QUEUE = "contact-jobs"
RUN = "contact.faces.worker.run.run_job"
LONGEST_JOB_SECONDS = 6 * 3600
UNHEARD_SECONDS = 60
"""A ring nobody heard is forgotten; the ringing loop rings again."""


def bell_url(settings: Settings) -> str:
    """The Redis of these settings: the operator's, or the bundled Valkey's socket."""
    return settings.redis_url or f"unix://{socket_path(settings.home)}"


class Bell:
    """Rings for jobs. Nothing depends on it but speed."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._redis = redis.Redis.from_url(
            url,
            socket_connect_timeout=1,
            socket_timeout=2,
            retry=Retry(NoBackoff(), 0),
            health_check_interval=0,
        )

    async def ring(self, job: str) -> bool:
        """Tell the workers; False where Redis cannot be reached."""
        rung = await asyncio.to_thread(self._ring, job)
        BELL_UP.set(rung)
        return rung

    async def answers(self) -> bool:
        """Whether Redis can be reached."""
        return await asyncio.to_thread(answers, self._url)

    def _ring(self, job: str) -> bool:
        queue = Queue(QUEUE, connection=self._redis, serializer=JSONSerializer)
        try:
            # rung before and not heard yet: once more would start one more process for nothing
            if job in queue.job_ids:
                return True
            queue.enqueue(
                RUN,
                job,
                job_id=job,
                job_timeout=LONGEST_JOB_SECONDS,
                ttl=UNHEARD_SECONDS,
                result_ttl=0,
                failure_ttl=UNHEARD_SECONDS,
            )
        except (redis.RedisError, OSError):
            return False
        return True

    def close(self) -> None:
        """Let go of the connections."""
        self._redis.close()
