"""G6: a receipt or an outcome is applied once, in any order, however often it comes.

Attempts are deliveries of receipts and completions, grants the receipts and outcomes there really are. Each receipt comes
one to five times, all are shuffled, three of ten contacts hear of theirs before the gateway has answered, and a process
that delivers is killed and begins again. Judges: a sequential model of docs/promises.md over the reports in the order in
which they happened, and what callers were told: applied twice is a violation, acknowledged and not applied is lost.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from contact.flow.publishing.publish import publish
from contact.ports import Completion, Permit, Person, Receipt, Reserved
from contact.settings import Settings
from contact.wiring import House, join
from strategies.candidate import Candidate
from strategies.instants import HOUR, Instant
from tests.contracts.situations import CALL, CHANNELS, CONSENT, OPERATOR, playbook, profile, wish
from tests.faults.place import Place, Spot
from tests.faults.processes import Child
from tests.faults.row import Row
from tests.faults.tally import Tally, read_tallies
from tests.machines.states import after_reports
from tests.races import mutants

SMS = Candidate(channel="sms", category="marketing")
EARLY = 0.3
AT_ONCE = 16
SETS = (
    ("delivered",), ("undelivered",), ("sent", "delivered"), ("sent", "undelivered"), ("sent",), (), ("not_sent",),
)  # fmt: skip
MUTANT = "receipt_not_deduplicated"


@dataclass(frozen=True, slots=True)
class Sent:
    """A hand-over, how the gateway answered it, and what it reported later."""

    contact: str
    fence: int
    answered: bool
    early: bool
    reports: tuple[str, ...]


def prove(place: Place) -> Row:
    """The shipped build with a killed deliverer, then the build that takes each arrival for new."""
    row = Row("G6", place.kind)
    asyncio.run(deliver_all(place, row, place.count(150, 16_700), place.count(1, 20), "-"))
    asyncio.run(complete_all(place, row, place.count(20, 1_000)))
    mutant = Row("G6", place.kind)
    asyncio.run(deliver_all(place, mutant, 10, 0, MUTANT))
    row.try_mutant(MUTANT, caught=mutant.violations > 0)
    return row


async def deliver_all(place: Place, row: Row, contacts: int, kills: int, mutant: str) -> None:
    """Hand over so many messages and deliver their receipts, each several times, all shuffled."""
    draw = random.Random(6)
    with place.spot("receipts") as spot:
        house = await join(spot.settings)
        sent = [await _hand_over(house, number, draw) for number in range(contacts)]
        arrivals = [
            (f"{each.contact}-{report}", each.contact, report, place_in_time)
            for each in sent
            for place_in_time, report in enumerate(each.reports)
            for _ in range(draw.randint(1, 5))
        ]
        draw.shuffle(arrivals)
        early = {each.contact for each in sent if each.early}
        await _answer(house, [each for each in sent if not each.early])
        (spot.folder / "arrivals").write_text(json.dumps(arrivals))
        late = asyncio.create_task(_answer_during(house, [each for each in sent if each.early]))
        row.kills += await asyncio.to_thread(_deliver, spot, kills, mutant)
        await late
        judge(row, spot, sent, arrivals, await _kept(house))
        row.remarks.append(f"{mutant}: {len(early)} of {contacts} heard of before the answer")
        await house.close()


def _deliver(spot: Spot, kills: int, mutant: str) -> int:
    """Two processes bring the same receipts; one of them is killed, and begins again from the beginning."""
    children = [
        Child(
            "tests.faults.g06_once:run",
            spot.folder,
            half,
            mutant,
            environment=spot.environment,
            log=spot.folder / "workers.log",
        )
        for half in range(2)
    ]
    killed = 0
    while any(each.alive for each in children):
        time.sleep(0.15)
        started = any(spot.folder.glob("receipts-*"))
        if killed < kills and started and children[0].alive:
            children[0].kill()
            children[0].start()
            killed += 1
    return killed


def run(folder: Path, half: int, mutant: str) -> None:
    """Deliver every second arrival, in a process of its own."""
    asyncio.run(_bring(folder, half, mutant))


async def _bring(folder: Path, half: int, mutant: str) -> None:
    house = await join(Settings.from_environment())
    if mutant != "-":
        mutants.switch_on(mutant, house.stores)
    tally = Tally(folder, "receipts")
    arrivals = iter(json.loads((folder / "arrivals").read_text())[half::2])
    now = (await house.ports.clock.now()).at

    async def bring() -> None:
        for id, contact, report, order in arrivals:
            fresh = await house.ports.ledger.receive(Receipt(id, contact, report, Instant(now + order)))
            tally.note("applied" if fresh else "known", id)

    await asyncio.gather(*(bring() for _ in range(AT_ONCE)))
    await house.close()


def judge(
    row: Row,
    spot: Spot,
    sent: list[Sent],
    arrivals: list[tuple[str, str, str, int]],
    kept: dict[str, tuple[str, int]],
) -> None:
    """Model and tallies against the ledger."""
    told = list(read_tallies(spot.folder, "receipts"))
    applied = Counter(each.about[0] for each in told if each.what == "applied")
    known = {each.about[0] for each in told}
    row.attempts += len(told)
    row.grants += len({id for id, *_ in arrivals})
    row.lost += len({id for id, *_ in arrivals} - known)
    twice = [id for id, times in applied.items() if times > 1]
    row.violations += len(twice)
    row.remarks += [f"applied {applied[id]} times: {id}" for id in twice[:2]]
    for each in sent:
        expected = after_reports("sent" if each.answered else "unknown", each.reports)
        state, repeated = kept[each.contact]
        row.unknown += state == "unknown"
        if state != expected or repeated:
            row.violations += 1
            row.remarks.append(f"{each}: {state}, the model says {expected}; moves repeated: {repeated}")


async def _hand_over(house: House, number: int, draw: random.Random) -> Sent:
    rules = playbook()
    who = profile(f"C{number}")
    now = (await house.ports.clock.now()).at
    reserved = await house.ports.ledger.reserve(wish(rules, who, now, SMS, valid_until=Instant(now + HOUR)))
    assert isinstance(reserved, Reserved)
    permit = await house.ports.ledger.permit(reserved.contact, who, rules)
    assert isinstance(permit, Permit)
    answered = draw.random() < 0.7
    reports = draw.choice([each for each in SETS if not answered or "not_sent" not in each])
    return Sent(permit.contact, permit.fence, answered, draw.random() < EARLY, reports)


async def _answer_during(house: House, sent: list[Sent]) -> None:
    """The gateway's answers arrive while receipts are under way."""
    await asyncio.sleep(1.0)
    await _answer(house, sent)


async def _answer(house: House, sent: list[Sent]) -> None:
    for each in sent:
        if each.answered:
            await house.ports.ledger.confirm(each.contact, each.fence, "gateway")  # type: ignore[arg-type]
        else:
            await house.ports.ledger.ambiguous(each.contact, each.fence, "lost")  # type: ignore[arg-type]


async def _kept(house: House) -> dict[str, tuple[str, int]]:
    """State of each contact, and how many of its moves led to a state it had been led to before."""
    database = house.stores.database
    rows = await database.read(lambda tx: tx.connection.execute("SELECT id, state FROM contact").fetchall())
    moves = await database.read(
        lambda tx: tx.connection.execute(
            "SELECT contact_id, to_state, count(*) AS n FROM contact_move GROUP BY contact_id, to_state HAVING count(*) > 1"
        ).fetchall()
    )
    again = Counter(row["contact_id"] for row in moves)
    return {row["id"]: (row["state"], again[row["id"]]) for row in rows}


def _texts() -> dict[str, str]:
    return {
        "operator.yaml": OPERATOR, "fields.yaml": "fields: {}\n", "events.yaml": "events: {complaint_closed: {}}\n",
        "policies/law.yaml": CONSENT, **CHANNELS,
    }  # fmt: skip


async def complete_all(place: Place, row: Row, calls: int) -> None:
    """Agents report each call one to five times at once: one report counts."""
    draw = random.Random(66)
    with place.spot("outcomes") as spot:
        house = await join(spot.settings)
        await publish(house.ports, _texts(), None, "faults", "outcomes")
        for number in range(calls):
            times = draw.randint(1, 5)
            row.attempts += times
            row.grants += 1
            took = await _complete(house, number, times)
            row.violations += took > 1
            row.lost += took == 0
        await house.close()


async def _complete(house: House, number: int, times: int) -> int:
    rules = await house.ports.playbooks.current()
    who, now = profile(f"C{number}"), (await house.ports.clock.now()).at
    await house.ports.ledger.reserve(wish(rules, who, now, CALL, valid_until=Instant(now + HOUR)))
    agent = Person("P1", "P1", "agent", None)
    task = await house.ports.tasks.next(agent, "outbound_call", 60)
    assert task is not None and task.contact is not None
    await house.ports.ledger.permit(task.contact, who, rules, fence=task.fence, person=agent.id)
    report = Completion(task.id, task.fence, agent.id, "rejected", profile=who)
    answers = await asyncio.gather(
        *(house.ports.tasks.complete(report, rules) for _ in range(times)), return_exceptions=True
    )
    return sum(not isinstance(each, BaseException) for each in answers)
