"""The planted truth: what each customer would do, left alone or reached, which only the parties know.

Left alone, a customer orders the offer of a strategy with probability ``base``; reached with it in a channel, with
``base + lift``. One uniform draw decides both, so whoever would have ordered anyway also says yes. The lift follows from
what the operator knows of the customer (age, app, 5G, how long with us, packs bought before), and how likely a call is
answered from habits that follow from age, app and calls: so both can be learnt.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from demo.advising import advise
from demo.draws import draw
from demo.lives import Booleans, Floats
from demo.population import Population

BASE = {
    "data-upgrade": 0.05, "roaming-pack": 0.06, "retention": 0.07, "self-care": 0.03, "tariff-advice": 0.05,
}  # fmt: skip
STRATEGY_OF = {
    "data-20": "data-upgrade", "data-50": "data-upgrade", "roaming-7": "roaming-pack", "contract-12": "retention",
    "visit-gift": "retention", "app-start": "self-care", "best_tariff": "tariff-advice",
}  # fmt: skip
WAYS = (
    "data-20/sms", "data-20/outbound_call", "data-50/sms", "data-50/outbound_call", "roaming-7/sms", "roaming-7/agent",
    "contract-12/outbound_call", "visit-gift/field", "app-start/web", "app-start/ivr", "best_tariff/web",
    "best_tariff/outbound_call", "best_tariff/agent",
)  # fmt: skip
"""Every offer in every channel that a strategy makes it in."""
REPLY_CODES = {"20": "data-20", "50": "data-50", "7": "roaming-7"}
"""What a customer answers to a message to order the offer it names."""
STOP_WORDS = ("TD", "STOP", "退订")
HABITS = ("office", "home", "shift")
_CURVES = {
    "office": {9: 0.15, 10: 0.18, 11: 0.30, 12: 0.40, 14: 0.22, 15: 0.25, 16: 0.25, 17: 0.45, 18: 0.82, 19: 0.85},
    "home": {9: 0.85, 10: 0.85, 11: 0.75, 12: 0.50, 14: 0.60, 15: 0.75, 16: 0.65, 17: 0.45, 18: 0.30, 19: 0.30},
    "shift": {9: 0.20, 10: 0.30, 11: 0.60, 12: 0.70, 13: 0.80, 14: 0.80, 15: 0.80, 16: 0.50, 17: 0.30, 18: 0.25, 19: 0.2},
}  # fmt: skip
_ELSEWHEN = 0.2
READS = 0.96
"""The share of messages that are delivered and read."""
MET = 0.8
"""The share of visits in which the customer is met."""
VISITORS, CALLERS = 500, 400
"""About how many come to the web hall or ring the hotline during the demonstration, where there are many customers."""


@dataclass(frozen=True, slots=True)
class Nature:
    """How one customer behaves; ``lift`` by ``offer/channel``."""

    id: str
    number: str
    habit: str
    clock: int
    """Hours that the customer's clock is ahead of the operator's."""
    lift: dict[str, float]
    wants: tuple[str, ...]
    """Offers the customer might order by themselves."""
    visits: bool
    """Comes to the web hall during the demonstration."""
    rings: bool
    """Calls the hotline during the demonstration."""
    stops: bool
    """Answers a promotion with a stop word."""
    forbids_calls: bool
    """Asks a caller never to call again."""


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything planted, with the seed of the draws."""

    seed: int
    natures: dict[str, Nature]

    def would_order(self, customer: str, offer: str, channel: str | None) -> bool:
        """Whether this customer orders: left alone (``channel`` None), or reached in that channel."""
        strategy = STRATEGY_OF[offer]
        lift = 0.0 if channel is None else self.lift(customer, offer, channel)
        return draw(self.seed, "order", customer, strategy) < BASE[strategy] + lift

    def lift(self, customer: str, offer: str, channel: str) -> float:
        """What being reached adds to this customer's chance."""
        return self.natures[customer].lift.get(f"{offer}/{channel}", 0.0)

    def answers(self, customer: str, hour: int, attempt: str) -> bool:
        """Whether a call at that hour of the operator's day is answered; each attempt is drawn anew."""
        nature = self.natures[customer]
        return draw(self.seed, "answer", customer, attempt) < answer_chance(nature.habit, hour + nature.clock)

    def reads(self, customer: str) -> bool:
        """Whether messages to this customer are delivered and read."""
        return draw(self.seed, "reads", customer) < READS


def answer_chance(habit: str, hour: int) -> float:
    """The chance that a call in that hour of the customer's day is answered."""
    return _CURVES[habit].get(hour, _ELSEWHEN)


def plant(population: Population) -> Truth:
    """The truth of a population."""
    random = np.random.default_rng([population.seed, 21])
    customers = population.customers
    count = len(customers)
    lifts, habits = _lifts(random, population), _habits(random, population)
    gone = population.lives.left >= 0
    traveller = _column(population, "traveller") > 0
    visits = (random.random(count) < min(0.16, VISITORS / count)) & ~gone
    rings = (random.random(count) < np.where(traveller, 2.0, 0.55) * min(0.07, CALLERS / count)) & ~gone
    stops, forbids = random.random(count) < 0.03, random.random(count) < 0.03
    wants = _wants(population)
    natures = {
        customer.id: Nature(
            id=customer.id,
            number=customer.lines[0].number,
            habit=HABITS[habits[place]],
            clock=-2 if customer.zone == "Asia/Urumqi" else 0,
            lift={way: float(lifts[way][place]) for way in WAYS},
            wants=wants[place],
            visits=bool(visits[place]),
            rings=bool(rings[place]),
            stops=bool(stops[place]),
            forbids_calls=bool(forbids[place]),
        )
        for place, customer in enumerate(customers)
    }
    return Truth(population.seed, natures)


def _column(population: Population, name: str) -> Floats:
    return np.array([getattr(each, name) for each in population.customers], dtype=np.float64)


def _lifts(random: np.random.Generator, population: Population) -> dict[str, Floats]:
    """What being reached with each offer in each channel adds, rounded to four decimals."""
    app = (_column(population, "has_app") > 0).astype(np.float64)
    senior = _column(population, "senior")
    modern = _column(population, "device_5g") * (1 - senior)
    bought = np.minimum(_column(population, "bought_before"), 2)
    loyal = (_column(population, "tenure_months") >= 48).astype(np.float64)
    mean = {
        "data-20/sms": 0.03 + 0.28 * app + 0.06 * bought,
        "data-20/outbound_call": 0.05 + 0.34 * (1 - app) + 0.05 * bought,
        "data-50/sms": 0.03 + 0.28 * app * modern + 0.05 * bought,
        "data-50/outbound_call": 0.04 + 0.32 * (1 - app) + 0.08 * modern,
        "roaming-7/sms": 0.06 + 0.26 * app + 0.04 * bought,
        "roaming-7/agent": 0.10 + 0.32 * (1 - senior),
        "contract-12/outbound_call": 0.10 + 0.36 * loyal,
        "visit-gift/field": 0.15 + 0.40 * senior,
        "app-start/web": 0.04 + 0.30 * modern,
        "app-start/ivr": 0.02 + 0 * app,
        "best_tariff/web": 0.06 + 0.34 * app,
        "best_tariff/outbound_call": 0.06 + 0.36 * np.maximum(senior, 1 - app),
        "best_tariff/agent": 0.12 + 0.20 * (1 - app),
    }  # fmt: skip
    count = len(population.customers)
    return {way: np.round(mean[way] * random.uniform(0.9, 1.1, count), 4) for way in WAYS}


def _habits(random: np.random.Generator, population: Population) -> list[int]:
    """Place in ``HABITS``: seniors are at home, app users mostly in offices, the others mostly work in shifts."""
    senior, app = _column(population, "senior") > 0, _column(population, "has_app") > 0
    typical = np.where(senior, 1, np.where(app, 0, 2))
    untypical = random.random(len(senior)) < 0.15
    return [int(each) for each in np.where(untypical, random.integers(0, 3, len(senior)), typical)]


def _wants(population: Population) -> list[tuple[str, ...]]:
    """What customers might order without being asked: whatever a strategy could offer them."""
    advised: Booleans = advise(population).advised
    owner = np.repeat(
        np.arange(len(population.customers)), [len(each.lines) for each in population.customers]
    )
    could_save = np.bincount(owner, advised, minlength=len(population.customers)) > 0
    found = []
    for place, customer in enumerate(population.customers):
        wants = ["data-20" if max(line.plan_gb for line in customer.lines) < 20 else "data-50"]
        wants += ["roaming-7"] if customer.traveller else []
        wants += ["contract-12"] if customer.tenure_months >= 6 else []
        wants += [] if customer.has_app or customer.senior else ["app-start"]
        wants += ["best_tariff"] if could_save[place] else []
        found.append(() if population.lives.left[place] >= 0 else tuple(wants))
    return found


def chance(nature: Nature, way: str) -> float:
    """The planted chance that one contact about an offer in a channel is accepted, at any hour calls are made."""
    offer, channel = way.split("/")
    return _reached(nature, channel) * (BASE[STRATEGY_OF[offer]] + nature.lift[way])


CALL_HOURS = (9, 10, 11, 14, 15, 16, 17, 18)
"""Hours of the operator's day in which calls were made."""


def _reached(nature: Nature, channel: str) -> float:
    match channel:
        case "sms":
            return READS
        case "outbound_call":
            hours = [answer_chance(nature.habit, hour + nature.clock) for hour in CALL_HOURS]
            return sum(hours) / len(hours)
        case "field":
            return MET
    return 1.0


def best_hour(nature: Nature) -> int:
    """The hour of the customer's day in which calls are answered best."""
    return max(range(9, 20), key=lambda hour: answer_chance(nature.habit, hour))


def planted_scores(population: Population, truth: Truth) -> dict[str, list[float | None]]:
    """What a model without any error would say, under the names of the scores' columns, by customer; None of former ones."""
    there = population.lives.left < 0
    natures = [truth.natures[each.id] for each in population.customers]
    found: dict[str, list[float | None]] = {
        "churn_risk": [
            float(risk) if here else None for risk, here in zip(population.lives.risk, there, strict=True)
        ]
    }
    for way in WAYS:
        name = "p_" + way.replace("-", "_").replace("/", "_")
        found[name] = [round(chance(nature, way), 4) for nature in natures]
    found["best_hour_outbound_call"] = [float(best_hour(nature)) for nature in natures]
    return found


def write_truth(truth: Truth, path: Path) -> None:
    """Keep the truth where the parties read it."""
    names = [each.name for each in fields(Nature)]
    natures = {id: {name: getattr(nature, name) for name in names} for id, nature in truth.natures.items()}
    path.write_text(
        json.dumps({"seed": truth.seed, "natures": natures}, ensure_ascii=False), encoding="utf-8"
    )


def read_truth(path: Path) -> Truth:
    """The truth as written."""
    document = json.loads(path.read_text(encoding="utf-8"))
    natures = {
        id: Nature(**{**nature, "wants": tuple(nature["wants"])})
        for id, nature in document["natures"].items()
    }
    return Truth(document["seed"], natures)
