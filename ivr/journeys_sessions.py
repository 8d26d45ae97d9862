"""Rows of a telephony log become journeys: which rows are one call, how long each stay was, and how the call ended.

Rows that name their call belong together by that name, unless six hours without a row lie between: a name used again.
Rows that only name a caller belong to one call of a menu as long as
no gap between them is longer than ``GAP``. A call's name is made of what the log says alone, so that the same rows are the
same call however often they are delivered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import pairwise

from ivr.call import ENQUIRY, ONE_CALL, Arm, CallOutcome, Journey, Source, Step
from strategies.declared.menu import Menu
from strategies.instants import MINUTE, Instant
from strategies.profile import FieldValue

GAP = 10 * MINUTE
ENDS: tuple[CallOutcome, ...] = ("reached", "agent", "abandoned", "opted_out")
ARMS: tuple[Arm, ...] = ("personal", "static", "unknown")


@dataclass(frozen=True, slots=True)
class Stay:
    """One row: a stay at a node, with what it says of its call."""

    line: int
    """Where it stands in its file."""
    at: Instant
    """When the node was reached."""
    node: str
    call: str | None = None
    caller: str | None = None
    """Who called, also where they are no customer: rows of one caller have the same."""
    customer: str | None = None
    key: str | None = None
    seconds: float | None = None
    """None: until the next row of the call."""
    menu: str = ""
    outcome: CallOutcome | None = None
    goal: str | None = None
    version: str = ""
    arm: Arm = "unknown"
    unit: str | None = None
    segment: str | None = None
    language: str = ""
    facts: Mapping[str, FieldValue] = field(default_factory=dict)
    """Fields as they were known when the call began."""


@dataclass(frozen=True, slots=True)
class Session:
    """A call made of rows."""

    journey: Journey
    lines: tuple[int, ...]


def sessions(stays: Iterable[Stay], menus: Mapping[str, Menu], source: Source = "log") -> list[Session]:
    """The calls that these rows are, oldest first; every row must name its call or its caller.

    Rows are taken in order of time, those of one instant as they come. What only some rows say of their call (outcome,
    goal, version, …) is what the last of them says. Where none says how the call ended, the kinds of its nodes do.
    """
    found = [
        Session(_journey(name, rows, menus.get(rows[0].menu), source), tuple(row.line for row in rows))
        for name, rows in _calls(stays)
    ]
    return sorted(found, key=lambda session: (session.journey.at, session.journey.id))


def enquiry(stay: Stay) -> Journey:
    """Something a caller asked an agent about: a journey of one step, whose node is the topic.

    One call to an agent may be about several topics: each is an enquiry, named after both.
    """
    step = Step(1, stay.node, None, stay.seconds or 0.0)
    name = f"topic-{stay.call}:{stay.node}" if stay.call else _name("topic", stay.caller, stay.node, stay.at)
    return Journey(
        id=name, customer=stay.customer, at=stay.at, menu=stay.menu, version=stay.version, arm="unknown",
        source=ENQUIRY, steps=(step,), outcome="agent", goal=stay.node, unit=stay.unit, segment=stay.segment,
        language=stay.language,
    )  # fmt: skip


def _calls(stays: Iterable[Stay]) -> Iterator[tuple[str, list[Stay]]]:
    """Name and rows of each call."""
    named: dict[str, list[Stay]] = defaultdict(list)
    unnamed: dict[tuple[str, str], list[Stay]] = defaultdict(list)
    for stay in stays:
        if stay.call:
            named[stay.call].append(stay)
        else:
            assert stay.caller is not None
            unnamed[stay.caller, stay.menu].append(stay)
    for call, rows in named.items():
        for part in _parted(sorted(rows, key=lambda row: row.at), ONE_CALL):
            yield f"log-{call}", part
    for (caller, menu), rows in unnamed.items():
        for part in _parted(sorted(rows, key=lambda row: row.at), GAP):
            yield _name("log", caller, menu, part[0].at), part


def _parted(rows: Sequence[Stay], gap: int) -> Iterator[list[Stay]]:
    part = [rows[0]]
    for before, row in pairwise(rows):
        if row.at - before.at - round(1_000_000 * (before.seconds or 0.0)) > gap:
            yield part
            part = []
        part.append(row)
    yield part


def _name(kind: str, *parts: object) -> str:
    """A name that tells nobody who called."""
    return f"{kind}-" + blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def _journey(name: str, rows: Sequence[Stay], menu: Menu | None, source: Source) -> Journey:
    steps = tuple(_steps(rows))
    outcome, goal = _end(rows, menu)
    return Journey(
        id=name,
        customer=_last(row.customer for row in rows),
        at=rows[0].at,
        menu=rows[0].menu,
        version=_last(row.version for row in rows) or "",
        arm=next((row.arm for row in reversed(rows) if row.arm != "unknown"), "unknown"),
        source=source,
        steps=steps,
        outcome=outcome,
        goal=goal,
        unit=_last(row.unit for row in rows),
        segment=_last(row.segment for row in rows),
        language=_last(row.language for row in rows) or "",
        facts=next((row.facts for row in rows if row.facts), {}),
    )


def _steps(rows: Sequence[Stay]) -> Iterator[Step]:
    following = [*(row.at for row in rows[1:]), rows[-1].at]
    for number, (row, until) in enumerate(zip(rows, following, strict=True), start=1):
        seconds = (until - row.at) / 1_000_000 if row.seconds is None else row.seconds
        yield Step(number, row.node, row.key, seconds)


def _last(values: Iterable[str | None]) -> str | None:
    return next((value for value in reversed(list(values)) if value), None)


def _end(rows: Sequence[Stay], menu: Menu | None) -> tuple[CallOutcome, str | None]:
    """How the call ended and which goal it served: as said, else by the nodes it came by."""
    said = next((row.outcome for row in reversed(rows) if row.outcome is not None), None)
    goal = _last(row.goal for row in rows)
    nodes = [menu.nodes[row.node] for row in rows if row.node in menu.nodes] if menu is not None else []
    if goal is None and said in (None, "reached", "agent"):
        goal = next((node.goal for node in nodes if node.goal is not None), None)
    if said is not None:
        return said, None if said == "abandoned" else goal
    kinds = [node.kind for node in nodes]
    if "transfer" in kinds:
        return "agent", goal
    if goal is not None:
        return "reached", goal
    return "opted_out" if "opt_out" in kinds else "abandoned", None
