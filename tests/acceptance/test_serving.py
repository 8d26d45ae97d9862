"""``contact serve`` as real processes: it starts, answers, ends cleanly and takes everything along."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.servers import ROOT, Redis, Service

pytestmark = pytest.mark.processes


def processes_of(home: Path) -> list[int]:
    """Pids of all processes that know this home, by their environment or command line."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            known = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if os.fsencode(home) in known and state != "Z" and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


def gone(home: Path, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while processes_of(home) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not processes_of(home)


def test_a_service_is_ready_before_anything_is_published(service: Service) -> None:
    """It lives and is ready from the start, since the first playbook and the first files may come over the API."""
    assert (service.status("/livez"), service.status("/readyz")) == (200, 200)


def test_sigterm_ends_it_cleanly_and_leaves_no_process(start_service: Callable[..., Service]) -> None:
    """After SIGTERM the exit code is 0 and neither Valkey nor the RQ worker is left."""
    service = start_service()
    assert len(processes_of(service.home)) >= 3
    service.stop()
    assert gone(service.home)


def test_kill_nine_takes_its_children_along(start_service: Callable[..., Service]) -> None:
    """The kernel ends Valkey and the RQ worker with the process that started them."""
    service = start_service()
    service.kill()
    assert gone(service.home)


def test_it_starts_again_on_what_kill_nine_left(start_service: Callable[..., Service]) -> None:
    """Socket, pid file and database of a killed service do not hinder the next one."""
    service = start_service()
    service.publish()
    service.kill()
    service.start()
    assert service.status("/readyz") == 200


def test_a_taken_port_is_one_line(start_service: Callable[..., Service], tmp_path: Path) -> None:
    """Whoever starts a second one is told what to do, with exit code 1 and no traceback."""
    service = start_service()
    other = {**service.environment, "CONTACT_HOME": str(tmp_path / "other")}
    command = [sys.executable, "-m", "contact.faces.cli.main", "serve", "--port", str(service.port)]
    done = subprocess.run(
        command, cwd=ROOT, env=other, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert (
        done.stderr
        == f"port {service.port} of 127.0.0.1 is taken: stop what uses it, or choose another with --port\n"
    )
    assert done.stdout == ""


@pytest.mark.redis
@pytest.mark.postgres
def test_api_and_worker_run_apart_on_postgresql_and_redis(
    start_service: Callable[..., Service], postgres_url: str, redis_url: str, tmp_path: Path
) -> None:
    """What is asked of the API role is done by the worker role, with stores named by URL; both tell their own numbers,
    behind the same edge."""
    stores = {"CONTACT_DATABASE_URL": postgres_url, "CONTACT_REDIS_URL": redis_url}
    api = start_service("home", "api", **stores)
    api.publish()
    assert imported(api, tmp_path)["accepted"] == 2
    job = plan_asked(api)
    assert job["state"] == "queued"
    worker = start_service("home", "worker", **stores)
    assert plan_done(api, job["job"])["customers"] == 2
    assert worker.status("/livez") == 200 and worker.status("/v1/overview") == 404
    assert "contact_bell_up" in told_to(worker, "GET /metrics HTTP/1.1", "Host: x")
    assert '"code":"not_http"' in told_to(worker, "GET /metrics HTTP/1.1", "Host: x", f"X-Long: {'x' * 9000}")
    assert "\r\nAllow: GET\r\n" in told_to(worker, "POST /metrics HTTP/1.1", "Host: x")
    assert '"code":"unknown_parameter"' in told_to(worker, "GET /metrics?name=x HTTP/1.1", "Host: x")
    for process in (api, worker):
        assert "contact_bell_up 1.0" in numbers_of(process)
    assert re.search(r"^contact_swept_total", numbers_of(worker), re.MULTILINE)
    assert "contact_store_up" not in numbers_of(worker), (
        "a number it never sets would read as a database that is down"
    )


@pytest.mark.redis
def test_jobs_are_done_though_redis_is_gone(
    start_service: Callable[..., Service], redis_server: Redis, redis_url: str, tmp_path: Path
) -> None:
    """Redis only rings: without it a job is found in its table and done all the same."""
    service = start_service(CONTACT_REDIS_URL=redis_url)
    service.publish()
    assert imported(service, tmp_path)["accepted"] == 2
    redis_server.kill()
    try:
        assert plan_done(service, plan_asked(service)["job"])["customers"] == 2
    finally:
        redis_server.start_again()


def test_a_killed_bell_is_replaced_and_work_goes_on(service: Service, tmp_path: Path) -> None:
    """Valkey and the RQ worker are killed; the service starts them again and jobs are done."""
    assert imported(service, tmp_path)["accepted"] == 2
    for pid in processes_of(service.home):
        if pid != service.process.pid:
            os.kill(pid, signal.SIGKILL)
    assert plan_done(service, plan_asked(service)["job"])["customers"] == 2
    deadline = time.monotonic() + 30
    while len(processes_of(service.home)) < 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(processes_of(service.home)) >= 3


def numbers_of(service: Service) -> str:
    """What Prometheus would be told now."""
    with urllib.request.urlopen(f"{service.url}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


def told_to(service: Service, *head: str) -> str:
    """The whole answer to these lines."""
    with socket.create_connection(("127.0.0.1", service.port), 10) as line:
        line.sendall("\r\n".join([*head, "Connection: close", "", ""]).encode())
        return b"".join(iter(lambda: line.recv(1 << 16), b"")).decode()


def imported(service: Service, folder: Path) -> dict[str, object]:
    """What ``contact import --json`` says of two people."""
    people = folder / "people.csv"
    people.write_text("cust_id,monthly\nC1,50\nC2,60.5\n", encoding="utf-8")
    mapping = folder / "people.yaml"
    mapping.write_text(
        "kind: customers\nmode: snapshot\ncolumns:\n  id: cust_id\n  arpu: {from: monthly, type: money}\n"
    )
    said = service.contact("import", "customers", str(people), "--mapping", str(mapping), "--json").stdout
    answer: dict[str, object] = json.loads(said)
    return answer


def plan_asked(service: Service) -> dict[str, Any]:
    """A plan of the day after tomorrow, asked over HTTP: the row of its job."""
    day = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    return asked(service, "/v1/plans", {"day": day})


def plan_done(service: Service, job: str) -> dict[str, Any]:
    """What the plan did, once a worker has done it."""
    deadline = time.monotonic() + 90
    while (seen := asked(service, f"/v1/plans/{job}"))["state"] in ("queued", "running"):
        assert time.monotonic() < deadline, seen
        time.sleep(0.2)
    assert seen["state"] == "done", seen
    result: dict[str, Any] = seen["result"]
    return result


def asked(service: Service, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """One request as a strategist."""
    key_file = service.home / "strategist.key"
    if not key_file.exists():
        key_file.write_text(service.key("strategist"))
    headers = {
        "Authorization": f"Bearer {key_file.read_text()}", "Content-Type": "application/json",
        "Idempotency-Key": str(uuid.uuid4()),
    }  # fmt: skip
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{service.url}{path}", data, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        answered: dict[str, Any] = json.load(answer)
    return answered
