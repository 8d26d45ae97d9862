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


class KeyPort(Protocol):
    """Keys, console links and sessions; only hashes are stored. Runs on real time."""

    async def create(self, role: str, person: str | None) -> str:
        """The secret, shown once."""
        ...

    async def authenticate(self, secret: str) -> Key | None: ...
    async def console_link(self, role: str, person: str | None) -> str:
        """A token good once for 60 s."""
        ...

    async def open_session(self, token: str) -> str | None:
        """Trade a link token for a session secret; None where used or expired."""
        ...

    async def session(self, secret: str) -> Key | None: ...
    async def end_session(self, secret: str) -> None:
        """Log out: the secret opens nothing from now on."""
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
