"""An SMS gateway that dies on cue: real processes, one for each connection at a time, and a log that outlives them.

It reads whatever carries a contact's id (a JSON body, a query, a header), and writes down ``arrived`` once it has read
the message and ``accepted`` once it has taken it on. At which point it dies is drawn from the contact's id, at its first
arrival only; a second arrival is taken like any other, so that a message sent twice is accepted twice.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

from tests.servers import ROOT

POINTS = (
    "before_reading", "half_read", "before_accepting", "after_accepting", "half_a_reply", "after_replying",
    "hangs", "refuses_for_now",
)  # fmt: skip
CHILDREN = 24
HANG_SECONDS = 3.0
SLOW_SECONDS = 0.4
"""Before the answer of ``slowly``, which is no point to die at and stands for those whose gateway takes its time."""
_CONTACT = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


class CrashGateway:
    """The gateway as the test sees it: its URL, and its log as the judge."""

    def __init__(self, folder: Path, points: tuple[str, ...] = POINTS) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "seen").mkdir(exist_ok=True)
        (folder / "log").touch()
        self.folder = folder
        listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}/cgi-bin/sendsms"
        command = [sys.executable, "-m", "tests.faults.crash_gateway", str(listening.fileno()), str(folder)]
        self.process = subprocess.Popen(
            [*command, ",".join(points)], cwd=ROOT, pass_fds=[listening.fileno()], start_new_session=True
        )
        listening.close()

    def log(self) -> list[tuple[str, str, str]]:
        """What happened, contact, point; in order of time."""
        lines = (self.folder / "log").read_text().splitlines()
        return [(words[1], words[2], words[3]) for words in (each.split() for each in lines)]

    def accepted(self) -> Counter[str]:
        """How often each contact was taken on."""
        return Counter(contact for what, contact, _ in self.log() if what == "accepted")

    def crashes(self) -> Counter[str]:
        """How often each point was reached."""
        return Counter(point for what, _, point in self.log() if what == "crashed")

    def stop(self) -> None:
        """End it and its children: they are a session of their own."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class _Desk:
    """One child's share: one connection after the other, until it dies."""

    def __init__(self, listening: socket.socket, folder: Path, points: tuple[str, ...]) -> None:
        self.listening = listening
        self.folder = folder
        self.points = points
        self.log = os.open(folder / "log", os.O_WRONLY | os.O_APPEND)

    def note(self, what: str, contact: str, point: str) -> None:
        os.write(self.log, f"{time.monotonic_ns()} {what} {contact} {point}\n".encode())

    def work(self) -> None:
        while True:
            line, _ = self.listening.accept()
            line.settimeout(10)
            try:
                self.take(line)
            except OSError:
                continue  # the other side died: its message was not read whole
            finally:
                line.close()

    def take(self, line: socket.socket) -> None:
        # The id stands in the first bytes of any request; only then can be decided where to die.
        head = line.recv(65536, socket.MSG_PEEK)
        contact, whole = _contact_of(head), b""
        while contact is None or not _is_whole(whole):
            more = line.recv(65536)
            if not more:
                return
            whole += more
            contact = contact or _contact_of(whole)
        point = self.point_of(contact)
        self.die_at("before_reading", point, contact)
        self.die_at("half_read", point, contact)
        self.note("arrived", contact, point)
        if point == "refuses_for_now":
            self.note("crashed", contact, point)
            _answer(line, 503, b"busy")
            return
        self.die_at("before_accepting", point, contact)
        self.note("accepted", contact, point)
        self.die_at("after_accepting", point, contact)
        if point == "hangs":
            self.note("crashed", contact, point)
            time.sleep(HANG_SECONDS)
        if point == "slowly":
            time.sleep(SLOW_SECONDS)
        if point == "half_a_reply":
            line.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Le")
            self.die_at("half_a_reply", point, contact)
        body = (
            b'{"reference": "%s"}' % contact.encode()
            if b"application/json" in whole
            else b"0: Accepted for delivery"
        )
        _answer(line, 202, body)
        self.die_at("after_replying", point, contact)

    def point_of(self, contact: str) -> str:
        """Where this arrival ends; only a contact's first one ends badly."""
        try:
            os.close(os.open(self.folder / "seen" / contact, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return "none"
        return self.points[int(contact[-6:], 16) % len(self.points)] if self.points else "none"

    def die_at(self, here: str, point: str, contact: str) -> None:
        if here == point:
            self.note("crashed", contact, point)
            os._exit(1)


def _contact_of(request: bytes) -> str | None:
    found = _CONTACT.search(unquote(request.decode("latin-1")).encode("latin-1", "replace"))
    return found.group().decode() if found else None


def _is_whole(request: bytes) -> bool:
    head, end, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    return bool(end) and len(body) >= (int(length.group(1)) if length else 0)


def _answer(line: socket.socket, status: int, body: bytes) -> None:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    line.sendall(head.encode() + body)


def _keep_children(listening: socket.socket, folder: Path, points: tuple[str, ...]) -> None:
    """So many children at all times: whichever dies is replaced at once."""
    parent = os.getpid()
    alive = 0
    while True:
        while alive < CHILDREN:
            alive += 1
            if os.fork() == 0:
                try:
                    _Desk(listening, folder, points).work()
                finally:
                    os._exit(2)
        os.wait()
        alive -= 1
        if os.getppid() == 1 and parent != 1:
            os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    descriptor, place, named = sys.argv[1:]
    _keep_children(socket.socket(fileno=int(descriptor)), Path(place), tuple(filter(None, named.split(","))))
