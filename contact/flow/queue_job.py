"""Write down a piece of long work; whoever has a worker does it (``run_job``), the row is its record."""

from __future__ import annotations

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
