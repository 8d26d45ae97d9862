"""The workbench: files, editor, inspector; pages in full for everybody, parts of them for the page's script."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import web
from markupsafe import Markup

from contact.domain.workbench_answers import ConflictAnswer
from contact.faces.console.shared.guard import Turn
from contact.faces.console.shared.labels import N_
from contact.faces.console.shared.pages import answer
from contact.faces.console.workbench.checks import as_json, drawn, drawn_parts, part
from contact.faces.console.workbench.simulate import blast_radius
from contact.faces.console.workbench.tabs import PANES, Shown
from contact.faces.console.workbench.texts import (
    as_typed,
    author_of,
    bench_of,
    draft_id,
    hash_of,
    line_ends,
    texts_of,
    writer_of,
)
from contact.faces.console.workbench.view import LIVE, TABS, WORDS, Bench, blocked_by, found_view
from contact.faults import NotFound
from contact.flow.publishing import drafts
from contact.flow.publishing.check_base import found_with_base
from contact.flow.publishing.check_texts import Found

SAID = {
    "begun": ("accent", N_("A draft was begun on the live version.")),
    "first": (
        "ok",
        N_("A first strategy stands in the draft. Change it into yours; publishing puts it in force."),
    ),
    "saved": ("ok", N_("Saved in the draft.")),
    "merged": ("ok", N_("Merged: the draft stands on the live version now.")),
    "approved": ("ok", N_("Approved as it stands. An edit takes the approval away.")),
    "published": ("ok", N_("Published: every process follows within two seconds.")),
    "scheduled": ("ok", N_("It goes live at the time given, unless it is edited before.")),
    "rolled_back": ("ok", N_("Rolled back: every process follows within two seconds.")),
    "discarded": ("accent", N_("The draft was discarded.")),
    "conflict": ("danger", N_("Somebody else was first. Nothing was changed; look again.")),
    "forbidden": ("danger", N_("Whoever wrote a part of a draft does not approve it.")),
    "nobody": ("danger", N_("Only a person approves: log in with a key that belongs to one.")),
    "unapproved": ("danger", N_("Another person's approval is missing. Nothing was changed.")),
    "lowered": (
        "danger",
        N_("That version asks for fewer approvals: only an approved draft may lower them."),
    ),
    "time": ("danger", N_("That is no time of the clock. Nothing was published.")),
    "why": ("danger", N_("Say why, so that others can follow it.")),
}
"""What a redirect to the workbench says was done."""


async def go_to_work(turn: Turn) -> web.StreamResponse:
    """``/workbench`` leads to this person's newest open draft, else to the live version."""
    mine = [each for each in await drafts.list_drafts(turn.ports) if each.author == author_of(turn)]
    return to(mine[0].draft if mine else LIVE, **dict(turn.visit.request.query))


def to(draft: str, /, **query: str) -> web.Response:
    """Lead to a draft, with what is to be said or opened there."""
    address = f"/workbench/{quote(draft, safe='')}"
    return web.Response(
        status=303, headers={"Location": f"{address}?{urlencode(query)}" if query else address}
    )  # fmt: skip


async def show(turn: Turn) -> web.StreamResponse:
    """The whole page on one file and one tab. Raises NotFound for an unknown draft."""
    query = turn.visit.request.query
    tab = query.get("tab", "problems")
    return await page(turn, tab if tab in dict(TABS) else "problems", said=query.get("said", ""))


async def show_tab(turn: Turn) -> web.StreamResponse:
    """One tab: its content for the script, the whole page for everybody else."""
    tab = turn.visit.request.match_info["tab"]
    if not turn.visit.partial:
        return await page(turn, "history" if tab == "roll-back" else tab, pane=tab)
    texts = await texts_of(turn)
    bench = await bench_of(turn, texts, path=turn.visit.request.query.get("file", ""), tab=tab)
    template, view = await PANES[tab](Shown(turn, bench, texts))
    return part(turn, template, {"bench": bench, **view})


async def page(
    turn: Turn,
    tab: str,
    *,
    said: str = "",
    status: int = 200,
    clashes: Sequence[ConflictAnswer] = (),
    pane: str = "",
) -> web.Response:
    """The workbench as a whole page; ``clashes`` are the places that a merge could not decide, ``pane``
    is what the tab shows where that is not its own first sight."""
    texts = await texts_of(turn)
    query = turn.visit.request.query
    bench = await bench_of(turn, texts, path=query.get("file", ""), tab=tab)
    check: Found | None = None
    if tab == "problems" and "check" in query:
        check = await found_with_base(turn.ports, texts)
    inner = await _pane(Shown(turn, bench, texts), pane or tab, check)
    view = page_parts(turn, bench, texts.get(bench.path, ""), check, said)
    view |= {"pane": inner, "radius": await blast_radius(turn, bench), "clashes": clashes}
    return answer(turn.visit, turn.look, "workbench.html", view, status=status)


def page_parts(
    turn: Turn, bench: Bench, text: str, check: Found | None = None, said: str = ""
) -> dict[str, Any]:
    """What the whole page needs beside its open tab."""
    say = turn.visit.words.gettext
    told = (SAID[said][0], say(SAID[said][1])) if said in SAID else None
    return {
        "bench": bench,
        "tabs": [(tab, say(title)) for tab, title in TABS],
        "words": json.dumps({name: say(words) for name, words in WORDS.items()}, ensure_ascii=False),
        "text": text.replace("\r\n", "\n"),
        "hash": hash_of(text) if bench.path else "",
        "lines": line_ends(text),
        "told": told,
        "blocked": blocked_by(turn.visit.words, bench, check),
        "why": "",
        "at": "",
        "pane": "",
        "radius": "",
        "clashes": (),
        **found_view(check),
    }


async def _pane(shown: Shown, pane: str, check: Found | None) -> Markup:
    if pane == "problems":
        template, view = "workbench_problems.html", found_view(check)
    else:
        template, view = await PANES[pane](shown)
    return Markup(drawn(shown.turn, template, {"bench": shown.bench, **view}))


async def read_text(turn: Turn) -> web.StreamResponse:
    """One file as it is stored, with its hash: the plain form cannot carry every line end. Raises NotFound."""
    path = turn.visit.request.query.get("path", "")
    texts = await texts_of(turn)
    if path not in texts:
        raise NotFound("there is no file of this name")
    return as_json({"path": path, "text": texts[path], "hash": hash_of(texts[path])})


async def save(turn: Turn) -> web.StreamResponse:
    """Store one file where nobody else wrote it meanwhile; the plain form's text gets its line ends back."""
    form = turn.visit.form
    path, text, seen = form.get("path", ""), form.get("text", ""), form.get("seen_hash") or None
    draft, author = draft_id(turn), await writer_of(turn)
    if draft == LIVE:
        draft = (await drafts.create_draft(turn.ports, author)).draft
    if "lines" in form:
        text = as_typed(text, form["lines"])
    await drafts.save_file(turn.ports, draft, path, text, seen, author)
    if turn.visit.request.content_type != "application/json":
        return to(
            draft, file=path, tab="problems", said="saved", **({"check": "1"} if "check" in form else {})
        )
    texts = await texts_of(turn)
    bench = await bench_of(turn, texts, path=path)
    radius = drawn(turn, "workbench_radius.html", {"bench": bench, "radius": await blast_radius(turn, bench)})
    return as_json(
        {
            "hash": hash_of(text),
            "blocked": blocked_by(turn.visit.words, bench, None),
            "parts": {**drawn_parts(turn, bench), "wb-radius": radius},
        }
    )
