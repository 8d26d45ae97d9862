"""A real Kannel for tests: bearerbox, smsbox and its own stand-in for an SMS centre, on free ports, ended by their pids."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

from tests.servers import dying_with_us, end, free_port, listening, missing, wait_until

FAKE_CENTRE = Path("/usr/lib/kannel/test/fakesmsc")
SENDER = "10086"
_TAKEN = re.compile(rb"Got message \d+: <(\S+) (\S+) (\S+) ?(.*)>\s*$", re.MULTILINE)
_ASKED = re.compile(rb"sendsms sender:<\S+> \(\S+\) to:<(\S+)>")
_CONFIGURATION = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = admin-{admin}
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"
store-type = file
store-location = {folder}/store
dlr-storage = internal

group = smsc
smsc = fake
smsc-id = centre
port = {centre}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
global-sender = {sender}
http-request-retry = 100
http-queue-delay = 1

group = sendsms-user
username = contact
password = "pass word/{sendsms}"
concatenation = true
max-messages = 10
omit-empty = true
"""
_INBOUND = """
group = sms-service
keyword = default
catch-all = true
accept-x-kannel-headers = false
max-messages = 0
get-url = "{replies}?id=%I&from=%p&text=%b&charset=%C&seconds=%T"
"""


class Kannel:
    """A running gateway with an SMS centre behind it that keeps a log of every message it was given."""

    def __init__(self, folder: Path, service_url: str | None = None, key: str = "") -> None:
        """With a service's URL and a gateway key, what customers write is handed in there."""
        if shutil.which("bearerbox") is None or not FAKE_CENTRE.exists():
            missing("Kannel")
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._ports = {name: free_port() for name in ("admin", "box", "centre", "sendsms")}
        self._service_url, self._key = service_url, key
        self.url = (
            f"kannel+http://contact:pass%20word%2F{self._ports['sendsms']}@127.0.0.1:{self._ports['sendsms']}"
            f"/cgi-bin/sendsms?from={SENDER}"
        )
        """As CONTACT_SMS_URL takes it."""
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.start()

    def start(self) -> None:
        """Start whichever of its processes does not run."""
        (self.folder / "kannel.conf").write_text(self._configuration(), encoding="utf-8")
        configuration = str(self.folder / "kannel.conf")
        self._run("bearerbox", ["bearerbox", "-v", "1", configuration], self._ports["box"])
        wait_until(
            lambda: listening(self._ports["centre"]),
            self._processes["bearerbox"],
            self._log("bearerbox"),
            "bearerbox",
        )
        self._run("smsbox", ["smsbox", "-v", "1", configuration], self._ports["sendsms"])
        self._run("centre", [str(FAKE_CENTRE), "-H", "127.0.0.1", "-r", str(self._ports["centre"])], None)

    def serve(self, service_url: str, key: str) -> None:
        """Hand in what customers write at another service from now on."""
        self._service_url, self._key = service_url, key
        self.kill("smsbox")
        self.start()

    def messages(self) -> list[tuple[str, str]]:
        """Receiver and text of everything the SMS centre was given, in order; its log is a second late.

        Parts of a long text in UCS-2 are one message.
        """
        found: list[tuple[str, str]] = []
        for _, receiver, kind, text in _TAKEN.findall(self._log("centre").read_bytes()):
            more, said = False, text.decode(errors="replace")
            if kind == b"udh":
                header, _, coded = text.partition(b" data ")
                more = unquote_to_bytes(header)[-1] > 1
                said = unquote_to_bytes(coded.replace(b"+", b" ")).decode("utf-16-be", errors="replace")
            elif kind == b"ucs-2":
                said = unquote_to_bytes(text.replace(b"+", b" ")).decode("utf-16-be", errors="replace")
            if more:
                said = found.pop()[1] + said
            found.append((receiver.decode(), said))
        return found

    def asked(self) -> Counter[str]:
        """How often its smsbox was asked to send to each receiver."""
        return Counter(each.decode() for each in _ASKED.findall(self._log("smsbox").read_bytes()))

    def say(self, sender: str, text: str) -> None:
        """A customer writes to the operator."""
        kind, coded = "text", text
        if not text.isascii():
            kind, coded = "ucs2", quote_from_bytes(text.encode("utf-16-be"))
        line: BinaryIO | None = self._processes["centre"].stdin  # type: ignore[assignment]
        assert line is not None
        line.write(f"{sender} {SENDER} {kind} {coded}\n".encode())
        line.flush()

    def kill(self, *names: str) -> None:
        """kill -9 of ``bearerbox``, ``smsbox`` or ``centre``; all of them where none is named."""
        for name in names or tuple(self._processes):
            process = self._processes.pop(name, None)
            if process is not None:
                process.kill()
                process.wait()

    def stop(self) -> None:
        """End what still runs."""
        for name in ("centre", "smsbox", "bearerbox"):
            process = self._processes.pop(name, None)
            if process is not None and process.poll() is None:
                end(process, signal.SIGKILL)

    def _run(self, name: str, command: Sequence[str], port: int | None) -> None:
        running = self._processes.get(name)
        if running is not None and running.poll() is None:
            return
        with self._log(name).open("ab") as log:
            process = subprocess.Popen(
                dying_with_us(command), cwd=self.folder, stdin=subprocess.PIPE, stdout=log, stderr=log,
                env={**os.environ, "LC_ALL": "C"},
            )  # fmt: skip
        self._processes[name] = process
        if port is not None:
            wait_until(lambda: listening(port), process, self._log(name), name)

    def _log(self, name: str) -> Path:
        path = self.folder / f"{name}.log"
        path.touch()
        return path

    def _configuration(self) -> str:
        text = _CONFIGURATION.format(folder=self.folder, sender=SENDER, **self._ports)
        if self._service_url is None:
            return text
        parts = urlsplit(self._service_url)
        return text + _INBOUND.format(
            replies=f"{parts.scheme}://kannel:{self._key}@{parts.netloc}/v1/replies"
        )
