"""Attempts: how often a task may be tried, when again, and at which of the customer's numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from strategies.declared.playbook import Operator, Playbook
from strategies.declared.results import RETRIED, SPOILS_NUMBER, meaning


@dataclass(frozen=True, slots=True)
class Attempts:
    """What a channel's or strategy's file says; the first attempt is included in ``total``."""

    total: int
    per_number: int | None
    after: Mapping[str, tuple[int, int]]
    """Result → (how many more attempts may follow it, wait in microseconds)."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt of a task that was made: to which number, and what came of it."""

    number_hash: str | None
    result: str | None


@dataclass(frozen=True, slots=True)
class NextAttempt:
    """A further attempt: so long after the last one, at this number (None in a channel that needs none)."""

    wait: int
    number_hash: str | None


def attempts_for(playbook: Playbook, channel: str, strategy: str) -> Attempts:
    """What holds for a strategy's tasks in a channel: the strategy's own word where it has one, else the channel's."""
    way, own = playbook.channels.get(channel), playbook.strategy(strategy)
    total = way.attempts_total if way is not None else 1
    per_number = way.attempts_per_number if way is not None else None
    after = way.retry_wait if way is not None else {}
    if own is None:
        return Attempts(total, per_number, after)
    return Attempts(
        total if own.attempts_total is None else own.attempts_total,
        per_number if own.attempts_per_number is None else own.attempts_per_number,
        after if own.retry_wait is None else own.retry_wait,
    )


def wait_after(attempts: Attempts, operator: Operator, result: str) -> tuple[str, int, int] | None:
    """Under which result (its own name, else the standard one it means) how many more attempts follow, and the wait."""
    means = meaning(operator, result)
    if means not in RETRIED:
        return None
    named = result if result in attempts.after else means
    entry = attempts.after.get(named)
    return None if entry is None else (named, *entry)


def next_attempt(
    attempts: Attempts, operator: Operator, numbers: Sequence[str], made: Sequence[Attempt]
) -> NextAttempt | None:
    """What follows the last of the attempts made so far; None where the task is over.

    ``numbers`` are the customer's, in their order on file; none in a channel that needs none. Next is the number with
    fewest attempts, then its order on file; a number that proved wrong or invalid is tried no more.
    """
    last = made[-1].result if made else None
    entry = wait_after(attempts, operator, last) if last is not None else None
    if entry is None or len(made) >= attempts.total:
        return None
    named, times, wait = entry
    if _how_often(named, operator, made) > times:
        return None
    if not numbers:
        return NextAttempt(wait, None)
    spoilt = {each.number_hash for each in made if meaning(operator, each.result or "") in SPOILS_NUMBER}
    tried = {number: sum(1 for each in made if each.number_hash == number) for number in numbers}
    most = attempts.total if attempts.per_number is None else attempts.per_number
    left = [number for number in numbers if number not in spoilt and tried[number] < most]
    return NextAttempt(wait, min(left, key=lambda number: tried[number])) if left else None


def _how_often(named: str, operator: Operator, made: Sequence[Attempt]) -> int:
    """How many attempts ended with a result, those of one's own that mean it included."""
    return sum(
        1
        for each in made
        if each.result is not None and named in (each.result, meaning(operator, each.result))
    )
