"""Between rows of SQL and journeys, and what is known of a caller."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, cast

import msgspec

from contact.storage.databases.transaction import Row
from ivr.call import NOTHING_KNOWN, Arm, CallOutcome, Heard, Journey, Known, Source, Step
from ivr.call_columns import CallPage
from strategies.instants import Instant
from strategies.profile import FieldValue


def row_of(journey: Journey, now: Instant) -> dict[str, Any]:
    """A journey as its row; an ended one says since when."""
    return {
        "id": journey.id, "customer_id": journey.customer, "at_us": journey.at, "menu": journey.menu,
        "version": journey.version, "arm": journey.arm, "source": journey.source, "outcome": journey.outcome,
        "goal": journey.goal, "unit": journey.unit, "segment": journey.segment, "language": journey.language,
        "steps": len(journey.steps),
        "path": _text([[step.number, step.node, step.key, step.seconds] for step in journey.steps]),
        "heard": _text({node: dict(keys) for node, keys in journey.heard.items()}),
        "facts": _text(dict(journey.facts)),
        "ended_us": None if journey.outcome == "open" else now,
        "told_as": None if journey.told_as == journey.id else journey.told_as,
    }  # fmt: skip


def journey_of(row: Row) -> Journey:
    """The journey of a row."""
    return Journey(
        id=row["id"], customer=row["customer_id"], at=Instant(row["at_us"]), menu=row["menu"], version=row["version"],
        arm=cast(Arm, row["arm"]), source=cast(Source, row["source"]),
        steps=tuple(Step(*each) for each in json.loads(row["path"])),
        outcome=cast(CallOutcome, row["outcome"]), goal=row["goal"], unit=row["unit"], segment=row["segment"],
        language=row["language"], heard=json.loads(row["heard"]), facts=_facts(row["facts"]),
    )  # fmt: skip


def page_of_columns(read: Mapping[str, Sequence[Any]]) -> CallPage:
    """The calls of columns as SQL gave them."""
    steps = read["steps"]
    flat = _flat([path for path, many in zip(read["path"], steps, strict=True) if many], sum(steps))
    return CallPage(
        at=read["at_us"], customer=read["customer_id"], menu=read["menu"], version=read["version"], arm=read["arm"],
        source=read["source"], outcome=read["outcome"], goal=read["goal"], unit=read["unit"], segment=read["segment"],
        steps=steps, node=flat[1::4], key=flat[2::4], seconds=flat[3::4],
    )  # fmt: skip


def _flat(paths: Sequence[str], steps: int) -> list[Any]:
    """Number, node, key and seconds of all steps in a row; decoded at once, without a list for each step."""
    border = "],["
    text = border.join(path[2:-2] for path in paths)
    if text.count(border) == max(0, steps - 1):  # else one of a log's names holds a border itself
        found: list[Any] = msgspec.json.decode(f"[{text.replace(border, ',')}]")
        return found
    return list(chain.from_iterable(step for path in paths for step in json.loads(path)))


def _facts(text: str | None) -> dict[str, FieldValue]:
    found = json.loads(text or "{}")
    return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}


_GOALS = msgspec.json.Decoder(tuple[tuple[str, Instant], ...])
_HEARD = msgspec.json.Decoder(dict[str, tuple[dict[str, str], Instant, dict[str, tuple[Instant, ...]]]])


def known_of(row: Row | None) -> Known:
    """What a caller's row holds; nothing where there is none."""
    if row is None:
        return NOTHING_KNOWN
    heard = _HEARD.decode(row["heard"])
    return Known(_GOALS.decode(row["goals"]), {node: Heard(*each) for node, each in heard.items()})


def caller_row(customer: str, menu: str, known: Known, at: Instant) -> dict[str, Any]:
    """The same the other way round; ``at`` is the last call's."""
    heard = {node: [dict(each.keys), each.at, dict(each.moved)] for node, each in known.heard.items()}
    return {
        "customer_id": customer, "menu": menu, "goals": _text(known.goals), "heard": _text(heard), "at_us": at,
    }  # fmt: skip


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
