"""Topics of the hotline: what each group of callers asked about in a month, what is coming, and which answers are ready."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from aiohttp import web

from contact.domain.topic_answers import (
    GroupTopicsAnswer,
    TopicCountAnswer,
    TopicForecastAnswer,
    TopicsAnswer,
)
from contact.faces.console.journeys.figures import shade
from contact.faces.console.shared.figures import Row, as_csv
from contact.faces.console.shared.guard import Turn
from contact.faces.console.shared.pages import Look, answer, policy
from contact.faults import NotFound
from contact.flow.calls import topics as flow

DAYS_SHOWN = 14
TELLING_TIMES = 1.5
TELLING_CALLS = 5
"""Of a topic with fewer calls no sentence says that a group asks about it more than others."""
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


async def show(turn: Turn) -> web.StreamResponse:
    """The page of one month; without a playbook it says what to publish."""
    month = _month(turn)
    return answer(
        turn.visit, turn.look, "topics.html", topics_view(turn.look, month, await _found(turn, month))
    )


async def show_data(turn: Turn) -> web.StreamResponse:
    """The figures of one table as CSV. Raises NotFound."""
    name = turn.visit.request.match_info["chart"]
    found = await _found(turn, _month(turn)) if name in ("groups", "forecast") else None
    if found is None:
        raise NotFound("no such figures")
    rows = group_rows(found) if name == "groups" else forecast_rows(found)
    return web.Response(text=as_csv(rows), content_type="text/csv", charset="utf-8", headers=policy(""))


def topics_view(look: Look, month: str, found: TopicsAnswer | None) -> dict[str, Any]:
    """What the template needs; ``found`` is None where no playbook is published."""
    view: dict[str, Any] = {
        "month": found.month if found is not None else month,
        "found": found,
        "now": found.at if found is not None else None,
        "simulated": found.simulated_time if found is not None else False,
        "groups": [],
        "forecast": None,
    }
    if found is None:
        return view
    return view | {
        "groups": [(each, _group_finding(look, each)) for each in found.groups if each.topics],
        "forecast": forecast_table(look, found.forecast),
        "ready": _ready_finding(look, found),
    }


def forecast_table(look: Look, found: Sequence[TopicForecastAnswer]) -> dict[str, Any] | None:
    """Calls expected by topic and day, darker where more than usual; None where too little is known to foretell."""
    known = [each for each in found if each.days]
    if not known:
        return None
    say, formats = look.formats.words.gettext, look.formats
    rows = []
    for each in known:
        most = max(day.expected for day in each.days)
        cells = [
            (formats.number(round(day.expected)), shade(day.expected, most)) for day in each.days[:DAYS_SHOWN]
        ]
        rows.append(
            {
                "title": each.title,
                "usual": formats.decimal(each.usual, 1),
                "cells": cells,
                "held": _held(look, each),
            }
        )
    peak = max(
        ((day.expected - each.usual, each, day) for each in known for day in each.days), key=lambda found: found[0]
    )  # fmt: skip
    text = say("Most above the usual: %(topic)s on %(day)s, %(expected)s calls instead of %(usual)s.")
    values = {
        "topic": peak[1].title, "day": formats.short_date(date.fromisoformat(peak[2].day)),
        "expected": formats.number(round(peak[2].expected)), "usual": formats.number(round(peak[1].usual)),
    }  # fmt: skip
    days = [(day.day, formats.short_date(date.fromisoformat(day.day))) for day in known[0].days[:DAYS_SHOWN]]
    return {"finding": text % values, "days": days, "rows": rows}


def group_rows(found: TopicsAnswer) -> list[Row]:
    """Every topic of every group."""
    return [
        {"group": group.group, "topic": each.topic, "title": each.title, "calls": each.calls, "callers": each.callers,
         "share": each.share, "times": each.times}
        for group in found.groups for each in group.topics
    ]  # fmt: skip


def forecast_rows(found: TopicsAnswer) -> list[Row]:
    """Every day foretold of every topic."""
    return [
        {"topic": each.topic, "day": day.day, "expected": day.expected, "peak": int(day.peak), "usual": each.usual,
         "error": each.error, "naive_error": each.naive_error}
        for each in found.forecast for day in each.days
    ]  # fmt: skip


def _held(look: Look, found: TopicForecastAnswer) -> str:
    """How such forecasts came out on the last months, against the plain one."""
    if found.error is None or found.naive_error is None:
        return "–"
    return f"{look.formats.rate(found.error)} / {look.formats.rate(found.naive_error)}"


def asked_more(group: GroupTopicsAnswer) -> TopicCountAnswer | None:
    """The topic that a group asks about most beyond what everybody does; None where none or only a few calls say so."""
    often = [each for each in group.topics if each.calls >= TELLING_CALLS and each.times >= TELLING_TIMES]
    return max(often, key=lambda each: each.times, default=None)


def _group_finding(look: Look, group: GroupTopicsAnswer) -> str:
    say, formats = look.formats.words.gettext, look.formats
    first = group.topics[0]
    text = say("Asked about most: %(topic)s, %(share)s of %(calls)s calls.")
    said = text % {
        "topic": first.title,
        "share": formats.percent(first.share),
        "calls": formats.number(group.calls),
    }
    apart = asked_more(group)
    if apart is None:
        return said
    more = say("Asked %(times)s times as often as by everybody: %(topic)s.")
    return f"{said} {more % {'topic': apart.title, 'times': formats.decimal(apart.times, 1)}}"


def _ready_finding(look: Look, found: TopicsAnswer) -> str:
    say, formats, ready = look.formats.words.gettext, look.formats, found.answers
    if not ready.ready:
        return say(
            "No answer is ready: `contact ivr prefetch` fetches what can be known, and so does the evening's round."
        )
    if ready.hit_rate is None:
        text = say("%(ready)s answers are ready; nobody has asked since.")
        return text % {"ready": formats.number(ready.ready)}
    text = say("%(ready)s answers are ready; %(found)s of %(calls)s calls since found theirs (%(rate)s).")
    return text % {
        "ready": formats.number(ready.ready), "found": formats.number(ready.found), "calls": formats.number(ready.calls),
        "rate": formats.rate(ready.hit_rate),
    }  # fmt: skip


async def _found(turn: Turn, month: str) -> TopicsAnswer | None:
    if turn.look.playbook is None:
        return None
    return await flow.topics(turn.ports, month or None, turn.visit.language)


def _month(turn: Turn) -> str:
    """The month of the address; the running one for what is none."""
    query: Mapping[str, str] = turn.visit.request.query
    month = query.get("month", "")
    return month if _MONTH.fullmatch(month) else ""
