"""Halt: the kill switch, of everything, one channel or one strategy; as long as it stands nothing it covers begins."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

from strategies.candidate import Candidate
from strategies.instants import Instant
from strategies.verdict import Refusal, Verdict

HaltKind = Literal["all", "channel", "strategy", "quarantine"]

Halted = frozenset[tuple[str, str]]
"""Kind and key of every halt that stands; the key of ``all`` and of ``quarantine`` is empty."""
NOTHING: Halted = frozenset()
QUARANTINE = ("quarantine", "")
"""The halt in which a restore leaves a store; only ``contact quarantine end`` lifts it."""


@dataclass(frozen=True, slots=True)
class Halt:
    """Somebody halted contact, since when and why."""

    kind: str
    key: str
    since: Instant
    author: str
    why: str


def halt_refusals(halted: Collection[tuple[str, str]], candidate: Candidate) -> tuple[Refusal, ...]:
    """Every halt that covers the candidate, service and what law requires included: a halt is a halt."""
    asked = (QUARANTINE, ("all", ""), ("channel", candidate.channel), ("strategy", candidate.strategy))
    return tuple(
        Refusal("forbidden", f"halt.{kind}", detail=_detail(kind, key))
        for kind, key in asked
        if (kind, key) in halted
    )


def _detail(kind: str, key: str) -> str:
    if kind == "quarantine":
        return "restored from a backup: nobody is contacted until `contact quarantine end`"
    return f"halted: {key or 'everything'}"


def with_halts(halted: Collection[tuple[str, str]], candidate: Candidate, verdict: Verdict) -> Verdict:
    """The verdict, refused too by the halts that cover the candidate; nobody knows when those clear."""
    refusals = halt_refusals(halted, candidate) if halted else ()
    return replace(verdict, refusals=(*refusals, *verdict.refusals), until=None) if refusals else verdict
