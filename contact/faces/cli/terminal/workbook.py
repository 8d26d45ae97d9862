"""Answers as Excel workbooks, with nothing in them that Excel would run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from rich.cells import cell_len

from contact.domain.answers import EffectAnswer, EvaluationAnswer
from contact.domain.model_answers import WarningsAnswer
from contact.faces.cli.terminal.printing import moment

_RUNS_IN_EXCEL = ("=", "+", "-", "@", "\t", "\r")
WIDEST = 60
"""No column is wider than so many characters."""
_EFFECT_HEAD = (
    "offer/channel",
    "treated",
    "treated goals",
    "control",
    "control goals",
    "effect",
    "low",
    "high",
)


def write(answer: EvaluationAnswer, path: Path) -> None:
    """Sheets: effect, funnel, refusals and one for each breakdown."""
    with _whole(path) as book:
        _evaluation(book, answer)


def _evaluation(book: Workbook, answer: EvaluationAnswer) -> None:
    _sheet(
        book,
        "effect",
        _EFFECT_HEAD,
        [_effect("all", answer.effect), *(_effect(*item) for item in answer.by_offer_channel.items())],
    )
    _sheet(
        book,
        "funnel",
        ("stage", "count", "lost", "why"),
        [[step.get(key) for key in ("stage", "count", "lost", "why")] for step in answer.funnel],
    )
    _sheet(book, "refusals", ("refused by", "count"), list(answer.refusals.items()))
    for name, rows in answer.breakdown.items():
        head = (name, "title", "planned", "contacted", "reached", "accepted", "goals")
        _sheet(
            book,
            name,
            head,
            [
                (row.key, row.title, row.planned, row.contacted, row.reached, row.accepted, row.goals)
                for row in rows
            ],
        )
    _sheet(book, "about", ("strategy", "at"), [(answer.strategy, moment(answer.at))])


def write_warnings(answer: WarningsAnswer, path: Path, zone: str) -> None:
    """One sheet, a row a customer, risk as a percentage, each reason in words in a column of its own, times of ``zone``."""
    most = max((len(row.reasons) for row in answer.rows), default=0)
    reasons = [f"reason {number}" for number in range(1, most + 1)]
    head = (
        "customer",
        "risk",
        *reasons,
        "tier",
        "unit",
        "manager",
        "may be called now",
        f"possible from ({zone})",
    )
    rows = [
        (
            row.customer, row.risk, *row.reasons, *[None] * (most - len(row.reasons)), row.value_tier, row.unit,
            row.manager, "yes" if row.allowed else "no", _local(row.until, zone),
        )
        for row in answer.rows
    ]  # fmt: skip
    about = (answer.above, answer.total, _local(answer.at, zone))
    with _whole(path) as book:
        _sheet(book, "warnings", head, rows, percent=("risk",), filtered=True)
        _sheet(
            book, "about", ("risk at least", "customers", f"at ({zone})"), [about], percent=("risk at least",)
        )


@contextmanager
def _whole(path: Path) -> Iterator[Workbook]:
    """A workbook to fill; the file appears whole or not at all. Raises OSError before anything is filled in."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch()
    try:
        book = Workbook(write_only=True)
        yield book
        book.save(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _effect(name: str, effect: EffectAnswer) -> tuple[object, ...]:
    return (
        name, effect.treated, effect.treated_goals, effect.control, effect.control_goals, effect.effect,
        effect.low, effect.high,
    )  # fmt: skip


def _local(at: datetime | None, zone: str) -> datetime | None:
    """The clock's face there, without a zone: a workbook's dates have none."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, microsecond=0) if at is not None else None


def _sheet(
    book: Workbook, title: str, head: Sequence[str], rows: Sequence[Sequence[object]], *,
    percent: Sequence[str] = (), filtered: bool = False,
) -> None:  # fmt: skip
    """A sheet with a frozen head and columns as wide as their widest cell; ``percent`` names columns of shares."""
    sheet = book.create_sheet(title)
    assert isinstance(sheet, WriteOnlyWorksheet)
    sheet.freeze_panes = "A2"
    columns = sheet.column_dimensions  # type: ignore[attr-defined]
    for column, title_of in enumerate(head):
        widest = max(cell_len(_shown(each)) for each in (title_of, *(row[column] for row in rows)))
        columns[get_column_letter(column + 1)].width = min(widest + 3, WIDEST)
    if filtered:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(head))}{len(rows) + 1}"  # type: ignore[attr-defined]
    names = [WriteOnlyCell(sheet, name) for name in head]
    for name in names:
        name.font = Font(bold=True)
    sheet.append(names)
    for row in rows:
        sheet.append(
            [_formatted(sheet, defused(cell), name in percent) for name, cell in zip(head, row, strict=True)]
        )


def _formatted(sheet: WriteOnlyWorksheet, value: object, share: bool) -> object:
    if not share and not isinstance(value, datetime):
        return value
    cell = WriteOnlyCell(sheet, value)  # type: ignore[arg-type]
    cell.number_format = "0.0%" if share else "yyyy-mm-dd hh:mm"
    return cell


def _shown(value: object) -> str:
    return value.strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else str(value or "")


def defused(cell: object) -> object:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_RUNS_IN_EXCEL) else cell
