"""People who log in with a password: argon2 hashes, one-time links to set one, and a lock after wrong tries. Real time."""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

from contact.clock import real_now
from contact.domain.acts import Act
from contact.domain.passwords import LONGEST, weaknesses
from contact.faults import Crowded, NotFound
from contact.ports import Entered, LoginRow
from contact.storage.access.keys import hash_of, insert_session
from contact.storage.databases.chaining import record_in
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Transaction
from strategies.instants import DAY, MINUTE, Instant
from strategies.problems import Problem, ProblemsFound, Where

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_T = TypeVar("_T")
LINK_LASTS = 1 * DAY
MOST_TRIES = 5
LOCKED_FOR = 15 * MINUTE
AT_ONCE = 2
"""Hashes worked out at once by a process: each takes 64 MiB and a core for a while."""
LONGEST_LINE = 16
"""Who may wait for that; whoever comes then is told to come again, so that nobody without a password fills the house."""


class Logins:
    """Keeps LoginPort on either database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._in_line = 0

    async def invite(self, person: str, role: str, unit: str | None, *, by: str) -> str:
        """A token with which the person sets a password, once, within a day. Raises NotFound."""
        token = secrets.token_urlsafe(32)

        def work(tx: Transaction) -> str:
            if tx.row("read_person", id=person) is None:
                raise NotFound(f"there is no person {person} on the staff file")
            now = real_now()
            tx.run("put_login", person=person, role=role, unit=unit)
            tx.run("forget_password_links", person=person, now_us=now)
            tx.run("put_password_link", token_hash=hash_of(token), person=person, expires_us=now + LINK_LASTS)
            tx.run("forget_attempts", name_hash=_name(person))
            told: dict[str, str | int] = {"role": role, "link": "made"}
            record_in(
                tx, Act(by, "", "person.password", person, {**told, **({"unit": unit} if unit else {})})
            )
            return token

        return await self.database.write(work)

    async def invited(self, token: str) -> str | None:
        """Whom the token lets set a password; None where it was used or is too old."""
        row = await self.database.read(
            lambda tx: tx.row("find_password_link", token_hash=hash_of(token), now_us=real_now())
        )
        return row["person"] if row else None

    async def set_password(self, token: str, password: str) -> str | None:
        """Use the token up and end the person's sessions; whose it was. Raises ProblemsFound for one that is too easy."""
        person = await self.invited(token)
        if person is None:
            return None
        plain = _normal(password)
        found = [
            Problem("password.weak", message, Where("password"), hint)
            for message, hint in weaknesses(plain, person)
        ]
        if found:
            raise ProblemsFound(found)
        hashed = await self._in_turn(lambda: _hasher().hash(plain))

        def work(tx: Transaction) -> str | None:
            now = real_now()
            row = tx.row("use_password_link", token_hash=hash_of(token), now_us=now)
            if row is None:
                return None
            tx.run("set_password", person=person, password_hash=hashed, now_us=now)
            tx.run("end_sessions_of_person", person=person)
            tx.run("forget_attempts", name_hash=_name(person))
            record_in(tx, Act(person, "", "person.password", person, {"password": "set"}))
            return person

        return await self.database.write(work)

    async def log_in(self, person: str, password: str) -> Entered:
        """A session for the person, if the password is theirs; who is unknown costs the same time as a wrong password.

        Raises Crowded, before a try is counted, where too many wait already.
        """
        if self._in_line >= AT_ONCE + LONGEST_LINE:
            raise Crowded
        self._in_line += 1
        try:
            return await self._log_in(person, password)
        finally:
            self._in_line -= 1

    async def _log_in(self, person: str, password: str) -> Entered:
        name = _name(person)
        if not await self.database.write(lambda tx: _counted(tx, name)):
            return Entered(locked=True)
        row = await self.database.read(lambda tx: tx.row("read_login", person=person))
        known = row["password_hash"] if row is not None and not row["barred"] else None
        fits = await self._in_turn(lambda: _verified(known, password))

        def work(tx: Transaction) -> Entered:
            now = tx.row("read_login", person=person)
            if row is None or now is None:
                return Entered()
            if not fits or now["password_hash"] != known or tx.row("read_person", id=person) is None:
                record_in(tx, Act(person, now["role"], "login.failed"))
                return Entered()
            tx.run("forget_attempts", name_hash=name)
            record_in(tx, Act(person, now["role"], "login", details={"by": "password"}))
            return Entered(insert_session(tx, now["role"], person, now["unit"], login=person))

        return await self.database.write(work)

    async def bar(self, person: str, *, by: str, why: str = "") -> int:
        """No password of the person opens anything, and open sessions end; how many. Raises NotFound."""

        def work(tx: Transaction) -> int:
            known = tx.run("bar_login", person=person)
            tx.run("forget_password_links", person=person, now_us=real_now())
            ended = tx.run("end_sessions_of_person", person=person)
            if not known and not ended:
                raise NotFound(f"{person} has neither a password nor an open session")
            details: dict[str, str | int] = {"barred": 1, "sessions": ended}
            record_in(tx, Act(by, "", "person.password", person, details, why))
            return ended

        return await self.database.write(work)

    async def logins(self) -> list[LoginRow]:
        """By person."""
        return [
            LoginRow(
                row["person"], row["role"], row["unit"],
                None if row["set_us"] is None else Instant(row["set_us"]), bool(row["barred"]), bool(row["on_staff"]),
            )
            for row in await self.database.read(lambda tx: tx.rows("list_logins"))
        ]  # fmt: skip

    async def _in_turn(self, work: Callable[[], _T]) -> _T:
        """Off the loop that answers, a few at a time."""
        async with self._turns:
            return await asyncio.to_thread(work)


def _counted(tx: Transaction, name: str) -> bool:
    """Count a try before it is looked at, so that no number of tries at once gets more looks; False where it is locked."""
    now = real_now()
    tx.run("forget_old_attempts", before_us=now - DAY)
    return (
        tx.row("count_attempt", name_hash=name, now_us=now, before_us=now - LOCKED_FOR, most=MOST_TRIES)
        is not None
    )


def _name(person: str) -> str:
    """What was typed as a name may be anything, a password too: only its hash is kept."""
    return sha256(person.encode("utf-8", "surrogatepass")).hexdigest()


def _normal(password: str) -> str:
    """The same letters typed on another keyboard are the same password."""
    return unicodedata.normalize("NFC", password)


def _verified(known: str | None, password: str) -> bool:
    from argon2.exceptions import Argon2Error, InvalidHashError

    plain = _normal(password)[:LONGEST]
    try:
        return _hasher().verify(known or _nobodys(), plain) and known is not None
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    """argon2id with the library's parameters: RFC 9106, 64 MiB, three passes."""
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobodys() -> str:
    """A hash to compare with where there is none, so that the time does not tell who is known."""
    return _hasher().hash(secrets.token_urlsafe(16))
