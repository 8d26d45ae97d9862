"""Switches of the test build beside the ledger: deliveries, requests, roles, places of urgent routes, restores."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

from contact.ports import Begun
from contact.storage.databases.database import Database
from contact.storage.databases.idempotency import Idempotency
from contact.storage.databases.postgresql import PostgreSQL
from contact.storage.databases.sqlite import SQLite
from contact.storage.databases.transaction import Connection
from contact.storage.imports import importing
from contact.storage.open import Stores


def names_first(stores: Stores) -> None:
    """Names are committed by themselves, some moments before the pointer moves."""
    original = importing.switch

    async def apart(database: Database, generations: Any, base: Any, files: Any, also: Any = None) -> int:
        if also is not None:
            await database.write(also)
        return await original(database, generations, base, files)

    replace_part(importing, "switch", apart)


def key_not_claimed(stores: Stores) -> None:
    """Every arrival of a request is taken for a new one."""

    class Forgetful(Idempotency):
        async def begin(self, scope: str, key: str, payload_hash: str) -> Begun:
            return await super().begin(scope, f"{key}~{uuid.uuid4()}", payload_hash)

    stores.idempotency.__class__ = Forgetful


def writes_first(stores: Stores) -> None:
    """A request leaves a trace before its body was read."""
    from contact.faces.http import serving

    original = serving._body

    async def noting(route: Any, request: Any) -> tuple[Any, bytes]:
        await stores.jobs.create("import", {})
        return await original(route, request)

    replace_part(serving, "_body", noting)


def any_key(stores: Stores) -> None:
    """Who has a key may do whatever the service can."""
    from contact.faces.http import serving

    replace_part(serving, "require_role", lambda route, key: None)


def no_reserved_places(stores: Stores) -> None:
    """Opt-outs and reports queue up behind whoever came before."""
    from contact.faces.http import application

    replace_part(application, "ROUTES", tuple(replace(row, urgent=False) for row in application.ROUTES))


def journal_not_replayed(stores: Stores | None) -> None:
    """A restore knows of the opt-outs that the backup knew, and of no later ones."""
    from contact.storage.backups import restore

    replace_part(restore, "_replay", lambda database, settings, manifest: 0)


def not_settled(stores: Stores | None) -> None:
    """What was open at the backup goes on as if nothing had happened since."""
    from contact.storage.backups import quarantine, restore

    replace_part(restore, "settle", lambda tx, waits: quarantine.Settled(0, 0, 0))


def no_quarantine(stores: Stores | None) -> None:
    """A restored store is open for business before anybody has looked."""
    from contact.storage.backups import restore

    replace_part(restore, "hold", lambda tx, author: None)


def commits_not_synced(stores: Stores | None) -> None:
    """A store tells of a commit that only the kernel's memory has, as it does where somebody found it too slow."""
    for kind, hastily in (
        (SQLite, "PRAGMA synchronous=NORMAL"),
        (PostgreSQL, "SET synchronous_commit = off"),
    ):
        replace_part(kind, "_open_writer", _opened_hastily(kind._open_writer, hastily))


def _opened_hastily(original: Callable[[Any], Connection], hastily: str) -> Callable[[Any], Connection]:
    def opened(self: Any) -> Connection:
        connection = original(self)
        connection.execute(hastily)
        connection.commit()
        return connection

    return opened


def replace_part(module: ModuleType | type, name: str, broken: object) -> None:
    """Put the broken part where the whole one is; fails where there is none, so that no mutant is a dud."""
    assert hasattr(module, name), f"{module.__name__} has no {name} any more"
    setattr(module, name, broken)
