"""The part of the summary that holds what was learnt beside what was planted."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table

from demo.estimates import ChurnEstimate, Estimates, HourEstimate, SavingEstimate
from demo.learning import Learnt

_MOST_WRONG = 5


def tables_of(learnt: Learnt) -> Iterator[RenderableType]:
    """Models, then estimates beside the truth, then tariffs and the warning list."""
    yield _models(learnt)
    found = learnt.estimates
    if found is not None:
        yield _churn_words(found.churn)
        yield _calibration(found.churn)
        yield _chances(found)
        yield _hour_words(found.hours)
        yield from _saving_words(found.savings)
    yield f"warning list: {learnt.warned}"


def _models(learnt: Learnt) -> Table:
    table = Table(title="Models: AUC in folds", title_justify="left")
    for head in ("model", "rows", "AUC", "95 % interval", "logistic", "calibration error", "in force"):
        table.add_column(head, justify="left" if head in ("model", "in force") else "right")
    later = [{**each, "back": True} for each in learnt.came_back.get("trained", [])]
    for each in (*learnt.trained, *later):
        report = each["report"]
        by_name = {one["name"]: one for one in report["contenders"]}
        own, logistic = by_name["candidate"], by_name["logistic"]
        force = "yes" if each["promoted"] else "by hand" if each["id"] in learnt.by_hand else "no"
        table.add_row(
            each["id"] + (" (labels of these days too)" if "back" in each else ""), str(report["data"]["rows"]),
            f"{own['auc']['value']:.3f}", f"{own['auc']['low']:.3f} … {own['auc']['high']:.3f}",
            f"{logistic['auc']['value']:.3f}", f"{own['calibration_error']:.3f}", force,
        )  # fmt: skip
    return table


def _churn_words(churn: ChurnEstimate) -> str:
    return (
        f"churn: AUC expected of the learnt risk {churn.learnt_auc:.3f}, best possible {churn.best_auc:.3f} (the planted "
        f"chances themselves), {churn.customers} customers; calibration error {churn.error:.3f}"
    )


def _calibration(churn: ChurnEstimate) -> Table:
    table = Table(title="Churn risk by tenths of the learnt score, in percent", title_justify="left")
    table.add_column("")
    for number in range(1, len(churn.bins) + 1):
        table.add_column(str(number), justify="right")
    table.add_row("predicted", *(f"{100 * each.predicted:.1f}" for each in churn.bins))
    table.add_row("planted", *(f"{100 * each.planted:.1f}" for each in churn.bins))
    return table


def _chances(found: Estimates) -> Table:
    table = Table(
        title="Chance that a contact is accepted, in percent, of customers the offer suits",
        title_justify="left",
    )
    for head in ("offer/channel", "customers", "predicted", "planted", "correlation"):
        table.add_column(head, justify="left" if head == "offer/channel" else "right")
    for each in found.chances:
        together = "–" if each.together is None else f"{each.together:.2f}"
        table.add_row(
            each.way,
            str(each.customers),
            f"{100 * each.predicted:.1f}",
            f"{100 * each.planted:.1f}",
            together,
        )
    return table


def _hour_words(hours: HourEstimate) -> str:
    return (
        f"calls answered at the learnt best hour {100 * hours.learnt:.0f} %, at the planted one {100 * hours.best:.0f} %, "
        f"at any hour {100 * hours.any_hour:.0f} %"
    )


def _saving_words(savings: SavingEstimate) -> Iterator[str]:
    yield (
        f"tariffs: {savings.lines} lines, another plan is worth it for {savings.advised} (by the operator's own billing "
        f"{savings.advised_truly}), who would save {_yuan(savings.saving)} yuan a month ({_yuan(savings.saving_truly)}); "
        f"{savings.bills} bills compared one by one, {len(savings.wrong)} lines differ: "
        f"{'exact to the fen' if savings.exact else 'NOT exact'}"
    )
    for each in savings.wrong[:_MOST_WRONG]:
        yield f"  {each}"


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"
