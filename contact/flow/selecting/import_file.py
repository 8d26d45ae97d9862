"""Take in a file that the operator delivered: all of it or, with every problem named, nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from contact.domain.answers import ImportAnswer
from contact.faults import NotFound
from contact.ports import Ports
from strategies.declared.playbook import Playbook


async def import_file(
    ports: Ports,
    kind: str,
    path: str,
    mapping_text: str,
    *,
    mapping_path: str = "mapping",
    confirm_shrink: bool = False,
    progress: Callable[[int, int | None, str], Awaitable[None]] | None = None,
) -> ImportAnswer:
    """The file's rows in force, those with faults set aside. Raises ProblemsFound, Conflict.

    The playbook in force says the currency, and which categories of past contacts are promotional.
    """
    return await ports.imports.take(
        kind,
        str(path),
        mapping_text,
        mapping_path=mapping_path,
        playbook=await _playbook(ports),
        confirm_shrink=confirm_shrink,
        report=progress,
    )


async def _playbook(ports: Ports) -> Playbook | None:
    try:
        return await ports.playbooks.current()
    except NotFound:
        return None
