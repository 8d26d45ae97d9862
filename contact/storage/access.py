"""Keys, console links and sessions: secrets are shown once and kept as hashes. All on real time."""

from __future__ import annotations

import secrets
from hashlib import sha256

from uuid_utils import uuid7

from contact.clock import real_now
from contact.ports import Key
from contact.storage.database import Database
from contact.storage.transaction import Transaction
from strategies.instants import HOUR, SECOND

LINK_LASTS = 60 * SECOND
SESSION_LASTS = 12 * HOUR


class Keys:
    """Keeps KeyPort on either database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def create(self, role: str, person: str | None) -> str:
        """A new key's secret, shown once."""
        secret = f"ck_{secrets.token_urlsafe(32)}"
        row = {
            "id": str(uuid7()),
            "secret_hash": _hash(secret),
            "role": role,
            "person": person,
            "created_us": real_now(),
        }
        await self.database.write(lambda tx: tx.run("insert_key", **row))
        return secret

    async def authenticate(self, secret: str) -> Key | None:
        """The key of a secret, None where there is none that holds."""
        row = await self.database.read(lambda tx: tx.row("find_key", secret_hash=_hash(secret)))
        return Key(row["id"], row["role"], row["person"]) if row else None

    async def console_link(self, role: str, person: str | None) -> str:
        """A token good once for 60 s."""
        token = secrets.token_urlsafe(24)
        row = {
            "token_hash": _hash(token),
            "role": role,
            "person": person,
            "expires_us": real_now() + LINK_LASTS,
        }
        await self.database.write(lambda tx: tx.run("insert_link", **row))
        return token

    async def open_session(self, token: str) -> str | None:
        """Trade a link token for a session secret; None where it was used or has expired."""
        secret = secrets.token_urlsafe(32)

        def work(tx: Transaction) -> str | None:
            now = real_now()
            link = tx.row("use_link", token_hash=_hash(token), now_us=now)
            if link is None:
                return None
            tx.run(
                "insert_session", secret_hash=_hash(secret), role=link["role"], person=link["person"],
                created_us=now, expires_us=now + SESSION_LASTS,
            )  # fmt: skip
            return secret

        return await self.database.write(work)

    async def session(self, secret: str) -> Key | None:
        """Who sits at the console under this session, None where it has run out."""
        row = await self.database.read(
            lambda tx: tx.row("find_session", secret_hash=_hash(secret), now_us=real_now())
        )
        return Key(f"session-{_hash(secret)[:12]}", row["role"], row["person"]) if row else None

    async def end_session(self, secret: str) -> None:
        """Log out."""
        await self.database.write(lambda tx: tx.run("end_session", secret_hash=_hash(secret)))


def _hash(secret: str) -> str:
    """Secrets have 192 bits and more of their own, so that a plain hash is enough."""
    return sha256(secret.encode()).hexdigest()
