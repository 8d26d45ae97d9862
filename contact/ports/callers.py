"""What flow needs to lay a caller's menu: what is known of the caller now, and whether what is kept was made of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from contact.ports.access import Scope
from ivr.call import Known
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.profile import CustomerId, Profile


@dataclass(frozen=True, slots=True)
class CallerAsked:
    """Who calls which menu: a customer, a number, or nobody we are told of."""

    menu: str
    customer: str | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class CallerSeen:
    """A caller as of one reading."""

    at: Instant
    customer: CustomerId | None
    """None: the number is nobody's, or several customers', or none was told."""
    known: Known
    learnt: Any
    """What was last learnt of the menu (``ivr.fitting.Learnt``); None before the first time."""
    stamp: tuple[int | str, ...] | None
    """Whatever is made of a caller's facts, calls and what was learnt is made of the same as long as this is the same; None:
    nothing may be kept."""


class CallerPort(Protocol):
    """Callers, read together with all who call at the same moment. Nothing is taken from memory that may have changed."""

    def within(self, scope: Scope) -> CallerPort:
        """For a caller of this scope: whoever is none of theirs is not found."""
        ...

    async def look(self, asked: CallerAsked) -> CallerSeen:
        """Who it is. Raises NotFound for a customer who is not there, StoreUnavailable also where it takes too long."""
        ...

    async def facts(self, customer: CustomerId, playbook: Playbook) -> tuple[Profile, Instant | None]:
        """The customer's facts without contacts and consents, and when time alone changes them. Raises NotFound."""
        ...

    def kept(self, key: tuple[str, ...], seen: CallerSeen) -> bytes | None:
        """What was kept under the key, if it was made of what is seen now and its time is not over."""
        ...

    def keep(self, key: tuple[str, ...], seen: CallerSeen, until: Instant, made: bytes) -> None:
        """Keep what was made of what is seen, no longer than until an instant."""
        ...
