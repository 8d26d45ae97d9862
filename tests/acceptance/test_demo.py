"""The demonstration as a person runs it: real processes, a summary, and nothing left behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.processes
FARTHEST_AUC = 0.11
"""How far below the best possible AUC the learnt churn risk of two thousand customers may stay."""
PATIENCE = 300
"""Seconds for a process to end or to refuse to begin; how long that takes on a busy machine proves nothing."""
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the demonstration in a folder of the test; whatever still runs afterwards is ended."""
    running: list[subprocess.Popen[str]] = []

    def run(*options: str, customers: int = 300, port: int = 0) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "demo", "--customers", str(customers), "--port", str(port)]
        process = subprocess.Popen(
            [*command, "--home", str(tmp_path / "demo"), *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "ONCE": "", "COLUMNS": "160"},
        )
        running.append(process)
        return process

    yield run
    for process in running:
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_the_demonstration_runs_once_and_says_what_it_found(start: Start, tmp_path: Path) -> None:
    """Exit 0 after a summary with funnel, refusals, estimates and effects beside the truth and a clean gateway log."""
    process = start("--once", customers=2000)
    output, _ = process.communicate(timeout=900)
    assert process.returncode == 0, output
    for words in (
        "Funnel by strategy",
        "Refused, by rule",
        "planted",
        "0 messages after a stop",
        "the service ends with this run",
    ):
        assert words in output, output
    assert "/session?token=" not in output, "a link into a service that has ended helps nobody"
    assert "fault:" not in output
    for name in ("admin", "strategist", "analyst", "portal", "ivr", "gateway", "agent", "agent-a01"):
        key = tmp_path / "demo" / "keys" / name
        assert stat.S_IMODE(key.stat().st_mode) == 0o600 and key.read_text().strip()
    assert _alive(tmp_path) == []
    _estimates_are_near_the_truth(output)
    book = load_workbook(tmp_path / "demo" / "warnings.xlsx", read_only=True)
    assert len(list(book.worksheets[0].iter_rows())) > 5, "a warning list of those at risk, with its heading"


def _estimates_are_near_the_truth(output: str) -> None:
    """What two thousand customers teach: how near the learnt risk comes, and that savings are exact."""
    found = re.search(r"learnt risk (0\.\d+), best possible (0\.\d+)", output)
    assert found is not None, output
    learnt, best = map(float, found.groups())
    assert best - FARTHEST_AUC <= learnt <= best
    error = re.search(r"customers; calibration error (0\.\d+)", output)
    assert error is not None and float(error.group(1)) < 0.04
    assert "0 lines differ: exact to the fen" in output
    answered = re.search(r"best hour (\d+) %, at the planted one (\d+) %, at any hour (\d+) %", output)
    assert answered is not None
    at_learnt, at_best, anytime = map(int, answered.groups())
    assert anytime + 5 < at_learnt <= at_best
    for model in ("churn-1", "propensity-1", "reach-1", "propensity-2"):
        assert re.search(rf"{model}\b.*(yes|no|by hand)", output), model
    _callers_get_there_sooner(output)


def _callers_get_there_sooner(output: str) -> None:
    """Held-out calls take fewer seconds than the static menu and few more than the planted truth; live calls get there."""
    found = re.search(
        r"that is ([\d.]+) % less than static .*?\), ([\d.]+) % more than the planted truth", output
    )
    assert found is not None, output
    less, more = map(float, found.groups())
    assert less > 22 and more < 22
    assert "0 levels and 0 keys beyond the menu's limits" in output
    made = re.search(r"calls made: (\d+); personal (\d+) of (\d+) reached", output)
    assert made is not None, output
    calls, reached, personal = map(int, made.groups())
    assert 0 < personal <= calls and reached > 0.8 * personal


def test_an_interrupted_demonstration_leaves_no_process(start: Start, tmp_path: Path) -> None:
    """Ctrl-C in the middle stops service, parties and the bundled Valkey."""
    process = start("--once")
    _wait_for_processes(process, tmp_path)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, output
    assert _gone(tmp_path)


def test_a_killed_demonstration_leaves_no_process_and_the_next_one_starts_afresh(
    start: Start, tmp_path: Path
) -> None:
    """kill -9 takes the children along; the folder it left is emptied by the next run."""
    process = start("--once")
    _wait_for_processes(process, tmp_path)
    process.kill()
    process.communicate()
    assert _gone(tmp_path)
    again = start("--once")
    _wait_for_processes(again, tmp_path)
    again.send_signal(signal.SIGTERM)
    output, _ = again.communicate(timeout=PATIENCE)
    assert again.returncode == 130, output
    assert _gone(tmp_path)


def test_a_taken_port_is_one_line_that_says_what_to_do(start: Start) -> None:
    """The port is named, and the option that chooses another."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start("--once", port=port)
        output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert output.strip().splitlines() == [
        f"demo: port {port} is taken; stop what uses it or choose another: make demo PORT={port + 1}"
    ]


def test_a_second_demonstration_leaves_a_running_one_alone(start: Start, tmp_path: Path) -> None:
    """The folder belongs to the first until it ends; the second says so in one line and changes nothing."""
    first = start("--once")
    _wait_for_processes(first, tmp_path)
    alive = _alive(tmp_path)
    second = start("--once")
    output, _ = second.communicate(timeout=PATIENCE)
    assert second.returncode == 1
    assert len(output.strip().splitlines()) == 1 and "a demonstration runs in" in output
    assert set(alive) & set(_alive(tmp_path)) and first.poll() is None
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=PATIENCE)


def test_a_folder_of_somebody_else_is_not_emptied(start: Start, tmp_path: Path) -> None:
    """A home that holds other files is refused and left as it is."""
    precious = tmp_path / "demo" / "precious.txt"
    precious.parent.mkdir()
    precious.write_text("mine")
    process = start("--once")
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1 and "choose another --home" in output
    assert precious.read_text() == "mine"


def _wait_for_processes(process: subprocess.Popen[str], home: Path) -> None:
    """Until the service runs and has made at least one more process or file of its own."""
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline and process.poll() is None:
        if (home / "demo" / "keys" / "admin").exists() and _alive(home):
            return
        time.sleep(0.1)
    pytest.fail("the demonstration did not start its processes")


def _alive(home: Path) -> list[str]:
    """Processes, other than the demonstration itself, that work in the test's folder."""
    mark = f"CONTACT_HOME={home}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            if state != "Z" and mark in (folder / "environ").read_bytes():
                found.append(folder.name)
        except OSError:
            continue
    return found


def _gone(home: Path) -> bool:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        if not _alive(home):
            return True
        time.sleep(0.1)
    return False
