"""Imported lists of customers: taken in, listed, removed; conditions read them as ``contains(lists, 'name')``."""

from __future__ import annotations

import re

from contact.domain.selection_answers import ListAnswer, ListsAnswer
from contact.ports import Ports
from contact.telemetry import log
from strategies.problems import Hint, Problem, ProblemsFound, Where

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_log = log("lists")


async def import_list(
    ports: Ports, name: str, path: str, *, id_column: str, sheet: str | None = None, author: str = ""
) -> ListAnswer:
    """Take a CSV or XLSX file in as the list of this name, in place of what it held; faulty rows are set aside.

    Raises ProblemsFound where the name or the file cannot be taken.
    """
    if not _NAME.fullmatch(name):
        hint = Hint("1 to 64 letters, digits, - and _, a letter or digit first")
        raise ProblemsFound(
            [Problem("value.name", f"{name!r} cannot be the name of a list", Where("name"), hint)]
        )
    answer = await ports.lists.take(name, path, id_column=id_column, sheet=sheet, author=author)
    _log.info("list imported", id=name, count=answer.customers)
    return answer


async def lists(ports: Ports) -> ListsAnswer:
    """Every list, by name."""
    return ListsAnswer(await ports.lists.lists())


async def remove_list(ports: Ports, name: str) -> None:
    """Nobody stands on it any more. Raises NotFound."""
    await ports.lists.remove(name)
    _log.info("list removed", id=name)
