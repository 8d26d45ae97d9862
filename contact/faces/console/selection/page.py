"""The selection: how many a condition finds, how many each exclusion leaves, and saving the condition as a segment."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from contact.domain.selection_answers import ClustersAnswer, SelectionAnswer
from contact.faces.console.shared.guard import Turn
from contact.faces.console.shared.pages import Look, answer
from contact.faces.console.workbench import page as workbench
from contact.faces.console.workbench.checks import as_json
from contact.faces.console.workbench.texts import author_of, may_edit, writer_of
from contact.faults import Conflict
from contact.flow.publishing import drafts
from contact.flow.selecting.lists import lists
from contact.flow.selecting.segments import save_segment as save
from contact.flow.selecting.segments import segments
from contact.flow.selecting.select import compiled, selected
from strategies.declared.playbook import Playbook
from strategies.problems import Problem, ProblemsFound

ROLES = frozenset({"strategist", "admin", "analyst"})
EDIT_ROLES = frozenset({"strategist", "admin"})
LONGEST_CONDITION = 4000
MOST_WITHOUT = 20
STEPS = ("state", "do_not_disturb", "frequency", "hours", "control")
"""Exclusions with a name of ours; every other one is a condition of the person's own."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_ENTERED = ("condition", "channel", "category", "strategy", "without")


async def show(turn: Turn) -> web.StreamResponse:
    """The page with an empty form, or with the condition that an address names."""
    entered = entered_of(turn)
    entered["condition"] = turn.visit.request.query.get("condition", "")[:LONGEST_CONDITION]
    return await page(turn, entered)


async def count(turn: Turn) -> web.StreamResponse:
    """The funnel of the condition; problems stand above the form."""
    entered = entered_of(turn)
    try:
        found = await selected(
            turn.ports, entered["condition"] or None, channel=entered["channel"], category=entered["category"] or None,
            strategy=entered["strategy"] or None, without=lines_of(entered["without"]),
        )  # fmt: skip
    except ProblemsFound as wrong:
        return await page(turn, entered, problems=wrong.problems, status=422)
    return await page(turn, entered, found=found.answer)


async def check(turn: Turn) -> web.StreamResponse:
    """What is wrong with the condition as typed, by the check of the playbook's own conditions."""
    playbook, text = turn.look.playbook, turn.visit.form.get("condition", "")[:LONGEST_CONDITION]
    if playbook is None or not text.strip():
        return as_json({"problems": []})
    try:
        compiled(playbook, text)
    except ProblemsFound as wrong:
        return as_json(
            {"problems": [{**each.as_json(), "text": turn.look.told(each)} for each in wrong.problems]}
        )
    return as_json({"problems": []})


async def save_segment(turn: Turn) -> web.StreamResponse:
    """The condition becomes ``segments/NAME.yaml`` in this person's newest draft, or in a new one."""
    name, title = turn.visit.text("name", 63), turn.visit.text("title", 80)
    condition, say = turn.visit.text("condition", LONGEST_CONDITION), turn.visit.words.gettext
    if not _NAME.fullmatch(name) or not condition:
        text = say("A segment needs a condition and a name of small letters, digits and hyphens.")
        return await page(turn, entered_of(turn), wrong=text, status=422)
    titles = {turn.visit.language: title} if title else {}
    draft = await own_draft(turn)
    try:
        await save(turn.ports, draft, name, condition, titles, await writer_of(turn))
    except ProblemsFound as found:
        return await page(turn, entered_of(turn), problems=found.problems, status=422)
    except Conflict:
        text = say("The draft has a segment of this name already: choose another one, or edit its file.")
        return await page(turn, entered_of(turn), wrong=text, status=409)
    return workbench.to(draft, file=f"segments/{name}.yaml", tab="problems", said="saved")


async def own_draft(turn: Turn) -> str:
    """This person's newest open draft, or a new one on the live version."""
    author = author_of(turn)
    mine = [each.draft for each in await drafts.list_drafts(turn.ports) if each.author == author]
    return mine[0] if mine else (await drafts.create_draft(turn.ports, await writer_of(turn))).draft


def entered_of(turn: Turn) -> dict[str, str]:
    """What stands in the form; the first channel and category where none was chosen yet."""
    entered = {name: turn.visit.text(name, LONGEST_CONDITION) for name in _ENTERED}
    offered = choices(turn.look.playbook)
    entered["channel"] = entered["channel"] or next(iter(offered["channels"]), "")
    entered["category"] = entered["category"] or next(iter(offered["categories"]), "")
    return entered


def lines_of(text: str) -> list[str]:
    """One condition a line."""
    return [line.strip() for line in text.splitlines() if line.strip()][:MOST_WITHOUT]


async def page(
    turn: Turn, entered: dict[str, str], *, found: SelectionAnswer | None = None,
    problems: Sequence[Problem] = (), wrong: str = "", clusters: ClustersAnswer | None = None, said: str = "",
    status: int = 200,
) -> web.Response:  # fmt: skip
    """The whole page."""
    view = selection_view(
        turn.look, entered, found, problems, wrong, clusters=clusters, may_save=may_edit(turn)
    )
    if turn.look.playbook is not None:
        view["segments"] = (await segments(turn.ports, turn.visit.language)).segments
        view["lists"] = (await lists(turn.ports)).lists
    view["told"] = said
    return answer(turn.visit, turn.look, "selection.html", view, status=status)


def selection_view(
    look: Look, entered: dict[str, str], found: SelectionAnswer | None = None, problems: Sequence[Problem] = (),
    wrong: str = "", *, clusters: ClustersAnswer | None = None, may_save: bool,
) -> dict[str, Any]:  # fmt: skip
    """What the template needs; segments and lists are added by the page."""
    return {
        "entered": entered,
        "found": found,
        "problems": problems,
        "wrong": wrong,
        "may_save": may_save,
        "finding": finding(look, found) if found is not None else "",
        "steps": STEPS,
        "clusters": clusters,
        "segments": [],
        "lists": [],
        "told": "",
        **choices(look.playbook),
    }


def choices(playbook: Playbook | None) -> dict[str, list[str]]:
    """What may be chosen: channels, categories, strategies and fields with a mean, of the live version."""
    if playbook is None:
        return {"channels": [], "categories": [], "strategies": [], "measures": []}
    return {
        "channels": list(playbook.channels),
        "categories": list(playbook.operator.categories),
        "strategies": [each.id for each in playbook.strategies],
        "measures": [
            each.name
            for each in playbook.fields.values()
            if each.type in ("number", "money") and not each.source.startswith("scores.")
        ],
    }


def finding(look: Look, found: SelectionAnswer) -> str:
    """The funnel in one sentence; where nobody is left, why."""
    say, number = look.formats.words.gettext, look.formats.number
    if not found.found:
        return say("The condition reaches nobody on today's base.")
    text = say("Of %(found)s customers found, %(left)s may be contacted; most fall out by: %(worst)s.")
    worst = max(found.exclusions, key=lambda each: each.excluded)
    if not worst.excluded:
        return say("All %(found)s customers found may be contacted.") % {"found": number(found.found)}
    named = look.named("exclusions", worst.name) if worst.name in STEPS else worst.name
    return text % {"found": number(found.found), "left": number(found.left), "worst": named}
