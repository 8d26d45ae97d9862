"""What is answered about tariffs: bills before and after, line by line and month by month, in minor units."""

from __future__ import annotations

from datetime import datetime

from contact.domain.answers import Answer


class MonthBill(Answer, frozen=True, kw_only=True):
    """One month of one line: the bill issued, the one re-rated under the present tariff, and the one under another."""

    month: str
    issued_minor: int | None
    before_minor: int
    after_minor: int
    unexplained_minor: int | None
    """Issued minus re-rated: what our tariffs do not explain."""


class BillComponent(Answer, frozen=True, kw_only=True):
    """``fee, addons, voice, data, sms, mms, wlan, international, roaming``: mean a month before and after."""

    component: str
    title: str
    before_minor: int
    after_minor: int


class TariffOption(Answer, frozen=True, kw_only=True):
    """One tariff with its best add-ons, against what the line has."""

    tariff: str
    addons: list[str]
    title: str
    verdict: str
    """``cheaper``, ``dearer``, ``penalty`` (cheaper, but leaving costs more than a year saves), ``not_eligible``,
    ``current``."""
    mean_minor: int
    saving_minor: int
    """A month, mean; negative where it is dearer."""
    spread_minor: int
    """Standard deviation of the monthly saving."""
    dearest_month: str
    dearest_before_minor: int
    dearest_after_minor: int
    """The dearest month under this tariff, and what the present one made of that month."""
    dearer_months: int
    """In how many of ``months`` it would have cost more: the chance of a dearer month."""
    months: int
    penalty_minor: int
    contract_months: int
    worth_minor: int
    """Saving of twelve months less the penalty."""
    priority: int
    changes: list[str]
    """What changes besides price, in words."""
    bills: list[MonthBill]
    components: list[BillComponent]


class LineTariffs(Answer, frozen=True, kw_only=True):
    """One line's comparison."""

    line: str
    tariff: str | None
    addons: list[str]
    title: str
    contract_end: str | None
    verdict: str
    """``cheaper``, ``cheapest`` (you already have the cheapest), ``penalty``, ``too_few_months``, ``unknown_tariff``."""
    sentence: str
    """The finding in the reader's language."""
    best: TariffOption | None
    options: list[TariffOption]
    """In the order of advice; the present tariff among them. Those not advised follow, each with its verdict."""
    months: list[str]


class TariffsAnswer(Answer, frozen=True, kw_only=True):
    """All lines of a customer under every tariff."""

    customer: str
    at: datetime
    simulated_time: bool
    currency: str
    data_until: str | None
    """Last month of usage on file."""
    how: list[str]
    """How it was worked out, in sentences."""
    lines: list[LineTariffs]


class MatchAnswer(Answer, frozen=True, kw_only=True):
    """What matching every line brought."""

    generation: int
    lines: int
    months: list[str]
    plans: int
    """Tariffs with every lawful set of add-ons."""
    rated: int
    """Line-months × plans."""
    by_verdict: dict[str, int]
    best: dict[str, int]
    """Advised tariff → lines."""
    saving_minor: int
    """A month, summed over lines for which another tariff is worth it."""
    unexplained_minor: int | None
    """Mean absolute difference between issued and re-rated bills; None where no bill is on file."""
    seconds: float
