"""The small operator with tariffs and models: its lines, usage, bills, and customers of whom some are about to leave."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

from contact.flow.publishing.publish import publish
from contact.flow.selecting.import_file import import_file
from contact.ports import Ports
from contact.wiring import House
from strategies.instants import parse_instant
from tests.integration.flow.stage import (
    COLUMNS,
    CUSTOMERS_MAPPING,
    FIELDS,
    STRATEGY,
    customer,
    deliver_staff,
    texts,
)

NOW = "2030-03-04T10:30+08:00"
COUNTERS = """
counters:
  voice: {service: voice, reach: home, unit: min, title: {en: Calls, zh-CN: 通话}}
  data_gb: {service: data, reach: home, unit: GB, title: {en: Data, zh-CN: 流量}}
"""
TARIFFS = {
    "counters.yaml": COUNTERS,
    "tariffs/basic.yaml": """
tariff: basic
kind: base
title: {en: Basic, zh-CN: 基础套餐}
fee: 30
rates: {voice: 0.10, data_gb: 5}
contract: {months: 24, penalty: {fixed: 50, per_month_left: 20}}
""",
    "tariffs/plus.yaml": """
tariff: plus
kind: base
title: {en: Plus, zh-CN: 畅享套餐}
fee: 59
allowances: [{counters: [voice], amount: 300}, {counters: [data_gb], amount: 15}]
rates: {voice: 0.10, data_gb: 5}
contract: {months: 12}
addons: [data-5]
""",
    "tariffs/vip.yaml": """
tariff: vip
kind: base
title: {en: VIP}
fee: 10
rates: {voice: 0, data_gb: 0}
eligible: tier = 'gold'
""",
    "tariffs/data-5.yaml": """
tariff: data-5
kind: data
title: {en: 5 GB, zh-CN: 5GB 包}
fee: 10
allowances: [{counters: [data_gb], amount: 5}]
""",
}
ADVICE_FIELDS = """
  tier: {type: text, source: customers.tier}
  tariff_worth: {type: money, source: advice.worth, aggregate: max, title: {en: Worth of a change}}
  tariff_saving: {type: money, source: advice.saving, aggregate: max}
  best_tariff: {type: text, source: advice.tariff, aggregate: latest, title: {en: Best tariff}, on_card: true}
"""
TARIFF_TALK = """
strategy: tariff-talk
title: {en: Tariff advice}
category: marketing
audience: true
value: 10
goal: {event: ordered, within: P7D}
offers:
  - offer: best_tariff
    title: {en: A cheaper tariff}
    channels:
      web:
        propensity: 1
        text: {en: "{best_tariff} saves {tariff_saving} a month.", zh-CN: "{best_tariff}每月省 {tariff_saving} 元。"}
"""
LINES_MAPPING = """
kind: lines
mode: snapshot
columns:
  id: id
  customer: customer
  tariff: tariff
  addons: {from: addons, type: list}
  contract_end: {from: until, type: date}
"""
USAGE_MAPPING = """
kind: usage
mode: snapshot
columns:
  line: line
  month: month
  voice: {from: voice, type: number}
  data_gb: {from: data_gb, type: number}
"""
BILLS_MAPPING = """
kind: bills
mode: snapshot
columns: {line: line, month: month, total: {from: total, type: money}}
"""


async def take(ports: Ports, folder: Path, kind: str, header: str, rows: Iterable[str], mapping: str) -> None:
    """Import one file."""
    path = folder / f"{kind}.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    await import_file(ports, kind, str(path), mapping, confirm_shrink=True)


def tariff_texts() -> dict[str, str]:
    """The playbook with tariffs, their fields and a strategy that offers the best one."""
    found = texts() | TARIFFS | {"strategies/tariff-talk.yaml": TARIFF_TALK}
    found["fields.yaml"] = FIELDS + ADVICE_FIELDS
    return found


async def open_with_tariffs(house: House, folder: Path, playbook: dict[str, str] | None = None) -> None:
    """Six customers: one pays too much, one has the cheapest, one is new, one has a tariff nobody knows, one has no line,
    one a line without usage."""
    await house.ports.clock.move_to(parse_instant(NOW))
    await publish(house.ports, playbook or tariff_texts(), None, "strategist", "tariffs")
    people = [customer(number) | {"tier": "gold" if number == 2 else ""} for number in range(1, 7)]
    await take(
        house.ports, folder, "customers", ",".join((*COLUMNS, "tier")),
        (",".join(str(each[name]) for name in (*COLUMNS, "tier")) for each in people),
        CUSTOMERS_MAPPING + "  tier: {from: tier, type: text}\n",
    )  # fmt: skip
    lines = ["L1,C1,basic,,", "L2,C2,vip,,", "L3,C3,basic,,", "L4,C4,old,,", "L6,C6,basic,,"]
    await take(house.ports, folder, "lines", "id,customer,tariff,addons,until", lines, LINES_MAPPING)
    usage = ["L1,2029-12,200,10", "L1,2030-01,400,20", "L1,2030-02,0,0"]
    usage += [f"L2,2030-0{month},100,5" for month in (1, 2)] + ["L2,2029-12,100,5"]
    usage += [f"L3,2030-0{month},100,5" for month in (1, 2)]
    usage += [f"L4,2030-0{month},100,5" for month in (1, 2)] + ["L4,2029-12,100,5"]
    await take(house.ports, folder, "usage", "line,month,voice,data_gb", usage, USAGE_MAPPING)
    await take(house.ports, folder, "bills", "line,month,total", ["L1,2029-12,105"], BILLS_MAPPING)


CHURN = """
model: churn
learns: churn
title: {en: Leaving, zh-CN: 流失}
label: {field: churned}
features: [tenure, data_gb, tier]
segments: [tier]
"""
ACCEPTS = """
model: accepts
learns: propensity
title: {en: Accepting}
label: {outcomes: accepted}
features: [data_gb, tenure]
"""
REACHED = """
model: reached
learns: reach
title: {en: Being reached}
label: {outcomes: connected}
features: [tenure]
"""
LEAVING = """
model: churn
learns: churn
title: {en: Leaving}
label: {left: left_on, within_months: 1, months: 2}
features: [voice, tenure, tier]
"""
LEAVING_FIELDS = """
  voice: {type: number, source: usage.voice, aggregate: latest}
  left_on: {type: date, source: customers.left_on, known_at: outcome}
"""
MODEL_FIELDS = """
  tenure: {type: number, unit: months, source: customers.tenure, title: {en: Customer for, zh-CN: 在网时长}}
  tier: {type: text, source: customers.tier}
  churned: {type: boolean, source: customers.churned, known_at: outcome}
  churn_risk: {type: number, source: scores.churn_risk, range: [0, 1], title: {en: Churn risk}, on_card: true}
  churn_reasons: {type: list, source: scores.churn_risk_reasons, title: {en: Why}, on_card: true}
  p_data20_call: {type: number, source: scores.p_data_20_outbound_call}
  best_hour_call: {type: number, source: scores.best_hour_outbound_call}
"""
RETENTION = """
strategy: retention
title: {en: Stay}
category: service
audience: churn_risk >= 0.6
value: 30
goal: {event: ordered, within: P7D}
offers:
  - offer: stay
    title: {en: A word with you}
    channels:
      web: {propensity: 1, text: {en: "Stay with us ({churn_reasons}).", zh-CN: "请留下（{churn_reasons}）。"}}
"""
MODEL_COLUMNS = (*COLUMNS, "tenure", "tier", "churned")
MODEL_MAPPING = (
    CUSTOMERS_MAPPING
    + """  tenure: {from: tenure, type: number}
  tier: {from: tier, type: text}
  churned: {from: churned, type: boolean, codes: {"1": true, "0": false}}
"""
)


def model_texts(**models: str) -> dict[str, str]:
    """The playbook with these models (file name → text), their fields and a strategy that asks for the risk."""
    found = texts() | {f"models/{name}.yaml": text for name, text in (models or {"churn": CHURN}).items()}
    found["fields.yaml"] = FIELDS + MODEL_FIELDS
    return found | {"strategies/retention.yaml": RETENTION, "strategies/data-upgrade.yaml": _with_scores()}


def _with_scores() -> str:
    return STRATEGY.replace("CONTROL", "30").replace("propensity: p_call", "propensity: p_data20_call")


def people(count: int, seed: int = 7, churned: Sequence[str] | None = None) -> list[dict[str, object]]:
    """Customers of whom the new ones and the oldest leave, four of five, and of the others one in ten; gold ones stay.

    No straight line tells them apart, so that trees are better than the logistic baseline.
    """
    draw = random.Random(seed)
    found = []
    for number in range(1, count + 1):
        tenure = draw.randint(1, 60)
        tier = draw.choice(["gold", "plain", "plain"])
        risk = (0.85 if tenure < 15 or tenure > 45 else 0.1) - (0.1 if tier == "gold" else 0.0)
        label = "1" if draw.random() < risk else "0"
        found.append(
            customer(number, data_gb=f"{draw.uniform(1, 30):.1f}")
            | {"tenure": tenure, "tier": tier, "churned": label if churned is None else churned[number - 1]}
        )
    return found


async def open_with_models(
    house: House, folder: Path, customers: Iterable[dict[str, object]], playbook: dict[str, str] | None = None,
    mapping: str = MODEL_MAPPING,
) -> None:  # fmt: skip
    """Publish models and import customers with their labels, on a Monday morning in Shanghai."""
    await house.ports.clock.move_to(parse_instant(NOW))
    await publish(house.ports, playbook or model_texts(), None, "strategist", "models")
    await deliver_staff(house.ports, folder)
    rows = [",".join(str(each[name]) for name in MODEL_COLUMNS) for each in customers]
    if rows:
        await take(house.ports, folder, "customers", ",".join(MODEL_COLUMNS), rows, mapping)


CONTACTS_MAPPING = """
kind: contacts
mode: upsert
columns:
  id: id
  customer: customer
  channel: channel
  category: category
  at: {from: at, type: instant}
  result: result
  strategy: strategy
  offer: offer
"""


def contacts(customers: Iterable[dict[str, object]], seed: int = 11) -> list[str]:
    """Two calls a customer in February 2030: reached in the afternoon, accepted by those of middle tenure."""
    draw = random.Random(seed)
    found = []
    for number, each in enumerate(customers):
        tenure = int(str(each["tenure"]))
        for turn in (1, 2):
            hour = draw.randint(10, 17)
            reached = draw.random() < (0.85 if 14 <= hour <= 15 else 0.3)
            wants = draw.random() < (0.8 if 15 <= tenure <= 45 else 0.1)
            result = "no_answer" if not reached else "accepted" if wants else "rejected"
            at = f"2030-02-{1 + (number + turn * 9) % 28:02}T{hour:02}:30:00+08:00"
            found.append(
                f"{each['id']}-{turn},{each['id']},outbound_call,marketing,{at},{result},data-upgrade,data-20"
            )
    return found


async def deliver_contacts(ports: Ports, folder: Path, rows: Iterable[str]) -> None:
    """The operator's calls from before our time."""
    header = "id,customer,channel,category,at,result,strategy,offer"
    await take(ports, folder, "contacts", header, rows, CONTACTS_MAPPING)
