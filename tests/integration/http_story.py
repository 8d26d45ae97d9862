"""A small operator for HTTP tests: its playbook as texts, and the files it delivers."""

from __future__ import annotations

from typing import Any

import aiohttp

from contact.flow.jobs.run_job import run_job
from tests.integration.http_client import Answer, Server

PLAYBOOK = {
    "operator.yaml": """
name: {en: Little Mobile}
currency: CNY
zone: Asia/Shanghai
plausible_zones: [Asia/Shanghai]
week_start: monday
languages: [en, zh-CN]
categories: {marketing: {promotional: true}, service: {promotional: false}}
universal_control: 0
contacts_per_day: 1
""",
    "units.yaml": """
units:
  - {id: HQ, kind: head_office, title: {en: Head office}}
  - {id: P1, kind: province, parent: HQ, title: {en: Province}}
  - {id: B1, kind: branch, parent: P1, title: {en: Branch}}
  - {id: G1, kind: grid, parent: B1, title: {en: Grid}}
""",
    "fields.yaml": """
fields:
  arpu: {type: money, source: customers.arpu, title: {en: ARPU, zh-CN: 月均消费}, on_card: true}
  last_order: {type: text, source: customers.last_order}
""",
    "events.yaml": "events:\n  ordered: {sets: {last_order: data.offer}, lasts: P90D}\n",
    "channels.yaml": """
channels:
  outbound_call:
    title: {en: Calls, zh-CN: 外呼}
    direction: outgoing
    delivery: agents
    needs_number: true
    capacity: [{from: "09:00", to: "18:00", per_hour: 20}]
    cost: 2
    stale_after: PT2H
    receipt_wait: P1D
    reserve_for: PT15M
    attempts: {total: 2, after: {no_answer: {times: 1, wait: PT60M}}}
  web:
    title: {en: Web, zh-CN: 网厅}
    direction: incoming
    delivery: interactive
    cost: 0
    stale_after: PT2M
    receipt_wait: P1D
    reserve_for: PT15M
""",
    "policies/legal/law.yaml": """
policy: law
layer: legal
consent_default: [{channels: [outbound_call, web], categories: [marketing], is: opt_out}]
rules:
  - rule: hours
    effect: hours
    match: {promotional: true, direction: outgoing}
    zone: customer
    open: [{from: "09:00", to: "21:00"}]
""",
    "policies/company/caps.yaml": """
policy: caps
layer: company
rules:
  - rule: weekly-calls
    effect: cap
    subject: customer
    match: {channels: [outbound_call], promotional: true}
    window: {sliding: P7D}
    max: 1
""",
    "strategies/more-data.yaml": """
strategy: more-data
title: {en: More data, zh-CN: 流量升级}
category: marketing
audience: arpu >= 50
control: {percentage: 0}
value: 60
task_valid: P3D
goal: {event: ordered, within: P7D}
offers:
  - offer: data-20
    family: data
    title: {en: 20 GB pack, zh-CN: 20GB 流量包}
    channels:
      outbound_call:
        propensity: 0.3
        script: {en: ["Good day {name}, may I tell you about the 20 GB pack?"], zh-CN: ["{name}您好"]}
        why: {en: ["Pays {arpu} yuan a month"], zh-CN: ["月均消费 {arpu} 元"]}
      web: {propensity: 0.2, text: {en: "20 GB more?", zh-CN: "加 20GB？"}}
""",
}  # fmt: skip

CUSTOMERS = "id,name,msisdn,zone,unit,arpu\n" + "".join(
    f"C{n},Li Number{n},1380000000{n},Asia/Shanghai,G1,{40 + n * 10}\n" for n in range(1, 10)
)
CUSTOMER_MAPPING = """
kind: customers
mode: snapshot
columns:
  id: id
  name: name
  number: {from: msisdn, type: phone, region: CN}
  zone: zone
  unit: unit
  arpu: {from: arpu, type: money}
"""
LINES = "id,customer,msisdn\n" + "".join(f"L{n},C{n},1380000000{n}\n" for n in range(1, 10))
LINE_MAPPING = """
kind: lines
mode: snapshot
columns:
  id: id
  customer: customer
  number: {from: msisdn, type: phone, region: CN}
"""
STAFF = "id,name,role,unit,languages,channels\nA1,Wang,agent,HQ,en,outbound_call\nA2,Zhou,agent,HQ,en,outbound_call\n"
STAFF_MAPPING = (
    "kind: staff\nmode: snapshot\ncolumns: {id: id, name: name, role: role, unit: unit, "
    "languages: languages, channels: channels}\n"
)
DAY = "2030-03-05"
MORNING = "2030-03-05T10:30:00+08:00"


def number_of(customer: str) -> str:
    return f"+861380000000{customer[1:]}"


async def do(server: Server, answer: Answer) -> Any:
    """Do the job an answer names, as a worker would, and answer how it stands."""
    assert answer.status == 202, answer.raw
    await run_job(server.house.ports, answer.json["job"])
    kind = "imports" if answer.json["kind"] == "import" else "plans"
    return (await server.get(f"/v1/{kind}/{answer.json['job']}")).json


async def deliver(server: Server, kind: str, text: str, mapping: str) -> Any:
    """Import a file over HTTP."""
    form = aiohttp.FormData()
    form.add_field("kind", kind)
    form.add_field("mapping", mapping)
    form.add_field("file", text.encode(), filename=f"{kind}.csv")
    job = await do(server, await server.post("/v1/imports", form()))
    assert job["state"] == "done", job
    return job


async def open_the_shop(server: Server) -> None:
    """Publish, import, set the clock to a morning, and give agent A1 and A2 their keys: all over HTTP but the keys."""
    published = await server.post("/v1/playbooks", {"texts": PLAYBOOK, "base": None, "why": "test"})
    assert published.status == 201, published.raw
    for kind, text, mapping in (
        ("customers", CUSTOMERS, CUSTOMER_MAPPING),
        ("lines", LINES, LINE_MAPPING),
        ("staff", STAFF, STAFF_MAPPING),
    ):
        await deliver(server, kind, text, mapping)
    moved = await server.post("/v1/clock", {"to": "2030-03-05T08:00:00+08:00"})
    assert moved.status == 200, moved.raw
    for person in ("A1", "A2"):
        server.keys[person] = await server.house.ports.keys.create("agent", person)
