"""Plans taken apart for columns: what many plans charge alike is worked out once.

A month's charges of a plan fall into pieces that do not touch each other: counters that share an allowance stand in one
piece, every other counter in its own. Many plans have the same pieces (a set of add-ons changes only the pieces of its
services), so a month is rated piece by piece, and a plan is its fees and the sum of its pieces.

All numbers are whole and kept in float64, which holds whole numbers exactly below 2**53; ``Program.safe`` says up to
which quantity nothing grows beyond that. A quotient of two such numbers, rounded down, is exact too: it lies at least
1/divisor below the next whole number, and float64 errs by less as long as dividend + divisor stay below 2**53.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scoring.tariff_prices import MOST_THOUSANDTHS, Charge, Plan

_EXACT = 1 << 53
_UNLIMITED = 1 << 60
"""More than any quantity."""
_MOST_MINOR = 1 << 38
"""The largest charge or fee of a month for which sums over counters and months stay exact."""

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]


class Arrays(NamedTuple):
    """The program as arrays. A list of lists is a flat array and the places where each list starts, and the end."""

    slot_counter: Places
    """Slot: a counter rounded up to a step."""
    slot_step: Floats
    entry_starts: Places
    """Piece → its entries; an entry is a slot with its price."""
    entry_slot: Places
    entry_per: Floats
    tier_starts: Places
    """Entry → its tiers."""
    tier_width: Floats
    tier_price: Floats
    allowance_starts: Places
    """Piece → its allowances."""
    allowance_amount: Floats
    drawing_starts: Places
    """Allowance → the entries that draw from it, counted from the first of the piece."""
    drawing: Places
    plan_fixed: Floats
    part_starts: Places
    """Plan → its pieces."""
    part: Places


@dataclass(frozen=True, slots=True)
class Program:
    """``safe``: thousandths by counter up to which the arrays give the exact bill."""

    arrays: Arrays
    safe: Places


class _Piece(NamedTuple):
    entries: tuple[tuple[int, Charge], ...]
    """(counter, charge)"""
    allowances: tuple[tuple[tuple[int, ...], int], ...]
    """(entries, thousandths)"""


def program(plans: Sequence[Plan], counters: int) -> Program:
    """The plans as arrays; ``counters`` is how many there are."""
    pieces: dict[_Piece, int] = {}
    parts = [[pieces.setdefault(piece, len(pieces)) for piece in _pieces(plan)] for plan in plans]
    entries = [entry for piece in pieces for entry in piece.entries]
    slots = {
        slot: place
        for place, slot in enumerate(sorted({(counter, charge.step) for counter, charge in entries}))
    }
    allowances = [each for piece in pieces for each in piece.allowances]
    arrays = Arrays(
        slot_counter=places(counter for counter, _ in slots),
        slot_step=floats(step for _, step in slots),
        entry_starts=starts(piece.entries for piece in pieces),
        entry_slot=places(slots[counter, charge.step] for counter, charge in entries),
        entry_per=floats(charge.per for _, charge in entries),
        tier_starts=starts(charge.tiers for _, charge in entries),
        tier_width=floats(
            np.inf if width is None else width for _, charge in entries for width, _ in charge.tiers
        ),
        tier_price=floats(price for _, charge in entries for _, price in charge.tiers),
        allowance_starts=starts(piece.allowances for piece in pieces),
        allowance_amount=floats(amount for _, amount in allowances),
        drawing_starts=starts(drawing for drawing, _ in allowances),
        drawing=places(entry for drawing, _ in allowances for entry in drawing),
        plan_fixed=floats(plan.fee_minor + plan.addons_minor for plan in plans),
        part_starts=starts(parts),
        part=places(piece for part in parts for piece in part),
    )
    safe = np.array([_safe(counter, plans) for counter in range(counters)], dtype=np.int64)
    return Program(arrays, safe)


def _safe(counter: int, plans: Sequence[Plan]) -> int:
    if any(plan.fee_minor + plan.addons_minor > _MOST_MINOR for plan in plans):
        return -1
    return min((_safe_charge(charge) for charge in {plan.charges[counter] for plan in plans}), default=0)


def _safe_charge(charge: Charge) -> int:
    dearest = max(price for _, price in charge.tiers)
    most = min((_EXACT - 4 * charge.per) // 2, _MOST_MINOR * charge.per) // max(1, dearest)
    return max(-1, min(MOST_THOUSANDTHS, most) - charge.step)


def _pieces(plan: Plan) -> list[_Piece]:
    """The pieces of a plan that can ever charge something."""
    group = list(range(len(plan.charges)))
    for drawing, amount in plan.allowances:
        if amount:
            for counter in drawing[1:]:
                old, new = group[counter], group[drawing[0]]
                group = [new if each == old else each for each in group]
    found = []
    for leader in sorted(set(group)):
        members = [counter for counter, each in enumerate(group) if each == leader]
        piece = _alone(plan, members[0]) if len(members) == 1 else _together(plan, members)
        if piece is not None:
            found.append(piece)
    return found


def _alone(plan: Plan, counter: int) -> _Piece | None:
    charge = plan.charges[counter]
    amounts = [amount for drawing, amount in plan.allowances if counter in drawing]
    if None in amounts or all(price == 0 for _, price in charge.tiers):
        return None
    total = sum(amount for amount in amounts if amount is not None)
    return _Piece(((counter, charge),), (((0,), total),) if total else ())


def _together(plan: Plan, members: Sequence[int]) -> _Piece:
    place = {counter: entry for entry, counter in enumerate(members)}
    allowances: list[tuple[tuple[int, ...], int]] = []
    for drawing, amount in plan.allowances:
        mine = tuple(place[counter] for counter in drawing if counter in place)
        if mine and amount != 0:
            allowances.append((mine, _UNLIMITED if amount is None else amount))
    return _Piece(tuple((counter, plan.charges[counter]) for counter in members), tuple(allowances))


def starts(lists: Iterable[Sequence[object]]) -> Places:
    """Where each list starts when they are laid end to end, and where the last ends."""
    return np.cumsum([0, *(len(each) for each in lists)], dtype=np.int64)


def places(values: Iterable[int]) -> Places:
    """Whole numbers as an array."""
    return np.fromiter(values, dtype=np.int64)


def floats(values: Iterable[float]) -> Floats:
    """Numbers as an array."""
    return np.fromiter(values, dtype=np.float64)
