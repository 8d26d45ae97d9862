"""A party is a process that acts when told that the clock has moved: one JSON line in, one JSON line out.

Only the pace comes in this way. All a party learns of customers, tasks and rules it learns over HTTP, and its
customers answer by the planted truth. When its input closes, the party ends.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_LONGEST_LINE = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the demonstration; ``hour`` is the operator's, ``what`` a word some parties listen to."""

    number: int
    day: str
    hour: int
    what: str = "act"
    said_yes: list[dict[str, str]] = field(default_factory=list)
    """For the orders desk: who said yes to whom, as ``{customer, offer}``."""


@dataclass(slots=True)
class Doings:
    """What a party did in a step. ``reached`` and ``said_yes`` hold ``{customer, offer, channel}``."""

    counts: dict[str, int] = field(default_factory=dict)
    reached: list[dict[str, str]] = field(default_factory=list)
    said_yes: list[dict[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def count(self, what: str, more: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + more


Act = Callable[[Step], Awaitable[Doings]]


def arguments(description: str) -> argparse.ArgumentParser:
    """The options all parties share."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--service", default="http://127.0.0.1:8080", help="where the service answers")
    parser.add_argument("--keys", type=Path, default=Path("var/demo/keys"), help="folder of API keys")
    parser.add_argument("--truth", type=Path, default=Path("var/demo/truth.json"), help="the planted truth")
    return parser


async def obey(act: Act) -> None:
    """Act on each line of standard input until it closes."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_LONGEST_LINE)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        doings = await act(Step(**json.loads(line)))
        _answer(asdict(doings))


def _answer(document: Any) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def run(main: Callable[[], Awaitable[None]]) -> None:
    """Run a party; an interrupt ends it quietly, because whoever started it says what happened."""
    try:
        asyncio.run(_awaited(main))
    except KeyboardInterrupt:
        os._exit(130)


async def _awaited(main: Callable[[], Awaitable[None]]) -> None:
    await main()
