"""The process of one job, as the RQ worker starts it: ``python -m contact.faces.worker.horse WORKER JOB EXECUTION``."""

from __future__ import annotations

import sys

import redis
from rq.executions import Execution
from rq.serializers import JSONSerializer

from contact import telemetry
from contact.faces.worker.bell import QUEUE, bell_url
from contact.faces.worker.patient import PatientWorker
from contact.settings import Settings


def work(worker_key: str, job_id: str, execution_id: str) -> None:
    """Do what the worker took out of the queue. Ends the process."""
    connection = redis.Redis.from_url(bell_url(Settings.from_environment()))
    worker = PatientWorker.find_by_key(worker_key, connection=connection, serializer=JSONSerializer)
    if worker is None:
        sys.exit(1)
    job = worker.job_class.fetch(job_id, connection=connection, serializer=worker.serializer)
    queue = worker.queue_class(QUEUE, connection=connection, serializer=worker.serializer)
    worker.execution = Execution.fetch(execution_id, job_id, connection=connection)
    worker.main_work_horse(job, queue)


if __name__ == "__main__":
    telemetry.start_logging()  # before RQ says anything, and before Redis may be gone
    telemetry.tell_of_crashes()
    work(*sys.argv[1:])
