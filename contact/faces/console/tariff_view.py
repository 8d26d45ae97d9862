"""What stands on the pages about tariffs: each option's four figures, bars on one scale, and why others are not advised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contact.domain.tariff_answers import LineTariffs, MonthBill, TariffOption, TariffsAnswer
from contact.faces.console.pages import Look


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
    chip: str
    """How loud the finding is: ``ok``, ``warn`` or nothing."""


def tariffs_view(look: Look, found: TariffsAnswer) -> dict[str, Any]:
    """The whole page."""
    return {
        "found": found,
        "lines": [line_view(each) for each in found.lines],
        "now": found.at,
        "simulated": found.simulated_time,
    }


def bill_view(look: Look, found: TariffsAnswer, line: str = "") -> dict[str, Any]:
    """The desk's pane: the line of the task, else the one that would save most."""
    lines = [line_view(each) for each in found.lines]
    wanted = next((each for each in lines if each.line.line == line), None)
    most = max(lines, key=_worth, default=None)
    return {"line": wanted or most, "customer": found.customer}


def line_view(line: LineTariffs) -> LineView:
    """One line, with bars on one scale for all its months."""
    rest = [each for each in line.options if each.verdict != "current"]
    shown = line.best or (rest[0] if rest and line.verdict in ("cheapest", "penalty") else None)
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
        {"cheaper": "ok", "cheapest": "ok", "penalty": "warn"}.get(line.verdict, ""),
    )  # fmt: skip


def _worth(view: LineView) -> tuple[bool, int]:
    return view.line.best is not None, view.line.best.worth_minor if view.line.best is not None else 0
