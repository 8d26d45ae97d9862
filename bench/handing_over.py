"""How many due messages a second workers hand over: ``python -m bench.handing_over [--messages 4000] [--workers 1,3]``.

Real workers (``contact serve --role worker``), each message with its own gather, permit, POST and confirmation, against a
gateway on this machine that takes everything at once. Beside it the *bare* loop: as many processes with as many messages
under way POST the same messages and commit the same rows, with nothing gathered, locked or judged.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import platform
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bench.ledger import AsInstalled
from bench.pacing import processor_seconds
from contact.channels.sms import SmsGateway
from contact.domain.contact import ContactId
from contact.flow.working.dispatch import AT_ONCE
from contact.ports import Message, Reserved
from contact.settings import Settings
from contact.storage.databases.transaction import Transaction
from contact.storage.ledger.moves import move
from contact.wiring import House, join
from strategies.candidate import Candidate
from strategies.instants import Instant
from tests.contracts.situations import wish
from tests.faults.messages import VALID, open_shop
from tests.servers import PostgreSQL, Service

CHUNK = 500
MOST_SECONDS = 300.0
SMS = Candidate("sms", "marketing", strategy="data-upgrade", offer="data-20", family="data")


class Gateway:
    """Takes every message at once and keeps when; in a thread of the bench, which does nothing else meanwhile."""

    def __init__(self) -> None:
        self.taken: list[float] = []
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0), self._loop
        ).result()
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/send"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answer = b'{"reference": "r"}'
        head = b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(
            answer
        )
        try:
            while True:
                asked = await reader.readuntil(b"\r\n\r\n")
                length = int(asked.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
                await reader.readexactly(length)
                self.taken.append(time.monotonic())
                writer.write(head + answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def until(self, messages: int) -> None:
        """Wait for so many. Raises ``TimeoutError`` where they do not come."""
        given_up = time.monotonic() + MOST_SECONDS
        while len(self.taken) < messages:
            if time.monotonic() > given_up:
                raise TimeoutError(f"{len(self.taken)} of {messages} messages came")
            time.sleep(0.02)

    def measured(self, messages: int, pids: Sequence[int]) -> tuple[float, float]:
        """Messages a second from the first to the last, and the processes' processor time for each, in ms."""
        self.until(1)
        first, used = len(self.taken), sum(map(processor_seconds, pids))
        self.until(messages)
        used = sum(map(processor_seconds, pids)) - used
        rate = (messages - 1) / (self.taken[messages - 1] - self.taken[0])
        self.taken.clear()
        return rate, used / (messages - first) * 1000


async def reserved(house: House, folder: Path, messages: int) -> list[str]:
    """One due message for each customer of a shop of so many; the contacts."""
    await open_shop(house, folder, messages)
    playbook, now = await house.ports.playbooks.current(), (await house.ports.clock.now()).at
    everybody = [each async for profiles in house.ports.profiles.all(playbook) for each in profiles]
    contacts: list[str] = []
    for first in range(0, len(everybody), CHUNK):
        wishes = [
            replace(wish(playbook, each, now, SMS), valid_until=Instant(now + VALID))
            for each in everybody[first : first + CHUNK]
        ]
        granted = await house.ports.ledger.reserve_many(wishes)
        contacts += [each.contact for each in granted if isinstance(each, Reserved)]
    assert len(contacts) == messages, "every message has its place"
    return contacts


async def bare(settings: Settings, url: str, contacts: Sequence[str]) -> None:
    """POST each message and commit its rows, as many at once as a worker does."""
    house, gateway = await join(settings), SmsGateway(url, "")
    database, coming = house.stores.database, iter(contacts)

    def permit(tx: Transaction, contact: str) -> None:
        at = tx.now()
        tx.run("send_contact", id=contact, at_us=at, receipt_until_us=at, epochs="{}", person=None)
        tx.run("start_task", id=contact)
        move(tx, {"id": contact, "state": "reserved"}, "sending", "permit")

    def confirm(tx: Transaction, contact: str) -> None:
        tx.run("confirm_contact", id=contact, reference="r")
        move(tx, {"id": contact, "state": "sending"}, "sent", "handed over")

    async def client() -> None:
        for contact in coming:
            await database.write(lambda tx, contact=contact: permit(tx, contact))  # type: ignore[misc]
            await gateway.submit(Message(ContactId(contact), "+8613800000000", "Hello.", "en"))
            await database.write(lambda tx, contact=contact: confirm(tx, contact))  # type: ignore[misc]

    await asyncio.gather(*(client() for _ in range(AT_ONCE)))
    await gateway.close()
    await house.close()


def run_bare(settings: Settings, url: str, contacts: Sequence[str]) -> None:
    """In a process of its own."""
    asyncio.run(bare(settings, url, contacts))


def by_workers(settings: Settings, gateway: Gateway, messages: int, workers: int) -> tuple[float, float]:
    """What real workers hand over."""
    told = {"CONTACT_DATABASE_URL": settings.database_url, "CONTACT_SMS_URL": gateway.url}
    running = [Service(settings.home, "worker", **told) for _ in range(workers)]
    try:
        return gateway.measured(messages, [each.process.pid for each in running])
    finally:
        for each in running:
            each.kill()


def by_hand(
    settings: Settings, gateway: Gateway, contacts: Sequence[str], processes: int
) -> tuple[float, float]:
    """What the bare loop hands over."""
    context = multiprocessing.get_context("spawn")
    running = [
        context.Process(target=run_bare, args=(settings, gateway.url, contacts[first::processes]))
        for first in range(processes)
    ]
    for each in running:
        each.start()
    found = gateway.measured(len(contacts), [each.pid for each in running if each.pid])
    for each in running:
        each.join()
    return found


@contextmanager
def shop(server: PostgreSQL | None, messages: int, name: str) -> Iterator[tuple[Settings, list[str]]]:
    """A fresh store with so many due messages."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/contact.db" if server is None else server.create(name)
        home = Path(folder) / "home"
        settings = Settings(home, url, None, "127.0.0.1", 0, None, demo=True, lease_seconds=60.0)

        async def prepare() -> list[str]:
            house = await join(settings)
            contacts = await reserved(house, Path(folder) / "files", messages)
            await house.close()
            return contacts

        yield settings, asyncio.run(prepare())
        if server is not None:
            server.drop(name)


def main() -> None:
    """Prints the table."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--messages", type=int, default=4000)
    arguments.add_argument("--workers", default="1,3", help="numbers of processes, with commas")
    arguments.add_argument("--database", choices=("sqlite", "postgresql"), help="one of the two")
    asked = arguments.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}; {AT_ONCE} under way in each process")
    gateway = Gateway()
    for database in ("sqlite", "postgresql"):
        if asked.database not in (None, database):
            continue
        server = AsInstalled() if database == "postgresql" else None
        try:
            for workers in map(int, asked.workers.split(",")):
                with shop(server, asked.messages, f"ours_{workers}") as (settings, _):
                    ours, cost = by_workers(settings, gateway, asked.messages, workers)
                with shop(server, asked.messages, f"bare_{workers}") as (settings, contacts):
                    beside, least = by_hand(settings, gateway, contacts, workers)
                print(
                    f"{database:<10} {workers} worker{'s' if workers > 1 else ' '}  {ours:>7,.0f}/s  "
                    f"bare {beside:>7,.0f}/s  ratio {ours / beside:.2f}  ours {cost:.1f} ms, bare {least:.1f} ms of our "
                    "processor each",
                    flush=True,
                )
        finally:
            if server is not None:
                server.stop()


if __name__ == "__main__":
    main()
