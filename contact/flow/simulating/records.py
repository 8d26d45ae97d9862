"""What a simulation keeps: which days of which playbooks, one customer for all of them, and what came of a finished day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

import msgspec

from contact.faults import Conflict
from contact.flow.planning.draft import RefusalKey
from strategies.candidate import Ranked
from strategies.instants import Instant
from strategies.profile import PastContact, Profile

_T = TypeVar("_T")
OLD, NEW = 0, 1
"""The sides: the playbook in force, and the one that is tried."""
SIDES = (OLD, NEW)
_TAKEN_OVER = "another run goes on with this simulation"


class Span(msgspec.Struct, frozen=True):
    """The days, and all that must stay as it was for finished ones to hold."""

    old: str
    new: str
    first: str
    days: int
    began: Instant
    """From here on contacts are simulated; earlier ones are those of the ledger."""
    ahead: bool
    """Whether the first day is today or later, so that it is planned as of now."""
    generation: int

    def day(self, number: int) -> date:
        """The operator-local day of a number, from 0."""
        return date.fromordinal(date.fromisoformat(self.first).toordinal() + number)


class Kept(msgspec.Struct, array_like=True):
    """One customer for all days: facts, and what could be offered on each side, in order."""

    profile: Profile
    """With contacts from before the first day, and later ones that the customer came for."""
    other: Profile | None
    """The same as the new playbook's fields have it, where they differ."""
    recorded: list[PastContact]
    """Contacts of the simulated days as they really were: outcomes are taken from them."""
    ranked: tuple[list[Ranked], list[Ranked]]
    holes: tuple[bool, bool]
    """Whether a message among them names a field that is not known."""
    gates: tuple[list[str], list[str]]
    """Rules of eligibility that refused something."""


class Chunk(msgspec.Struct):
    """What weighing some customers found, beside those kept in its file."""

    number: int
    customers: int
    kept: int
    refusals: tuple[list[tuple[RefusalKey, int]], list[tuple[RefusalKey, int]]]
    """Refusals that are the same every day, by side."""
    allowed: dict[str, int]
    """Of customers not kept: rule → how many the new playbook no longer refuses, each day."""
    refused: dict[str, int]


class Wanted(msgspec.Struct, frozen=True, array_like=True):
    """A place that was given to a candidate, not yet known to be free."""

    chunk: int
    place: int
    number: int
    at: Instant
    id: str


class Made(msgspec.Struct, frozen=True, array_like=True):
    """The contact it becomes, and what became of that at its hand-over: done, put off, or taken back."""

    reserved: PastContact
    after: PastContact
    subjects: tuple[str, ...]
    branch: str
    segments: tuple[str, ...]


class Waiting(msgspec.Struct, frozen=True, array_like=True):
    """A contact that its permit put off to another day."""

    wanted: Wanted
    contact: PastContact
    until: Instant
    """When its task stops being valid."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """A place that a day's plan gave away."""

    customer: str
    channel: str
    strategy: str
    offer: str
    at: Instant
    value: float
    unit: str
    segments: tuple[str, ...] = ()


class Side(msgspec.Struct):
    """One day of one playbook."""

    places: list[Place]
    refusals: list[tuple[RefusalKey, int]]
    contacts: list[PastContact]
    """What became of the places, and of contacts put off to this day, as later days see it."""
    capacity: list[tuple[str, Instant, int]]
    control: int = 0
    lapsed: int = 0
    """Places taken back before the hand-over, because of what the customer said or did in between."""
    waiting: list[Waiting] = []
    """Contacts put off to a later day."""


class Day(msgspec.Struct):
    """A finished day."""

    day: str
    sides: tuple[Side, Side]
    allowed: dict[str, int]
    """Rule → customers whom the old playbook refused by it and the new one does not."""
    refused: dict[str, int]
    only_new: list[str]
    """Contacts of the new side to customers whom the old one does not reach that day in that channel."""
    capped: list[str]
    """Customers a cap refuses because of such a contact of an earlier day."""


class Folder:
    """The files of one run of a simulation; each is whole or not there.

    Writing raises Conflict once another run has taken them over.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def span(self) -> Span | None:
        """Which days it was begun for."""
        return self._read("span", Span)

    def begin(self, span: Span) -> None:
        """Forget what other days left and begin these."""
        for each in self.path.glob("*.msgpack"):
            each.unlink()
        self._write("span", span)

    def chunks(self) -> list[Chunk] | None:
        """None as long as not everybody is weighed."""
        return self._read("chunks", list[Chunk])

    def weighed(self, chunks: Sequence[Chunk]) -> None:
        """Everybody is."""
        self._write("chunks", list(chunks))

    def kept(self, number: int) -> list[Kept]:
        """The customers of a chunk. Raises Conflict where another run has taken the files over."""
        found = self._read(f"chunk-{number:05}", list[Kept])
        if found is None:
            raise Conflict(_TAKEN_OVER)
        return found

    def keep(self, number: int, customers: Sequence[Kept]) -> None:
        """Write them down."""
        self._write(f"chunk-{number:05}", list(customers))

    def finished(self) -> int:
        """How many days are."""
        return sum(1 for _ in self.path.glob("day-*.msgpack"))

    def days(self) -> list[Day]:
        """Those finished, in order."""
        return [
            found for path in sorted(self.path.glob("day-*.msgpack")) if (found := self._read(path.stem, Day))
        ]

    def finish(self, number: int, day: Day) -> None:
        """A day is."""
        self._write(f"day-{number:04}", day)

    def _write(self, name: str, value: object) -> None:
        part = self.path / f"{name}.part"
        try:
            part.write_bytes(msgspec.msgpack.encode(value))
            part.replace(self.path / f"{name}.msgpack")
        except FileNotFoundError:
            raise Conflict(_TAKEN_OVER) from None

    def _read(self, name: str, kind: type[_T]) -> _T | None:
        try:
            content = (self.path / f"{name}.msgpack").read_bytes()
        except FileNotFoundError:
            return None
        return msgspec.msgpack.decode(content, type=kind)


def as_kept(refusals: Mapping[RefusalKey, int]) -> list[tuple[RefusalKey, int]]:
    """Refusals with their counts, in the order in which they are kept."""
    return sorted(refusals.items())


def by_rule(sides: Sequence[Side]) -> Counter[str]:
    """Refusals of some days, by rule alone."""
    found: Counter[str] = Counter()
    for side in sides:
        for (_, _, _, rule), count in side.refusals:
            found[rule] += count
    return found
