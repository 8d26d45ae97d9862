"""How often the interval of a measured effect covers the planted truth: the generator alone, no processes.

    python -m bench.effects [--seeds 20] [--customers 2000]

Customers are drawn into control groups by their slot, as the service does; treated ones are reached by chance and
order by the planted truth. The truth is by assignment: the mean, over the treated, of what being reached added.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from datetime import date

from demo.draws import draw
from demo.population import populate
from demo.truth import STRATEGY_OF, Nature, Truth, plant
from scoring.effects import Arm, effect
from strategies.hashing import hash64, slot

START = date(2026, 3, 2)
CONTROL_HUNDREDTHS = 3500
UNIVERSAL_HUNDREDTHS = 200
NEEDED_OF_TWENTY = 17
_WAYS = {
    "data-20": ("sms", "outbound_call"),
    "data-50": ("sms", "outbound_call"),
    "roaming-7": ("sms",),
    "contract-12": ("outbound_call",),
    "app-start": ("web",),
    "best_tariff": ("web", "outbound_call"),
}
_ANSWERED = 0.75
"""The chance that one of the attempts of a call is answered."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One seed's measurement of one strategy."""

    seed: int
    strategy: str
    difference: float
    low: float
    high: float
    truth: float

    @property
    def covered(self) -> bool:
        return self.low <= self.truth <= self.high


def trials(seed: int, customers: int) -> list[Trial]:
    """Every strategy of one seed, assigned by slot and lived through by the planted truth."""
    truth = plant(populate(seed, customers, START))
    strategies = sorted({STRATEGY_OF[offer] for offer in _WAYS})
    return [_trial(truth, strategy) for strategy in strategies]


def _trial(truth: Truth, strategy: str) -> Trial:
    treated, control, added = [], [], []
    for nature in truth.natures.values():
        offer = next((each for each in nature.wants if STRATEGY_OF[each] == strategy), None)
        if offer is None:
            continue
        if in_control(nature.id, strategy):
            control.append(truth.would_order(nature.id, offer, None))
            continue
        channel = _channel(nature, offer)
        reached = _reached(truth, nature, channel)
        treated.append(truth.would_order(nature.id, offer, channel if reached else None))
        added.append(truth.lift(nature.id, offer, channel) if reached else 0.0)
    found = effect(Arm(len(treated), sum(treated)), Arm(len(control), sum(control)))
    assert found.difference is not None and found.low is not None and found.high is not None
    return Trial(truth.seed, strategy, found.difference, found.low, found.high, sum(added) / len(added))


def in_control(customer: str, strategy: str) -> bool:
    """Whether the draw leaves the customer alone."""
    identity = hash64(customer)
    return slot(identity, "universal") < UNIVERSAL_HUNDREDTHS or slot(identity, strategy) < CONTROL_HUNDREDTHS


def _channel(nature: Nature, offer: str) -> str:
    """The one whose lift is larger, as a model would find."""
    return max(_WAYS[offer], key=lambda channel: nature.lift[f"{offer}/{channel}"])


def _reached(truth: Truth, nature: Nature, channel: str) -> bool:
    if channel == "outbound_call":
        return draw(truth.seed, "answers at last", nature.id) < _ANSWERED
    return channel == "web" or truth.reads(nature.id)


def main() -> int:
    """Print a line a seed; 0 if every strategy's interval covers the truth in 17 of 20 seeds."""
    parser = argparse.ArgumentParser(prog="python -m bench.effects", description=main.__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--customers", type=int, default=2000)
    options = parser.parse_args()
    covered: dict[str, int] = {}
    for seed in range(1, options.seeds + 1):
        for trial in trials(seed, options.customers):
            covered[trial.strategy] = covered.get(trial.strategy, 0) + trial.covered
            print(
                f"seed {seed:3}  {trial.strategy:14} measured {100 * trial.difference:+5.1f}  "
                f"[{100 * trial.low:+5.1f}, {100 * trial.high:+5.1f}]  planted {100 * trial.truth:+5.1f}  "
                f"{'covered' if trial.covered else 'MISSED'}"
            )
    needed = options.seeds * NEEDED_OF_TWENTY // 20
    for strategy, times in sorted(covered.items()):
        print(f"{strategy:14} covered in {times} of {options.seeds} seeds (needed {needed})")
    return 0 if min(covered.values()) >= needed else 1


if __name__ == "__main__":
    sys.exit(main())
