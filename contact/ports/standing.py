"""What those who run the service ask: how much waits and since when, what was moved, which processes live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from strategies.instants import Instant


@dataclass(frozen=True, slots=True)
class Count:
    """How many stand in a state, of a channel or of a kind of job, and since when the oldest does."""

    of: str
    state: str
    count: int
    oldest: Instant | None


@dataclass(frozen=True, slots=True)
class GatewayTrouble:
    """The latest hand-over of a channel that its gateway did not take."""

    channel: str
    at: Instant
    why: str


@dataclass(frozen=True, slots=True)
class Standing:
    """One look at the store; instants of contacts and tasks by its clock, of jobs in real time."""

    at: Instant
    simulated: bool
    contacts: tuple[Count, ...]
    """Reserved, sending and unknown ones; the oldest by planned instant, or since when a gateway puts it off."""
    tasks: tuple[Count, ...]
    """Waiting, leased and started ones; the oldest by the instant before which nobody takes it."""
    jobs: tuple[Count, ...]
    """Queued and running ones, and those that failed within a day."""
    moves: Mapping[str, int]
    """State → contacts that came into it within the last minute: ``reserved`` are reservations, ``sending`` permits."""
    troubles: tuple[GatewayTrouble, ...]
    """Of the last hour, one a channel."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process of this service, as it last said of itself; real time."""

    pid: int
    host: str
    role: str
    version: str
    playbook: str
    """The version it works by; empty before the first."""
    started: Instant
    beat: Instant
    misses: Mapping[str, Instant] = field(default_factory=dict)
    """What does not answer it, or has no room for it, and since when: ``database``, ``redis``, ``journal``."""


@dataclass(frozen=True, slots=True)
class Journal:
    """The newest file of the journals of opt-outs and erasures; without one where nobody has withdrawn yet."""

    name: str
    bytes: int
    changed: Instant | None
    full: bool
    """Whether their disk has no room for a day of opt-outs."""


class StandingPort(Protocol):
    """For metrics and the status page."""

    async def standing(self, channels: Sequence[str]) -> Standing:
        """How the work of these channels stands. Raises StoreUnavailable."""
        ...

    async def beat(self, process: Process) -> None:
        """Say of a process that it lives."""
        ...

    async def gone(self, pid: int) -> None:
        """It ended as it should."""
        ...

    async def processes(self) -> list[Process]:
        """Who said so within the last hour, newest first; answers without the database."""
        ...

    async def journal(self) -> Journal:
        """How the journal of opt-outs stands; answers without the database."""
        ...
