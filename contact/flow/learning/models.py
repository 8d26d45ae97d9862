"""Trained models as people see them: listed, shown with their report, put in force and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contact.domain.model_answers import ModelAnswer, ModelsAnswer
from contact.flow.present import moment_or_none
from contact.flow.wording import titled
from contact.ports import ModelRow, Ports
from strategies.declared.playbook import Playbook
from strategies.instants import to_datetime

CANDIDATE = "candidate"
"""Name of the trained one among a report's contenders."""


async def list_models(ports: Ports, language: str = "en") -> ModelsAnswer:
    """Every trained model, newest first, without reports; and what is declared and was never trained."""
    playbook = await ports.playbooks.current()
    rows = await ports.models.list()
    trained = {row.model for row in rows}
    return ModelsAnswer(
        models=[model_answer(row, playbook, language, with_report=False) for row in rows],
        untrained=[name for name in sorted(playbook.models) if name not in trained],
    )


async def show_model(ports: Ports, id: str, language: str = "en") -> ModelAnswer:
    """One trained model with its report. Raises NotFound."""
    playbook = await ports.playbooks.current()
    return model_answer(await ports.models.get(id), playbook, language, with_report=True)


async def promote(ports: Ports, id: str, author: str, why: str) -> ModelAnswer:
    """Put it in force by a person's word. Raises NotFound, ModelBroken; Conflict if it is in force already."""
    row = await ports.models.promote(id, author=author, why=why)
    return model_answer(row, await ports.playbooks.current(), "en", with_report=False)


async def roll_back(ports: Ports, model: str, author: str, why: str) -> ModelAnswer:
    """Put the one before in force again. Raises NotFound, ModelBroken; Conflict where none was before."""
    row = await ports.models.roll_back(model, author=author, why=why)
    return model_answer(row, await ports.playbooks.current(), "en", with_report=False)


def model_answer(row: ModelRow, playbook: Playbook, language: str, *, with_report: bool) -> ModelAnswer:
    """A stored model as faces show it."""
    declared = playbook.models.get(row.model)
    titles = declared.title if declared is not None else {}
    report = row.report
    return ModelAnswer(
        id=row.id,
        model=row.model,
        number=row.number,
        state=row.state,
        learns=str(report.get("learns", declared.learns if declared is not None else "")),
        title=titled(titles, language, playbook.operator.languages, row.model),
        verdict=str(report.get("verdict", "")),
        auc=_auc(report),
        rows=int(report.get("data", {}).get("rows", 0)),
        hash=row.hash,
        created=to_datetime(row.created),
        promoted=moment_or_none(row.promoted),
        author=row.author,
        why=row.why,
        report=dict(report) if with_report else None,
    )


def _auc(report: Mapping[str, Any]) -> float:
    for contender in report.get("contenders", ()):
        if contender["name"] == CANDIDATE:
            return float(contender["auc"]["value"])
    return 0.0
