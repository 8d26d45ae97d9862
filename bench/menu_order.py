"""A caller's order of keys: how long the search takes, and how good simpler ones are, on the hotline's own menu.

    python -m bench.menu_order [--callers 300]

Callers have random chances; half of them remember the order as written, half remember nothing. Beside our search: the top
level alone by trying every order of its entries (numpy), and by scipy's assignment, which knows only places and so takes
every announcement for as long as the mean one. Time is processor time of this process. The search must find what trying
every order finds, and take 1 ms at the median.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from statistics import median, quantiles
from time import process_time
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from contact.flow.publishing.check_texts import playbook_of
from ivr.call import NOTHING_KNOWN, Heard, Known
from ivr.ordering import arranged, shape_of, static
from ivr.ordering_level import Slot, best_order, cost_of
from ivr.personal import offered
from strategies.declared.menu import Menu
from strategies.instants import DAY, Instant

NOW = Instant(1_790_000_000_000_000)
CONFIG = Path(__file__).resolve().parent.parent / "config"
ENTRIES = 8
"""Whose 40,320 orders are all tried."""
TARGET_MS = 1.0


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds of processor time, and what came of it."""
    began = process_time()
    found = work()
    return (process_time() - began) * 1e3, found


def main() -> int:
    """Print the times; 0 if every level was solved exactly and the median caller's menu took no longer than allowed."""
    parser = argparse.ArgumentParser(prog="python -m bench.menu_order", description=main.__doc__)
    parser.add_argument("--callers", type=int, default=300)
    callers = parser.parse_args().callers
    random = np.random.default_rng(11)
    menu = playbook_of(
        {str(each.relative_to(CONFIG)): each.read_text("utf-8") for each in CONFIG.rglob("*.yaml")}
    ).menus["main"]
    took = _menus(menu, callers, random)
    exact = _levels(random)
    return 0 if exact and took <= TARGET_MS else 1


def _menus(menu: Menu, callers: int, random: np.random.Generator) -> float:
    """Whole menus; the larger median of strangers and of callers with a familiar layout."""
    offers = offered(menu, {}, NOW)
    first, shape = timed(lambda: shape_of(menu, "en", offers))
    heard = {
        node: Heard({each.key: each.to for each in level}, Instant(NOW - 10 * DAY))
        for node, level in static(menu, offers).levels.items()
    }
    print(
        f"{menu.id}: {len(shape.tree.levels[0].targets[: shape.tree.levels[0].own])} keys at the top, "
        f"{len(shape.tree.goals)} goals, {len(shape.tree.lifts)} sets of lifts; made ready in {first:.1f} ms"
    )
    worst = 0.0
    for name, known in (
        ("remembers nothing", NOTHING_KNOWN),
        ("remembers the order as written", Known((), heard)),
    ):
        times, gains = [], []
        for _ in range(callers):
            chances = random.dirichlet(np.full(len(menu.goals), 0.15))
            likely = dict(zip(menu.goals, chances.tolist(), strict=True))
            took, found = timed(lambda p=likely, k=known: arranged(menu, p, "en", offers, k, NOW))
            assert found.bound == found.seconds  # every set of lifts was looked at
            times.append(took)
            gains.append(1 - found.seconds / found.static_seconds)
        cuts = quantiles(times, n=100)
        print(
            f"  a caller who {name}: {median(times):.2f} ms at the median, {cuts[98]:.2f} at the 99th of 100; "
            f"{100 * sum(gains) / len(gains):.1f} % fewer seconds than everybody's"
        )
        worst = max(worst, median(times))
    return worst


def _levels(random: np.random.Generator, levels: int = 20) -> bool:
    """One level with nothing but its entries: ours, every order, assignment."""
    orders = np.array(list(permutations(range(ENTRIES))))
    ours, tried, assigned, excess, exact = [], [], [], [], True
    for _ in range(levels):
        weights, times = random.dirichlet(np.full(ENTRIES, 0.5)), random.uniform(1, 4, ENTRIES)
        slots = [Slot(-1, at) for at in range(ENTRIES)]
        jobs = (weights.tolist(), times.tolist(), slots)
        took, found = timed(lambda jobs=jobs: best_order(*jobs, changes=ENTRIES))
        ours.append(took)
        took, least = timed(
            lambda w=weights, t=times: float((w[orders] * np.cumsum(t[orders], axis=1)).sum(axis=1).min())
        )
        tried.append(took)
        exact &= found is not None and abs(found.seconds - least) < 1e-9
        places = np.outer(weights, np.arange(1, ENTRIES + 1) * times.mean())
        took, (_, columns) = timed(lambda costs=places: linear_sum_assignment(costs))
        assigned.append(took)
        excess.append(cost_of(np.argsort(columns).tolist(), weights.tolist(), times.tolist()) / least - 1)
    print(
        f"one level of {ENTRIES}: ours {median(ours):.3f} ms, every order {median(tried):.1f} ms "
        f"({'the same seconds' if exact else 'OTHER SECONDS'}), scipy's assignment {median(assigned):.3f} ms and "
        f"{100 * sum(excess) / levels:.1f} % more seconds"
    )
    return exact


if __name__ == "__main__":
    sys.exit(main())
