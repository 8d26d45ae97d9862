"""Train a model on what is on file, keep it, and put it in force if it is better than what there was."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import msgspec

from contact.domain.model_answers import TrainAnswer
from contact.faults import ModelBroken, NotFound
from contact.flow.apart import Apart
from contact.flow.progress import InThread, Progress, in_thread
from contact.ports import ModelRow, Ports
from contact.telemetry import log
from strategies.declared.model import Model
from strategies.problems import ProblemsFound

if TYPE_CHECKING:
    from scoring.examples import Examples
    from scoring.model_file import ScoringModel
    from scoring.report import ModelReport

_log = log("learning")


async def train(
    ports: Ports,
    model: str,
    progress: Progress | None = None,
    author: str = "",
    *,
    apart: Apart | None = None,
) -> TrainAnswer:
    """One training: its report, kept with the model, says whether it was put in force and why.

    It works in a thread, or in the process ``apart``, which gives the same model. Raises NotFound for a model the
    playbook does not declare; ProblemsFound where a column is missing, rows are too few, the label has one class or a
    feature leaks it; Conflict where another came in force meanwhile, which it was not compared with.
    """
    from contact.flow.learning.examples import examples_of

    playbook = await ports.playbooks.current()
    declared = playbook.models.get(model)
    if declared is None:
        raise NotFound(f"the playbook declares no model {model!r}")
    began = time.perf_counter()
    row, incumbent, broken = await _incumbent(ports, declared)
    retired = incumbent.features if incumbent is not None else ()
    examples = await examples_of(ports, playbook, declared, retired, progress)

    known = (declared, examples, incumbent, row.id if row and incumbent else None)
    if apart is None:
        content, found = await in_thread(lambda said: trained(*known, said=said), progress)
    else:
        content, found = await apart.call(trained, *known, progress=progress)
    report = msgspec.structs.replace(found, seconds=round(time.perf_counter() - began, 3))
    kept = await ports.models.save(declared.id, content, msgspec.to_builtins(report))
    if report.promoted:
        why = f"{report.verdict} {broken}".strip()
        kept = await ports.models.promote(kept.id, author=author, why=why, over=row.id if row else "")
    return TrainAnswer(
        id=kept.id,
        model=declared.id,
        promoted=report.promoted,
        verdict=report.verdict,
        report=msgspec.to_builtins(report),
    )


def trained(
    declared: Model,
    examples: Examples,
    incumbent: ScoringModel | None,
    incumbent_id: str | None,
    *,
    said: InThread,
) -> tuple[bytes, ModelReport]:
    """The file of a model learnt from these examples, and its report."""
    from scoring import training

    done = training.train(declared, examples, incumbent=incumbent, incumbent_id=incumbent_id, progress=said)
    return done.content, done.report


async def _incumbent(ports: Ports, declared: Model) -> tuple[ModelRow | None, ScoringModel | None, str]:
    """What is in force, and the model to be beaten; no model and what was wrong, where its file cannot be read."""
    row = await ports.models.in_force(declared.id)
    if row is None:
        return None, None, ""
    try:
        return row, await read(ports, row), ""
    except (ModelBroken, ProblemsFound) as fault:
        _log.warning("the model in force cannot be read", model=row.id, error=type(fault).__name__)
        return row, None, f"Not compared with {row.id}, whose file is broken."


async def read(ports: Ports, row: ModelRow) -> ScoringModel:
    """The model of a file whose hash and signature are right. Raises ModelBroken, ProblemsFound."""
    content = await ports.models.content(row.id)

    def work() -> ScoringModel:
        from scoring.model_file import read_model

        return read_model(content)

    return await asyncio.to_thread(work)
