"""A simulation equals what really happens: the same playbook in a store of its own, planned and handed over day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from contact.flow.hearing.receive import EventBody, event
from contact.flow.hearing.record_consent import ConsentBody, record_consent
from contact.flow.planning.plan import plan
from contact.flow.simulating.records import NEW, OLD, Day, Folder, by_rule
from contact.flow.simulating.simulate import simulated
from contact.flow.working import work_task
from contact.flow.working.dispatch import dispatch_due
from contact.flow.working.next_task import next_task
from contact.ports import Receipt
from contact.settings import Settings
from contact.wiring import House, join
from strategies.compiling.compile import compile_playbook
from strategies.instants import Instant, format_instant, parse_instant, to_datetime
from strategies.profile import Consent
from tests.integration.flow.learning_stage import deliver_contacts
from tests.integration.flow.stage import CAPS, Gateway, customer, open_for_business, texts

FIRST = date(2030, 3, 4)
DAYS = 6
CUSTOMERS = 24
OBJECTS, WHO_OBJECTS = parse_instant("2030-03-04T12:30+08:00"), "C1"
"""A message to them is planned for the afternoon of that day."""
ORDERS, WHO_ORDERS = parse_instant("2030-03-05T12:30+08:00"), "C5"
"""A call to them is planned for the afternoon: its permit puts it off for two days."""
RESTS = """
  - {rule: account-a-day, effect: cap, subject: account, match: {promotional: true},
     window: {calendar: day, zone: operator}, max: 1}
  - {rule: after-no, effect: suppress, match: {promotional: true}, results: [rejected], times: 1, same: offer, lasts: P3D}
  - {rule: after-order, effect: cooldown, match: {promotional: true, channels: [outbound_call]}, event: ordered, lasts: P2D}
"""

Given = tuple[str, str, str]
"""Customer, channel and hour of a place."""


def playbook(side: int) -> dict[str, str]:
    """The old one allows one contact a week; the new one two, but rests after a no, an order, and within an account."""
    caps = CAPS if side == OLD else CAPS.replace("max: 1", "max: 2") + RESTS
    found = texts(control="20", caps=caps)
    weekday = '{days: [mon, tue, wed, thu, fri], from: "10:00", to: "21:00"}'
    weekend = f'open: [{weekday}, {{days: [sat], from: "12:00", to: "14:00"}}]'
    found["policies/law.yaml"] = found["policies/law.yaml"].replace(
        'open: [{from: "10:00", to: "21:00"}]', weekend
    )
    found["channels.yaml"] = (
        found["channels.yaml"].replace("per_hour: 5", "per_hour: 1").replace("per_hour: 20", "per_hour: 1")
    )
    return found


def people() -> list[dict[str, object]]:
    """Two share an account each; a few are too light users, or have a complaint open."""
    return [
        customer(
            n, account=f"A{n // 2}", p_call=f"{0.2 + (n * 7 % CUSTOMERS) / 100}", p_sms=f"{0.1 + (n * 5 % CUSTOMERS) / 100}",
            data_gb="2" if n % 11 == 0 else "9", complaint_open="1" if n % 7 == 0 else "0",
        )
        for n in range(1, CUSTOMERS + 1)
    ]  # fmt: skip


def outcomes() -> dict[tuple[str, str], str]:
    """How calls ended that were really made on the days: (customer, day) → result."""
    return {
        (f"C{n}", str(FIRST + timedelta(days=day))): "rejected" if (n + day) % 2 else "accepted"
        for n in range(1, CUSTOMERS + 1) for day in range(DAYS) if (n + day) % 3
    }  # fmt: skip


def rows(later: bool) -> Iterable[str]:
    """Calls of the week before, and for the store that looks back those of the days themselves."""
    for n in range(1, 9):
        yield f"b{n},C{n},outbound_call,marketing,2030-02-{25 + n % 4}T11:00:00+08:00,no_answer,data-upgrade,data-20"
    for (who, day), result in outcomes().items() if later else ():
        yield f"{who}-{day},{who},outbound_call,marketing,{day}T15:20:00+08:00,{result},data-upgrade,data-20"


@asynccontextmanager
async def opened(folder: Path, sms_url: str, side: int, at: str, *, later: bool) -> AsyncIterator[House]:
    """A store of its own with the playbook of that side, the customers and their history."""
    folder.mkdir()
    settings = Settings.from_environment({"CONTACT_HOME": str(folder / "home")})
    house = await join(replace(settings, demo=True, sms_url=sms_url))
    try:
        await open_for_business(house, folder, people(), playbook(side), at)
        await deliver_contacts(house.ports, folder, rows(later))
        yield house
    finally:
        await house.close()


async def looked_back(folder: Path, sms_url: str) -> list[Day]:
    """The days as the simulation has them, in a store where they are over."""
    async with opened(folder, sms_url, OLD, "2030-03-20T09:00+08:00", later=True) as house:
        await house.ports.ledger.record_consent(
            Consent(False, OBJECTS, "sms", "promotional", customer=WHO_OBJECTS)
        )
        ordered = EventBody(id="o", type="ordered", at=to_datetime(ORDERS), customer=WHO_ORDERS, data={})
        await event(house.ports, ordered)
        old = await house.ports.playbooks.current()
        kept = Folder(house.ports.simulations.folder("replay"))
        _, days = await simulated(house.ports, old, compile_playbook(playbook(NEW)), kept, DAYS, FIRST)
        return days


async def lived(
    folder: Path, sms_url: str, gateway: Gateway, side: int
) -> list[tuple[set[Given], Mapping[str, int]]]:
    """The days as they really go: planned at midnight, handed over hour by hour; places and refusals of each."""
    found: list[tuple[set[Given], Mapping[str, int]]] = []
    async with opened(folder, sms_url, side, f"{FIRST}T00:00+08:00", later=False) as house:
        gateway.log.clear()
        for number in range(DAYS):
            day = FIRST + timedelta(days=number)
            if number:
                await house.ports.clock.move_to(parse_instant(f"{day}T00:00+08:00"))
            answer = await plan(house.ports, str(day))
            planned = await house.ports.tasks.list(day=str(day), limit=200)
            for hour in range(9, 19):
                await _reach(house, gateway, parse_instant(f"{day}T{hour:02}:00+08:00"), str(day))
            found.append(
                (
                    {
                        (row.customer, row.candidate.channel, format_instant(row.not_before))
                        for row in planned
                    },
                    answer.refusals,
                )
            )
    return found


async def _reach(house: House, gateway: Gateway, at: Instant, day: str) -> None:
    """One hour: what was said before it, then messages with their receipts, then calls."""
    now = (await house.ports.clock.now()).at
    for told in (OBJECTS, ORDERS):
        if now <= told < at:
            await house.ports.clock.move_to(told)
            if told == OBJECTS:
                await record_consent(house.ports, WHO_OBJECTS, ConsentBody(False, "sms", "promotional"))
            else:
                body = EventBody(id="o", type="ordered", at=to_datetime(told), customer=WHO_ORDERS, data={})
                await event(house.ports, body)
    await house.ports.clock.move_to(at)
    while await dispatch_due(house.ports, "sms"):
        pass
    moment = (await house.ports.clock.now()).at
    for message in gateway.log:
        receipt = Receipt(message["contact"], message["contact"], "delivered", moment)  # type: ignore[arg-type]
        await house.ports.ledger.receive(receipt)
    gateway.log.clear()
    while (pulled := await next_task(house.ports, "P1")).task is not None:
        task = pulled.task
        started = await work_task.start(house.ports, task.task, task.fence, "P1")
        if started.task is not None:
            result = outcomes().get((task.customer, day), "wants_time")
            await work_task.complete(house.ports, task.task, started.task.fence, "P1", result, "")


@pytest.mark.parametrize("side", [NEW, OLD])
async def test_a_simulation_equals_an_actual_replay(
    tmp_path: Path, gateway: tuple[Gateway, str], side: int
) -> None:
    """On each day the same customers get the same places in the same hours, and each rule refuses as often."""
    played, url = gateway
    days = await looked_back(tmp_path / "back", url)
    real = await lived(tmp_path / "real", url, played, side)
    refused: Counter[str] = Counter()
    for day, (places, refusals) in zip(days, real, strict=True):
        mine = day.sides[side]
        assert {(each.customer, each.channel, format_instant(each.at)) for each in mine.places} == places, (
            day.day
        )
        assert dict(by_rule([mine])) == dict(refusals), day.day
        refused.update(refusals)
    expected = {"caps.weekly", "law.complaint", "plan.capacity", "control.strategy"}
    if side == NEW:
        expected |= {"caps.account-a-day", "caps.after-no", "caps.after-order", "consent.opted_out"}
        assert sum(each.sides[NEW].lapsed for each in days) == 1, "who objected had a place that day"
        put_off = {each.contact.customer for day in days for each in day.sides[NEW].waiting}
        assert put_off == {WHO_ORDERS}
    assert expected <= refused.keys(), refused
