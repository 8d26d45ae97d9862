"""An evaluation as an Excel workbook, with nothing in it that Excel would run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from contact.domain.answers import EffectAnswer, EvaluationAnswer
from contact.faces.cli.printing import moment

_RUNS_IN_EXCEL = ("=", "+", "-", "@", "\t", "\r")
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
    """Sheets: effect, funnel, refusals and one for each breakdown; the file appears whole or not at all."""
    book = Workbook(write_only=True)
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
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        book.save(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _effect(name: str, effect: EffectAnswer) -> tuple[object, ...]:
    return (
        name, effect.treated, effect.treated_goals, effect.control, effect.control_goals, effect.effect,
        effect.low, effect.high,
    )  # fmt: skip


def _sheet(book: Workbook, title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    sheet = book.create_sheet(title)
    assert isinstance(sheet, WriteOnlyWorksheet)
    sheet.freeze_panes = "A2"
    names = [WriteOnlyCell(sheet, name) for name in head]
    for name in names:
        name.font = Font(bold=True)
    sheet.append(names)
    for row in rows:
        sheet.append([defused(cell) for cell in row])


def defused(cell: object) -> object:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_RUNS_IN_EXCEL) else cell
