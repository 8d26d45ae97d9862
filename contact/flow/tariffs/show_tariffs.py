"""One customer's lines under every tariff, month by month: "you already have the cheapest" is an answer like any other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from contact.domain.tariff_answers import (
    BillComponent,
    LineTariffs,
    MonthBill,
    TariffOption,
    TariffsAnswer,
)
from contact.flow.gather import Gathered, gather
from contact.flow.tariffs.tariff_cases import complete_usage, eligible, prices_of, require_tariffs, ways_up
from contact.ports import LineMonths, Ports
from strategies.declared.calendar import local_datetime
from strategies.declared.playbook import Playbook
from strategies.instants import to_datetime

if TYPE_CHECKING:
    from scoring.tariff_comparison import ComparedLine, ComparedOption, LineCase

MONTHS = 6


async def tariffs_of(
    ports: Ports, customer: str, language: str = "en", months: int = MONTHS
) -> TariffsAnswer:
    """Every line of the customer over the last months on file.

    Raises NotFound for an unknown customer; ProblemsFound where no tariff is declared or a counter's column is missing.
    """
    gathered = await gather(ports, customer)
    require_tariffs(gathered.playbook)
    usage = await complete_usage(
        ports, gathered.playbook, gathered.moment.at, months=months, customer=gathered.profile.customer
    )
    return await asyncio.to_thread(_answer, gathered, usage, language)


def _answer(gathered: Gathered, usage: LineMonths, language: str) -> TariffsAnswer:
    from contact.flow.tariffs.tariff_words import how_found, month_text, nothing_to_compare
    from scoring.tariff_advice import case_of, compare_line

    playbook, moment = gathered.playbook, gathered.moment
    today = local_datetime(playbook.operator.zone, moment.at).date()
    prices, above = prices_of(playbook, moment.at), ways_up(playbook)
    lines, ordered, rated, until = [], False, 0, None
    for place, id in enumerate(usage.lines):
        mine = eligible(playbook, gathered.profile, id, moment.at)
        case = case_of(usage, place, eligible=mine, above=above)
        compared = compare_line(prices, case, today)
        ordered = ordered or any(each.priority for each in compared.options)
        rated = max(rated, len(case.months))
        until = max((until or 0, *case.months)) or None
        lines.append(_line(playbook, id, case, compared, language))
    data_until = month_text(until) if until else None
    how = nothing_to_compare(language, lines=len(lines))
    if rated:
        how = how_found(
            playbook, months=rated, data_until=data_until, today=today, issued=bool((usage.issued >= 0).any()),
            ordered=ordered, language=language,
        )  # fmt: skip
    return TariffsAnswer(
        customer=gathered.profile.customer,
        at=to_datetime(moment.at),
        simulated_time=moment.simulated,
        currency=playbook.operator.currency,
        data_until=data_until,
        how=how,
        lines=lines,
    )


def _line(playbook: Playbook, id: str, case: LineCase, compared: ComparedLine, language: str) -> LineTariffs:
    from contact.flow.tariffs.tariff_words import finding, month_text, plan_title

    options = [_option(playbook, each, language) for each in compared.options]
    best = compared.best
    return LineTariffs(
        line=id,
        tariff=case.tariff,
        addons=list(case.addons),
        title=plan_title(playbook, case.tariff, case.addons, language),
        contract_end=case.contract_end,
        verdict=compared.verdict,
        sentence=finding(
            playbook, compared, tariff=case.tariff, contract_end=case.contract_end, months=len(case.months),
            language=language,
        ),
        best=None if best is None else options[compared.options.index(best)],
        options=options,
        months=[month_text(month) for month in case.months],
    )  # fmt: skip


def _option(playbook: Playbook, option: ComparedOption, language: str) -> TariffOption:
    from contact.flow.tariffs.tariff_words import change_words, month_text, plan_title

    return TariffOption(
        tariff=option.tariff,
        addons=list(option.addons),
        title=plan_title(playbook, option.tariff, option.addons, language),
        verdict=option.verdict,
        mean_minor=option.mean_minor,
        saving_minor=option.saving_minor,
        spread_minor=option.spread_minor,
        dearest_month=month_text(option.dearest_month),
        dearest_before_minor=option.dearest_before_minor,
        dearest_after_minor=option.dearest_after_minor,
        dearer_months=option.dearer_months,
        months=len(option.bills),
        penalty_minor=option.penalty_minor,
        contract_months=option.contract_months,
        worth_minor=option.worth_minor,
        priority=option.priority,
        changes=[change_words(playbook, each, language) for each in option.changes],
        bills=[
            MonthBill(
                month=month_text(bill.month),
                issued_minor=bill.issued_minor,
                before_minor=bill.before_minor,
                after_minor=bill.after_minor,
                unexplained_minor=bill.unexplained_minor,
            )
            for bill in option.bills
        ],
        components=_components(option.components, language),
    )


def _components(components: Sequence[tuple[str, int, int]], language: str) -> list[BillComponent]:
    from contact.flow.tariffs.tariff_words import component_title

    return [
        BillComponent(
            component=name, title=component_title(name, language), before_minor=before, after_minor=after
        )
        for name, before, after in components
    ]
