"""The log of a year's calls as the operator's telephone system wrote it: one row a stay at a node.

Everybody heard the same menu. A caller listens to a level until what they want is said and presses its key; now and then
the wrong one, and goes back; some hang up, the sooner the longer it takes. Beside each call stands what was so when it
began, as the operator's systems joined it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

import numpy as np

from demo.history import LOCAL, Columns
from demo.intents import Calls, Ring
from demo.menu import MENU, Hotline, Place
from demo.population import Population

WRONG_KEY, GIVES_UP = 0.03, 0.002
"""The chance a level of a wrong key, and the chance a second of hanging up."""
BACK_KEY = "*"
_HEAD = (
    "call_no", "cust_id", "begin_time", "ivr", "node_cd", "dtmf", "sec", "result", "service", "bill_out", "flow_out",
    "stopped", "fault", "complaint", "abroad", "web_topic", "agreement_left", "is_senior", "lang",
)  # fmt: skip
_FACTS = (
    "bill_issued", "data_exhausted", "suspended", "outage", "complaint_open", "roaming_now", "searched",
    "contract_left", "senior",
)  # fmt: skip
"""Fields in the order of their columns, from ``bill_out`` to ``is_senior``."""


def call_columns(population: Population, hotline: Hotline, calls: Calls) -> Columns:
    """All rows, the oldest call first."""
    random = np.random.default_rng([population.seed, 32])
    ways = hotline.ways() | hotline.ways_of_some()
    found: Columns = {name: [] for name in _HEAD}
    for ring in calls.past:
        customer = population.customers[ring.customer]
        begins = datetime.combine(population.start, time(), LOCAL) + timedelta(
            days=ring.day, minutes=ring.minute
        )
        stays, result = _walk(random, hotline, ways[ring.goal], customer.language)
        facts = (*_told(ring), "ZH" if customer.language == "zh-CN" else "EN")
        for node, key, seconds in stays:
            row = (
                ring.id, customer.id, begins.isoformat(timespec="milliseconds"), MENU, node, key, f"{seconds:.1f}",
                result, ring.goal if result in ("OK", "TRANSFER") else "", *facts,
            )  # fmt: skip
            for name, cell in zip(_HEAD, row, strict=True):
                found[name].append(cell)
            begins += timedelta(seconds=round(seconds, 1))
    return found


def _told(ring: Ring) -> list[object]:
    cells = [ring.facts[name] for name in _FACTS]
    return ["Y" if each is True else "N" if each is False else "" if each is None else each for each in cells]


def _walk(
    random: np.random.Generator, hotline: Hotline, way: tuple[str, ...], language: str
) -> tuple[list[tuple[str, str, float]], str]:
    """The stays of one call as node, key and seconds, and how it ended."""
    stays: list[tuple[str, str, float]] = []
    for node, to in zip(way, (*way[1:], ""), strict=True):
        place = hotline.places[node]
        said = place.seconds.get(language, 0.0)
        if not place.is_level:
            stays.append((node, "", said))
            continue
        key, seconds = _pressed(place, to, language, hotline.key_seconds * random.uniform(0.6, 1.4))
        drawn = random.random(2)
        if drawn[0] < 1 - np.exp(-GIVES_UP * seconds):
            stays.append((node, "", seconds * float(random.uniform(0.3, 1.0))))
            return stays, "HANGUP"
        if drawn[1] < WRONG_KEY:
            stays += _astray(random, hotline, place, to, language, seconds)
        stays.append((node, key, seconds))
    return stays, "TRANSFER" if hotline.places[way[-1]].ends == "agent" else "OK"


def _pressed(place: Place, to: str, language: str, reaction: float) -> tuple[str, float]:
    """The key that leads on, and how long it takes until it is pressed."""
    seconds = place.seconds[language]
    for choice in place.choices:
        if choice.always or choice.to == to:
            seconds += choice.seconds[language]
        if choice.to == to:
            return choice.key, seconds + reaction
    raise AssertionError("a way leads over choices that are there")


def _astray(
    random: np.random.Generator, hotline: Hotline, place: Place, to: str, language: str, seconds: float
) -> Iterator[tuple[str, str, float]]:
    """A wrong key into another level, and back from there."""
    others = [each for each in place.choices if each.to != to and hotline.places[each.to].is_level]
    if others:
        taken = others[int(random.integers(len(others)))]
        yield place.id, taken.key, seconds
        yield taken.to, BACK_KEY, hotline.places[taken.to].seconds[language] + 2.0
