"""One process of the ledger's bench: reserves, or inserts the same rows bare, for so long, and prints how many stood.

python -m bench.ledger_worker {once|plain|many|bare_once|bare_many|floor_many} URL PLACE SECONDS HOME

It says `ready`, and begins at the instant it is then told.
"""

from __future__ import annotations

import asyncio
import gc
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import chain, count, islice
from pathlib import Path
from typing import Any

from contact.domain.contact import ContactId
from contact.domain.task import TaskId
from contact.faces.cli.keeping.serving import SWITCH_SECONDS
from contact.faces.cli.terminal.collecting import COLLECTED_AFTER
from contact.ports import Reserved, Wish
from contact.ports.claims import held
from contact.settings import Settings
from contact.storage.databases.transaction import Transaction
from contact.storage.ledger import history
from contact.storage.ledger.entering import contact_row, first_moves, task_row
from contact.storage.open import Stores, open_stores
from strategies.candidate import Candidate
from strategies.compiling.compile import compile_playbook
from strategies.declared.playbook import Playbook
from strategies.hashing import bucket, hash64
from strategies.instants import DAY, HOUR, Instant
from strategies.profile import CustomerId, Profile

CLIENTS = 256
"""Requests under way at one time, in one process."""
GROUP = 64
"""Rows a commit of the bare loop, beside requests."""
CHUNK = 500
"""Wishes a commit, in bulk and in its bare loop."""
AHEAD = 6000
"""Wishes made for each second before the clock starts: what the caller knows of a customer is not the ledger's work."""
TEXTS = {
    "operator.yaml": """
name: {en: Bench}
currency: CNY
zone: UTC
plausible_zones: [UTC]
week_start: monday
languages: [en]
categories: {marketing: {promotional: true}}
universal_control: 0
contacts_per_day: 1
""",
    "fields.yaml": "fields: {}\n",
    "events.yaml": "events: {ordered: {}}\n",
    "channels.yaml": """
channels:
  sms: {title: {en: SMS}, direction: outgoing, delivery: gateway, needs_number: true, stale_after: PT2M,
        receipt_wait: P2D, reserve_for: PT15M, capacity: [{from: "00:00", to: "24:00", per_hour: 1000}],
        attempts: {total: 1}}
""",
    "policies/law.yaml": "policy: law\nlayer: legal\nconsent_default: [{is: opt_out}]\n",
    "policies/caps.yaml": """
policy: caps
layer: company
rules:
  - {rule: hours, effect: hours, match: {channels: [sms]}, open: [{from: "00:00", to: "24:00"}]}
  - {rule: customer, effect: cap, match: {channels: [sms]}, window: {sliding: P7D}, max: 2}
  - {rule: account, effect: cap, subject: account, match: {channels: [sms]}, window: {sliding: P7D}, max: 6}
  - {rule: number, effect: cap, subject: number, match: {channels: [sms]}, window: {sliding: P7D}, max: 2}
""",
    "strategies/spring.yaml": """
strategy: spring
title: {en: Spring}
category: marketing
audience: true
value: 60
task_valid: P3D
goal: {event: ordered, within: P7D}
offers:
  - offer: pack
    family: data
    title: {en: Pack}
    channels:
      sms: {propensity: 0.1, text: {en: "Hello."}}
""",
}
FLOOR = (
    "CREATE TABLE narrow (id {sequence} PRIMARY KEY, customer TEXT, account TEXT, number TEXT, channel TEXT, state TEXT, "
    "at_us BIGINT)",
    *(f"CREATE INDEX narrow_{who} ON narrow ({who}, at_us)" for who in ("customer", "account", "number")),
    "CREATE INDEX narrow_due ON narrow (channel, state, at_us)",
)
"""The least that counts by customer, account and number and finds what is due."""
NARROW = "narrow (customer, account, number, channel, state, at_us)"
SMS = Candidate("sms", "marketing", strategy="spring", offer="pack", family="data")


def wishes(playbook: Playbook, place: int, now: Instant, *, bulk: bool) -> Iterator[Wish]:
    """One for each customer of this process, in an order that no index has; every third account has two of them."""
    drawn = random.Random(place)
    for n in count():
        id = f"{drawn.getrandbits(40):010x}-{place}"
        account = f"A{id}" if n % 3 else f"A{n // 6}-{place}"
        number = sha256(id.encode()).hexdigest()
        who = Profile(CustomerId(id), hash64(id), bucket(account), account, number_hash=number, generation=1)
        who = replace(who, epochs=dict.fromkeys(history.subjects(who), 0))
        made = Wish(
            profile=who, candidate=replace(SMS, number_hash=number), priority=drawn.random(), playbook=playbook,
            valid_until=Instant(now + 3 * DAY), reasons={"factors": {"total": 1.0}, "playbook": playbook.version},
        )  # fmt: skip
        day = {"planned_at": Instant(now + HOUR), "day": "2026-03-02", "rank": 1, "judged": True}
        yield replace(made, **day) if bulk else made  # type: ignore[arg-type]


async def once(stores: Stores, wanted: Iterator[Wish], until: float, place: int) -> int:
    """Requests as HTTP carries them out: claim the key, reserve under the claim, keep the answer."""
    names = count()

    async def client() -> int:
        stood = 0
        while time.time() < until:
            key = f"{place}-{next(names)}"
            begun = await stores.idempotency.begin("bench", key, key)
            assert begun.claim is not None
            with held(begun.claim):
                stood += isinstance(await stores.ledger.reserve(next(wanted)), Reserved)
            await stores.idempotency.finish("bench", key, 200, b"{}")
        return stood

    return sum(await asyncio.gather(*(client() for _ in range(CLIENTS))))


async def plain(stores: Stores, wanted: Iterator[Wish], until: float) -> int:
    """The same without keys: what the ledger itself carries."""

    async def client() -> int:
        stood = 0
        while time.time() < until:
            stood += isinstance(await stores.ledger.reserve(next(wanted)), Reserved)
        return stood

    return sum(await asyncio.gather(*(client() for _ in range(CLIENTS))))


async def many(stores: Stores, wanted: Iterator[Wish], until: float) -> int:
    """As a plan reserves."""
    stood = 0
    ahead = [next(wanted) for _ in range(CHUNK)]
    while time.time() < until:
        reserving = asyncio.create_task(stores.ledger.reserve_many(ahead))
        await asyncio.sleep(0)
        ahead = [next(wanted) for _ in range(CHUNK)]
        stood += sum(isinstance(each, Reserved) for each in await reserving)
    return stood


async def bare(stores: Stores, wanted: Iterator[Wish], until: float, group: int) -> int:
    """The rows alone: no locks, nothing read, nothing judged; as many a commit."""
    stood, now = 0, (await stores.clock.now()).at

    def work(tx: Transaction) -> None:
        tx.put("insert_task", tasks)
        tx.put("insert_contact", contacts)
        tx.put("insert_move", moves)

    while time.time() < until:
        tasks, contacts, moves = _rows([next(wanted) for _ in range(group)], now, stood)
        await stores.database.write(work)
        stood += group
    return stood


async def floor(stores: Stores, wanted: Iterator[Wish], until: float) -> int:
    """One narrow row a wish, as bare, as many a commit."""
    stood = 0

    def work(tx: Transaction) -> None:
        if tx.dialect == "postgresql":
            with tx.connection.cursor().copy(f"COPY {NARROW} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            tx.connection.cursor().executemany(f"INSERT INTO {NARROW} VALUES (?, ?, ?, ?, ?, ?)", rows)

    while time.time() < until:
        rows = [_narrow(wish) for wish in islice(wanted, CHUNK)]
        await stores.database.write(work)
        stood += len(rows)
    return stood


def make_floor(tx: Transaction) -> None:
    """Its table, in an empty store."""
    sequence = "BIGSERIAL" if tx.dialect == "postgresql" else "INTEGER"
    for statement in FLOOR:
        tx.connection.execute(statement.format(sequence=sequence))


def _narrow(wish: Wish) -> tuple[Any, ...]:
    who = wish.profile
    return who.customer, who.account, who.number_hash, wish.candidate.channel, "reserved", wish.planned_at


def _rows(wanted: Sequence[Wish], now: Instant, first: int) -> tuple[list[Any], list[Any], list[Any]]:
    tasks, contacts, moves = [], [], []
    for n, wish in enumerate(wanted, first):
        at = Instant(wish.planned_at or now)
        contact = ContactId(f"c{n:012}-{wish.profile.customer}")
        task = TaskId(f"t{n:012}-{wish.profile.customer}")
        channel = wish.playbook.channels["sms"]
        tasks.append(task_row(wish, task, contact, at, now, started=False, held_by=None))
        contacts.append(contact_row(wish, {}, contact, task, at, now, channel, handed_over=False))
        moves += first_moves(contact, now, handed_over=False)
    return tasks, contacts, moves


async def run(what: str, url: str, place: int, seconds: float, home: Path) -> tuple[int, float]:
    """How many stood, and the processor time of this process meanwhile."""
    stores = open_stores(Settings(home, url, None, "127.0.0.1", 0, None, demo=False, lease_seconds=60.0))
    coming = wishes(compile_playbook(TEXTS), place, (await stores.clock.now()).at, bulk=what.endswith("many"))
    wanted = chain(list(islice(coming, round(seconds * AHEAD))), coming)
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(*COLLECTED_AFTER)
    gc.freeze()
    print("ready", flush=True)
    start = float(sys.stdin.readline())
    await asyncio.sleep(max(0.0, start - time.time()))
    used, until = time.process_time(), start + seconds
    if what == "once":
        stood = await once(stores, wanted, until, place)
    elif what == "plain":
        stood = await plain(stores, wanted, until)
    elif what == "many":
        stood = await many(stores, wanted, until)
    elif what == "floor_many":
        stood = await floor(stores, wanted, until)
    else:
        stood = await bare(stores, wanted, until, CHUNK if what == "bare_many" else GROUP)
    used = time.process_time() - used
    await stores.close()
    return stood, used


if __name__ == "__main__" and len(sys.argv) > 1:
    what, url, place, seconds, home = sys.argv[1:]
    stood, used = asyncio.run(run(what, url, int(place), float(seconds), Path(home) / "home"))
    print(f"{stood} {used:.3f}", flush=True)
