"""The bundled Valkey: one for a home, adopted where it answers, ended by its pid where it does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from contact.faces.cli.keeping.serving import _bundled
from contact.faces.worker.children import end_child
from contact.faces.worker.valkey import LONGEST_SOCKET_PATH, BundledValkey, answers, socket_path
from contact.settings import Settings

pytestmark = pytest.mark.redis
STARTS_AND_WAITS = """
import sys, time
from pathlib import Path
from contact.faces.worker.valkey import BundledValkey
valkey = BundledValkey(Path(sys.argv[1]))
valkey.ensure()
print("up", flush=True)
time.sleep(600)
"""


def test_the_first_starts_it_and_the_second_adopts_it(tmp_path: Path) -> None:
    """Two processes of one home share one Valkey; only the one that started it ends it."""
    first, second = BundledValkey(tmp_path), BundledValkey(tmp_path)
    assert first.ensure()
    assert not second.ensure()
    second.stop()
    assert answers(first.url)
    first.stop()
    assert not answers(first.url)


def test_one_that_was_killed_is_started_again(tmp_path: Path) -> None:
    """What is left of it, socket and pid file, does not hinder the next."""
    valkey = BundledValkey(tmp_path)
    valkey.ensure()
    os.kill(int((socket_path(tmp_path).parent / "valkey.pid").read_text()), signal.SIGKILL)
    time.sleep(0.2)
    assert not answers(valkey.url)
    assert valkey.ensure()
    assert answers(valkey.url)
    valkey.stop()


def test_one_that_hangs_is_ended_by_its_pid(tmp_path: Path) -> None:
    """A stopped Valkey answers nobody and still holds the socket: the next process ends it and starts its own."""
    hanging, next_one = BundledValkey(tmp_path), BundledValkey(tmp_path)
    hanging.ensure()
    pid = int((socket_path(tmp_path).parent / "valkey.pid").read_text())
    os.kill(pid, signal.SIGSTOP)
    assert next_one.ensure()
    assert answers(next_one.url)
    assert int((socket_path(tmp_path).parent / "valkey.pid").read_text()) != pid
    next_one.stop()
    hanging.stop()


def test_a_pid_that_now_is_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """A pid file that outlived its Valkey may name a stranger."""
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    run = socket_path(tmp_path).parent
    run.mkdir(parents=True)
    (run / "valkey.pid").write_text(str(stranger.pid))
    valkey = BundledValkey(tmp_path)
    assert valkey.ensure()
    assert stranger.poll() is None
    valkey.stop()
    end_child(stranger, 5)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_it_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    """Even after kill -9 of that process."""
    parent = subprocess.Popen([sys.executable, "-c", STARTS_AND_WAITS, str(tmp_path)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"up\n"
    url = BundledValkey(tmp_path).url
    assert answers(url)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while answers(url) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not answers(url)


def test_a_home_too_deep_for_a_socket_still_has_one(tmp_path: Path) -> None:
    """Sockets have short names; a long home's lies in a private folder for temporary files."""
    deep = tmp_path / ("x" * 60) / ("y" * 60)
    assert len(os.fsencode(socket_path(deep))) <= LONGEST_SOCKET_PATH
    valkey = BundledValkey(deep)
    assert valkey.ensure()
    assert socket_path(deep).parent.stat().st_mode & 0o077 == 0
    valkey.stop()


async def test_the_home_is_made_for_its_own_user_alone_before_valkey_lies_in_it(tmp_path: Path) -> None:
    """A service's first start makes both; facts of customers lie in the home in files that are not sealed."""
    home = tmp_path / "home"
    async with AsyncExitStack() as standing:
        assert _bundled(Settings.from_environment({"CONTACT_HOME": str(home)}), standing) is not None
        assert socket_path(home).parent.is_dir()
        assert home.stat().st_mode & 0o077 == 0
