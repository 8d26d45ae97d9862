"""Selection over a million customers: the first count, the count after every exclusion, and DuckDB beside both.

    python -m bench.selection [--customers 1000000] [--contacts 500000]

A made-up operator is written by the storage's own writer: customers with a line each, twelve months of usage, contacts
of the last weeks and consents. Then, in one run: building the columns, a first count after a restart, a count on the base
in memory, the whole funnel, and the same again after a minute's new contacts. DuckDB counts the same condition over the
same Parquet files, and finds whom a weekly cap refuses over the same contacts; both must find the same customers.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import resource
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from contact.domain.selection_answers import SelectionAnswer
from contact.flow.publishing.publish import publish
from contact.flow.selecting.select import Selected, compiled, selected
from contact.settings import Settings
from contact.storage.databases.transaction import Transaction
from contact.storage.generations.files import Generations
from contact.storage.generations.switching import current_generation, switch
from contact.wiring import House, join
from strategies.candidate import Candidate
from strategies.conditions.columns import Columns
from strategies.conditions.columns_masks import is_true
from strategies.hashing import bucket, hash64, signed64
from strategies.instants import DAY, Instant
from strategies.judging.many import refused_many

CONDITION = "arpu >= 100 AND data_gb > 20 AND tier <> 'basic'"
COUNT_GOAL, FUNNEL_GOAL = 1.0, 5.0
MONTHS = 12
MARCH = 2026 * 12 + 2
PAGE = 20_000
PLAYBOOK = {
    "operator.yaml": """
name: {en: Bench}
currency: CNY
zone: Asia/Shanghai
plausible_zones: [Asia/Shanghai, Asia/Urumqi]
week_start: monday
languages: [en]
categories: {marketing: {promotional: true}, service: {promotional: false}}
universal_control: 5
contacts_per_day: 1
""",
    "units.yaml": "units:\n  - {id: H, kind: head_office, title: {en: Head}}\n",
    "fields.yaml": """
fields:
  arpu: {type: money, source: customers.arpu}
  tier: {type: text, source: customers.tier}
  key_account: {type: boolean, source: customers.key_account}
  complaint_open: {type: boolean, source: customers.complaint_open}
  data_gb: {type: number, source: usage.data_gb, aggregate: mean, months: 3}
  data_peak: {type: number, source: usage.data_gb, aggregate: max}
""",
    "events.yaml": "events: {}\n",
    "channels.yaml": """
channels:
  sms:
    title: {en: SMS}
    direction: outgoing
    delivery: gateway
    needs_number: true
    capacity: [{from: "09:00", to: "18:00", per_hour: 20}]
    stale_after: PT2M
    receipt_wait: P2D
    reserve_for: PT15M
    attempts: {total: 1}
""",
    "policies/law.yaml": "policy: law\nlayer: legal\nconsent_default: [{is: opt_out}]\nrules: []\n",
    "policies/caps.yaml": """
policy: caps
layer: company
rules:
  - {rule: complaint, effect: forbid, match: {promotional: true}, when: "COALESCE(complaint_open, FALSE)"}
  - {rule: weekly, effect: cap, match: {promotional: true}, window: {sliding: P7D}, max: 2}
  - {rule: daily, effect: cap, match: {channels: [sms]}, window: {calendar: day}, max: 1}
  - {rule: number, effect: cap, subject: number, match: {promotional: true}, window: {sliding: P30D}, max: 6}
  - {rule: rejected, effect: suppress, match: {promotional: true}, results: [rejected], times: 1, same: any, lasts: P14D}
  - {rule: shown, effect: suppress, count: delivered, times: 3, window: {sliding: P7D}, same: category, lasts: P10D}
""",
}


def operator_files(generations: Generations, count: int) -> dict[str, str]:
    """A generation of customers and their usage, by the writer that imports use."""
    draw = np.random.default_rng(7)
    ids = [f"C{number:08}" for number in range(count)]
    buckets = pa.array([bucket(each) for each in ids], pa.int16())

    def some(values: Any, unknown: float) -> Any:
        return pa.array(values, mask=draw.random(len(values)) < unknown)

    zones = np.array(["Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing"])[draw.integers(0, 3, count)]
    customers = pa.table(
        {
            "customer": ids,
            "bucket": buckets,
            "customer_hash": pa.array([signed64(hash64(each)) for each in ids], pa.int64()),
            "number_hash": pa.array([f"{each}{'0' * 55}" for each in ids]),
            "zone": some(zones, 0.1),
            "tier": some(np.array(["basic", "silver", "gold", "diamond"])[draw.integers(0, 4, count)], 0.05),
            "arpu": pa.array(draw.integers(10, 400, count) * 100, pa.int64()),
            "key_account": some(draw.random(count) < 0.02, 0.05),
            "complaint_open": some(draw.random(count) < 0.03, 0.2),
        }
    )
    whose = pa.array(np.repeat(np.arange(count), MONTHS))
    names = pa.array(ids).take(whose)
    usage = pa.table(
        {
            "customer": names,
            "line": names,
            "bucket": buckets.take(whose),
            "month": np.tile(np.arange(MARCH - MONTHS + 1, MARCH + 1, dtype=np.int32), count),
            "data_gb": some(draw.gamma(2, 9, len(whose)).round(3), 0.1),
        }
    )
    of_customers = {
        "id": "id", "tier": "text", "arpu": "money", "key_account": "boolean", "complaint_open": "boolean",
        "zone": "zone",
    }  # fmt: skip
    of_usage = {"line": "id", "month": "month", "data_gb": "number"}
    return {
        "customers": generations.write("customers", 1, customers, of_customers),
        "usage": generations.write("usage", 1, usage, of_usage),
    }


def contact_rows(first: int, last: int, customers: int, now: int) -> list[dict[str, Any]]:
    """Contacts of the last five weeks, some rejected, some of customers contacted often."""
    draw = np.random.default_rng(first + 11)
    size = last - first
    whose = np.where(
        draw.random(size) < 0.5, draw.integers(0, customers // 10, size), draw.integers(0, customers, size)
    )
    ats = now - (draw.random(size) * 35 * DAY).astype(np.int64)
    rejected, delivered = draw.random(size) < 0.1, draw.random(size) < 0.8
    return [
        {
            "id": f"c{number}", "customer_id": f"C{who:08}", "account_id": f"C{who:08}", "household_id": None,
            "device_id": None, "number_hash": f"C{who:08}{'0' * 55}", "line_id": None, "strategy": "s", "offer": "o",
            "family": "f", "channel": "sms", "direction": "outgoing", "category": "marketing", "promotional": 1,
            "state": "delivered" if done else "sent", "at_us": at, "created_us": at,
            "delivered_us": at if done else None, "connected_us": None, "shown_us": None, "accepted_us": None,
            "rejected_us": at if no else None, "result": "rejected" if no else None,
        }
        for number, who, at, no, done in zip(
            range(first, last), whose.tolist(), ats.tolist(), rejected.tolist(), delivered.tolist(), strict=True
        )
    ]  # fmt: skip


async def prepare(house: House, customers: int, contacts: int) -> int:
    """Publish, write the generation, the contacts and a consent for every fifth customer; the store's instant."""
    ports, database = house.ports, house.stores.database
    await publish(ports, PLAYBOOK, None, "bench", "bench")
    generations = house.stores.profiles.generations
    files = await asyncio.to_thread(operator_files, generations, customers)
    await switch(database, generations, await database.read(current_generation), files)
    now = (await ports.clock.now()).at
    for first in range(0, contacts, PAGE):
        await write_contacts(house, first, min(first + PAGE, contacts), customers, now)

    def consents(tx: Transaction) -> None:
        for number in range(0, customers, 5):
            tx.run(
                "insert_consent", customer_id=f"C{number:08}", number_hash=None, channel="sms", category="marketing",
                given=int(number % 3 > 0), at_us=now - DAY, source="bench", evidence="", until_us=None, idempotency=None,
                recorded_us=now,
            )  # fmt: skip

    await database.write(consents)
    return now


async def write_contacts(house: House, first: int, last: int, customers: int, now: int) -> None:
    rows = contact_rows(first, last, customers, now)
    await house.stores.database.write(lambda tx: tx.many("write_past_contact", rows))


async def timed(run: Callable[[], Awaitable[Selected]]) -> tuple[float, Selected]:
    begun = time.perf_counter()
    found = await run()
    return time.perf_counter() - begun, found


async def counted(house: House) -> float:
    """Seconds of the first thing a strategist sees: how many a condition finds."""
    begun = time.perf_counter()
    playbook = await house.ports.playbooks.current()
    condition = compiled(playbook, CONDITION)
    columns, at = await house.ports.base.columns(condition.fields, playbook)
    is_true(condition, columns, at).sum()
    return time.perf_counter() - begun


def duckdb_seconds(files: dict[str, Path]) -> tuple[float, int]:
    """DuckDB over the same Parquet files, each customer's mean of the last three months grouped anew."""
    text = f"""
        WITH usage AS (
          SELECT customer, avg(data_gb) AS data_gb FROM '{files["usage"]}' WHERE month > {MARCH - 3} GROUP BY ALL
        )
        SELECT count(*) FROM '{files["customers"]}' LEFT JOIN usage USING (customer)
        WHERE arpu >= 10000 AND data_gb > 20 AND tier <> 'basic'"""
    with duckdb.connect(config={"threads": 1}) as connection:
        begun = time.perf_counter()
        found = connection.execute(text).fetchone()
        return time.perf_counter() - begun, found[0] if found else 0


def duckdb_on_columns(columns: Columns) -> tuple[float, int]:
    """DuckDB over the same columns, already in its memory."""
    import pandas as pd

    tier, gb = columns.by_field["tier"], columns.by_field["data_gb"]
    words = np.array(tier.words, dtype=object)[tier.values]
    frame = pd.DataFrame({"arpu": columns.by_field["arpu"].values, "tier": np.where(tier.known, words, None)})
    frame["data_gb"] = np.where(gb.known, gb.values, np.nan)
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(
            "CREATE TABLE base AS SELECT arpu, tier, nullif(data_gb, 'nan') AS data_gb FROM frame"
        )
        text = "SELECT count(*) FROM base WHERE arpu >= 10000 AND data_gb > 20 AND tier <> 'basic'"
        times, found = [], None
        for _ in range(5):
            begun = time.perf_counter()
            found = connection.execute(text).fetchone()
            times.append(time.perf_counter() - begun)
        return min(times), found[0] if found else 0


def duckdb_cap(database: Path, now: int) -> tuple[float, int]:
    """DuckDB finds whom the weekly cap refuses, over the same contacts in its memory."""
    rows = sqlite3.connect(database).execute(
        "SELECT customer_id, attempt_us FROM contact WHERE promotional = 1"
    ).fetchall()  # fmt: skip
    frame = pa.table({"customer": [row[0] for row in rows], "happened": [row[1] for row in rows]})
    text = f"""
        SELECT count(*) FROM (
          SELECT customer FROM past WHERE happened > {now - 7 * DAY} GROUP BY customer HAVING count(*) >= 2
        )"""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("frame", frame)
        connection.execute("CREATE TABLE past AS SELECT * FROM frame")
        begun = time.perf_counter()
        found = connection.execute(text).fetchone()
        return time.perf_counter() - begun, found[0] if found else 0


def funnel_of(answer: SelectionAnswer) -> str:
    steps = ", ".join(f"{step.name} −{step.excluded:,}" for step in answer.exclusions)
    return f"{answer.total:,} customers, {answer.found:,} found, {steps}, {answer.left:,} left"


async def run(folder: Path, customers: int, contacts: int) -> None:
    settings = Settings.from_environment({"CONTACT_HOME": str(folder)})
    house = await join(settings)
    now = await prepare(house, customers, contacts)
    building = await counted(house)
    await house.close()
    house = await join(settings)
    first = await counted(house)
    again = await counted(house)

    def select() -> Awaitable[Selected]:
        return selected(house.ports, CONDITION, channel="sms", category="marketing", without=["key_account"])

    reading, _ = await timed(select)
    await house.close()
    house = await join(settings)
    again_first, _ = await timed(select)
    funnel, found = await timed(select)
    await write_contacts(house, contacts, contacts + 2_000, customers, now)
    refreshed, fresh = await timed(
        lambda: selected(
            house.ports,
            CONDITION,
            channel="sms",
            category="marketing",
            without=["key_account"],
            base_max_age=0,
        )
    )
    files = {path.name.split("-")[0]: path for path in (folder / "generations").glob("*.parquet")}
    on_files, there = duckdb_seconds(files)
    on_columns, same = duckdb_on_columns(found.view.columns)
    assert there == same == found.answer.found, (there, same, found.answer.found)
    cap_peer, cap_found = duckdb_cap(folder / "contact.db", now)
    begun = time.perf_counter()
    playbook = await house.ports.playbooks.current()
    people = fresh.view.people
    assert people is not None
    refused = refused_many(playbook, Candidate("sms", "marketing"), people, Instant(now), effects=("cap",))
    cap_own = time.perf_counter() - begun
    assert int(refused["caps.weekly"].sum()) == cap_found
    print(funnel_of(found.answer))
    rows = (
        ("columns built from Parquet, then counted", building, None),
        ("first count after a restart", first, COUNT_GOAL),
        ("count on the base in memory", again, COUNT_GOAL),
        ("first funnel of all: every contact and consent read", reading, None),
        ("first funnel of another process: they are on file", again_first, FUNNEL_GOAL),
        ("whole funnel on the base in memory", funnel, FUNNEL_GOAL),
        ("whole funnel with the base read again (2,000 new contacts)", refreshed, FUNNEL_GOAL),
        ("DuckDB: the count over the Parquet files", on_files, None),
        ("DuckDB: the count over the same columns in its memory", on_columns, None),
        ("three caps, exact in every window, unknown zones included", cap_own, None),
        ("DuckDB: the weekly cap alone, contacts up to now only", cap_peer, None),
    )
    for name, seconds, goal in rows:
        said = "" if goal is None else f"  goal {goal:g} s: {'met' if seconds <= goal else 'NOT MET'}"
        print(f"{name:<62} {seconds:8.3f} s{said}")
    print(f"count beside DuckDB on columns: {again / on_columns:.2f} of its time")
    await house.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--customers", type=int, default=1_000_000)
    options.add_argument("--contacts", type=int, default=500_000)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder) / "home", asked.customers, asked.contacts))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_048_576
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {most:.1f} GB at most"
    )


if __name__ == "__main__":
    main()
