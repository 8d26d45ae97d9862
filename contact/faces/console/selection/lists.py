"""A customer list of an operator's own, taken in from a file of the person's computer."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import uuid4

from aiohttp import web

from contact.faces.console.selection import page as selection
from contact.faces.console.shared.guard import Turn
from contact.faces.console.shared.multipart import parts_of
from contact.faces.console.workbench.texts import author_of
from contact.flow.selecting.lists import import_list
from strategies.problems import ProblemsFound

ENDINGS = (".csv", ".xlsx")
UPLOADS = "uploads"


async def take(turn: Turn) -> web.StreamResponse:
    """The list under its name, in place of what it held; rows that cannot be taken are set aside."""
    say = turn.visit.words.gettext
    request = turn.visit.request
    sent = await parts_of(request.headers.get("Content-Type", ""), await request.read())
    file, content = sent.files.get("file", ("", b""))
    entered = selection.entered_of(turn)
    if not file.lower().endswith(ENDINGS):
        return await selection.page(
            turn, entered, wrong=say("Choose a file that ends in .csv or .xlsx."), status=422
        )
    name, column = turn.visit.text("list", 64), turn.visit.text("column", 100) or "customer"
    path = turn.console.settings.home / UPLOADS / f"{uuid4().hex}{Path(file).suffix.lower()}"
    try:
        await asyncio.to_thread(_write, content, path)
        found = await import_list(turn.ports, name, str(path), id_column=column, author=author_of(turn))
    except ProblemsFound as wrong:
        return await selection.page(turn, entered, problems=wrong.problems, status=422)
    finally:
        path.unlink(missing_ok=True)
    text = say("List %(name)s: %(taken)s rows taken, %(aside)s set aside.")
    number = turn.look.formats.number
    said = text % {"name": found.name, "taken": number(found.taken), "aside": number(found.set_aside)}
    return await selection.page(turn, entered, said=said)


def _write(content: bytes, path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(content)
