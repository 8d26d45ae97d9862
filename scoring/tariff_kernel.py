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

BLOCK_ROWS = 128
_MOST_UNITS = MOST_THOUSANDTHS / 1000
# Arrays are passed whole with places, not sliced: a slice counts a reference, which threads would fight over.
inner = numba.njit(cache=True, nogil=True, error_model="numpy", inline="never")
outer = numba.njit(cache=True, nogil=True, error_model="numpy", parallel=True)


@inner
def _thousandths(units: float) -> float:
    """As ``scoring.tariff_bills.thousandths``."""
    if not units > 0.0:
        return 0.0
    return float(np.floor((np.rint(min(units, _MOST_UNITS) * 1e6) + 500.0) / 1000.0))


@inner
def _round_up(counted: Floats, counter: int, step: float, rounded: Floats, slot: int) -> None:
    for row in range(counted.shape[1]):
        rounded[slot, row] = np.ceil(counted[counter, row] / step) * step


@inner
def _charge_simply(
    rounded: Floats, slot: int, allowed: float, price: float, per: float, values: Floats, piece: int
) -> None:
    """One counter, one price, one allowance: what most pieces are."""
    dear, double = 2.0 * price, 2.0 * per
    for row in range(rounded.shape[1]):
        values[piece, row] = np.floor((max(rounded[slot, row] - allowed, 0.0) * dear + per) / double)


@inner
def _charge(
    left: Floats,
    place: int,
    widths: Floats,
    prices: Floats,
    first: int,
    last: int,
    per: float,
    values: Floats,
    piece: int,
) -> None:
    """Add what the tiers charge for what is left in a place; that, and row 1, are used up."""
    double = 2.0 * per
    if last == first + 1 and widths[first] == np.inf:
        dear = 2.0 * prices[first]
        for row in range(left.shape[1]):
            values[piece, row] += np.floor((left[place, row] * dear + per) / double)
        return
    for row in range(left.shape[1]):
        left[1, row] = per
    for tier in range(first, last):
        width, dear = widths[tier], 2.0 * prices[tier]
        for row in range(left.shape[1]):
            part = min(left[place, row], width)
            left[1, row] += part * dear
            left[place, row] -= part
    for row in range(left.shape[1]):
        values[piece, row] += np.floor(left[1, row] / double)


@inner
def _draw(left: Floats, places: Places, first: int, last: int, amount: float) -> None:
    """Take an allowance off the places that draw from it; row 0 is what is left of the allowance."""
    for row in range(left.shape[1]):
        left[0, row] = amount
    for drawing in range(first, last):
        place = 2 + places[drawing]
        for row in range(left.shape[1]):
            taken = min(left[place, row], left[0, row])
            left[place, row] -= taken
            left[0, row] -= taken


@inner
def _rate_pieces(program: Arrays, counted: Floats, values: Floats) -> None:
    """``values[piece, row]`` of ``counted[counter, row]``."""
    # Each array is taken out of the tuple once, for the same reason as above.
    entry_starts, entry_slot, entry_per = program.entry_starts, program.entry_slot, program.entry_per
    tier_starts, tier_width, tier_price = program.tier_starts, program.tier_width, program.tier_price
    allowance_starts, allowance_amount = program.allowance_starts, program.allowance_amount
    drawing_starts, drawing = program.drawing_starts, program.drawing
    slot_counter, slot_step = program.slot_counter, program.slot_step
    rounded = np.empty((len(slot_step), counted.shape[1]))
    for slot in range(len(slot_step)):
        _round_up(counted, slot_counter[slot], slot_step[slot], rounded, slot)
    left = np.empty((2 + len(counted), counted.shape[1]))
    for piece in range(len(values)):
        first, last = entry_starts[piece], entry_starts[piece + 1]
        start, end = allowance_starts[piece], allowance_starts[piece + 1]
        tier = tier_starts[first]
        if last == first + 1 and tier_starts[last] == tier + 1 and tier_width[tier] == np.inf:
            allowed = allowance_amount[start] if end > start else 0.0
            _charge_simply(
                rounded, entry_slot[first], allowed, tier_price[tier], entry_per[first], values, piece
            )
            continue
        for row in range(counted.shape[1]):
            values[piece, row] = 0.0
        for entry in range(first, last):
            for row in range(counted.shape[1]):
                left[2 + entry - first, row] = rounded[entry_slot[entry], row]
        for allowance in range(start, end):
            begin, stop = drawing_starts[allowance], drawing_starts[allowance + 1]
            _draw(left, drawing, begin, stop, allowance_amount[allowance])
        for entry in range(first, last):
            begin, stop = tier_starts[entry], tier_starts[entry + 1]
            place, per = 2 + entry - first, entry_per[entry]
            _charge(left, place, tier_width, tier_price, begin, stop, per, values, piece)


@inner
def _sum_parts(parts: Places, first: int, last: int, values: Floats, totals: Floats, place: int) -> None:
    """Add the pieces of a plan to a row of ``totals``."""
    for part in range(first, last):
        piece = parts[part]
        for row in range(totals.shape[1]):
            totals[place, row] += values[piece, row]


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
    part_starts, parts, fixed = program.part_starts, program.part, program.plan_fixed
    total = np.empty((1, size))
    for plan in range(len(fixed)):
        for row in range(size):
            total[0, row] = fixed[plan]
        _sum_parts(parts, part_starts[plan], part_starts[plan + 1], values, total, 0)
        for row in range(size):
            found[first + row, plan] = int(total[0, row])


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
    quantities, there = lines.quantities, lines.there
    size = len(mine)
    for place in range(size):
        line = mine[place]
        for month in range(quantities.shape[1]):
            for counter in range(len(counted)):
                units = quantities[line, month, counter] if there[line, month] else 0.0
                counted[counter, month * size + place] = _thousandths(units)


@inner
def _add_months(values: Floats, sums: Floats) -> None:
    size = sums.shape[1]
    for piece in range(len(values)):
        for place in range(size):
            sums[piece, place] = 0.0
        for month in range(values.shape[1] // size):
            for place in range(size):
                sums[piece, place] += values[piece, month * size + place]


@inner
def _sum_plan(fixed: float, parts: Places, first: int, last: int, sums: Floats, work: Floats) -> None:
    """What all months of each line cost under a plan, into row 0; row 3 is how many months there are."""
    for place in range(work.shape[1]):
        work[0, place] = fixed * work[3, place]
    _sum_parts(parts, first, last, sums, work, 0)


@inner
def _bar(eligible: npt.NDArray[np.bool_], need: int, mine: Places, work: Floats, row: int) -> None:
    """A line that is not eligible cannot have it at any price."""
    for place in range(len(mine)):
        if not eligible[need, mine[place]]:
            work[row, place] = np.inf


@inner
def _best_of_group(
    program: Arrays,
    groups: Groups,
    group: int,
    eligible: npt.NDArray[np.bool_],
    mine: Places,
    sums: Floats,
    work: Floats,
) -> None:
    """The cheapest choice of a group for each line: its sum into row 1, infinite where there is none, its plan into 2."""
    fixed, part_starts, parts = program.plan_fixed, program.part_starts, program.part
    plans, needs_starts, needs = groups.plan, groups.needs_starts, groups.needs
    for place in range(work.shape[1]):
        work[1, place] = np.inf
    for choice in range(groups.starts[group], groups.starts[group + 1]):
        plan = plans[choice]
        _sum_plan(fixed[plan], parts, part_starts[plan], part_starts[plan + 1], sums, work)
        for need in range(needs_starts[choice], needs_starts[choice + 1]):
            _bar(eligible, needs[need], mine, work, 0)
        for place in range(work.shape[1]):
            better = work[0, place] < work[1, place]
            work[2, place] = plan if better else work[2, place]
            work[1, place] = work[0, place] if better else work[1, place]
    if groups.condition[group] >= 0:
        _bar(eligible, groups.condition[group], mine, work, 1)


@inner
def _mean(total: float, months: float) -> float:
    """Half up."""
    return float(np.floor((2.0 * total + months) / (2.0 * months)))


@inner
def _weigh(
    lines: Lines, mine: Places, base: int, leaves: bool, work: Floats, lead: Floats, found: Found
) -> None:
    """Let the best plan of a base take the lead where it ranks higher: ``lead`` is present mean, priority, saving."""
    found_worth, found_plan = found.worth, found.plan
    penalty, unit, priorities = lines.penalty, lines.unit, lines.priority
    for place in range(len(mine)):
        if work[1, place] == np.inf:
            continue
        line = mine[place]
        saving = lead[0, place] - _mean(work[1, place], work[3, place])
        if saving <= 0.0:
            continue
        worth = 1 if not leaves or 12.0 * saving > penalty[line] else 0
        priority = priorities[unit[line], base] if worth else 0.0
        if worth < found_worth[line]:
            continue
        if worth == found_worth[line] and (
            priority < lead[1, place] or (priority == lead[1, place] and saving <= lead[2, place])
        ):
            continue
        found_worth[line] = worth
        found_plan[line] = int(work[2, place])
        lead[1, place], lead[2, place] = priority, saving


@inner
def _write_months(
    program: Arrays, plans: Places, values: Floats, mine: Places, bills: npt.NDArray[np.int64]
) -> None:
    """Each line's bills by month under its plan of ``plans``."""
    fixed, part_starts, parts = program.plan_fixed, program.part_starts, program.part
    size = len(mine)
    for place in range(size):
        line = mine[place]
        plan = plans[line]
        for month in range(bills.shape[1]):
            total = fixed[plan]
            for each in range(part_starts[plan], part_starts[plan + 1]):
                total += values[parts[each], month * size + place]
            bills[line, month] = int(total)


@inner
def _advise_block(
    block: int, lines: Lines, blocks: Blocks, program: Arrays, groups: Groups, found: Found
) -> None:
    mine = blocks.order[blocks.starts[block] : blocks.starts[block + 1]]
    size, count = len(mine), lines.quantities.shape[1]
    held, there, eligible, plans = blocks.plan[block], lines.there, lines.eligible, found.plan
    counted = np.empty((lines.quantities.shape[2], count * size))
    _load(lines, mine, counted)
    values = np.empty((len(program.entry_starts) - 1, count * size))
    _rate_pieces(program, counted, values)
    sums = np.empty((len(values), size))
    _add_months(values, sums)
    work = np.zeros((4, size))
    lead = np.zeros((3, size))
    for place in range(size):
        plans[mine[place]] = held
        for month in range(count):
            work[3, place] += 1.0 if there[mine[place], month] else 0.0
    part_starts = program.part_starts
    first, last = part_starts[held], part_starts[held + 1]
    _sum_plan(program.plan_fixed[held], program.part, first, last, sums, work)
    for place in range(size):
        lead[0, place] = _mean(work[0, place], work[3, place])
    _write_months(program, plans, values, mine, found.before)
    for base in range(lines.priority.shape[1]):
        leaves = base != blocks.base[block]
        group = base if leaves else blocks.group[block]
        _best_of_group(program, groups, group, eligible, mine, sums, work)
        _weigh(lines, mine, base, leaves, work, lead, found)
    _write_months(program, plans, values, mine, found.after)


@outer
def advise(lines: Lines, blocks: Blocks, program: Arrays, groups: Groups, found: Found) -> None:
    """Fill ``found`` for the lines of all blocks; ``found.worth`` must hold −1 everywhere."""
    for block in numba.prange(len(blocks.plan)):
        _advise_block(block, lines, blocks, program, groups, found)
