"""Check a set of texts against the customers of today too: whom its audiences and segments reach."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec

from contact.domain.workbench_answers import CheckAnswer
from contact.flow.publishing.check_texts import check_texts
from contact.flow.publishing.check_texts import checked as checked_texts
from contact.ports import Ports
from strategies.checking.checking_base import base_warnings, reaching
from strategies.declared.playbook import Playbook
from strategies.problems import Problem


async def warnings_of_base(ports: Ports, playbook: Playbook) -> list[Problem]:
    """What only today's customers can tell of a playbook; nothing where nobody was imported yet."""
    from strategies.conditions.columns_masks import truths

    conditions = list({condition.text: condition for condition in reaching(playbook)}.values())
    fields = frozenset(field for condition in conditions for field in condition.fields)
    columns, _ = await ports.base.columns(fields, playbook)
    if columns.rows == 0:
        return []
    moment = await ports.clock.now()
    masks = await asyncio.to_thread(truths, conditions, columns, moment.at)
    counts = {condition.text: int(mask.sum()) for condition, mask in zip(conditions, masks, strict=True)}
    return base_warnings(playbook, counts)


async def check_with_base(ports: Ports, texts: Mapping[str, str], only: str | None = None) -> CheckAnswer:
    """As ``check_texts``, and where nothing stops a publication also what today's customers tell."""
    answer = await asyncio.to_thread(check_texts, texts, only)
    playbook = checked_texts(texts).playbook
    if playbook is None:
        return answer
    found = [
        each for each in await warnings_of_base(ports, playbook) if only is None or each.where.path == only
    ]
    return msgspec.structs.replace(answer, problems=[*answer.problems, *(each.as_json() for each in found)])
