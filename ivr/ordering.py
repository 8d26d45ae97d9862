"""Which key leads where: the order of a menu's levels that costs a caller the fewest seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.call import Entry, Known
from strategies.instants import Instant
from strategies.menu import Menu, MenuNode, Prompts

DIGITS = ("1", "2", "3", "4", "5", "6", "7", "8", "9")
SPOKEN = (*DIGITS, "0", "*", "#")
"""Keys in the order in which they are announced."""


@dataclass(frozen=True, slots=True)
class Arranged:
    """A menu as one caller hears it."""

    levels: Mapping[str, tuple[Entry, ...]]
    """Node → its entries in the order in which they are announced."""
    ask: str | None = None
    """Goal asked for outright before the first level."""
    seconds: float = 0.0
    """Expected until the goal is reached."""
    static_seconds: float = 0.0
    """The same in everybody's menu."""
    bound: float = 0.0
    """No arrangement that keeps the constraints is faster than this; equal to ``seconds`` where that is proven."""
    held: Mapping[str, str] = field(default_factory=dict)
    """Node → what kept it from the order that its probabilities alone would give."""


def static(menu: Menu, offered: Mapping[str, tuple[str, ...]]) -> Arranged:
    """Everybody's menu: items in the order written, required keys where they are required."""
    return Arranged(
        {node.id: static_level(menu, node, offered) for node in menu.nodes.values() if node.kind == "menu"}
    )


def static_level(menu: Menu, node: MenuNode, offered: Mapping[str, tuple[str, ...]]) -> tuple[Entry, ...]:
    """One level of everybody's menu; an item that is not offered leaves no gap."""
    there = [item for item in node.items if item.to in offered.get(node.id, ())]
    taken = {item.key for item in there if item.key is not None} | {menu.back, menu.repeat}
    free = iter(key for key in SPOKEN if key not in taken)
    placed = [Entry(item.key or next(free), item.to) for item in there]
    return tuple(sorted(placed, key=lambda entry: SPOKEN.index(entry.key)))


def arranged(
    menu: Menu,
    probability: Mapping[str, float],
    language: str,
    offered: Mapping[str, tuple[str, ...]],
    known: Known,
    now: Instant,
) -> Arranged:
    """The arrangement with the fewest expected seconds that a caller's familiar layout and the menu's limits allow."""
    plain = static(menu, offered)
    seconds = expected_seconds(menu, plain, probability, language)
    return Arranged(plain.levels, None, seconds, seconds, seconds)


def expected_seconds(menu: Menu, found: Arranged, probability: Mapping[str, float], language: str) -> float:
    """Seconds from pick-up until the goal's node begins to speak, over the goals that can be reached.

    A caller listens to a level until the first entry that leads nearer to their goal, and presses its key. Asked outright,
    the one who is meant answers yes, everybody else no. 0 where no goal can be reached.
    """
    total = reached = 0.0
    for goal, likely in probability.items():
        ways = seconds_to(menu, found, goal, language)
        if ways is not None:
            total, reached = total + likely * ways[0], reached + likely
    return total / reached if reached else 0.0


def seconds_to(menu: Menu, found: Arranged, goal: str, language: str) -> tuple[float, int] | None:
    """Seconds and keys until one goal's node begins to speak; None where it cannot be reached."""
    seconds, keys, node = 0.0, 0, menu.root
    steps = _steps_to(menu, found, goal)
    while menu.nodes[node].kind == "notice" and node in steps and menu.nodes[node].goal != goal:
        seconds, node = seconds + menu.nodes[node].prompt[language].seconds, menu.nodes[node].then or node
    if found.ask is not None:
        seconds, keys = seconds + menu.ask[found.ask][language].seconds + menu.limits.key_seconds, 1
        if found.ask == goal:
            return seconds, keys
    while menu.nodes[node].goal != goal:
        at = menu.nodes[node]
        if node not in steps:
            return None
        seconds += at.prompt[language].seconds
        if at.kind == "notice":
            node = at.then or node
            continue
        for entry in found.levels[node]:
            seconds += say_of(menu, node, entry.to)[language].seconds
            if entry.to in steps and steps[entry.to] < steps[node]:
                seconds, keys, node = seconds + menu.limits.key_seconds, keys + 1, entry.to
                break
    return seconds, keys


def say_of(menu: Menu, node: str, target: str) -> Prompts:
    """How an entry of a level is announced; of a lifted one as it is on its own level."""
    own = next((item.say for item in menu.nodes[node].items if item.to == target), None)
    if own is not None:
        return own
    return next(item.say for each in menu.nodes.values() for item in each.items if item.to == target)


def _steps_to(menu: Menu, found: Arranged, goal: str) -> dict[str, int]:
    """Node → how many steps it is from the goal's node, for those that lead there."""
    leads = {node.id: [node.then] for node in menu.nodes.values() if node.kind == "notice" and node.then}
    leads |= {node: [entry.to for entry in entries] for node, entries in found.levels.items()}
    steps = {node.id: 0 for node in menu.nodes.values() if node.goal == goal}
    frontier, away = set(steps), 0
    while frontier:
        away += 1
        frontier = {
            node for node, targets in leads.items() if node not in steps and not frontier.isdisjoint(targets)
        }
        steps |= dict.fromkeys(frontier, away)
    return steps
