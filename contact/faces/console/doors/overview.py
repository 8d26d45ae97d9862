"""The overview: where candidates fall out, queues, refusals by reason, running jobs; fresh each second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from contact.domain.answers import OverviewAnswer
from contact.faces.console.shared.bundle import read_bundle
from contact.faces.console.shared.guard import Page, Turn
from contact.faces.console.shared.pages import Look, answer, page_view, policy, render, tag_of
from contact.flow.planning.overview import overview
from contact.ports import Scope

ROLES = frozenset({"admin", "analyst", "strategist", "supervisor"})
_FRESH_SECONDS = 0.9
_SHARE_OF_TIME = 5
"""An answer that took long is kept this many times as long, so that watching costs at most a sixth of a processor."""


class SharedAnswer:
    """One answer for every tab that asks within the same second, so that watchers do not load the store."""

    def __init__(self, ask: Callable[[Turn], Awaitable[OverviewAnswer]]) -> None:
        self._ask = ask
        self._kept: dict[tuple[str, Scope], tuple[float, OverviewAnswer]] = {}
        """Language and whose customers → until when it is fresh, and the answer."""
        self._turn_at_a_time = asyncio.Lock()

    async def get(self, turn: Turn) -> OverviewAnswer:
        """The answer in this visitor's language, as fresh as the store can afford."""
        asked = turn.visit.language, turn.scope
        async with self._turn_at_a_time:
            kept = self._kept.get(asked)
            if kept is None or time.monotonic() > kept[0]:
                began = time.monotonic()
                found = await self._ask(turn)
                took = time.monotonic() - began
                kept = self._kept[asked] = (
                    time.monotonic() + max(_FRESH_SECONDS, _SHARE_OF_TIME * took),
                    found,
                )
        return kept[1]


def overview_page() -> Page:
    """The page; a poll that finds nothing changed is answered 304 with the time of the data."""
    shared = SharedAnswer(lambda turn: overview(turn.ports, turn.visit.language, with_jobs=turn.scope.whole))

    async def show(turn: Turn) -> web.StreamResponse:
        found = await shared.get(turn)
        view = overview_view(turn.look, found)
        if not turn.visit.partial:
            return answer(turn.visit, turn.look, "overview.html", view)
        stable = {**page_view(turn.visit, turn.look, read_bundle()), **view, "form_token": ""}
        text = render("overview_body.html", turn.visit.words, stable)
        tag = tag_of(text)
        headers = {**policy(""), "ETag": tag, "X-As-Of": found.at.isoformat(), "Cache-Control": "no-cache"}
        if turn.visit.request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        response = web.Response(text=text, content_type="text/html", charset="utf-8", headers=headers)
        response.enable_compression()
        return response

    return show


def overview_view(look: Look, found: OverviewAnswer) -> dict[str, Any]:
    """What the overview's template needs beside the answer."""
    most = max((stage["count"] for stage in found.funnel), default=0)
    return {
        "overview": found,
        "now": found.at,
        "simulated": found.simulated_time,
        "most": most or 1,
        "whys": any(stage.get("why") or stage.get("waiting") for stage in found.funnel),
        "finding": finding(look, found.funnel),
        "most_refused": max((each["count"] for each in found.refusals), default=0) or 1,
        "running": [job for job in found.jobs if job.state in ("queued", "running")],
        "finished": [job for job in found.jobs if job.state not in ("queued", "running")][:5],
    }


def finding(look: Look, funnel: Sequence[dict[str, Any]]) -> str:
    """The funnel in one sentence: from how many to how many, and where most are lost."""
    words, formats = look.formats.words, look.formats
    if len(funnel) < 2 or not funnel[0]["count"]:
        return words.gettext(
            "Nothing was planned yet. The night's schedule plans a day, or: contact plan --day 2026-03-02"
        )
    first, last = funnel[0], funnel[-1]
    worst = max(funnel[1:], key=lambda stage: stage.get("lost") or 0)
    text = words.gettext("Of %(first)s %(from)s, %(last)s came to: %(to)s. Most fall out before: %(worst)s.")
    return text % {
        "first": formats.number(first["count"]),
        "from": look.named("stages", first["stage"]).lower(),
        "last": formats.number(last["count"]),
        "to": look.named("stages", last["stage"]).lower(),
        "worst": look.named("stages", worst["stage"]).lower(),
    }
