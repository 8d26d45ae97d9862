"""Put an earlier playbook in force again: two actions, no second approval, on record."""

from __future__ import annotations

from collections.abc import Sequence

from contact.faults import Conflict, Forbidden, NotFound
from contact.flow.publishing.publish import approvals_needed, require_reason
from contact.flow.publishing.tell_changes import full_version, version_in_force, words_between
from contact.ports import PlaybookVersion, Ports
from contact.telemetry import log

_log = log("publish")


async def roll_back_playbook(ports: Ports, version: str | None, author: str, why: str) -> PlaybookVersion:
    """An earlier version, by default the one before the one in force, is in force everywhere within two seconds.

    Raises NotFound for what never was in force, Conflict where it is in force already or another was published at the same
    moment, Forbidden where it asks for fewer approvals than the one in force, ProblemsFound without a reason or for a
    version that this release no longer understands.
    """
    require_reason(why)
    current = await version_in_force(ports)
    known = await ports.playbooks.versions()
    target = await full_version(ports, version) if version is not None else before(known)
    if target == current:
        raise Conflict(f"version {target[:12]} is in force already")
    if target not in {each.version for each in known}:
        raise NotFound(f"version {target[:12]} was never in force: publish it as a draft")
    playbook = await ports.playbooks.version(target)
    needed = await approvals_needed(ports, current)
    if playbook.operator.approvals < needed:
        raise Forbidden(
            f"version {target[:12]} asks for fewer approvals than the one in force: only a draft that is approved"
            " may lower them"
        )
    words = await words_between(ports, current, playbook)
    published = await ports.playbooks.publish(playbook, base=current, author=author, why=why, words=words)
    _log.info("rolled back", version=target[:12], job=published.sweep_job)
    return published


def before(known: Sequence[PlaybookVersion]) -> str:
    """The version that the latest publishing replaced. Raises NotFound where there was none."""
    if not known or known[0].base is None:
        raise NotFound("nothing was in force before this version")
    return known[0].base
