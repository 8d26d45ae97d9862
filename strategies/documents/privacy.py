"""Reader of what ``operator.yaml`` says about personal data: how long records are kept, how many cards a day."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from strategies.documents.reading import Section
from strategies.instants import DAY

RETENTION: Mapping[str, int] = MappingProxyType({
    "contacts": 1095 * DAY,
    "notes": 180 * DAY,
    "decisions": 90 * DAY,
    "events": 400 * DAY,
    "calls": 400 * DAY,
    "jobs": 90 * DAY,
    "card_views": 30 * DAY,
    "set_aside": 30 * DAY,
    "uploads": DAY,
    "simulations": 7 * DAY,
    "generations": 30 * DAY,
})  # fmt: skip
"""Kind of record → how long it is kept, in microseconds, where ``operator.yaml`` does not say."""
CARD_VIEWS_PER_DAY = 200


def read_retention(section: Section) -> Mapping[str, int]:
    """Kind of record → how long it is kept."""
    node = section.get("retention")
    periods = None if node is None else section.reading.section(node, "'retention'", tuple(RETENTION))
    if periods is None:
        return RETENTION
    return {kind: periods.duration(kind, usual) for kind, usual in RETENTION.items()}


def read_card_views(section: Section) -> int:
    """How many different customers' cards a person may look at on a day."""
    return section.whole("card_views_per_day", 1, 100_000, CARD_VIEWS_PER_DAY)
