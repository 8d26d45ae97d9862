"""Write down a piece of long work; whoever has a worker does it (``run_job``), the row is its record."""

from __future__ import annotations

from contact.faults import NotFound
from contact.ports import Job, Ports


async def queue_import(
    ports: Ports,
    kind: str,
    path: str,
    mapping: str,
    *,
    mapping_path: str = "mapping.yaml",
    confirm_shrink: bool = False,
) -> Job:
    """An import of the file at ``path``, which the worker must be able to read, by the mapping's text."""
    arguments = {
        "kind": kind, "path": path, "mapping": mapping, "mapping_path": mapping_path, "confirm_shrink": confirm_shrink,
    }  # fmt: skip
    return await ports.jobs.create("import", arguments)


async def queue_plan(ports: Ports, day: str) -> Job:
    """A plan of one operator-local day, ``2026-03-02``."""
    return await ports.jobs.create("plan", {"day": day})


async def queue_train(ports: Ports, model: str, author: str = "") -> Job:
    """A training of one declared model. Raises NotFound where the playbook declares none of that name."""
    known = (await ports.playbooks.current()).models
    if model not in known:
        declared = (
            f"declared: {', '.join(sorted(known))}" if known else "the playbook declares none in models/"
        )
        raise NotFound(f"there is no model {model!r}; {declared}")
    return await ports.jobs.create("train", {"model": model, "author": author})


async def queue_learn(ports: Ports, author: str = "") -> Job:
    """What came back from outcomes, and the trainings that follow from it."""
    return await ports.jobs.create("learn", {"author": author})


async def queue_score(ports: Ports) -> Job:
    """Scores of everybody by the models in force."""
    return await ports.jobs.create("score", {})


async def queue_match_tariffs(ports: Ports) -> Job:
    """Every line under every tariff."""
    return await ports.jobs.create("match_tariffs", {})
