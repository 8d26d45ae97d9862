"""The planted truth: what each customer would do, left alone or reached, which only the parties know.

Left alone, a customer orders the offer of a strategy with probability ``base``; reached with it in a channel, with
``base + lift``. One uniform draw decides both, so whoever would have ordered anyway also says yes.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from demo.draws import draw
from demo.population import Customer, Population

BASE = {"data-upgrade": 0.07, "roaming-pack": 0.08, "retention": 0.09, "self-care": 0.04}
LIFT = {
    "data-20/sms": 0.16, "data-20/outbound_call": 0.30, "data-50/sms": 0.15, "data-50/outbound_call": 0.27,
    "roaming-7/sms": 0.20, "roaming-7/agent": 0.30, "contract-12/outbound_call": 0.32,
    "visit-gift/field": 0.36, "app-start/web": 0.15, "app-start/ivr": 0.02,
}  # fmt: skip
STRATEGY_OF = {
    "data-20": "data-upgrade", "data-50": "data-upgrade", "roaming-7": "roaming-pack",
    "contract-12": "retention", "visit-gift": "retention", "app-start": "self-care",
}  # fmt: skip
REPLY_CODES = {"20": "data-20", "50": "data-50", "7": "roaming-7"}
"""What a customer answers to a message to order the offer it names."""
STOP_WORDS = ("TD", "STOP", "退订")
_CURVES = {
    "office": {9: 0.25, 10: 0.30, 11: 0.45, 14: 0.35, 15: 0.40, 16: 0.40, 17: 0.50, 18: 0.80, 19: 0.75},
    "home": {9: 0.80, 10: 0.75, 11: 0.70, 14: 0.60, 15: 0.75, 16: 0.65, 17: 0.50, 18: 0.40, 19: 0.45},
    "shift": {9: 0.30, 10: 0.40, 11: 0.78, 14: 0.60, 15: 0.80, 16: 0.60, 17: 0.45, 18: 0.45, 19: 0.30},
}
_ELSEWHEN = 0.2
_BY_PREFERENCE = ("data-20/sms", "data-20/outbound_call", "data-50/sms", "data-50/outbound_call")
_CALL_HOURS = (9, 11, 15, 18)
SMS_HOURS = (9, 11, 15, 18)


@dataclass(frozen=True, slots=True)
class Nature:
    """How one customer behaves; ``lift`` by ``offer/channel``."""

    id: str
    number: str
    habit: str
    prefers: str
    sms_reach: float
    best_hour_sms: int
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
        lift = 0.0 if channel is None else self.natures[customer].lift.get(f"{offer}/{channel}", 0.0)
        return draw(self.seed, "order", customer, strategy) < BASE[strategy] + lift

    def lift(self, customer: str, offer: str, channel: str) -> float:
        """What being reached adds to this customer's chance."""
        return self.natures[customer].lift.get(f"{offer}/{channel}", 0.0)

    def answers(self, customer: str, hour: int, attempt: str) -> bool:
        """Whether a call at that hour of the operator's day is answered; each attempt is drawn anew."""
        return draw(self.seed, "answer", customer, attempt) < answer_chance(
            self.natures[customer].habit, hour
        )

    def reads(self, customer: str) -> bool:
        """Whether messages to this customer are delivered and read."""
        return draw(self.seed, "reads", customer) < self.natures[customer].sms_reach


def answer_chance(habit: str, hour: int) -> float:
    """The chance that a call in that hour of the operator's day is answered."""
    return _CURVES[habit].get(hour, _ELSEWHEN)


def plant(population: Population) -> Truth:
    """The truth of a population."""
    return Truth(population.seed, {each.id: _nature(population.seed, each) for each in population.customers})


def _nature(seed: int, customer: Customer) -> Nature:
    def chance(what: str) -> float:
        return draw(seed, what, customer.id)

    prefers = "sms" if chance("prefers") < 0.45 else "outbound_call"
    lift = {}
    for key, mean in LIFT.items():
        channel = key.split("/")[1]
        torn = key in _BY_PREFERENCE
        taste = (1.25 if channel == prefers else 0.55) if torn else 1.0
        lift[key] = round(mean * taste * (0.75 + 0.5 * chance(f"taste {key}")), 4)
    return Nature(
        id=customer.id,
        number=customer.lines[0].number,
        habit=("office", "home", "shift")[int(chance("habit") * 3)],
        prefers=prefers,
        sms_reach=0.96,
        best_hour_sms=SMS_HOURS[int(chance("hour") * len(SMS_HOURS))],
        lift=lift,
        wants=_wants(customer),
        visits=chance("visits") < 0.16,
        rings=chance("rings") < (0.15 if customer.traveller else 0.04),
        stops=chance("stops") < 0.03,
        forbids_calls=chance("forbids") < 0.03,
    )


def _wants(customer: Customer) -> tuple[str, ...]:
    if customer.churn_risk >= 0.6:
        main = "contract-12"
    elif customer.traveller:
        main = "roaming-7"
    else:
        main = "data-20" if max(line.plan_gb for line in customer.lines) < 20 else "data-50"
    return (main,) if customer.has_app else (main, "app-start")


def scores(customer: str, truth: Truth) -> dict[str, float | int]:
    """What an operator's models would deliver: chance of success by offer and channel, and best hours."""
    nature = truth.natures[customer]
    best = max(_CALL_HOURS, key=lambda hour: answer_chance(nature.habit, hour))
    answered = answer_chance(nature.habit, best)

    def chance(key: str, reach: float) -> float:
        return round(BASE[STRATEGY_OF[key.split("/")[0]]] + reach * nature.lift[key], 4)

    return {
        "p_data20_sms": chance("data-20/sms", nature.sms_reach),
        "p_data20_call": chance("data-20/outbound_call", answered),
        "p_data50_sms": chance("data-50/sms", nature.sms_reach),
        "p_data50_call": chance("data-50/outbound_call", answered),
        "p_roaming_sms": chance("roaming-7/sms", nature.sms_reach),
        "p_roaming_agent": chance("roaming-7/agent", 1.0),
        "p_retain_call": chance("contract-12/outbound_call", answered),
        "p_retain_field": chance("visit-gift/field", 0.8),
        "p_web": chance("app-start/web", 1.0),
        "best_hour_sms": nature.best_hour_sms,
        "best_hour_call": best,
    }


def write_truth(truth: Truth, path: Path) -> None:
    """Keep the truth where the parties read it."""
    natures = {id: asdict(nature) for id, nature in truth.natures.items()}
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
