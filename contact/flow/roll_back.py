"""Put an earlier playbook in force again: two actions, no second approval, on record."""

from __future__ import annotations

from contact.faults import Conflict, NotFound
from contact.flow.publish import require_reason
from contact.flow.tell_changes import full_version, words_between
from contact.ports import PlaybookVersion, Ports
from contact.telemetry import log

_log = log("publish")


async def roll_back_playbook(ports: Ports, version: str | None, author: str, why: str) -> PlaybookVersion:
    """An earlier version, by default the one before the one in force, is in force everywhere within two seconds.

    Raises NotFound, Conflict where it is in force already or another was published at the same moment, ProblemsFound
    without a reason or for a version that this release no longer understands.
    """
    require_reason(why)
    current = (await ports.playbooks.current()).version
    target = await full_version(ports, version) if version is not None else await before(ports)
    if target == current:
        raise Conflict(f"version {target[:12]} is in force already")
    playbook = await ports.playbooks.version(target)
    words = await words_between(ports, current, playbook)
    published = await ports.playbooks.publish(playbook, base=current, author=author, why=why, words=words)
    _log.info("rolled back", version=target[:12], job=published.sweep_job)
    return published


async def before(ports: Ports) -> str:
    """The version that the one in force replaced. Raises NotFound where there was none."""
    known = await ports.playbooks.versions()
    if not known or known[0].base is None:
        raise NotFound("nothing was in force before this version")
    return known[0].base
