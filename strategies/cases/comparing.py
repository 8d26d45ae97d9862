"""What must come of a step beside what did: every difference by its name, as words and as values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from math import isclose

from strategies.candidate import Ranked
from strategies.cases.case import Expect, Move, Outcome
from strategies.instants import Instant, format_instant

Compared = str | bool | int | float | None | list[str]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that an expectation names and that came out otherwise; both sides as JSON holds them."""

    name: str
    expected: Compared
    got: Compared
    why: str = ""
    """Said after what came: the rules that refused, or what there was instead."""

    def __str__(self) -> str:
        tail = f", {self.why}" if self.why else ""
        return f"{self.name}: expected {_words(self.expected)}; got {_words(self.got)}{tail}"


def compare(expect: Expect, outcome: Outcome) -> list[Mismatch]:
    """Every difference between what must come of a step and what did; what is not named is not compared."""
    return [
        *_verdict(expect, outcome),
        *_moments(expect, outcome),
        *_ranking(expect, outcome.ranking),
        *_priorities(expect, outcome.ranking),
        *_contact(expect, outcome),
    ]


def _words(value: Compared) -> str:
    """As a case file writes it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}" if isclose(float(f"{value:g}"), value, rel_tol=1e-9, abs_tol=0.0) else repr(value)
    return f"[{', '.join(value)}]" if isinstance(value, list) else str(value)


def _written(instant: Instant | None) -> str | None:
    return None if instant is None else format_instant(instant)


def _verdict(expect: Expect, outcome: Outcome) -> Iterator[Mismatch]:
    """Allowed or not, by which rules, for which reasons, and where it would pass."""
    named, rules = expect.named, sorted({refusal.rule for refusal in outcome.refusals})
    if "allowed" in named and expect.allowed != outcome.allowed:
        because = "" if outcome.allowed else f"refused by {_words(rules)}"
        yield Mismatch("allowed", expect.allowed, outcome.allowed, because)
    if "degraded" in named and expect.degraded != outcome.degraded:
        yield Mismatch("degraded", expect.degraded, outcome.degraded)
    sets: tuple[tuple[str, frozenset[str], Collection[str]], ...] = (
        ("refused_by", expect.refused_by, rules),
        ("reason", expect.reasons, {refusal.reason for refusal in outcome.refusals}),
        ("field", expect.fields, {each.field for each in outcome.refusals if each.field is not None}),
        ("channels_now", expect.channels_now, outcome.channels_now),
    )
    for name, expected, got in sets:
        if name in named and expected != frozenset(got):
            yield Mismatch(name, sorted(expected), sorted(got))


def _moments(expect: Expect, outcome: Outcome) -> Iterator[Mismatch]:
    """When it clears, and to when it was put off."""
    for name, expected, got in (
        ("until", expect.until, outcome.until),
        ("deferred_to", expect.deferred_to, outcome.deferred_to),
        ("next", expect.next, outcome.next),
    ):
        if name in expect.named and expected != got:
            yield Mismatch(name, _written(expected), _written(got))


def _named(ranked: Ranked, name: str) -> bool:
    """Whether ``offer``, ``strategy/offer`` or ``strategy/offer/channel`` means this candidate."""
    candidate, parts = ranked.candidate, name.split("/")
    if len(parts) == 1:
        return parts[0] == candidate.offer
    return parts == [candidate.strategy, candidate.offer, candidate.channel][: len(parts)]


def _full_name(ranked: Ranked) -> str:
    candidate = ranked.candidate
    return f"{candidate.strategy}/{candidate.offer}/{candidate.channel}"


def _ranking(expect: Expect, got: Sequence[Ranked]) -> Iterator[Mismatch]:
    """The whole order of the candidates, and the arm of the first."""
    if "ranking" in expect.named:
        same = len(got) == len(expect.ranking)
        if not same or not all(_named(each, name) for each, name in zip(got, expect.ranking, strict=True)):
            yield Mismatch("ranking", list(expect.ranking), [_full_name(each) for each in got])
    if "arm" in expect.named and (not got or got[0].arm != expect.arm):
        yield Mismatch("arm", expect.arm, got[0].arm if got else None, "" if got else "no candidate")


def _priorities(expect: Expect, got: Sequence[Ranked]) -> Iterator[Mismatch]:
    """Priorities to one part in a thousand million, by name or by place in the ranking (``#1`` is the first)."""
    for name, priority in expect.priority.items():
        if name.startswith("#"):
            place = int(name[1:]) - 1
            ranked = got[place] if place < len(got) else None
        else:
            ranked = next((each for each in got if _named(each, name)), None)
        what = "priority of the first" if name == "#1" else f"priority of {name}"
        if ranked is None:
            there = [_full_name(each) for each in got]
            yield Mismatch(what, priority, None, f"no such candidate among {_words(there)}")
        elif not isclose(ranked.priority.total, priority, rel_tol=1e-9, abs_tol=0.0):
            yield Mismatch(what, priority, ranked.priority.total)


def _moves(moves: Sequence[Move]) -> list[str]:
    return [f"{move.to} at {format_instant(move.at)}" for move in moves]


def _contact(expect: Expect, outcome: Outcome) -> Iterator[Mismatch]:
    """What has become of the contact moved last, and how many others ended."""
    pairs: tuple[tuple[str, Compared, Compared], ...] = (
        ("cancelled", expect.cancelled, outcome.cancelled),
        ("expired", expect.expired, outcome.expired),
        ("state", expect.state, outcome.state),
        ("rerouted_to", expect.rerouted_to, outcome.rerouted_to),
        ("moves", _moves(expect.moves), _moves(outcome.moves)),
    )
    for name, expected, got in pairs:
        if name in expect.named and expected != got:
            yield Mismatch(name, expected, got)
