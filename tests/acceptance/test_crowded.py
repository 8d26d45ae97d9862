"""More clients than a process may open files: those who only hold connections keep nobody out."""

from __future__ import annotations

import json
import resource
import socket
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers import ROOT, Service, free_port

pytestmark = pytest.mark.processes
FILES = 256
STARTS = {"requests": b"POST /v1/opt-", "calls": b"agi_network: yes\n"}


@contextmanager
def few_files(most: int) -> Iterator[None]:
    """Processes started meanwhile may open so many."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def cut_off(service: Service) -> dict[str, float]:
    """How many connections were ended, by port."""
    with urllib.request.urlopen(f"{service.url}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    told = [line for line in lines if line.startswith("contact_connections_cut_off_total{")]
    return {port: sum(float(each.split()[-1]) for each in told if f'"{port}"' in each) for port in STARTS}


@pytest.mark.parametrize("role", ["all", "worker"])
def test_half_open_clients_use_up_no_files(start_service: Callable[..., Service], role: str) -> None:
    """A worker's own port and FastAGI, too: with three hundred on each an opt-out is kept, and our work has its files."""
    ports = {"requests": 0, "calls": free_port() if role == "all" else 0}
    settings = {"CONTACT_AGI_PORT": str(ports["calls"])} if ports["calls"] else {}
    with few_files(FILES):
        service = start_service("home", role, **settings)
    ports["requests"] = service.port
    key = service.key("portal")
    clients = []
    for kind, port in ports.items():
        for number in range(300 if port else 0):
            client = socket.create_connection(("127.0.0.1", port), 10)
            client.send(STARTS[kind] if number % 2 else b"")
            clients.append(client)
    assert service.status("/livez") == 200
    if role == "all":
        assert service.status("/session") == 401, "a page answers"
        stop = json.dumps({"number": "+8613800000001", "source": "test"}).encode()
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json",
                   "Idempotency-Key": uuid.uuid4().hex}  # fmt: skip
        asked = urllib.request.Request(f"{service.url}/v1/opt-outs", stop, headers)
        with urllib.request.urlopen(asked, timeout=10) as answer:
            assert answer.status == 200
    assert all(count > 100 for kind, count in cut_off(service).items() if ports[kind])
    for client in clients:
        client.close()
    service.stop()
    assert "OSError" not in service.log.read_text(), "a file could not be opened"


def test_too_few_files_to_serve_is_one_line(tmp_path: Path) -> None:
    """Whoever starts it so is told what to raise, with exit code 1 and no traceback."""
    command = [sys.executable, "-m", "contact.faces.cli.main", "serve", "--port", str(free_port())]
    with few_files(200):
        done = subprocess.run(
            command, cwd=ROOT, env={"CONTACT_HOME": str(tmp_path / "home")}, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        "the limit of open files is 200, and serving takes 256 at least: raise it with"
    )
    assert done.stderr.count("\n") == 1
