"""A small operator for the import tests: its playbook, its mappings, and a store to import into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from contact.domain.answers import ImportAnswer
from contact.settings import Settings
from contact.storage.open import Stores, open_stores
from strategies.compiling.compile import compile_playbook
from strategies.declared.playbook import Playbook
from strategies.profile import CustomerId, Profile

PLAYBOOK = {
    "operator.yaml": """
name: {en: Test Mobile}
currency: CNY
zone: Asia/Shanghai
plausible_zones: [Asia/Shanghai]
week_start: monday
languages: [en]
categories: {marketing: {promotional: true}, service: {promotional: false}}
universal_control: 0
contacts_per_day: 1
""",
    "units.yaml": """
units:
  - {id: H, kind: head_office, title: {en: Head}}
  - {id: P1, kind: province, parent: H, title: {en: Province}}
  - {id: B1, kind: branch, parent: P1, title: {en: East}}
  - {id: G1, kind: grid, parent: B1, title: {en: Grid one}}
""",
    "fields.yaml": """
fields:
  arpu: {type: money, source: customers.arpu}
  arpu_number: {type: number, source: customers.arpu}
  tier: {type: text, source: customers.tier}
  birthday: {type: date, source: customers.birthday}
  score: {type: number, source: customers.score}
  tags: {type: list, source: customers.tags}
  roaming_now: {type: boolean, source: customers.roaming_now}
  lines: {type: number, source: lines.id, aggregate: count}
  plan_gb: {type: number, source: lines.plan_gb, aggregate: max}
  data_gb: {type: number, source: usage.data_gb, aggregate: mean, months: 2}
  data_peak: {type: number, source: usage.data_gb, aggregate: max}
  data_last: {type: number, source: usage.data_gb, aggregate: latest}
  bill_sum: {type: money, source: bills.total, aggregate: sum}
  products: {type: number, source: products.product, aggregate: count}
  product_names: {type: list, source: products.product, aggregate: any}
  complaint_open: {type: boolean, source: complaints.open, aggregate: any}
  complaint_kind: {type: text, source: complaints.kind, aggregate: latest}
  complained: {type: date, source: complaints.opened, aggregate: max}
  complaint_closed: {type: date, source: complaints.closed, aggregate: max}
  product_ended: {type: date, source: products.to, aggregate: max}
  own_id: {type: text, source: customers.id}
  churn_risk: {type: number, source: scores.churn_risk}
  churn_reasons: {type: list, source: scores.churn_reasons}
  tariff_worth: {type: money, source: advice.worth, aggregate: max}
  best_tariff: {type: text, source: advice.tariff, aggregate: latest}
""",
    "events.yaml": """
events:
  roaming_started: {sets: {roaming_now: true}, lasts: P1D}
""",
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
  web:
    title: {en: Web}
    direction: incoming
    delivery: interactive
    reserve_for: PT15M
""",
}

MAPPINGS = {
    "customers": """
kind: customers
mode: snapshot
max_shrink: 50
columns:
  id: id
  account: account
  name: name
  number: {from: number, type: phone, region: CN}
  zone: zone
  unit: unit
  arpu: {from: arpu, type: money}
  tier: tier
  birthday: {from: birthday, type: date}
  tags: {from: tags, type: list, separator: "|"}
  roaming_now: {from: roaming, type: boolean}
""",
    "scores": """
kind: customers
mode: upsert
columns: {id: id, score: {from: score, type: number, range: [0, 1]}}
""",
    "lines": """
kind: lines
mode: snapshot
columns: {id: id, customer: customer, number: {from: number, type: phone, region: CN}, plan_gb: {from: gb, type: number}}
""",
    "usage": "kind: usage\nmode: upsert\ncolumns: {line: line, month: month, data_gb: {from: gb, type: number}}\n",
    "bills": """
kind: bills
mode: snapshot
columns: {line: line, customer: customer, month: month, total: {from: total, type: money}}
""",
    "products": "kind: products\nmode: snapshot\ncolumns: {customer: customer, product: product, from: from}\n",
    "complaints": """
kind: complaints
mode: snapshot
columns: {id: id, customer: customer, opened: opened, closed: closed, kind: kind}
""",
    "contacts": """
kind: contacts
mode: upsert
max_faulty: 100
columns: {id: id, customer: customer, channel: channel, category: category, at: at, result: result, line: line}
""",
    "consents": """
kind: consents
mode: upsert
columns:
  customer: customer
  number: {from: number, type: phone, region: CN}
  given: given
  channel: channel
  category: category
  at: at
""",
    "staff": """
kind: staff
mode: snapshot
max_shrink: 50
columns: {id: id, name: name, role: role, languages: languages, channels: channels}
""",
}  # fmt: skip

CUSTOMERS = """id,account,name,number,zone,unit,arpu,tier,birthday,tags,roaming
C1,A1,王芳,13800000001,Asia/Shanghai,G1,120.50,gold,1980-02-29,b|a,no
C2,A1,NA,13800000002,,G1,80,,,,no
C3,,李雷,,Asia/Urumqi,,,silver,,,
"""
LINES = """id,customer,number,gb
L1,C1,13800000001,10
L2,C1,13800000011,20
L3,C2,13800000002,5
"""
USAGE = """line,month,gb
L1,2026-01,1
L1,2026-02,2
L2,2026-02,4
L1,2026-03,3
L3,2025-12,9
"""


@cache
def playbook() -> Playbook:
    """The operator's playbook, compiled."""
    return compile_playbook(PLAYBOOK)


def stores(home: Path, database_url: str | None = None) -> Stores:
    """The operator's stores, opened."""
    environment = {"CONTACT_HOME": str(home)}
    if database_url is not None:
        environment["CONTACT_DATABASE_URL"] = database_url
    return open_stores(Settings.from_environment(environment))


class Desk:
    """Somebody who delivers files to a store and looks at what came of them."""

    def __init__(self, opened: Stores, folder: Path) -> None:
        self.stores, self.folder = opened, folder
        self.playbook = playbook()

    async def deliver(
        self,
        mapping: str,
        content: str,
        *,
        changes: Mapping[str, str] | None = None,
        confirm_shrink: bool = False,
    ) -> ImportAnswer:
        """Import CSV text under one of the mappings, with some of its words exchanged."""
        text = MAPPINGS[mapping]
        for old, new in (changes or {}).items():
            text = text.replace(old, new)
        path = self.folder / f"{mapping}.csv"
        path.write_text(content, encoding="utf-8")
        kind = text.split("kind: ")[1].split()[0]
        return await self.stores.imports.take(
            kind,
            str(path),
            text,
            mapping_path=f"{mapping}.yaml",
            playbook=self.playbook,
            confirm_shrink=confirm_shrink,
        )

    async def profile(self, customer: str) -> Profile:
        """The customer as gathered."""
        return await self.stores.profiles.gather(CustomerId(customer), self.playbook)

    async def everybody(self, buckets: Sequence[int] | None = None) -> dict[str, Profile]:
        """All customers as a plan gathers them."""
        return {
            profile.customer: profile
            async for profiles in self.stores.profiles.all(self.playbook, buckets)
            for profile in profiles
        }

    async def state(self) -> dict[str, object]:
        """Everything the database holds, table by table."""
        tables = (
            "generation",
            "pointer",
            "identity",
            "line_identity",
            "staff",
            "consent",
            "subject",
            "contact",
            "contact_move",
        )
        return await self.stores.database.read(
            lambda tx: {table: tx.connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
        )
