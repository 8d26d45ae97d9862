"""Bring a folder to what is in force without losing what somebody changed in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from contact.flow.publishing.tell_changes import LIVE, texts_of
from contact.ports import Ports
from strategies.compiling.files import stays_below
from strategies.problems import Problem, ProblemsFound, Where

LOOKED_AT = 100
"""Published versions that are asked whether a file is theirs."""


@dataclass(frozen=True, slots=True)
class Pull:
    """What has to be written and removed, and what stands in the way."""

    name: str
    writes: Mapping[str, str]
    removes: tuple[str, ...]
    """Files of an earlier version that this one does not have."""
    changed: tuple[str, ...]
    """Files among the above that no published version has so: somebody's work."""
    unknown: tuple[str, ...]
    """Files that no version ever had; they are left."""


async def plan_pull(ports: Ports, version: str | None, there: Mapping[str, str]) -> Pull:
    """How the files that are there (path → text) become those of the version, by default of the one in force.

    Raises NotFound where there is no such version, or none in force, ProblemsFound where a file of it would be written
    outside of the folder.
    """
    name, texts = await texts_of(ports, LIVE if version is None else version)
    if astray := [path for path in texts if not stays_below(path)]:
        message = "this file would be written outside of the folder"
        raise ProblemsFound([Problem("value.name", message, Where(path)) for path in astray])
    writes = {path: text for path, text in texts.items() if there.get(path) != text}
    extra = [path for path in there if path not in texts]
    known = await _published_hashes(ports) if extra or any(path in there for path in writes) else {}
    theirs = {path for path, text in there.items() if _hash(text) in known.get(path, ())}
    return Pull(
        name,
        writes,
        tuple(path for path in extra if path in theirs),
        tuple(path for path in writes if path in there and path not in theirs),
        tuple(path for path in extra if path not in theirs),
    )


async def _published_hashes(ports: Ports) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    latest = dict.fromkeys(each.version for each in await ports.playbooks.versions())
    for version in list(latest)[:LOOKED_AT]:
        for path, hash in (await ports.playbooks.file_hashes(version)).items():
            found.setdefault(path, set()).add(hash)
    return found


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
