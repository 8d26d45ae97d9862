"""Saved segments: a selection kept as a file of the playbook, which renews itself by its rule."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

from contact.domain.selection_answers import SegmentAnswer, SegmentsAnswer
from contact.domain.workbench_answers import DraftAnswer
from contact.faults import Conflict, NotFound
from contact.flow.publishing.drafts import draft_file, save_file
from contact.flow.selecting.select import compiled
from contact.flow.wording import titled
from contact.ports import Ports
from strategies.conditions.columns_masks import truths
from strategies.declared.playbook import Playbook
from strategies.instants import to_datetime

FOLDER = "segments"


async def segments(ports: Ports, language: str = "en") -> SegmentsAnswer:
    """The segments of the playbook in force, each with how many customers it finds now."""
    moment = (await ports.clock.now()).at
    playbook = (await ports.playbooks.current()).at(moment)
    every = [playbook.segments[name] for name in sorted(playbook.segments)]
    read = frozenset[str]().union(*(each.when.fields for each in every))
    view = await ports.base.view(sorted(read), playbook, people=False)
    masks = await asyncio.to_thread(truths, [each.when for each in every], view.columns, moment)
    return SegmentsAnswer(
        segments=[
            SegmentAnswer(
                segment=each.id,
                title=titled(each.title, language, playbook.operator.languages, each.id),
                condition=each.when.text,
                found=int((mask if view.within is None else mask & view.within).sum()),
                place=str(each.place),
            )
            for each, mask in zip(every, masks, strict=True)
        ],
        total=view.columns.rows if view.within is None else int(view.within.sum()),
        base_at=to_datetime(view.at),
        age_seconds=view.age_seconds,
    )


def segment_file(
    playbook: Playbook, name: str, when: str, title: Mapping[str, str], owner: str = ""
) -> tuple[str, str]:
    """Path and text of the file that keeps a selection. Raises ProblemsFound where the condition has problems."""
    compiled(playbook, when)
    titles = title or dict.fromkeys(playbook.operator.languages, name)
    lines = [f"segment: {json.dumps(name)}", "title:"]
    lines += [f"  {language}: {json.dumps(words, ensure_ascii=False)}" for language, words in titles.items()]
    if owner:
        lines.append(f"owner: {json.dumps(owner, ensure_ascii=False)}")
    lines += ["when: |", *(f"  {line.strip()}" for line in when.strip().splitlines())]
    return f"{FOLDER}/{name}.yaml", "\n".join(lines) + "\n"


async def save_segment(
    ports: Ports, draft: str, name: str, when: str, title: Mapping[str, str], author: str, *, replace: bool = False
) -> DraftAnswer:  # fmt: skip
    """Keep a selection as a file of a draft. Raises ProblemsFound, NotFound, Conflict where there is such a file already."""
    path, text = segment_file(await ports.playbooks.current(), name, when, title, author)
    seen: str | None = None
    try:
        seen = (await draft_file(ports, draft, path))[1]
    except NotFound:
        return await save_file(ports, draft, path, text, None, author)
    if not replace:
        raise Conflict(f"the draft has {path} already: choose another name, or replace it")
    return await save_file(ports, draft, path, text, seen, author)
