"""What the tariff engine is asked beside usage: the prices of a day, the ways up from units, and who may have what."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

from strategies.declared.calendar import local_datetime, local_day
from strategies.declared.playbook import Condition, Playbook
from strategies.instants import Instant
from strategies.judging.asking import facts_of, way_up
from strategies.problems import Hint, Problem, ProblemsFound, Where
from strategies.profile import CustomerId, Profile

if TYPE_CHECKING:
    from contact.ports import LineMonths, Ports
    from scoring.tariff_prices import PriceList

_KEPT = 4


def require_tariffs(playbook: Playbook) -> None:
    """Raises ProblemsFound (``tariff.none``) where the playbook declares nothing to compare."""
    if not any(tariff.is_base for tariff in playbook.tariffs.values()):
        hint = Hint("declare counters in counters.yaml and each tariff as tariffs/ID.yaml")
        raise ProblemsFound(
            [Problem("tariff.none", "the playbook declares no base tariff", Where("tariffs/"), hint)]
        )


async def complete_usage(
    ports: Ports, playbook: Playbook, now: Instant, *, months: int, customer: CustomerId | None = None
) -> LineMonths:
    """The last so many months that were delivered and are over on the operator's clock: part of a month would make every
    bill of it too small. Raises as ``LearningPort.usage`` does."""
    today = local_datetime(playbook.operator.zone, now)
    before = today.year * 12 + today.month - 2
    counters = tuple(playbook.counters.values())
    return await ports.learning.usage(counters, months=months, customer=customer, until=before)


class _Prices:
    """Price lists of a playbook on a day, compiled once."""

    def __init__(self) -> None:
        self._lists: OrderedDict[tuple[str, int], PriceList] = OrderedDict()
        self._lock = Lock()

    def of(self, playbook: Playbook, now: Instant) -> PriceList:
        from scoring.tariff_prices import price_list

        key = (playbook.version, local_day(playbook.operator.zone, now))
        with self._lock:
            found = self._lists.get(key)
            if found is None:
                counters = tuple(playbook.counters.values())
                found = price_list(playbook.tariffs, counters, now, playbook.operator.minor_per_major)
                self._lists[key] = found
                while len(self._lists) > _KEPT:
                    self._lists.popitem(last=False)
            return found


_prices = _Prices()


def prices_of(playbook: Playbook, now: Instant) -> PriceList:
    """The prices of the operator's day. Raises ProblemsFound (``tariff.too_many_plans``)."""
    return _prices.of(playbook, now)


def ways_up(playbook: Playbook) -> dict[str, tuple[str, ...]]:
    """Unit → itself and the units above it, nearest first."""
    return {unit: way_up(playbook, unit) for unit in playbook.units}


def conditional(playbook: Playbook) -> list[tuple[str, Condition]]:
    """Tariffs that not everybody may have, with their conditions."""
    return [
        (tariff.id, tariff.eligible) for tariff in playbook.tariffs.values() if tariff.eligible is not None
    ]


def eligible(playbook: Playbook, profile: Profile, line: str, now: Instant) -> dict[str, bool]:
    """Of each tariff with a condition: whether it is true of this line; what is unknown is not."""
    own = next((each for each in profile.lines if each.id == line), None)
    facts = facts_of(playbook, profile, own)
    return {tariff: condition.decide(facts, now) is True for tariff, condition in conditional(playbook)}
