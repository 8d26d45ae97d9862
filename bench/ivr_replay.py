"""The voice menu's promise on planted intents: at least 35 % fewer seconds to the goal than the static menu, and at most
10 % more than the order that knows the planted truth, with every familiar layout kept.

python -m bench.ivr_replay [--customers 20000] [--seeds 3]

Calls of a year of the demonstration's customers, split by time: learnt from the oldest four fifths, played on the latest
fifth. Nothing is imported and no service runs: journeys are made of the same planted calls that the demonstration writes as
a log.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import perf_counter

from contact.domain.replay_answers import MenuReplayAnswer
from contact.flow.calls.replay_calls import replayed
from demo.history import LOCAL
from demo.intents import Calls, ring
from demo.menu import read_menu
from demo.population import Population, populate
from ivr.call import Journey, Step
from strategies.compiling.compile import compile_playbook
from strategies.declared.menu import Menu
from strategies.instants import to_instant

ROOT = Path(__file__).resolve().parent.parent
START = date(2026, 3, 2)
LEAST_LESS, MOST_OVER = 0.35, 0.10


def declared_menu(folder: Path = ROOT / "config") -> Menu:
    """The hotline's menu as ``config`` has it."""
    texts = {str(each.relative_to(folder)): each.read_text("utf-8") for each in folder.rglob("*.yaml")}
    return compile_playbook(texts).menus["main"]


def journeys_of(population: Population, calls: Calls) -> Iterator[Journey]:
    """The past calls as journeys that reached their goal."""
    midnight = datetime.combine(population.start, time(), LOCAL)
    for each in calls.past:
        customer = population.customers[each.customer]
        yield Journey(
            id=each.id, customer=customer.id,
            at=to_instant(midnight + timedelta(days=each.day, minutes=each.minute)),
            menu="main", version="", arm="static", source="log", steps=(Step(1, "main", "1", 1.0),), outcome="reached",
            goal=each.goal, unit=customer.grid, language=customer.language, facts=each.facts,
        )  # fmt: skip


def proof(customers: int, seed: int, menu: Menu) -> MenuReplayAnswer:
    """One operator's calls, learnt from and played."""
    population = populate(seed, customers, START)
    calls = ring(population, read_menu(), 0)
    truth = {each.id: each.chance for each in calls.past}
    return replayed(menu, list(journeys_of(population, calls)), "zh-CN", share=0.8, truth=truth)


def main(arguments: list[str]) -> int:
    """Print a row a seed; 1 where the promise is not kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args(arguments)
    menu, broken = declared_menu(), 0
    print(
        "seed  learnt from  played  static  declared  learnt  truth   less than static        over truth   layout  took"
    )
    for seed in range(1, options.seeds + 1):
        began = perf_counter()
        answer = proof(options.customers, seed, menu)
        broken += not _told(seed, answer, perf_counter() - began)
    print(
        f"promised: at least {LEAST_LESS:.0%} less than static, at most {MOST_OVER:.0%} over the truth, layouts kept"
    )
    return 1 if broken else 0


def _told(seed: int, answer: MenuReplayAnswer, took: float) -> bool:
    menus = {each.name: each for each in answer.menus}
    against, over, stability = (
        menus["personal"].against_static,
        answer.over_truth,
        menus["personal"].stability,
    )
    assert over is not None and against.low is not None and against.high is not None
    kept = not stability.over_limit and not stability.moved_too_often
    seconds = "  ".join(
        f"{menus[name].seconds.value:6.2f}" for name in ("static", "declared", "personal", "truth")
    )
    less = f"{1 - against.value:.1%} ({1 - against.high:.1%} to {1 - against.low:.1%})"
    more = f"{over.value - 1:.1%} ({(over.low or 0) - 1:.1%} to {(over.high or 0) - 1:.1%})"
    print(
        f"{seed:4}  {answer.learnt_from:11}  {answer.held_out:6}  {seconds}  {less}  {more}  "
        f"{'kept' if kept else 'BROKEN'}  {took:.1f} s"
    )
    return kept and 1 - against.value >= LEAST_LESS and over.value - 1 <= MOST_OVER


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
