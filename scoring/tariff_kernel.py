"""Rating by columns, compiled by numba: blocks of months under every piece, then every plan as a sum of its pieces.

Only this file imports numba, and only what rates many lines at once imports this file. The loops inside a block run
over its months, so that the processor takes several at a time; blocks are shared among the threads. Numbers are whole
and kept in float64 (see ``scoring.tariff_program``).
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from scoring.tariff_prices import MOST_THOUSANDTHS
from scoring.tariff_program import Arrays, Floats

BLOCK_ROWS = 256
_MOST_UNITS = MOST_THOUSANDTHS / 1000
inner = numba.njit(cache=True, nogil=True, error_model="numpy", inline="never")
outer = numba.njit(cache=True, nogil=True, error_model="numpy", parallel=True)


@inner
def counted_as(units: float) -> float:
    """As ``scoring.tariff_bills.thousandths``."""
    if not units > 0.0:
        return 0.0
    return float(np.floor((np.rint(min(units, _MOST_UNITS) * 1e6) + 500.0) / 1000.0))


@inner
def _round_up(counted: Floats, step: float, rounded: Floats) -> None:
    if step == 1.0:
        rounded[:] = counted
    else:
        for row in range(len(counted)):
            rounded[row] = np.ceil(counted[row] / step) * step


@inner
def _charge(program: Arrays, entry: int, left: Floats, owed: Floats, charged: Floats) -> None:
    """Add what an entry charges for what is left; ``left`` and ``owed`` are used up."""
    first, last = program.tier_starts[entry], program.tier_starts[entry + 1]
    per = program.entry_per[entry]
    owed[:] = per
    for tier in range(first, last):
        width, price = program.tier_width[tier], 2.0 * program.tier_price[tier]
        for row in range(len(left)):
            part = min(left[row], width)
            owed[row] += part * price
            left[row] -= part
    double = 2.0 * per
    for row in range(len(left)):
        charged[row] += np.floor(owed[row] / double)


@inner
def _charge_simply(allowed: float, price: float, per: float, rounded: Floats, charged: Floats) -> None:
    """One counter, one price, one allowance: what most pieces are."""
    dear, double = 2.0 * price, 2.0 * per
    for row in range(len(rounded)):
        charged[row] = np.floor((max(rounded[row] - allowed, 0.0) * dear + per) / double)


@inner
def _draw(program: Arrays, piece: int, left: Floats, room: Floats) -> None:
    """Take the allowances of a piece off what its entries have used."""
    for allowance in range(program.allowance_starts[piece], program.allowance_starts[piece + 1]):
        room[:] = program.allowance_amount[allowance]
        for drawing in range(program.drawing_starts[allowance], program.drawing_starts[allowance + 1]):
            mine = left[program.drawing[drawing]]
            for row in range(len(room)):
                taken = min(mine[row], room[row])
                mine[row] -= taken
                room[row] -= taken


@inner
def _rate_piece(program: Arrays, piece: int, rounded: Floats, work: Floats, charged: Floats) -> None:
    first, last = program.entry_starts[piece], program.entry_starts[piece + 1]
    start = program.allowance_starts[piece]
    allowances = program.allowance_starts[piece + 1] - start
    tier = program.tier_starts[first]
    if last == first + 1 and program.tier_starts[last] == tier + 1 and program.tier_width[tier] == np.inf:
        allowed = program.allowance_amount[start] if allowances else 0.0
        _charge_simply(
            allowed,
            program.tier_price[tier],
            program.entry_per[first],
            rounded[program.entry_slot[first]],
            charged,
        )
        return
    charged[:] = 0.0
    for entry in range(first, last):
        work[2 + entry - first] = rounded[program.entry_slot[entry]]
    _draw(program, piece, work[2:], work[0])
    for entry in range(first, last):
        _charge(program, entry, work[2 + entry - first], work[1], charged)


@inner
def rate_pieces(program: Arrays, counted: Floats, values: Floats) -> None:
    """``values[piece, row]`` of ``counted[counter, row]``."""
    slots, pieces = len(program.slot_step), len(values)
    rounded = np.empty((slots, counted.shape[1]))
    for slot in range(slots):
        _round_up(counted[program.slot_counter[slot]], program.slot_step[slot], rounded[slot])
    work = np.empty((2 + len(counted), counted.shape[1]))
    for piece in range(pieces):
        _rate_piece(program, piece, rounded, work, values[piece])


@inner
def sum_parts(program: Arrays, plan: int, values: Floats, total: Floats) -> None:
    """Add the pieces of a plan to ``total``."""
    for each in range(program.part_starts[plan], program.part_starts[plan + 1]):
        value = values[program.part[each]]
        for row in range(len(total)):
            total[row] += value[row]


@inner
def _rate_block(
    first: int, size: int, quantities: Floats, program: Arrays, found: npt.NDArray[np.int64]
) -> None:
    counters = quantities.shape[1]
    counted = np.empty((counters, size))
    for row in range(size):
        for counter in range(counters):
            counted[counter, row] = counted_as(quantities[first + row, counter])
    values = np.empty((len(program.entry_starts) - 1, size))
    rate_pieces(program, counted, values)
    total = np.empty(size)
    for plan in range(len(program.plan_fixed)):
        total[:] = program.plan_fixed[plan]
        sum_parts(program, plan, values, total)
        for row in range(size):
            found[first + row, plan] = int(total[row])


@outer
def rate(quantities: Floats, program: Arrays, found: npt.NDArray[np.int64]) -> None:
    """Fill ``found[row, plan]`` with the bills of ``quantities[row, counter]``, in units."""
    # The threads' loop holds nothing but a call: numba's parallel pass drops stores into arrays that it
    # reaches through a tuple.
    rows = len(quantities)
    for block in numba.prange((rows + BLOCK_ROWS - 1) // BLOCK_ROWS):
        first = block * BLOCK_ROWS
        _rate_block(first, min(BLOCK_ROWS, rows - first), quantities, program, found)
