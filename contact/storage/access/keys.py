"""Keys, console links and sessions: secrets are shown once and kept as hashes. All on real time."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from hashlib import sha256

from uuid_utils import uuid7

from contact.clock import real_now
from contact.domain.acts import Act
from contact.faults import Conflict, NotFound
from contact.ports import Key, KeyRow
from contact.storage.databases.chaining import record_in
from contact.storage.databases.database import Database
from contact.storage.databases.one_reading import OneReading
from contact.storage.databases.transaction import Row, Transaction
from strategies.instants import DAY, HOUR, MINUTE, SECOND, Instant

LINK_LASTS = 60 * SECOND
SESSION_LASTS = 12 * HOUR
SESSION_IDLES = 1 * HOUR
"""A session in which nobody does anything for so long opens nothing any more."""
TOUCHED_EVERY = 1 * MINUTE
_PREFIX_SIGNS = "abcdefghijkmnpqrstuvwxyz23456789"


class Keys:
    """Keeps KeyPort on either database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._reading: OneReading[str, Key | None] = OneReading(
            database.look_up, _keys_of, database.look_up_here
        )

    async def create(
        self, role: str, person: str | None, *, unit: str | None = None, expires: Instant | None = None, by: str = "cli"
    ) -> str:  # fmt: skip
        """A new key's secret, shown once."""

        def work(tx: Transaction) -> str:
            return _insert_key(tx, role, person, unit, expires, by)

        return await self.database.write(work)

    async def authenticate(self, secret: str, *, patience: float | None = None) -> Key | None:
        """The key of a secret, None where there is none that holds at this moment.

        Raises StoreUnavailable, also after ``patience`` seconds.
        """
        return await self._reading.ask(hash_of(secret), patience=patience)

    async def keys(self) -> list[KeyRow]:
        """Every key that was ever made, newest first."""
        return [_key_row(row) for row in await self.database.read(lambda tx: tx.rows("list_keys"))]

    async def revoke(self, prefix: str, *, by: str, why: str = "") -> KeyRow:
        """The key opens nothing from now on, in no process. Raises NotFound, Conflict where it was revoked already."""

        def work(tx: Transaction) -> KeyRow:
            row = _there(tx, prefix)
            now = real_now()
            if not tx.run("revoke_key", id=row["id"], now_us=now):
                raise Conflict(f"key {prefix} was revoked already")
            record_in(tx, Act(by, "", "key.revoked", row["prefix"], {"role": row["role"]}, why))
            return _key_row({**row, "revoked_us": now})

        return await self.database.write(work)

    async def rotate(self, prefix: str, *, keep: int = 0, by: str, expires: Instant | None = None) -> str:
        """A new key for the same caller; the old one ends now, or after ``keep`` microseconds. Raises NotFound, Conflict."""

        def work(tx: Transaction) -> str:
            row, now = _there(tx, prefix), real_now()
            if row["revoked_us"] is not None or (row["expires_us"] is not None and row["expires_us"] <= now):
                raise Conflict(f"key {prefix} holds no longer: create another one")
            secret = _insert_key(tx, row["role"], row["person"], row["unit"], expires, by)
            if keep:
                tx.run("end_key_at", id=row["id"], at_us=now + keep)
            else:
                tx.run("revoke_key", id=row["id"], now_us=now)
            details = {"role": row["role"], "ends": now + keep}
            record_in(tx, Act(by, "", "key.revoked", row["prefix"], details, "rotated"))
            return secret

        return await self.database.write(work)

    async def console_link(self, role: str, person: str | None, *, unit: str | None = None) -> str:
        """A token good once for 60 s."""
        token = secrets.token_urlsafe(24)
        row = {
            "token_hash": hash_of(token),
            "role": role,
            "person": person,
            "unit": unit,
            "expires_us": real_now() + LINK_LASTS,
        }
        await self.database.write(lambda tx: tx.run("insert_link", **row))
        return token

    async def open_session(self, token: str) -> str | None:
        """Trade a link token for a session secret; None where it was used or has expired."""

        def work(tx: Transaction) -> str | None:
            link = tx.row("use_link", token_hash=hash_of(token), now_us=real_now())
            if link is None:
                return None
            record_in(tx, Act(link["person"] or link["role"], link["role"], "login", details={"by": "link"}))
            return insert_session(tx, link["role"], link["person"], link["unit"])

        return await self.database.write(work)

    async def session(self, secret: str, *, active: bool = True) -> Key | None:
        """Who sits at the console under this session; None where it has run out, or its person may no longer log in.

        ``active`` tells that a person did something, which keeps the session from idling out.
        """
        now, hashed = real_now(), hash_of(secret)
        row = await self.database.read(
            lambda tx: tx.row("find_session", secret_hash=hashed, now_us=now, idle_us=now - SESSION_IDLES)
        )
        if row is None:
            return None
        if active and row["seen_us"] <= now - TOUCHED_EVERY:
            await self.database.write(lambda tx: tx.run("touch_session", secret_hash=hashed, now_us=now))
        id = f"session-{hashed[:12]}"
        return Key(id, row["role"], row["person"], row["unit"], Instant(row["expires_us"]))

    async def end_session(self, secret: str) -> None:
        """Log out."""

        def work(tx: Transaction) -> None:
            now, hashed = real_now(), hash_of(secret)
            row = tx.row("find_session", secret_hash=hashed, now_us=now, idle_us=now - SESSION_IDLES)
            if row is not None:
                record_in(tx, Act(row["person"] or row["role"], row["role"], "logout"))
            tx.run("end_session", secret_hash=hashed)

        await self.database.write(work)

    async def end_sessions(self, person: str, *, by: str) -> int:
        """Log this person out everywhere; how many sessions that ended."""

        def work(tx: Transaction) -> int:
            ended = tx.run("end_sessions_of_person", person=person)
            record_in(tx, Act(by, "", "logout", person, {"sessions": ended}))
            return ended

        return await self.database.write(work)


def _keys_of(tx: Transaction, hashes: Sequence[str]) -> list[Key | None]:
    """Everybody who asks at this moment, in one reading."""
    now = real_now()
    found = {
        row["secret_hash"]: Key(
            row["id"], row["role"], row["person"], row["unit"], _instant(row["expires_us"])
        )
        for row in tx.standing("find_keys", hashes=tuple(sorted(set(hashes))))
        if row["expires_us"] is None or row["expires_us"] > now
    }
    return [found.get(each) for each in hashes]


def insert_session(
    tx: Transaction, role: str, person: str | None, unit: str | None, *, login: str | None = None
) -> str:
    """A new session's secret; ``login`` is the person who came in by password. Old sessions are forgotten."""
    secret, now = secrets.token_urlsafe(32), real_now()
    tx.run("forget_sessions", before_us=now - DAY)
    tx.run(
        "insert_session", secret_hash=hash_of(secret), role=role, person=person, unit=unit, created_us=now,
        expires_us=now + SESSION_LASTS, login=login,
    )  # fmt: skip
    return secret


def hash_of(secret: str) -> str:
    """Secrets have 192 bits and more of their own, so that a plain hash is enough."""
    return sha256(secret.encode()).hexdigest()


def _insert_key(
    tx: Transaction, role: str, person: str | None, unit: str | None, expires: Instant | None, by: str
) -> str:
    prefix = "ck_" + "".join(secrets.choice(_PREFIX_SIGNS) for _ in range(8))
    # 192 bits, and with a name still one line of Base64: Kannel folds the header of a longer one, which is no HTTP
    secret = f"{prefix}_{secrets.token_urlsafe(24)}"
    tx.run(
        "insert_key", id=str(uuid7()), prefix=prefix, secret_hash=hash_of(secret), role=role, person=person,
        unit=unit, created_us=real_now(), expires_us=expires,
    )  # fmt: skip
    known = {"role": role, "person": person, "unit": unit, "expires": expires}
    told = {name: value for name, value in known.items() if value is not None}
    record_in(tx, Act(by, "", "key.created", prefix, told))
    return secret


def _there(tx: Transaction, prefix: str) -> Row:
    row = tx.row("key_of_prefix", prefix=prefix)
    if row is None:
        raise NotFound(f"there is no key {prefix}: `contact key list --all` names them")
    return row


def _key_row(row: Row) -> KeyRow:
    return KeyRow(
        prefix=row["prefix"], role=row["role"], person=row["person"], unit=row["unit"], created=Instant(row["created_us"]),
        expires=_instant(row["expires_us"]), revoked=_instant(row["revoked_us"]),
    )  # fmt: skip


def _instant(value: int | None) -> Instant | None:
    return None if value is None else Instant(value)
