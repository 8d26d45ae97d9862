"""What the faces need of callers: keys, sessions, and requests already answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from contact.ports.claims import Claim
from strategies.instants import Instant

ROLES = (
    "agent", "strategist", "analyst", "supervisor", "account_manager", "portal", "ivr", "gateway", "data_scientist", "admin",
)  # fmt: skip
"""All there are; what each may do stands in the table of routes and in the console's."""


@dataclass(frozen=True, slots=True)
class Key:
    """An API key or a session as the server knows it, never its secret."""

    id: str
    role: str
    person: str | None
    unit: str | None = None
    """Whose customers: of this unit and those below it; None: of the whole operator."""
    expires: Instant | None = None
    proved: bool = True
    """False: the store could not be asked, and it held when it was last looked up. It opens routes that are answered without
    the store, and no decision about anybody, nor an answer that was kept."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose customers a caller may see and change; the empty scope is nobody's."""

    units: tuple[str, ...] | None = None
    """None: of every unit, and of none."""
    manager: str | None = None
    """Only those whom this account manager looks after."""

    @property
    def whole(self) -> bool:
        """No bounds: the whole operator."""
        return self.units is None and self.manager is None


WHOLE = Scope()


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as lists show it."""

    prefix: str
    """The first part of the secret, which may be shown and names the key: ``ck_7f3k2m9q``."""
    role: str
    person: str | None
    unit: str | None
    created: Instant
    expires: Instant | None
    revoked: Instant | None


class KeyPort(Protocol):
    """Keys, console links and sessions; only hashes are stored. Runs on real time."""

    async def create(
        self, role: str, person: str | None, *, unit: str | None = None, expires: Instant | None = None, by: str = "cli"
    ) -> str:  # fmt: skip
        """The secret, shown once."""
        ...

    async def authenticate(self, secret: str, *, patience: float | None = None) -> Key | None:
        """None where no key of this secret holds at this moment. Raises StoreUnavailable, also after so many seconds."""
        ...

    async def keys(self) -> list[KeyRow]:
        """Every key that was ever made, newest first."""
        ...

    async def revoke(self, prefix: str, *, by: str, why: str = "") -> KeyRow:
        """The key opens nothing from now on, in no process. Raises NotFound, Conflict where it was revoked already."""
        ...

    async def rotate(self, prefix: str, *, keep: int = 0, by: str, expires: Instant | None = None) -> str:
        """A new key for the same caller; the old one ends now, or after ``keep`` microseconds. Raises NotFound, Conflict."""
        ...

    async def console_link(self, role: str, person: str | None, *, unit: str | None = None) -> str:
        """A token good once for 60 s."""
        ...

    async def open_session(self, token: str) -> str | None:
        """Trade a link token for a session secret; None where used or expired."""
        ...

    async def session(self, secret: str, *, active: bool = True) -> Key | None:
        """Who sits there; ``active`` tells that a person did something, which keeps the session from idling out."""
        ...

    async def end_session(self, secret: str) -> None:
        """Log out: the secret opens nothing from now on."""
        ...

    async def end_sessions(self, person: str, *, by: str) -> int:
        """Log this person out everywhere; how many sessions that ended."""
        ...


@dataclass(frozen=True, slots=True)
class LoginRow:
    """Somebody who may log in with a password."""

    person: str
    role: str
    unit: str | None
    set: Instant | None
    """When the password was set; None: not yet."""
    barred: bool
    on_staff: bool
    """Whether the staff file still knows the person; nobody else comes in."""


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a try to log in."""

    secret: str | None = field(default=None, repr=False)
    """The new session's; None where person or password was wrong, or nothing was looked at."""
    locked: bool = False
    """Too many tries under this name: nothing was looked at, whatever the password."""


class LoginPort(Protocol):
    """People of the staff file who log in with a password; only argon2 hashes are stored. Runs on real time."""

    async def invite(self, person: str, role: str, unit: str | None, *, by: str) -> str:
        """A token with which the person sets a password, once, within a day. Raises NotFound for nobody of the staff."""
        ...

    async def invited(self, token: str) -> str | None:
        """Whom the token lets set a password; None where it was used or is too old."""
        ...

    async def set_password(self, token: str, password: str) -> str | None:
        """Use the token up and end the person's sessions; whose it was, None where it was used or is too old.

        Raises ProblemsFound for a password that is too easy.
        """
        ...

    async def log_in(self, person: str, password: str) -> Entered:
        """A session for the person, if the password is theirs; after a few wrong ones the name is locked for a while.

        Raises Crowded where too many try at once; then nothing was looked at.
        """
        ...

    async def bar(self, person: str, *, by: str, why: str = "") -> int:
        """No password of the person opens anything, and open sessions end; how many. Raises NotFound."""
        ...

    async def logins(self) -> list[LoginRow]:
        """By person."""
        ...


@dataclass(frozen=True, slots=True)
class Begun:
    """How a request with an Idempotency-Key stands: ``fresh, stored, mismatch, in_progress, effected``."""

    state: str
    status: int = 0
    """HTTP status of the stored answer, where there is one."""
    body: bytes = field(default=b"", repr=False)
    claim: Claim | None = None
    """Where it is fresh: to be held while the request is carried out."""


class IdempotencyPort(Protocol):
    """Requests already answered, by caller and key, so that a retry has one effect. Runs on real time."""

    async def begin(self, scope: str, key: str, payload_hash: str) -> Begun:
        """Claim the key: ``fresh`` at first, and again once a claim never finished is 60 s old.

        ``stored`` with the answer, ``mismatch`` where the payload was another, ``in_progress`` meanwhile; ``effected``
        where it was carried out by a process that died before it could answer.
        Records older than a day may be dropped.
        """
        ...

    async def finish(self, scope: str, key: str, status: int, body: bytes) -> None:
        """Keep the answer for every retry."""
        ...

    async def abandon(self, scope: str, key: str) -> None:
        """Forget the claim: nothing was changed, the same request may come again."""
        ...
