"""Put a playbook in force, now or at a later instant, if nothing is wrong with it and whoever must has approved it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from contact.faults import Conflict, Forbidden, NotFound
from contact.flow.publishing.check_texts import checked
from contact.flow.publishing.tell_changes import version_in_force, words_between
from contact.ports import DraftRow, PlaybookVersion, Ports, Publishing
from contact.telemetry import log
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.problems import Hint, Problem, ProblemsFound, Where

RECENT_JOBS = 200
"""Among so many jobs the simulation of a version is looked for."""
PREDICTED = (
    "first_day", "days", "customers", "before", "after", "newly_allowed", "newly_refused", "value_before_minor",
    "value_after_minor", "capped_later", "words",
)  # fmt: skip
"""What of a simulation stays with the version, beside its refusals by rule."""
_APPROVALS = re.compile(r"^approvals: *(\d{1,2})", re.MULTILINE)
"""How a playbook that this release no longer compiles asks for them."""

_log = log("publish")


def publishable(texts: Mapping[str, str]) -> Playbook:
    """The playbook of the texts. Raises ProblemsFound with every error, failed examples among them."""
    found = checked(texts)
    if found.playbook is None:
        raise ProblemsFound(found.errors)
    return found.playbook


async def publish(
    ports: Ports, texts: Mapping[str, str], base: str | None, author: str, why: str, approved_by: Sequence[str] = ()
) -> PlaybookVersion:  # fmt: skip
    """In force in every process within two seconds, replacing exactly the version ``base`` (None: the first ever).

    Raises ProblemsFound with all problems, Conflict where another version is in force, Forbidden where approvals of
    other people are missing. Then nothing has changed.
    """
    playbook = await asyncio.to_thread(publishable, texts)
    require_reason(why)
    await require_approvals(ports, base, [author], approved_by)
    words = await words_between(ports, base, playbook)
    published = await ports.playbooks.publish(
        playbook, base=base, author=author, why=why, approved_by=approved_by, words=words,
        predicted=await predicted(ports, playbook.version),
    )  # fmt: skip
    _log.info("published", version=published.version[:12], job=published.sweep_job)
    return published


async def publish_row(
    ports: Ports, row: DraftRow, texts: Mapping[str, str], author: str, why: str, at: Instant | None
) -> PlaybookVersion:
    """Put a draft in force, or schedule it. Raises as ``publish``."""
    playbook = await asyncio.to_thread(publishable, texts)
    require_reason(why)
    if playbook.version != row.hash:
        raise Conflict(f"somebody changed {row.id} meanwhile: read it again")
    if playbook.version == row.base:
        raise Conflict(f"{row.id} changes nothing of what is in force")
    approved_by = [each.person for each in row.approvals]
    await require_approvals(ports, row.base, row.authors, approved_by)
    words = await words_between(ports, row.base, playbook)
    expected = await predicted(ports, playbook.version)
    if at is None:
        published = await ports.playbooks.publish(
            playbook, base=row.base, author=author, why=why, approved_by=approved_by, draft=row.id,
            predicted=expected, words=words,
        )  # fmt: skip
        _log.info("published", version=published.version[:12], id=row.id, job=published.sweep_job)
        return published
    noted = Publishing(row.base, author, why, tuple(approved_by), row.id, expected, tuple(words))
    scheduled = await ports.playbooks.schedule(playbook, at, noted)
    _log.info("scheduled", version=scheduled.version[:12], id=row.id)
    return scheduled


def require_reason(why: str) -> None:
    """Raises ProblemsFound where nobody says what a change is for."""
    if not why.strip():
        problem = Problem(
            "value.empty", "a reason is needed", Where("request"), Hint("say what the change is for")
        )
        raise ProblemsFound([problem])


async def approvals_needed(ports: Ports, base: str | None) -> int:
    """How many other people must approve what replaces a version, as that version has it; none for the first ever.

    Publishing replaces exactly this version, so that a process which has not seen the latest one asks no less.
    """
    if base is None:
        return 0
    try:
        return (await ports.playbooks.version(base)).operator.approvals
    except NotFound:
        return 0  # nothing takes the place of a version that never was
    except ProblemsFound:
        found = _APPROVALS.search((await ports.playbooks.texts(base)).get("operator.yaml", ""))
        return int(found.group(1)) if found else 0


async def require_person(ports: Ports, person: str | None) -> None:
    """Raises Forbidden where approvals are asked for and the key that writes belongs to no person.

    Nobody could tell whether whoever approves is another one.
    """
    if person is None and await approvals_needed(ports, await version_in_force(ports)):
        raise Forbidden(
            "here another person approves what one person wrote: write with a key that belongs to a person"
        )


async def require_approvals(
    ports: Ports, base: str | None, authors: Sequence[str], approved_by: Sequence[str]
) -> None:
    """Raises Forbidden where too few people other than the authors have approved what replaces the base."""
    needed = await approvals_needed(ports, base)
    others = set(approved_by) - set(authors)
    if len(others) < needed:
        people = "another person" if needed == 1 else f"{needed} other people"
        raise Forbidden(
            f"the operator wants the approval of {people}, and {len(others)} have approved it as it stands: they approve "
            "the draft in the workbench or by `contact draft approve`; a folder is published `--approved-with` their key"
        )


async def predicted(ports: Ports, version: str) -> Mapping[str, Any] | None:
    """The summary of the latest simulation of a version; None where it was not simulated."""
    for job in await ports.jobs.recent(RECENT_JOBS):
        result = job.result
        if job.kind == "simulate" and job.state == "done" and result and result.get("new") == version:
            refusals = {each["rule"]: [each["before"], each["after"]] for each in result.get("refusals", ())}
            kept = {name: result[name] for name in PREDICTED if name in result}
            return {"job": job.id, **kept, "refusals": refusals}
    return None
