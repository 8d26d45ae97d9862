"""Put a playbook in force, if nothing is wrong with it and all of its examples come out as written."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from contact.ports import PlaybookVersion, Ports
from strategies.cases import check_examples
from strategies.checking import warnings_of
from strategies.compiling import compile_playbook
from strategies.playbook import Playbook
from strategies.problems import Problem, ProblemsFound


def check(texts: Mapping[str, str]) -> list[Problem]:
    """Everything that is wrong with a full set of texts (path → text), and what deserves a second look.

    Errors stand first; examples are run only where the texts compile. Nothing is stored.
    """
    try:
        _, warnings = compiled(texts)
    except ProblemsFound as found:
        return list(found.problems)
    return warnings


def compiled(texts: Mapping[str, str]) -> tuple[Playbook, list[Problem]]:
    """The playbook and its warnings. Raises ProblemsFound with every error, failed examples among them."""
    playbook = compile_playbook(texts)
    failed = check_examples(texts, playbook)
    if failed:
        raise ProblemsFound(failed)
    return playbook, warnings_of(playbook)


async def publish(
    ports: Ports, texts: Mapping[str, str], base: str | None, author: str, why: str
) -> PlaybookVersion:
    """In force in every process within a second, replacing exactly the version ``base`` (None: the first ever).

    Raises ProblemsFound with all problems, Conflict where another version is in force. Then nothing has changed.
    """
    playbook, _ = await asyncio.to_thread(compiled, texts)
    return await ports.playbooks.publish(playbook, base=base, author=author, why=why)
