"""Official holidays of countries, as the package ``holidays`` knows them; loaded only where an operator asks."""

from __future__ import annotations

from functools import lru_cache

FIRST_YEAR, LAST_YEAR = 2020, 2040
"""Years whose holidays are known to the hours of rules."""


@lru_cache(maxsize=1)
def _countries() -> dict[str, tuple[str, ...]]:
    import holidays

    return {country: tuple(parts) for country, parts in holidays.list_supported_countries().items()}


def countries() -> frozenset[str]:
    """Codes of ISO 3166 of the countries whose holidays are known."""
    return frozenset(_countries())


def parts_of(country: str) -> frozenset[str]:
    """The parts of a country that have holidays of their own."""
    return frozenset(_countries().get(country, ()))


@lru_cache(maxsize=32)
def official_holidays(country: str, part: str | None = None) -> frozenset[str]:
    """Days, ``2026-10-01``, that a country or a part of it takes off from ``FIRST_YEAR`` to ``LAST_YEAR``."""
    import holidays

    years = range(FIRST_YEAR, LAST_YEAR + 1)
    return frozenset(day.isoformat() for day in holidays.country_holidays(country, subdiv=part, years=years))
