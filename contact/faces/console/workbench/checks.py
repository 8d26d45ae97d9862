"""The check as one types: the open file as the editor has it among the others of its draft, by the service's own check."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from contact.faces.console.shared.bundle import read_bundle
from contact.faces.console.shared.guard import Turn
from contact.faces.console.shared.pages import page_view, policy, render
from contact.faces.console.workbench.texts import bench_of, hash_of, texts_of
from contact.faces.console.workbench.view import Bench, blocked_by, found_view
from contact.flow.publishing.check_base import found_with_base
from contact.flow.publishing.check_texts import check_at_once


async def check(turn: Turn) -> web.StreamResponse:
    """Problems and examples as ``contact check --json`` has them, and the parts of the page that show them.

    Where only problems were asked for ``first`` and none stands in the texts, the answer is empty: whether an error is
    mended is not to wait until the examples have run.
    """
    path, text = turn.visit.form.get("path", ""), turn.visit.form.get("text")
    stored = await texts_of(turn)
    texts = {**stored, path: text} if text is not None and path in stored else stored
    if "first" in turn.visit.form:
        found = await asyncio.to_thread(check_at_once, texts)
        if found is None:
            return as_json({})
    else:
        found = await found_with_base(turn.ports, texts)
    bench = await bench_of(turn, texts, path=path)
    return as_json(
        {
            "problems": found.answer.problems,
            "examples": msgspec.to_builtins(found.answer.examples),
            "hash": hash_of(texts.get(path, "")),
            "seconds": found.answer.seconds,
            "blocked": blocked_by(turn.visit.words, bench, found),
            "parts": {
                **drawn_parts(turn, bench),
                "wb-problems": drawn(turn, "workbench_problems.html", {"bench": bench, **found_view(found)}),
                "wb-found": drawn(turn, "workbench_found.html", found_view(found)),
            },
        }
    )


def drawn_parts(turn: Turn, bench: Bench) -> dict[str, str]:
    """The list of files and the line about the draft, as they are now."""
    view = {"bench": bench}
    return {
        "wb-files": drawn(turn, "workbench_files.html", view),
        "wb-drafted": drawn(turn, "workbench_drafted.html", view),
    }


def drawn(turn: Turn, template: str, view: Mapping[str, Any]) -> str:
    """A part of the page by itself."""
    return render(template, turn.visit.words, {**page_view(turn.visit, turn.look, read_bundle()), **view})


def part(turn: Turn, template: str, view: Mapping[str, Any], *, status: int = 200) -> web.Response:
    """A part of the page as the answer to the script."""
    response = web.Response(
        text=drawn(turn, template, view), status=status, content_type="text/html", charset="utf-8"
    )  # fmt: skip
    response.headers.update(policy(""))
    response.enable_compression()
    return response


def as_json(found: Mapping[str, Any], *, status: int = 200) -> web.Response:
    """An answer to the page's script, never kept by a cache."""
    response = web.Response(
        body=msgspec.json.encode(found), status=status, content_type="application/json", charset="utf-8"
    )
    response.headers.update(policy(""))
    response.enable_compression()
    return response
