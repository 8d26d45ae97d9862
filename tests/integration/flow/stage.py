"""A small operator for the flow tests: its playbook, its files, and the SMS gateway it would talk to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from contact.flow.publishing.publish import publish
from contact.flow.selecting.import_file import import_file
from contact.ports import Ports
from contact.wiring import House
from strategies.instants import Instant, parse_instant

OPERATOR = """
name: {en: Test Mobile, zh-CN: 测试移动}
currency: CNY
zone: Asia/Shanghai
plausible_zones: [Asia/Shanghai]
week_start: monday
languages: [en, zh-CN]
categories: {marketing: {promotional: true}, service: {promotional: false}}
universal_control: 0
contacts_per_day: 1
"""
FIELDS = """
fields:
  arpu: {type: money, source: customers.arpu, title: {en: ARPU}, on_card: true}
  data_gb: {type: number, source: customers.data_gb}
  p_sms: {type: number, source: customers.p_sms}
  p_call: {type: number, source: customers.p_call}
  complaint_open: {type: boolean, source: customers.complaint_open}
  roaming_now: {type: boolean, source: customers.roaming_now}
"""
EVENTS = """
events:
  roaming_started: {sets: {roaming_now: true}, lasts: P1D}
  ordered: {sets: {}}
"""
UNITS = """
units:
  - {id: H, kind: head_office, title: {en: Head}}
  - {id: P1, kind: province, parent: H, title: {en: Province}}
  - {id: B1, kind: branch, parent: P1, title: {en: East}}
  - {id: G1, kind: grid, parent: B1, title: {en: Grid one}}
"""
CHANNELS = {
    "channels.yaml": """
channels:
  outbound_call:
    title: {en: Call}
    direction: outgoing
    delivery: agents
    needs_number: true
    capacity: [{from: "09:00", to: "18:00", per_hour: 5}]
    stale_after: PT2H
    receipt_wait: PT4H
    reserve_for: PT15M
    attempts: {total: 2, after: {no_answer: {times: 1, wait: PT60M}}}
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
  web:
    title: {en: Web}
    direction: incoming
    delivery: interactive
    reserve_for: PT15M
""",
}
LAW = """
policy: law
layer: legal
consent_default: [{is: opt_out}]
rules:
  - rule: quiet
    effect: hours
    match: {promotional: true, direction: outgoing}
    zone: customer
    open: [{from: "10:00", to: "21:00"}]
  - rule: complaint
    effect: forbid
    when: COALESCE(complaint_open, FALSE)
    match: {promotional: true}
"""
CAPS = """
policy: caps
layer: company
rules:
  - rule: weekly
    title: {en: weekly contacts}
    effect: cap
    match: {channels: [sms, outbound_call]}
    window: {sliding: P7D}
    max: 1
"""
STRATEGY = """
strategy: data-upgrade
title: {en: Data upgrade, zh-CN: 流量升级}
category: marketing
audience: data_gb >= 5
control: {percentage: CONTROL}
value: 60
task_valid: P3D
goal: {event: ordered, within: P7D}
offers:
  - offer: data-20
    family: data
    title: {en: 20 GB pack, zh-CN: 20GB 流量包}
    channels:
      sms: {propensity: p_sms, text: {en: "Hello {name}, you use {data_gb} GB.", zh-CN: "{name}您好，您用 {data_gb} GB。"}}
      outbound_call:
        propensity: p_call
        script: {en: ["Hello {name}.", "You pay {arpu} a month.", "Shall I set it up?"]}
        why: {en: ["uses {data_gb} GB a month"]}
      web: {propensity: p_sms, text: {en: "20 GB for you, {name}."}}
"""
SERVICE = """
strategy: care
title: {en: Care}
category: service
audience: data_gb >= 0
value: 1
task_valid: P1D
goal: {event: ordered, within: P7D}
offers:
  - offer: thanks
    family: care
    title: {en: Thanks}
    channels:
      web: {propensity: 1, text: {en: "Thank you."}}
"""


def texts(*, control: str = "0", caps: str = CAPS, service: bool = False) -> dict[str, str]:
    """The operator's playbook, with a control group of so many percent."""
    found = {
        "operator.yaml": OPERATOR, "fields.yaml": FIELDS, "events.yaml": EVENTS, "units.yaml": UNITS, **CHANNELS,
        "policies/law.yaml": LAW, "policies/caps.yaml": caps,
        "strategies/data-upgrade.yaml": STRATEGY.replace("CONTROL", control),
    }  # fmt: skip
    return found | ({"strategies/care.yaml": SERVICE} if service else {})


CUSTOMERS_MAPPING = """
kind: customers
mode: snapshot
columns:
  id: id
  account: account
  name: name
  number: {from: number, type: phone, region: CN}
  language: language
  zone: zone
  unit: unit
  arpu: {from: arpu, type: money}
  data_gb: {from: data_gb, type: number}
  p_sms: {from: p_sms, type: number}
  p_call: {from: p_call, type: number}
  complaint_open: {from: complaint_open, type: boolean, codes: {"1": true, "0": false}}
  roaming_now: {from: roaming_now, type: boolean, codes: {"1": true, "0": false}}
"""
COLUMNS = (
    "id", "account", "name", "number", "language", "zone", "unit", "arpu", "data_gb", "p_sms", "p_call",
    "complaint_open", "roaming_now",
)  # fmt: skip
STAFF_MAPPING = """
kind: staff
mode: snapshot
columns: {id: id, name: name, role: role, unit: unit, team: team, languages: languages, channels: channels}
"""


def customer(number: int, **changes: object) -> dict[str, object]:
    """Customer ``C1``, ``C2`` …: a heavy user of grid G1 who answers calls rather than messages."""
    return {
        "id": f"C{number}", "account": f"A{number}", "name": f"Person {number}", "number": f"138{number:08}",
        "language": "en", "zone": "Asia/Shanghai", "unit": "G1", "arpu": "230", "data_gb": "12.5", "p_sms": "0.1",
        "p_call": "0.2", "complaint_open": "0", "roaming_now": "0", **changes,
    }  # fmt: skip


async def deliver(ports: Ports, folder: Path, customers: Iterable[dict[str, object]]) -> None:
    """The operator's files, through the public importer: customers and two agents."""
    people = folder / "customers.csv"
    rows = [",".join(str(each[name]) for name in COLUMNS) for each in customers]
    people.write_text("\n".join([",".join(COLUMNS), *rows]) + "\n")
    await import_file(ports, "customers", str(people), CUSTOMERS_MAPPING)
    await deliver_staff(ports, folder)


async def deliver_staff(ports: Ports, folder: Path) -> None:
    """Two agents."""
    staff = folder / "staff.csv"
    staff.write_text("id,name,role,unit,team,languages,channels\nP1,Wu,agent,H,t,,\nP2,Li,agent,H,t,,\n")
    await import_file(ports, "staff", str(staff), STAFF_MAPPING)


async def open_for_business(
    house: House, folder: Path, customers: Iterable[dict[str, object]], playbook: dict[str, str] | None = None,
    at: str = "2030-03-04T09:00+08:00",
) -> Instant:  # fmt: skip
    """Publish, import, and move the store's clock to a Monday morning in Shanghai."""
    moment = await house.ports.clock.move_to(parse_instant(at))
    await publish(house.ports, playbook or texts(), None, "strategist", "first playbook")
    await deliver(house.ports, folder, customers)
    return moment.at


@dataclass
class Gateway:
    """An SMS gateway of the outside world: takes messages over HTTP and keeps its own log."""

    status: int = 202
    log: list[dict[str, str]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        """Answer as told, writing down what was taken."""
        body = await request.json()
        if self.status == 202:
            self.log.append(body)
        return web.json_response({"reference": f"r{len(self.log)}"}, status=self.status)
