"""Check a set of texts against the customers of today too: whom its audiences and segments reach."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from contact.domain.workbench_answers import CheckAnswer
from contact.flow.publishing.check_texts import Found, found_in
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
    """``found_with_base`` as it is printed."""
    return (await found_with_base(ports, texts, only)).answer


async def found_with_base(ports: Ports, texts: Mapping[str, str], only: str | None = None) -> Found:
    """As ``found_in``, and where nothing stops a publication also what today's customers tell."""
    found = await asyncio.to_thread(found_in, texts, only)
    playbook = checked_texts(texts).playbook
    if playbook is None:
        return found
    told = await warnings_of_base(ports, playbook)
    return found.with_more([each for each in told if only is None or each.where.path == only])
