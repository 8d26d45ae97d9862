"""After a publishing: every queued contact is judged at its planned time, and what became unlawful is cancelled.

Dispatch asks all rules again anyway; the sweep sees to it that nobody waits for what will not happen, and says why.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import groupby

from contact.domain.workbench_answers import SweptAnswer
from contact.faults import NotFound
from contact.flow.progress import Progress, say
from contact.ports import Ports
from contact.ports.lawful import QueuedContact
from contact.telemetry import log
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.judging.newly_refused import newly_refused
from strategies.problems import ProblemsFound

PAGE = 500
AT_ONCE = 8
"""Customers gathered side by side."""

_log = log("sweep")


async def sweep_unlawful(
    ports: Ports, progress: Progress | None = None, version: str | None = None
) -> SweptAnswer:
    """Cancel what the playbook in force refuses by a rule that the one it was reserved under did not.

    The count goes on record with ``version``, by default the one in force. Doing it twice cancels nothing twice.
    """
    playbook = await ports.playbooks.current()
    noted = version or playbook.version
    checked, by_rule, cancelled = 0, Counter[str](), 0
    page = await ports.lawful.queued(PAGE)
    while page:
        found = await _swept(ports, playbook, page)
        checked += len(page)
        cancelled += len(found)
        by_rule.update(found)
        await ports.playbooks.record_swept(noted, len(found))
        await say(progress, checked, None, f"{checked} judged, {cancelled} cancelled")
        page = await ports.lawful.queued(PAGE, page[-1])
    await ports.playbooks.record_swept(noted, 0)
    _log.info("swept after a publishing", version=noted[:12], total=checked, count=cancelled)
    return SweptAnswer(playbook.version, checked, cancelled, dict(by_rule.most_common()))


async def _swept(ports: Ports, playbook: Playbook, page: list[QueuedContact]) -> list[str]:
    """For each contact of the page that was cancelled, the rule that refuses it first."""
    others = sorted(
        (each for each in page if each.playbook != playbook.version), key=lambda each: each.customer
    )
    by_customer = [list(each) for _, each in groupby(others, lambda each: each.customer)]
    cancelled: list[str] = []
    for start in range(0, len(by_customer), AT_ONCE):
        some = by_customer[start : start + AT_ONCE]
        for rules in await asyncio.gather(*(_of_customer(ports, playbook, each) for each in some)):
            cancelled += rules
    return cancelled


async def _of_customer(ports: Ports, playbook: Playbook, queued: list[QueuedContact]) -> list[str]:
    try:
        profile = await ports.profiles.gather(queued[0].customer, playbook)
    except NotFound:  # Gone from the operator's list; their permit finds no profile either.
        return []
    cancelled = []
    now = (await ports.clock.now()).at
    for each in queued:
        before = await _reserved_under(ports, each.playbook)
        at = Instant(max(now, each.planned_at))
        if newly_refused(playbook, before, each.candidate, profile, at, each.contact) is None:
            continue
        verdict = await ports.lawful.judge_again(each, profile, playbook, before)
        if verdict is not None:
            cancelled.append(verdict.refusals[0].rule)
    return cancelled


async def _reserved_under(ports: Ports, version: str) -> Playbook | None:
    """The playbook of that version; None where it is unknown or no longer compiles, so that its word is not asked."""
    try:
        return await ports.playbooks.version(version)
    except (NotFound, ProblemsFound):
        return None
