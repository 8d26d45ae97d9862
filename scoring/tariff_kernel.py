"""Rating by columns, compiled by numba: blocks of months under every piece, then every plan as a sum of its pieces.

Only this file imports numba, and only what rates many lines at once imports this file. The loops inside a block run
over its months, so that the processor takes several at a time; blocks are shared among the threads. Numbers are whole
and kept in float64 (see ``scoring.tariff_program``).
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from scoring.tariff_choices import Blocks, Found, Groups, Lines
from scoring.tariff_prices import MOST_THOUSANDTHS
from scoring.tariff_program import Arrays, Floats, Places

BLOCK_ROWS = 256
_MOST_UNITS = MOST_THOUSANDTHS / 1000
inner = numba.njit(cache=True, nogil=True, error_model="numpy", inline="never")
outer = numba.njit(cache=True, nogil=True, error_model="numpy", parallel=True)


@inner
def _thousandths(units: float) -> float:
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
    double = 2.0 * per
    if last == first + 1 and program.tier_width[first] == np.inf:
        dear = 2.0 * program.tier_price[first]
        for row in range(len(left)):
            charged[row] += np.floor((left[row] * dear + per) / double)
        return
    owed[:] = per
    for tier in range(first, last):
        width, price = program.tier_width[tier], 2.0 * program.tier_price[tier]
        for row in range(len(left)):
            part = min(left[row], width)
            owed[row] += part * price
            left[row] -= part
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
def _rate_pieces(program: Arrays, counted: Floats, values: Floats) -> None:
    """``values[piece, row]`` of ``counted[counter, row]``."""
    slots, pieces = len(program.slot_step), len(values)
    rounded = np.empty((slots, counted.shape[1]))
    for slot in range(slots):
        _round_up(counted[program.slot_counter[slot]], program.slot_step[slot], rounded[slot])
    work = np.empty((2 + len(counted), counted.shape[1]))
    for piece in range(pieces):
        _rate_piece(program, piece, rounded, work, values[piece])


@inner
def _sum_parts(program: Arrays, plan: int, values: Floats, total: Floats) -> None:
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
            counted[counter, row] = _thousandths(quantities[first + row, counter])
    values = np.empty((len(program.entry_starts) - 1, size))
    _rate_pieces(program, counted, values)
    total = np.empty(size)
    for plan in range(len(program.plan_fixed)):
        total[:] = program.plan_fixed[plan]
        _sum_parts(program, plan, values, total)
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


@inner
def _load(lines: Lines, mine: Places, counted: Floats) -> None:
    size = len(mine)
    for place in range(size):
        line = mine[place]
        for month in range(lines.quantities.shape[1]):
            for counter in range(len(counted)):
                units = lines.quantities[line, month, counter] if lines.there[line, month] else 0.0
                counted[counter, month * size + place] = _thousandths(units)


@inner
def _add_months(values: Floats, sums: Floats) -> None:
    size = sums.shape[1]
    for piece in range(len(values)):
        total = sums[piece]
        total[:] = 0.0
        for month in range(values.shape[1] // size):
            value = values[piece, month * size : (month + 1) * size]
            for place in range(size):
                total[place] += value[place]


@inner
def _sum_plan(program: Arrays, plan: int, months: Floats, sums: Floats, total: Floats) -> None:
    """What all months of each line cost under a plan."""
    fixed = program.plan_fixed[plan]
    for place in range(len(total)):
        total[place] = fixed * months[place]
    _sum_parts(program, plan, sums, total)


@inner
def _best_of_group(
    program: Arrays,
    groups: Groups,
    group: int,
    lines: Lines,
    mine: Places,
    months: Floats,
    sums: Floats,
    work: Floats,
    best: Floats,
    best_plan: Floats,
) -> None:
    """The cheapest choice of a group for each line; infinite where it may have none."""
    best[:] = np.inf
    for choice in range(groups.starts[group], groups.starts[group + 1]):
        plan = groups.plan[choice]
        _sum_plan(program, plan, months, sums, work)
        for need in range(groups.needs_starts[choice], groups.needs_starts[choice + 1]):
            allowed = lines.eligible[groups.needs[need]]
            for place in range(len(mine)):
                if not allowed[mine[place]]:
                    work[place] = np.inf
        for place in range(len(mine)):
            better = work[place] < best[place]
            best_plan[place] = plan if better else best_plan[place]
            best[place] = work[place] if better else best[place]
    if groups.condition[group] >= 0:
        allowed = lines.eligible[groups.condition[group]]
        for place in range(len(mine)):
            if not allowed[mine[place]]:
                best[place] = np.inf


@inner
def _mean(total: float, months: float) -> float:
    """Half up."""
    return float(np.floor((2.0 * total + months) / (2.0 * months)))


@inner
def _weigh(
    lines: Lines,
    mine: Places,
    base: int,
    leaves: bool,
    months: Floats,
    best: Floats,
    best_plan: Floats,
    lead: Floats,
    found: Found,
) -> None:
    """Let the best plan of a base take the lead where it ranks higher: ``lead`` is present mean, priority, saving."""
    for place in range(len(mine)):
        if best[place] == np.inf:
            continue
        line = mine[place]
        saving = lead[0, place] - _mean(best[place], months[place])
        if saving <= 0.0:
            continue
        worth = 1 if not leaves or 12.0 * saving > lines.penalty[line] else 0
        priority = lines.priority[lines.unit[line], base] if worth else 0.0
        if worth < found.worth[line]:
            continue
        if worth == found.worth[line] and (
            priority < lead[1, place] or (priority == lead[1, place] and saving <= lead[2, place])
        ):
            continue
        found.worth[line] = worth
        found.plan[line] = int(best_plan[place])
        lead[1, place], lead[2, place] = priority, saving


@inner
def _write_months(
    program: Arrays, plan: int, values: Floats, place: int, size: int, bills: npt.NDArray[np.int64]
) -> None:
    for month in range(len(bills)):
        total = program.plan_fixed[plan]
        for each in range(program.part_starts[plan], program.part_starts[plan + 1]):
            total += values[program.part[each], month * size + place]
        bills[month] = int(total)


@inner
def _advise_block(
    block: int, lines: Lines, blocks: Blocks, program: Arrays, groups: Groups, found: Found
) -> None:
    mine = blocks.order[blocks.starts[block] : blocks.starts[block + 1]]
    size, count = len(mine), lines.quantities.shape[1]
    held = blocks.plan[block]
    counted = np.empty((lines.quantities.shape[2], count * size))
    _load(lines, mine, counted)
    values = np.empty((len(program.entry_starts) - 1, count * size))
    _rate_pieces(program, counted, values)
    sums = np.empty((len(values), size))
    _add_months(values, sums)
    work = np.empty((3, size))
    lead = np.zeros((3, size))
    months = np.empty(size)
    for place in range(size):
        months[place] = lines.there[mine[place]].sum()
        found.plan[mine[place]] = held
    _sum_plan(program, held, months, sums, work[0])
    for place in range(size):
        lead[0, place] = _mean(work[0, place], months[place])
    for base in range(lines.priority.shape[1]):
        leaves = base != blocks.base[block]
        group = base if leaves else blocks.group[block]
        _best_of_group(program, groups, group, lines, mine, months, sums, work[0], work[1], work[2])
        _weigh(lines, mine, base, leaves, months, work[1], work[2], lead, found)
    for place in range(size):
        line = mine[place]
        _write_months(program, held, values, place, size, found.before[line])
        _write_months(program, found.plan[line], values, place, size, found.after[line])


@outer
def advise(lines: Lines, blocks: Blocks, program: Arrays, groups: Groups, found: Found) -> None:
    """Fill ``found`` for the lines of all blocks; ``found.worth`` must hold −1 everywhere."""
    for block in numba.prange(len(blocks.plan)):
        _advise_block(block, lines, blocks, program, groups, found)
