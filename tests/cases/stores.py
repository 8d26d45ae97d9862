"""A real store that holds what a case gives, its clock standing still at the instant of each step."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pandas
import pytest
import yaml

from contact.flow.selecting.import_file import import_file
from contact.ports import Ports
from contact.settings import Settings
from contact.storage.databases.rows import MOMENTS
from contact.storage.databases.transaction import Transaction
from contact.storage.open import Stores, open_stores
from strategies.cases.case import Case
from strategies.instants import Instant
from strategies.profile import Consent, PastContact, PastEvent
from tests.migrated import copy_migrated

FOUND = ("scores.", "advice.")
"""Sources of fields that no file delivers."""


def settings_of(home: Path, database_url: str) -> Settings:
    """Settings of a store whose clock may be moved."""
    return Settings(
        home=home, database_url=database_url, redis_url=None, host="127.0.0.1", port=0, sms_url=None,
        demo=True, lease_seconds=60.0,
    )  # fmt: skip


@asynccontextmanager
async def given(
    case: Case, home: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, *, rehashed: bool = False
) -> AsyncIterator[Stores]:
    """Stores with the case's playbook in force, its customer, consents and history."""
    settings = settings_of(home, database_url)
    if database_url.startswith("sqlite:///"):
        copy_migrated(Path(database_url.removeprefix("sqlite:///")))
    stores = open_stores(settings)
    stand_still(monkeypatch, case.steps[0].at)
    await stores.playbooks.publish(case.playbook, base=None, author="case", why=case.id)
    stored = as_stored(case, stores) if rehashed else case
    await stores.database.write(lambda tx: _records(tx, stored))
    try:
        yield stores
    finally:
        await stores.close()


def stand_still(monkeypatch: pytest.MonkeyPatch, at: Instant) -> None:
    """Every transaction reads this instant: golden cases speak of exact microseconds."""
    monkeypatch.setattr(Transaction, "now", lambda self: at)


def _records(tx: Transaction, case: Case) -> None:
    for consent in case.profile.consents:
        _consent(tx, consent)
    for contact in case.profile.contacts:
        _contact(tx, case, contact)
    for number, happened in enumerate(case.profile.events):
        event(tx, case.profile.customer, happened, f"event-{number}")


def event(tx: Transaction, customer: str, happened: PastEvent, id: str) -> None:
    """Something that happened to the customer, as its report would leave it."""
    tx.run(
        "accept_event",
        id=id,
        type=happened.type,
        customer_id=customer,
        unit=None,
        at_us=happened.at,
        data="{}",
    )


async def delivered(case: Case, stores: Stores, ports: Ports, home: Path) -> None:
    """The case's customer and lines come in through the importer, as an operator's files would."""
    profile, fields = case.profile, case.playbook.fields
    row: dict[str, object] = {
        "id": profile.customer, "account": profile.account, "household": profile.household, "device": profile.device,
        "name": "Case", "number": case.numbers.get(profile.number_hash or ""), "language": profile.language,
        "zone": profile.zone, "unit": profile.unit, "jurisdiction": profile.jurisdiction,
    }  # fmt: skip
    types = {
        name: field.type
        for name, field in fields.items()
        if profile.facts.get(name) is not None and not field.source.startswith(FOUND)
    }
    row |= {name: _written(profile.facts[name], type) for name, type in types.items()}
    await _import(ports, home, "customers", row, types)
    for line in profile.lines:
        number = case.numbers.get(line.number_hash or "")
        await _import(
            ports, home, "lines", {"id": line.id, "customer": profile.customer, "number": number}, {}
        )
    agent = {"id": "A1", "name": "Case", "role": "agent", "channels": "outbound_call"}
    await _import(ports, home, "staff", agent, {})
    await _found(case, ports)


async def _found(case: Case, ports: Ports) -> None:
    """Scores and advice come in as scoring and matching write them."""
    customer, fields = case.profile.customer, case.playbook.fields.items()
    rows = {
        "scores": [({"customer": customer}, case.profile.facts)],
        "advice": [({"customer": customer, "line": line.id}, line.facts) for line in case.profile.lines],
    }
    for kind, facts in rows.items():
        known = {
            name: field
            for name, field in fields
            if field.source.startswith(f"{kind}.") and any(each.get(name) is not None for _, each in facts)
        }
        if known:
            columns = {name: field.source.partition(".")[2] for name, field in known.items()}
            frame = pandas.DataFrame(
                [
                    {**own, **{column: each.get(name) for name, column in columns.items()}}
                    for own, each in facts
                ]
            )
            await ports.learning.write(
                kind, frame, {columns[name]: field.type for name, field in known.items()}
            )


def as_stored(case: Case, stores: Stores) -> Case:
    """The case with number hashes as this installation makes them."""
    hashes = {known: stores.hasher(number) for known, number in case.numbers.items()}
    profile = replace(
        case.profile,
        number_hash=hashes.get(case.profile.number_hash or ""),
        consents=tuple(
            replace(each, number_hash=hashes.get(each.number_hash or "")) for each in case.profile.consents
        ),
        contacts=tuple(
            replace(each, number_hash=hashes.get(each.number_hash or "")) for each in case.profile.contacts
        ),
    )
    return replace(case, profile=profile)


def _written(value: object, type: str) -> object:
    if type == "money":
        assert isinstance(value, int)
        return f"{value / 100:.2f}"
    return str(value).lower() if isinstance(value, bool) else value


async def _import(ports: Ports, home: Path, kind: str, row: dict[str, object], types: dict[str, str]) -> None:
    known = {name: value for name, value in row.items() if value is not None}
    path = home / f"{kind}.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([list(known), list(known.values())])
    columns = {name: {"from": name, "type": types[name]} if name in types else name for name in known}
    mapping = yaml.safe_dump({"kind": kind, "mode": "upsert", "columns": columns})
    await import_file(ports, kind, str(path), mapping)


def _consent(tx: Transaction, consent: Consent) -> None:
    tx.run(
        "insert_consent", customer_id=consent.customer, number_hash=consent.number_hash, channel=consent.channel,
        category=consent.category, given=int(consent.given), at_us=consent.at, source="case", evidence="",
        until_us=consent.until, idempotency=None, recorded_us=consent.at,
    )  # fmt: skip


def _contact(tx: Transaction, case: Case, contact: PastContact) -> None:
    row = {
        "id": contact.id, "task_id": None, "customer_id": contact.customer or case.profile.customer,
        "account_id": contact.account or case.profile.account, "household_id": contact.household,
        "device_id": contact.device, "number_hash": contact.number_hash, "line_id": None,
        "strategy": contact.strategy, "offer": contact.offer, "family": contact.family, "channel": contact.channel,
        "direction": contact.direction, "category": contact.category, "promotional": int(contact.promotional),
        "state": contact.state, "planned_us": contact.planned_at, "valid_until_us": contact.planned_at,
        "created_us": contact.planned_at, "receipt_until_us": contact.receipt_until, "result": contact.result,
        "final": int(contact.final), "playbook": case.playbook.version, "epochs": "{}",
    }  # fmt: skip
    row |= {f"{name}_us": contact.moments.get(name) for name in MOMENTS}
    tx.connection.execute(*_insert(tx, "contact", row))


def _insert(tx: Transaction, table: str, row: dict[str, object]) -> tuple[str, dict[str, object]]:
    mark = "%({})s" if tx.dialect == "postgresql" else ":{}"
    places = ", ".join(mark.format(name) for name in row)
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", row
