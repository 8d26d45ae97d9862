"""The RQ worker process: ``python -m contact.faces.worker``, started and watched by ``contact serve``."""

from __future__ import annotations

import redis
from rq.serializers import JSONSerializer

from contact import telemetry
from contact.faces.worker.bell import QUEUE, bell_url
from contact.faces.worker.patient import PatientWorker
from contact.settings import Settings

if __name__ == "__main__":
    telemetry.start_logging()  # before RQ begins: it writes lines of its own only where nobody takes them in
    telemetry.tell_of_crashes()
    connection = redis.Redis.from_url(bell_url(Settings.from_environment()))
    # One queue a worker: RQ loses jobs when a worker on several queues dies.
    PatientWorker([QUEUE], connection=connection, serializer=JSONSerializer).work(logging_level="WARNING")
