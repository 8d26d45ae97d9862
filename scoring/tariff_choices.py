"""Which plans come into question for which lines, as arrays that the rating by columns reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scoring.tariff_prices import Plan, PriceList
from scoring.tariff_program import Floats, Places, places, starts

NOBODY = 0
"""The eligibility that no line has: of a tariff with a condition that was not asked."""


class Groups(NamedTuple):
    """The plans among which a line's best of a base is sought: one group a base, for lines that do not have it, and one
    for each plan held, of that plan's base."""

    condition: Places
    """Group → the eligibility of its base, −1 where everybody may have it."""
    starts: Places
    """Group → its choices."""
    plan: Places
    """Choice → plan."""
    needs_starts: Places
    needs: Places
    """Choice → the eligibilities of its add-ons."""


class Lines(NamedTuple):
    """What is known of the lines, by line."""

    quantities: Floats
    """[line, month, counter], in units."""
    there: npt.NDArray[np.bool_]
    """[line, month]"""
    eligible: npt.NDArray[np.bool_]
    """[eligibility, line]"""
    penalty: Floats
    """Of leaving the present base."""
    unit: Places
    priority: Floats
    """[unit, base]"""


class Blocks(NamedTuple):
    """Lines in blocks of one present plan each."""

    order: Places
    starts: Places
    """Block → its lines in ``order``."""
    plan: Places
    base: Places
    group: Places
    """The group of the plan held."""


class Found(NamedTuple):
    """By line: ``worth`` is 1 where the plan is worth leaving for, 0 where only the penalty stands against it, −1 where
    none is cheaper (then ``plan`` is the present one); ``before`` and ``after`` by month, in minor units."""

    plan: Places
    worth: Places
    before: npt.NDArray[np.int64]
    after: npt.NDArray[np.int64]


def conditional(prices: PriceList) -> dict[str, int]:
    """Tariff with a condition → its place among the eligibilities; 0 is nobody's."""
    names = [name for name, tariff in prices.tariffs.items() if tariff.eligible is not None]
    return {name: place for place, name in enumerate(names, NOBODY + 1)}


def groups(prices: PriceList, held: Sequence[Plan]) -> Groups:
    """Groups of the bases in their order, then of the plans held."""
    condition_of = conditional(prices)
    condition: list[int] = []
    choices: list[list[tuple[int, list[int]]]] = []
    for base in prices.bases:
        condition.append(condition_of.get(base, -1))
        choices.append(_choices(prices, base, frozenset(), condition_of) if prices.on_sale(base) else [])
    for plan in held:
        condition.append(-1)
        choices.append(_choices(prices, plan.base, frozenset(plan.addons), condition_of))
    flat = [choice for group in choices for choice in group]
    return Groups(
        condition=places(condition),
        starts=starts(choices),
        plan=places(plan for plan, _ in flat),
        needs_starts=starts([needs for _, needs in flat]),
        needs=places(need for _, needs in flat for need in needs),
    )


def _choices(
    prices: PriceList, base: str, held: frozenset[str], condition_of: Mapping[str, int]
) -> list[tuple[int, list[int]]]:
    found = []
    for place in prices.bases[base]:
        new = [addon for addon in prices.plans[place].addons if addon not in held]
        if all(prices.on_sale(addon) for addon in new):
            found.append((place, [condition_of[addon] for addon in new if addon in condition_of]))
    return found


def blocks(holding: Places, plan: Places, base: Places, bases: int, size: int) -> Blocks:
    """Lines of the same present plan together, ``size`` a block at most.

    ``holding`` is each line's place among the plans held, −1 for a line that is not to be rated; ``plan`` and ``base``
    are of the plans held, and ``bases`` is how many groups come before theirs.
    """
    order = np.argsort(holding, kind="stable")
    order = order[holding[order] >= 0]
    counts = np.bincount(holding[order], minlength=len(plan))
    ends = np.cumsum(counts)
    cuts = [
        (start, held)
        for held, (end, count) in enumerate(zip(ends.tolist(), counts.tolist(), strict=True))
        for start in range(end - count, end, size)
    ]
    held_of = places(held for _, held in cuts)
    return Blocks(
        order=order,
        starts=places([*(start for start, _ in cuts), len(order)]),
        plan=plan[held_of],
        base=base[held_of],
        group=held_of + bases,
    )
