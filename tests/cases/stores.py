"""A real store that holds what a case gives, its clock standing still at the instant of each step."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import pytest

from contact.settings import Settings
from contact.storage.migrate import migrate_sqlite
from contact.storage.open import Stores, open_stores
from contact.storage.rows import MOMENTS
from contact.storage.transaction import Transaction
from strategies.case import Case
from strategies.hashing import signed64
from strategies.instants import Instant
from strategies.profile import Consent, PastContact


@asynccontextmanager
async def given(
    case: Case, home: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stores]:
    """Stores with the case's playbook in force, its customer, consents and history."""
    settings = Settings(
        home=home, database_url=database_url, redis_url=None, host="127.0.0.1", port=0, sms_url=None,
        demo=True, lease_seconds=60.0,
    )  # fmt: skip
    if database_url.startswith("sqlite:///"):
        shutil.copy(_migrated(), database_url.removeprefix("sqlite:///"))
    stores = open_stores(settings)
    stand_still(monkeypatch, case.steps[0].at)
    await stores.playbooks.publish(case.playbook, base=None, author="case", why=case.id)
    await stores.database.write(lambda tx: _customer(tx, case))
    for consent in case.profile.consents:
        await stores.database.write(lambda tx, consent=consent: _consent(tx, consent))  # type: ignore[misc]
    for contact in case.profile.contacts:
        await stores.database.write(lambda tx, contact=contact: _contact(tx, case, contact))  # type: ignore[misc]
    try:
        yield stores
    finally:
        await stores.close()


@cache
def _migrated() -> Path:
    """An empty migrated database, made once: every case begins with a copy of it."""
    path = Path(tempfile.mkdtemp()) / "empty.db"
    migrate_sqlite(path)
    return path


def stand_still(monkeypatch: pytest.MonkeyPatch, at: Instant) -> None:
    """Every transaction reads this instant: golden cases speak of exact microseconds."""
    monkeypatch.setattr(Transaction, "now", lambda self: at)


def _customer(tx: Transaction, case: Case) -> None:
    profile = case.profile
    tx.connection.execute(
        *_insert(tx, "identity", {
            "customer_id": profile.customer, "customer_hash": signed64(profile.customer_hash), "bucket": profile.bucket,
            "account_id": profile.account, "household_id": profile.household, "device_id": profile.device,
            "name": "Case", "number": None, "number_hash": profile.number_hash, "language": profile.language,
            "zone": profile.zone, "unit": profile.unit, "manager": None,
        })
    )  # fmt: skip
    for line in profile.lines:
        row = {
            "line_id": line.id,
            "customer_id": profile.customer,
            "number": None,
            "number_hash": line.number_hash,
        }
        tx.connection.execute(*_insert(tx, "line_identity", row))
    facts = {
        name: value
        for name, value in profile.facts.items()
        if name in case.playbook.fields and value is not None
    }
    tx.run(
        "change_profile",
        customer_id=profile.customer,
        fields=json.dumps(facts),
        at_us=0,
        until_us=None,
        event_id="case",
    )


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
