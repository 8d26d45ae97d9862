"""Real servers for tests: on free ports, in folders of their own, ended by their own pid."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
START_SECONDS = 240.0


_GIVEN: set[int] = set()


def free_port() -> int:
    """A TCP port on loopback that nobody listened on a moment ago, and no other that this process was given."""
    while True:
        with socket.socket() as asking:
            asking.bind(("127.0.0.1", 0))
            port: int = asking.getsockname()[1]
        if port not in _GIVEN:
            _GIVEN.add(port)
            return port


def missing(what: str) -> str:
    """A missing server fails in CI and skips loudly elsewhere."""
    import pytest  # the processes of a proof need nothing of it

    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing: tests/servers.sh should have installed it")
    pytest.skip(f"{what} is not installed: `make test` installs it", allow_module_level=True)


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, what: str) -> None:
    """Wait for a starting server; fails with the tail of its log where it ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            how = f"exited with {process.returncode}" if process.poll() is not None else "did not get ready"
            raise AssertionError(f"{what} {how}:\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.05)


def end(process: subprocess.Popen[bytes], how: int = signal.SIGTERM, patience: float = 120.0) -> int:
    """Ask a process to end and wait; it is killed and the test fails where it does not."""
    if process.poll() is None:
        process.send_signal(how)
    try:
        return process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise AssertionError(f"{process.args!r} did not end within {patience} s of signal {how}") from None


def listening(port: int) -> bool:
    """Whether somebody takes connections on this port of loopback."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def dying_with_us(command: Sequence[str]) -> list[str]:
    """On Linux a killed test run takes its servers along."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", *command] if setpriv else list(command)


class Redis:
    """A Redis server that a test may empty, kill and start again on the same port."""

    def __init__(self, folder: Path) -> None:
        binary = shutil.which("redis-server")
        if binary is None:
            missing("redis-server")
        self._command = [
            str(binary),
            "--port",
            str(free_port()),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(folder),
        ]
        self.url = f"redis://127.0.0.1:{self._command[2]}/0"
        self._kept, self._copy = folder / "dump.rdb", folder / "copy.rdb"
        self._log = folder / "redis.log"
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            process = subprocess.Popen(dying_with_us(self._command), stdout=log, stderr=log)
        wait_until(self.answers, process, self._log, "redis-server")
        return process

    def answers(self) -> bool:
        """Whether it replies to PING."""
        return self._say("PING") == "+PONG"

    def empty(self) -> None:
        """Forget everything, as a lost cache would."""
        assert self._say("FLUSHALL") == "+OK"

    def _say(self, word: str) -> str:
        try:
            with socket.create_connection(("127.0.0.1", int(self._command[2])), 2) as line:
                line.sendall(f"{word}\r\n".encode())
                return line.recv(200).decode().strip()
        except OSError:
            return ""

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def keep_copy(self) -> None:
        """Of all it holds now, for ``start_again`` to begin with."""
        assert self._say("SAVE") == "+OK"
        self._kept.rename(self._copy)

    def start_again(self, *, from_copy: bool = False) -> None:
        """After ``kill``, on the same port: empty, or as it was when its copy was kept."""
        if from_copy:
            shutil.copy(self._copy, self._kept)
        self.process = self._start()
        self._kept.unlink(missing_ok=True)

    def stop(self) -> None:
        """End it."""
        end(self.process)


def may_mount() -> bool:
    """Whether this process may mount a file system, which only root may, and not in every container."""
    with tempfile.TemporaryDirectory() as folder:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "none", folder], capture_output=True, check=False)
        if mounted.returncode == 0:
            subprocess.run(["umount", folder], check=True)
    return mounted.returncode == 0


class Disk:
    """A small file system of its own in memory, which can be full."""

    SIZE = "1g"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.SIZE}", "none", str(folder)], check=True)

    def fill(self) -> None:
        """No file can grow any more: the disk is as large as what is on it."""
        for _ in range(100):  # it may grow while we look
            if self._resize(str(shutil.disk_usage(self.folder).used)):
                return
        raise AssertionError(f"{self.folder} could not be filled")

    def free(self) -> None:
        """There is room again."""
        assert self._resize(self.SIZE)

    def away(self) -> None:
        """Unmount it, whoever still looks."""
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    def _resize(self, size: str) -> bool:
        command = ["mount", "-o", f"remount,size={size}", str(self.folder)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


class PostgreSQL:
    """A PostgreSQL cluster of this test run, with fsync on."""

    settings: tuple[str, ...] = ()
    """Words of its command line, beside those of every cluster here."""

    def __init__(self, *, own_disk: bool = False) -> None:
        binaries = _postgres_binaries()
        if binaries is None:
            missing("PostgreSQL")
        self._bin = Path(str(binaries))
        self.folder = Path(tempfile.mkdtemp(prefix="contact-pg-"))
        self.port = free_port()
        self._log = self.folder / "server.log"
        self._as_user = _as_server_user(self.folder)
        self.disk = Disk(self.folder / "disk") if own_disk and may_mount() else None
        self._data = self.folder / "data" if self.disk is None else self.disk.folder / "data"
        if self.disk is not None:
            shutil.chown(self.disk.folder, self.folder.owner(), self.folder.group())
        self._environment = dict(os.environ)
        self._make_cluster()
        self._command = [
            *self._as_user, str(self._bin / "postgres"), "-D", str(self._data), "-p", str(self.port),
            "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}",
            "-c", "fsync=on", "-c", "max_connections=200", "-c", "shared_buffers=64MB", "-c", "max_wal_size=96MB",
            *self.settings,
        ]  # fmt: skip
        self.process = self._start()

    def _make_cluster(self, *options: str) -> None:
        subprocess.run(
            [*self._as_user, str(self._bin / "initdb"), "-D", str(self._data), "-U", "contact", "-A", "trust",
             "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", *options],
            check=True, capture_output=True, cwd=self.folder,
        )  # fmt: skip

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                self._command, stdout=log, stderr=log, cwd=self.folder, env=self._environment
            )
        wait_until(self._answers, process, self._log, "PostgreSQL")
        return process

    def _answers(self) -> bool:
        asked = [
            str(self._bin / "pg_isready"),
            "-q",
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            "contact",
        ]
        return subprocess.run([*asked, "-d", "postgres"], check=False).returncode == 0

    def url(self, database: str) -> str:
        """The URL of a database here, as ``CONTACT_DATABASE_URL`` takes it."""
        return f"postgresql://contact@127.0.0.1:{self.port}/{database}"

    def ask(self, sql: str, database: str = "postgres") -> str:
        """Run one statement outside any transaction; its unaligned output."""
        psql = [
            str(self._bin / "psql"),
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            "contact",
            "-XAtq",
            "-v",
            "ON_ERROR_STOP=1",
        ]
        done = subprocess.run([*psql, "-d", database, "-c", sql], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def create(self, name: str, *, template: str = "template1") -> str:
        """The URL of a fresh database: an empty one, or a copy of another to which nobody is connected."""
        self.ask(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Away with it, whoever is still connected."""
        self.ask(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def restart(self, how: int = signal.SIGINT) -> None:
        """As an operator restarts it, or after SIGQUIT as after a crash: sessions are cut, data stays."""
        end(self.process, how)
        self.process = self._start()

    def stop(self) -> None:
        """Fast shutdown, then its folder goes."""
        end(self.process, signal.SIGINT)
        if self.disk is not None:
            self.disk.away()
        shutil.rmtree(self.folder, ignore_errors=True)

    def see_that_it_stands(self) -> None:
        """As whoever watches over it would: it answers when this returns, started again where it had ended."""
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None:
                self.process = self._start()
            assert time.monotonic() < deadline, self._log.read_text(errors="replace")[-3000:]
            time.sleep(0.1)


def _postgres_binaries() -> Path | None:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3])
    )
    return versions[-1].parent if versions else None


def _as_server_user(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: there it runs as its own user."""
    dying = dying_with_us([])
    if os.geteuid() != 0:
        return dying
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    folder.chmod(0o755)
    os.chown(folder, user.pw_uid, user.pw_gid)
    return [*dying, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def chromium_path() -> str:
    """The browser that page tests drive."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    missing("Chromium")
    raise AssertionError


def contact(
    *words: str, environment: Mapping[str, str], check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run one ``contact`` command to its end, as a person would."""
    command = [sys.executable, "-m", "contact.faces.cli.main", *words]
    done = subprocess.run(
        command, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False
    )
    if check and done.returncode != 0:
        raise AssertionError(
            f"contact {' '.join(words)} exited with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        )
    return done


class Service:
    """A running ``contact serve`` in its own process, with its own home."""

    main = "contact.faces.cli.main"
    """The module that is run: a test build has one of its own."""

    def __init__(self, home: Path, role: str = "all", *, demo: bool = True, **settings: str) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONTACT_")}
        self.environment = {
            **inherited, "CONTACT_HOME": str(home), "CONTACT_PORT": str(self.port), "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(ROOT), **({"CONTACT_DEMO": "1"} if demo else {}), **settings,
        }  # fmt: skip
        self.role = role
        self.log = home.parent / f"{home.name}-{role}-{self.port}.log"
        home.mkdir(parents=True, exist_ok=True)
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Start (again) on the same home and port, and wait until it stands."""
        command = [sys.executable, "-m", self.main, "serve", "--role", self.role]
        if self.role == "worker":
            command += ["--port", str(self.port)]  # there it tells its numbers
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        wait_until(self.stands, self.process, self.log, f"contact serve --role {self.role}")
        return self.process

    def stands(self) -> bool:
        """Whether ``/livez`` answers; a worker says in its log that it stands."""
        if self.role == "worker":
            return '"event": "ready"' in self.log.read_text(errors="replace")
        return self.status("/livez") == 200

    def status(self, path: str) -> int:
        """The HTTP status of a GET without a key; 0 where nobody listens."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except (urllib.error.URLError, OSError):
            return 0

    def publish(self, folder: Path = ROOT / "config") -> None:
        """Put a playbook in force; by default the demonstration operator's."""
        self.contact("publish", str(folder), "--why", "test")

    def contact(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command on this service's store."""
        return contact(*words, environment=self.environment, check=check)

    def key(self, role: str, person: str | None = None) -> str:
        """A fresh API key's secret."""
        words = ["key", "create", role, *(["--person", person] if person else [])]
        return self.contact(*words).stdout.split()[-1]

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """SIGTERM, and the exit must be clean."""
        code = end(self.process)
        assert code == 0, f"contact serve ended with {code}:\n{self.log.read_text(errors='replace')[-3000:]}"
