"""The demonstration's own judgement: planted effects beside measured ones, and what the gateway's log says.

The planted effect of a strategy is by assignment, like the measured one: over all customers the strategy reserved a
place for, the mean of what being reached added to their chance of ordering; a customer nobody reached (no answer,
message not delivered, task cancelled) adds nothing. Who was reached is known from the parties, not from the service.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.truth import STRATEGY_OF, Truth


@dataclass(frozen=True, slots=True)
class Judged:
    """One strategy's effect, measured and planted; the measured figures are None where an arm is empty."""

    strategy: str
    treated: int
    control: int
    effect: float | None
    low: float | None
    high: float | None
    planted: float | None

    @property
    def covered(self) -> bool | None:
        """Whether the interval covers the truth."""
        if self.low is None or self.high is None or self.planted is None:
            return None
        return self.low <= self.planted <= self.high


@dataclass(frozen=True, slots=True)
class GatewayVerdict:
    """What the gateway's own log says of the promises made."""

    messages: int
    stops: int
    after_stop: int
    """Promotional messages to a number after its stop was acknowledged."""
    over_daily_cap: int
    """Numbers that got more than one promotional message in a day, counted a number and day."""
    twice: int
    """Contacts handed over more than once."""

    @property
    def broken(self) -> bool:
        return bool(self.after_stop or self.over_daily_cap or self.twice)


def planted_effect(
    truth: Truth, strategy: str, treated: Sequence[str], reached: Iterable[Mapping[str, str]]
) -> float | None:
    """The mean of what being reached added, over all treated; None where nobody was treated."""
    added: dict[str, float] = {}
    for each in reached:
        if STRATEGY_OF[each["offer"]] == strategy:
            lift = truth.lift(each["customer"], each["offer"], each["channel"])
            added[each["customer"]] = max(lift, added.get(each["customer"], 0.0))
    if not treated:
        return None
    return sum(added.get(customer, 0.0) for customer in treated) / len(treated)


def judge_effect(
    truth: Truth, evaluation: Mapping[str, Any], treated: Sequence[str], reached: Iterable[Mapping[str, str]]
) -> Judged:
    """A strategy's evaluation, as the service answered it, beside the planted truth."""
    strategy, effect = str(evaluation["strategy"]), evaluation["effect"]
    return Judged(
        strategy,
        effect["treated"],
        effect["control"],
        effect["effect"],
        effect["low"],
        effect["high"],
        planted_effect(truth, strategy, treated, reached),
    )


def judge_gateway(log: Path) -> GatewayVerdict:
    """Read the gateway's log in order."""
    stopped: set[str] = set()
    promotions: Counter[tuple[str, str]] = Counter()
    contacts: Counter[str] = Counter()
    after = 0
    for line in log.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if entry["what"] == "stop acknowledged":
            stopped.add(entry["to"])
            continue
        contacts[entry["contact"]] += 1
        if entry["promotional"]:
            promotions[entry["to"], entry["day"]] += 1
            after += entry["to"] in stopped
    return GatewayVerdict(
        messages=sum(contacts.values()),
        stops=len(stopped),
        after_stop=after,
        over_daily_cap=sum(count > 1 for count in promotions.values()),
        twice=sum(count > 1 for count in contacts.values()),
    )
