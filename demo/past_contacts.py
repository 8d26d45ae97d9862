"""Contacts of the months before the demonstration, with what came of them by the planted truth.

From them the service learns which offer suits whom in which channel, and when calls are answered, before its first plan.
Most are so old that no rule counts them any more; a few are of the last week.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from demo.history import Columns, moment
from demo.population import Customer, Population
from demo.truth import BASE, CALL_HOURS, MET, READS, STRATEGY_OF, WAYS, Nature, Truth, answer_chance

RECENT_SHARE = 0.03
_OLDEST_DAYS, _YOUNGEST_DAYS = 150, 16
_REST_DAYS = 15
_ENOUGH = 4_000
"""So many contacts suffice to learn from: fewer customers had more of them each, up to three, and many had less."""
_FEWEST_EACH = 0.6
_CODES = {
    "outbound_call": "CALL", "sms": "SMS", "web": "WEB", "agent": "HOTLINE", "field": "VISIT", "ivr": "IVR",
}  # fmt: skip
_FAMILIES = {
    "data-20": "data", "data-50": "data", "roaming-7": "roaming", "contract-12": "contract", "visit-gift": "contract",
    "app-start": "self-care", "best_tariff": "tariff",
}  # fmt: skip
_HEAD = (
    "contact_no", "cust_id", "subs_id", "chan", "purpose", "contact_time", "result", "status", "activity", "goods",
    "goods_class",
)  # fmt: skip


def contact_columns(population: Population, truth: Truth) -> Columns:
    """Contacts with customers who are still there, youngest first for each."""
    random = np.random.default_rng([population.seed, 7])
    there = [each for each, left in zip(population.customers, population.lives.left, strict=True) if left < 0]
    mean = min(3.0, max(_FEWEST_EACH, _ENOUGH / len(population.customers)))
    counts = np.floor(mean + random.random(len(there))).astype(int)
    found: Columns = {name: [] for name in _HEAD}
    for customer, count in zip(there, counts.tolist(), strict=True):
        ways = suited_ways(customer)
        for place, draws in enumerate(random.random((count, 6)).tolist()):
            way = ways[int(draws[0] * len(ways))]
            days = _days_ago(draws[1], place, count)
            row = _contact(population, truth.natures[customer.id], way, days, draws)
            for name, cell in zip(_HEAD, (f"H{len(found['chan']) + 1:06}", *row), strict=True):
                found[name].append(cell)
    return found


def suited_ways(customer: Customer) -> list[str]:
    """What the customer was contacted about, by their plan and travels, and in which channel."""
    data = "data-20" if max(line.plan_gb for line in customer.lines) < 20 else "data-50"
    offers = {data, "best_tariff", "contract-12", "visit-gift"}
    offers |= {"roaming-7"} if customer.traveller else set()
    offers |= set() if customer.has_app or customer.senior else {"app-start"}
    return [way for way in WAYS if way.split("/")[0] in offers]


def _days_ago(drawn: float, place: int, count: int) -> int:
    """How long ago the contact at ``place`` of a customer's ``count`` was; families have always rested two weeks."""
    if place == 0 and drawn < RECENT_SHARE:
        return 1 + int(drawn / RECENT_SHARE * 6)
    stretch = (_OLDEST_DAYS - _YOUNGEST_DAYS) / count
    rest = _REST_DAYS if count > 1 else 0
    return _YOUNGEST_DAYS + int(place * stretch + drawn * (stretch - rest))


def _contact(population: Population, nature: Nature, way: str, days: int, draws: list[float]) -> list[object]:
    """One contact: its instant, and how it ended."""
    _, _, which_hour, reached, ordered, mood = draws
    offer, channel = way.split("/")
    hour = CALL_HOURS[int(which_hour * len(CALL_HOURS))]
    meets = {"outbound_call": answer_chance(nature.habit, hour + nature.clock), "sms": READS, "field": MET}
    is_reached = reached < meets.get(channel, 1.0)
    accepts = is_reached and ordered < BASE[STRATEGY_OF[offer]] + nature.lift[way]
    result = "accepted" if accepts else _no(channel, is_reached, mood)
    status = ("DELIVRD" if is_reached else "UNDELIV") if channel == "sms" else "SENT"
    purpose = "retention" if STRATEGY_OF[offer] == "retention" else "marketing"
    at = moment(population.start - timedelta(days=days), hour)
    return [
        nature.id, f"L{nature.id[1:]}1", _CODES[channel], purpose, at, result, status, "last-season", offer,
        _FAMILIES[offer],
    ]  # fmt: skip


def _no(channel: str, is_reached: bool, mood: float) -> str:
    """What is reported where nothing was ordered."""
    if channel in ("sms", "web", "ivr"):
        return ""
    if is_reached:
        return "rejected" if mood < 0.75 else "wants_time"
    return "busy" if channel == "outbound_call" and mood < 0.25 else "no_answer"


def last_orders(contacts: Columns, population: Population) -> dict[str, str]:
    """Customer → what they ordered last, of the last 60 days."""
    since = moment(population.start - timedelta(days=60), 0)
    rows = zip(
        contacts["contact_time"], contacts["cust_id"], contacts["goods"], contacts["result"], strict=True
    )
    accepted = sorted(
        (str(at), str(who), str(what)) for at, who, what, result in rows if result == "accepted"
    )
    return {who: what for at, who, what in accepted if at >= since}
