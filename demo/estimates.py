"""What the service estimates of customers, asked over HTTP like anybody may, held against what was planted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from demo.advising import Advice, advise
from demo.calendar import month_name
from demo.calling import Service
from demo.lives import Lives
from demo.measuring import Bin, calibration_error, correlation, expected_auc, tenths
from demo.past_contacts import suited_ways
from demo.population import Customer, Population
from demo.truth import WAYS, Nature, Truth, answer_chance, best_hour, chance

ASKED = 100
"""So many customers are asked about, at most."""


@dataclass(frozen=True, slots=True)
class ChurnEstimate:
    """The learnt risk beside the planted one, of the customers asked about."""

    customers: int
    learnt_auc: float
    best_auc: float
    """What the planted chances themselves would reach."""
    bins: list[Bin]

    @property
    def error(self) -> float:
        """Mean distance of predicted and planted risk over tenths."""
        return calibration_error(self.bins)


@dataclass(frozen=True, slots=True)
class ChanceEstimate:
    """One offer in one channel, of the customers it suits: mean chance of success, predicted and planted, and how they go
    together."""

    way: str
    customers: int
    predicted: float
    planted: float
    together: float | None


@dataclass(frozen=True, slots=True)
class HourEstimate:
    """The share of calls answered at the learnt best hour, at the planted one, and at any hour."""

    learnt: float
    best: float
    any_hour: float


@dataclass(frozen=True, slots=True)
class SavingEstimate:
    """What the service advises beside what the operator's own billing finds, in fen a month over all lines."""

    lines: int
    advised: int
    advised_truly: int
    saving: int
    saving_truly: int
    bills: int
    """Bills of single lines and months that were compared one by one, under the present tariff and the best."""
    wrong: list[str]
    """Lines for which anything differs, with what."""

    @property
    def exact(self) -> bool:
        """Whether all of it agrees to the fen."""
        return (self.advised, self.saving, self.wrong) == (self.advised_truly, self.saving_truly, [])


@dataclass(frozen=True, slots=True)
class Estimates:
    """All of them."""

    churn: ChurnEstimate
    chances: list[ChanceEstimate]
    hours: HourEstimate
    savings: SavingEstimate


async def estimates_of(
    service: Service, population: Population, truth: Truth, matched: Mapping[str, Any]
) -> Estimates:
    """Ask about a spread of the customers who are there; ``matched`` is what matching all lines answered."""
    there = [place for place, left in enumerate(population.lives.left) if left < 0]
    step = max(1, -(-len(there) // ASKED))
    asked = there[::step]
    ids = [population.customers[place].id for place in asked]
    scores = await asyncio.gather(*(service.get(f"/v1/customers/{id}/scores") for id in ids))
    tariffs = await asyncio.gather(*(service.get(f"/v1/customers/{id}/tariffs") for id in ids))
    natures = [truth.natures[id] for id in ids]
    return Estimates(
        churn=_churn(scores, population.lives.risk[asked].tolist()),
        chances=_chances(scores, natures, [population.customers[place] for place in asked]),
        hours=_hours(scores, natures),
        savings=_savings(tariffs, population, matched),
    )


def _churn(scores: Sequence[Any], planted: list[float]) -> ChurnEstimate:
    learnt = [float(each["churn"]["risk"]) for each in scores]
    return ChurnEstimate(
        len(learnt), expected_auc(learnt, planted), expected_auc(planted, planted), tenths(learnt, planted)
    )


def _chances(
    scores: Sequence[Any], natures: Sequence[Nature], people: Sequence[Customer]
) -> list[ChanceEstimate]:
    """By offer and channel; those nobody asked about suits are left out."""
    pairs: dict[str, list[tuple[float, float]]] = {}
    for answer, nature, customer in zip(scores, natures, people, strict=True):
        said = {f"{each['offer']}/{each['channel']}": float(each["propensity"]) for each in answer["chances"]}
        for way in suited_ways(customer):
            pairs.setdefault(way, []).append((said[way], chance(nature, way)))
    found = []
    for way in (each for each in WAYS if each in pairs):
        predicted, planted = (list(column) for column in zip(*pairs[way], strict=True))
        found.append(
            ChanceEstimate(
                way, len(predicted), float(np.mean(predicted)), float(np.mean(planted)),
                correlation(predicted, planted),
            )
        )  # fmt: skip
    return found


def _hours(scores: Sequence[Any], natures: Sequence[Nature]) -> HourEstimate:
    """Of customers whose best hour a model named; hours in which calls are made."""
    learnt, best, anytime = [], [], []
    for answer, nature in zip(scores, natures, strict=True):
        hour = next(
            (each["best_hour"] for each in answer["chances"] if each["channel"] == "outbound_call"), None
        )
        if hour is not None:
            learnt.append(answer_chance(nature.habit, hour))
            best.append(answer_chance(nature.habit, best_hour(nature)))
            anytime.append(float(np.mean([answer_chance(nature.habit, each) for each in range(9, 19)])))
    return HourEstimate(float(np.mean(learnt)), float(np.mean(best)), float(np.mean(anytime)))


def _savings(tariffs: Sequence[Any], population: Population, matched: Mapping[str, Any]) -> SavingEstimate:
    truth = advise(population)
    place_of = {line: place for place, line in enumerate(truth.lines)}
    bills, wrong = 0, []
    for answer in tariffs:
        for line in answer["lines"]:
            place = place_of[line["line"]]
            compared, problems = _compare(line, place, truth, population.lives)
            bills += compared
            wrong += [f"{line['line']}: {each}" for each in problems]
    return SavingEstimate(
        lines=int(matched["lines"]),
        advised=int(matched["by_verdict"].get("cheaper", 0)),
        advised_truly=int(truth.advised.sum()),
        saving=int(matched["saving_minor"]),
        saving_truly=int(truth.saving.sum()),
        bills=bills,
        wrong=wrong,
    )


def _compare(line: Mapping[str, Any], place: int, truth: Advice, lives: Lives) -> tuple[int, list[str]]:
    """How many bills were compared, and what is not as the operator's own billing has it."""
    best = line["best"]
    advised = best is not None
    wrong = []
    if advised != bool(truth.advised[place]):
        wrong.append(f"advised {advised}, truly {truth.advised[place]}")
    if best is not None and (best["tariff"], best["saving_minor"]) != (
        truth.best[place],
        int(truth.saving[place]),
    ):
        wrong.append(
            f"{best['tariff']} saves {best['saving_minor']}, truly {truth.best[place]} {truth.saving[place]}"
        )
    names = [month_name(each) for each in lives.months]
    compared = 0
    for bill in best["bills"] if best is not None else ():
        month = names.index(bill["month"])
        rated = int(lives.issued[place, month] - lives.extra[place, month])
        found = (bill["issued_minor"], bill["before_minor"], bill["unexplained_minor"])
        if found != (int(lives.issued[place, month]), rated, int(lives.extra[place, month])):
            wrong.append(f"{bill['month']}: issued, re-rated, unexplained {found}")
        compared += 1
    return compared, wrong
