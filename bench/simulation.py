"""A simulation beside the plan it repeats: one day planned for real, then thirty days by two playbooks, in one run.

    python -m bench.simulation [--customers 20000] [--days 30] [--home var/demo/service]

Without ``--home`` an operator is made up: heavy users, roamers and complainers, five strategies in two channels, and
contacts of a month before. With it a copy of that store is used, as ``make demo ONCE=1`` leaves one. The new playbook halves
the widest cap of the old. The plan's seconds times days times two is what the simulation would take if it only planned.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from contact.domain.workbench_answers import SimulationAnswer
from contact.flow.planning.plan import plan
from contact.flow.progress import Progress
from contact.flow.publishing.publish import publish
from contact.flow.selecting.import_file import import_file
from contact.flow.simulating.simulate import simulate
from contact.settings import Settings
from contact.wiring import House, join
from strategies.compiling.compile import compile_playbook
from strategies.declared.calendar import local_datetime
from strategies.declared.playbook import Playbook

FIELDS = ("data_gb", "arpu", "roaming_days", "tenure", "p_sms", "p_call")
AUDIENCES = {
    "data": ("data_gb >= 8", 60), "roaming": ("roaming_days > 4", 90), "upgrade": ("arpu < 60 AND tenure > 6", 120),
    "loyalty": ("tenure > 80", 30), "winback": ("arpu > 250 AND data_gb < 4", 150),
}  # fmt: skip
MAPPING = (
    "kind: customers\nmode: snapshot\ncolumns:\n  id: id\n  account: account\n  unit: unit\n  zone: zone\n"
    + (
        "  number: {from: number, type: phone, region: CN}\n"
        + "".join(
            f"  {name}: {{from: {name}, type: {'money' if name == 'arpu' else 'number'}}}\n"
            for name in FIELDS
        )
    )
)
CONTACTS = (
    "kind: contacts\nmode: upsert\ncolumns: {id: id, customer: customer, channel: channel, category: category, "
    "at: {from: at, type: instant}, result: result, strategy: strategy, offer: offer}\n"
)


OPERATOR = """
name: {en: Bench}
currency: CNY
zone: Asia/Shanghai
plausible_zones: [Asia/Shanghai]
week_start: monday
languages: [en]
categories: {marketing: {promotional: true}}
universal_control: 2
contacts_per_day: 1
"""
LAW = """
policy: law
layer: legal
consent_default: [{is: opt_out}]
rules:
  - rule: quiet
    effect: hours
    match: {promotional: true}
    zone: customer
    open: [{from: "09:00", to: "20:00"}]
"""
CAPS = """
policy: caps
layer: company
rules:
  - {rule: day, effect: cap, match: {promotional: true}, window: {calendar: day, zone: customer}, max: 1}
  - {rule: fortnight, effect: cap, match: {promotional: true}, window: {sliding: P14D}, max: 2}
  - {rule: no, effect: suppress, match: {promotional: true}, results: [rejected], times: 1, same: offer, lasts: P30D}
"""
CHANNEL = """
  NAME:
    title: {en: NAME}
    direction: outgoing
    delivery: DELIVERY
    needs_number: true
    receipt_wait: P2D
    stale_after: PT2H
    reserve_for: PT15M
    attempts: {total: 1}
    capacity: [{from: "09:00", to: "19:00", per_hour: PLACES}]
"""
STRATEGY = """
strategy: NAME
title: {en: NAME}
category: marketing
audience: AUDIENCE
value: VALUE
control: {percentage: 5}
task_valid: P2D
goal: {event: ordered, within: P7D}
offers:
  - offer: NAME-1
    family: NAME
    title: {en: NAME}
    channels:
      sms: {propensity: p_sms, text: {en: "For you."}}
      outbound_call: {propensity: p_call, script: {en: ["Hello."]}}
"""


def filled(template: str, **words: object) -> str:
    """The template with its words in capitals replaced."""
    for name, word in words.items():
        template = template.replace(name.upper(), str(word))
    return template


def playbook() -> dict[str, str]:
    """The operator's files: two contacts in fourteen days at most."""
    columns = "".join(f"  {name}: {{type: {_type(name)}, source: customers.{name}}}\n" for name in FIELDS)
    branches = "".join(
        f"  - {{id: B{n}, kind: branch, parent: H, title: {{en: Branch}}}}\n" for n in range(10)
    )
    channels = (("sms", "gateway", 50), ("outbound_call", "agents", 24))
    found = {
        "operator.yaml": OPERATOR,
        "fields.yaml": f"fields:\n{columns}",
        "events.yaml": "events: {ordered: {sets: {}}}\n",
        "units.yaml": f"units:\n  - {{id: H, kind: head_office, title: {{en: Head}}}}\n{branches}",
        "channels.yaml": "channels:\n"
        + "".join(filled(CHANNEL, name=name, delivery=way, places=places) for name, way, places in channels),
        "policies/law.yaml": LAW,
        "policies/caps.yaml": CAPS,
    }
    for name, (audience, value) in AUDIENCES.items():
        found[f"strategies/{name}.yaml"] = filled(STRATEGY, name=name, audience=audience, value=value)
    return found


def _type(name: str) -> str:
    return "money" if name == "arpu" else "number"


def people(count: int) -> Iterator[str]:
    """One row a customer, the same in every run."""
    draw = random.Random(7)
    for n in range(count):
        chances = ",".join(f"{draw.random() * most:.4f}" for most in (0.2, 0.4))
        yield (
            f"C{n},A{n // 2},B{n % 10},Asia/Shanghai,138{n:08},{draw.random() * 12:.2f},{draw.randint(20, 300)},"
            f"{draw.randint(0, 5)},{draw.randint(0, 90)},{chances}"
        )


def past(count: int, last: date) -> Iterator[str]:
    """A call to every fourth customer in the month up to a day."""
    draw = random.Random(8)
    for n in range(0, count, 4):
        day = last - timedelta(days=draw.randint(0, 29))
        result = draw.choice(("no_answer", "rejected", "accepted"))
        yield f"b{n},C{n},outbound_call,marketing,{day}T1{draw.randint(0, 8)}:30:00+08:00,{result},data,data-1"


async def furnish(house: House, folder: Path, customers: int) -> None:
    """The made-up operator's files, through the product's own doors."""
    await publish(house.ports, playbook(), None, "bench", "bench")
    header = "id,account,unit,zone,number," + ",".join(FIELDS)
    await _deliver(house, folder, "customers", header, people(customers), MAPPING)
    last = datetime.now(UTC).date() - timedelta(days=1)
    header = "id,customer,channel,category,at,result,strategy,offer"
    await _deliver(house, folder, "contacts", header, past(customers, last), CONTACTS)


async def _deliver(
    house: House, folder: Path, kind: str, header: str, rows: Iterator[str], mapping: str
) -> None:
    path = folder / f"{kind}.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    await import_file(house.ports, kind, str(path), mapping)


def tightened(texts: Mapping[str, str]) -> Playbook:
    """The playbook with its widest cap of two made one."""
    found = dict(texts)
    path = next(path for path in sorted(found) if path.startswith("policies/") and "max: 2" in found[path])
    found[path] = found[path].replace("max: 2", "max: 1", 1)
    return compile_playbook(found)


async def measure(house: House, days: int) -> tuple[float, SimulationAnswer]:
    """Seconds of one day's plan, and a simulation of many."""
    now = (await house.ports.clock.now()).at
    old = await house.ports.playbooks.current()
    day = local_datetime(old.operator.zone, now).date() + timedelta(days=1)
    began = time.perf_counter()
    planned = await plan(house.ports, str(day))
    seconds = time.perf_counter() - began
    print(f"one day planned for real: {planned.customers} customers, {planned.candidates} candidates, "
          f"{planned.reserved} reserved: {seconds:.1f} s")  # fmt: skip
    return seconds, await simulate(house.ports, tightened(old.texts), days=days, progress=_told())


def _told() -> Progress:
    said = [time.perf_counter()]

    def progress(done: int, total: int | None, message: str) -> None:
        if sys.stderr.isatty() and time.perf_counter() - said[0] > 1:
            said[0] = time.perf_counter()
            print(f"\r{done}/{total} {message}   ", end="", file=sys.stderr)

    return progress


async def main() -> None:
    """Both, and how they compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--home", type=Path)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "home"
        if told.home is not None:
            shutil.copytree(told.home, home, ignore=shutil.ignore_patterns("run"))
        settings = Settings.from_environment({"CONTACT_HOME": str(home)})
        house = await join(replace(settings, demo=True))
        try:
            if told.home is None:
                await furnish(house, Path(name), told.customers)
            seconds, found = await measure(house, told.days)
        finally:
            await house.close()
    plain = seconds * told.days * 2
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"{found.days} days by two playbooks: {found.seconds:.1f} s on {os.cpu_count()} cores, "
          f"{found.before} and {found.after} contacts; planning them one by one would take {plain:.0f} s: "
          f"{plain / found.seconds:.1f} times as long")  # fmt: skip
    print(
        f"memory at most: {own.ru_maxrss // 1024} MB here, {others.ru_maxrss // 1024} MB in the largest other process"
    )
    for words in found.words:
        print(f"  {words}")


if __name__ == "__main__":
    asyncio.run(main())
