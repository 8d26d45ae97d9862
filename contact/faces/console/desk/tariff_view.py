"""What stands on the pages about tariffs: each option's four figures, bars on one scale, and why others are not advised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contact.domain.tariff_answers import LineTariffs, MonthBill, TariffOption, TariffsAnswer
from contact.faces.console.shared.pages import Look

_BESIDE = {"penalty": "penalty", "cheapest": "dearer"}
"""A line's verdict → the verdict of the option shown beside what it has, where none is advised."""

_MARKS = {
    "cheapest": ("●", "ok"),
    "penalty": ("▲", "warn"),
    "too_few_months": ("○", ""),
    "unknown_tariff": ("▲", "warn"),
}


@dataclass(frozen=True)
class Bar:
    """One month's bills and how long their bars are, as shares of the longest."""

    bill: MonthBill
    before: float
    after: float


@dataclass(frozen=True)
class LineView:
    """One line: what it has, the option shown beside it, and the rest."""

    line: LineTariffs
    shown: TariffOption | None
    """The advised one, else the one that comes nearest; None where nothing can be compared."""
    others: list[TariffOption]
    """All but the one shown, the present one among them."""
    bars: list[Bar]
    issued: bool
    """Whether any bill issued is on file to stand beside the re-rated one."""
    mark: str
    """The shape before the sentence, and its tone: ``ok``, ``warn`` or nothing."""
    tone: str
    finding: str
    """Month by month in a sentence."""


def tariffs_view(look: Look, found: TariffsAnswer) -> dict[str, Any]:
    """The whole page."""
    return {
        "found": found,
        "lines": [line_view(look, each) for each in found.lines],
        "now": found.at,
        "simulated": found.simulated_time,
    }


def bill_view(look: Look, found: TariffsAnswer, line: str = "") -> dict[str, Any]:
    """The desk's pane: the line of the task, else the one that would save most."""
    lines = [line_view(look, each) for each in found.lines]
    wanted = next((each for each in lines if each.line.line == line), None)
    most = max(lines, key=_worth, default=None)
    return {"line": wanted or most, "customer": found.customer}


def line_view(look: Look, line: LineTariffs) -> LineView:
    """One line, with bars on one scale for all its months."""
    shown = line.best or next(
        (each for each in line.options if each.verdict == _BESIDE.get(line.verdict)), None
    )
    bills = shown.bills if shown is not None else []
    longest = max((bill for each in bills for bill in (each.before_minor, each.after_minor)), default=0) or 1
    return LineView(
        line,
        shown,
        [each for each in line.options if each is not shown],
        [
            Bar(each, max(0, each.before_minor) / longest, max(0, each.after_minor) / longest)
            for each in bills
        ],
        any(each.issued_minor is not None for each in bills),
        *_MARKS.get(line.verdict, ("", "")),
        _finding(look, shown) if shown is not None else "",
    )  # fmt: skip


def _finding(look: Look, option: TariffOption) -> str:
    say = look.formats.words.gettext
    if not option.bills:
        return ""
    text = (
        say("%(after)s a month then, %(before)s now; dearer in %(count)s of %(months)s months.")
        if option.dearer_months
        else say("%(after)s a month then, %(before)s now; in no month dearer.")
    )
    return text % {
        "after": _span(look, [bill.after_minor for bill in option.bills]),
        "before": _span(look, [bill.before_minor for bill in option.bills]),
        "count": option.dearer_months,
        "months": option.months,
    }


def _span(look: Look, bills: Sequence[int]) -> str:
    low, high = (look.formats.money(each) for each in (min(bills), max(bills)))
    text = look.formats.words.gettext("%(low)s to %(high)s")
    return low if low == high else text % {"low": low, "high": high}


def _worth(view: LineView) -> tuple[bool, int]:
    return view.line.best is not None, view.line.best.worth_minor if view.line.best is not None else 0
