"""The search for each line's best plan, compiled by numba: what ``compare_line`` finds, for blocks of lines at once.

Lines of a block hold the same plan, so that they have the same choices. The months of a block are rated piece by piece,
pieces are added up over a line's months, and a plan is then a few additions a line.
"""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from scoring.tariff_choices import Blocks, Found, Groups, Lines
from scoring.tariff_kernel import counted_as, inner, outer, rate_pieces, sum_parts
from scoring.tariff_program import Arrays, Floats, Places


@inner
def _load(lines: Lines, mine: Places, counted: Floats) -> None:
    size = len(mine)
    for place in range(size):
        line = mine[place]
        for month in range(lines.quantities.shape[1]):
            for counter in range(len(counted)):
                units = lines.quantities[line, month, counter] if lines.there[line, month] else 0.0
                counted[counter, month * size + place] = counted_as(units)


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
    sum_parts(program, plan, sums, total)


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
    rate_pieces(program, counted, values)
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
