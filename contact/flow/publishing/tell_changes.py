"""What differs between two playbooks, wherever their texts are: published, drafted or just typed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec

from contact.domain.workbench_answers import ChangeAnswer, DiffAnswer, TextChangeAnswer
from contact.faults import NotFound
from contact.ports import Ports
from strategies.changes.texts import Change, changes
from strategies.declared.playbook import Playbook
from strategies.texts.line_changes import TextChange, changed_texts

MOST_WORDS = 40
"""Changes that stay in the record of a publishing."""
SHORTEST_PREFIX = 6
"""Characters of a version that are enough to name it."""
LIVE = "live"
"""In place of a version: the one in force."""


async def diff(ports: Ports, old: str | None, new: str) -> DiffAnswer:
    """What differs, in words and lines; each side is a version, its beginning, or a draft; old None is what is in force.

    Raises NotFound.
    """
    before, old_texts = await texts_of(ports, old) if old is not None else await in_force(ports)
    after, new_texts = await texts_of(ports, new)
    return await asyncio.to_thread(told, before, old_texts, after, new_texts)


def told(old: str | None, old_texts: Mapping[str, str], new: str, new_texts: Mapping[str, str]) -> DiffAnswer:
    """The same over texts at hand."""
    return DiffAnswer(
        old=old,
        new=new,
        changes=[_answer(each) for each in changes(old_texts, new_texts)],
        texts=[_text_answer(each) for each in changed_texts(old_texts, new_texts)],
    )


async def version_in_force(ports: Ports) -> str | None:
    """None where nothing was published yet; also one that this release no longer compiles, so that it can be replaced."""
    return await ports.playbooks.in_force()


async def in_force(ports: Ports) -> tuple[str | None, Mapping[str, str]]:
    """The version in force with its texts; None and no texts where nothing was published yet."""
    version = await version_in_force(ports)
    return version, await ports.playbooks.texts(version) if version is not None else {}


async def texts_of(ports: Ports, name: str) -> tuple[str, Mapping[str, str]]:
    """Name and texts of a draft, a version, a version's beginning, or ``live``: the one in force. Raises NotFound."""
    if name == LIVE:
        version, texts = await in_force(ports)
        if version is None:
            raise NotFound("no playbook is published yet: run `contact publish config/`")
        return version, texts
    if name.startswith("draft-"):
        return name, await ports.drafts.texts(name)
    version = await full_version(ports, name)
    return version, await ports.playbooks.texts(version)


async def full_version(ports: Ports, beginning: str) -> str:
    """The one version that begins so. Raises NotFound."""
    if len(beginning) == 64:
        return beginning
    known = {each.version for each in await ports.playbooks.versions()}
    known |= {each.version for each in await ports.playbooks.scheduled()}
    found = [version for version in known if version.startswith(beginning)]
    if len(beginning) < SHORTEST_PREFIX or len(found) != 1:
        many = (
            f"{len(found)} versions begin"
            if found and len(beginning) >= SHORTEST_PREFIX
            else "no version begins"
        )
        raise NotFound(f"{many} with {beginning}: `contact versions` lists them")
    return found[0]


async def words_between(ports: Ports, base: str | None, playbook: Playbook) -> list[str]:
    """What a playbook changes of the version it replaces, in words; the first ones, and how many more."""
    try:
        before = await ports.playbooks.texts(base) if base is not None else {}
    except NotFound:
        before = {}
    if not before:
        return ["the first playbook"]
    words = [each.words for each in await asyncio.to_thread(changes, before, playbook.texts)]
    more = len(words) - MOST_WORDS
    return words[:MOST_WORDS] + ([f"and {more} more"] if more > 0 else [])


def _answer(change: Change) -> ChangeAnswer:
    return ChangeAnswer(
        words=change.words,
        kind=change.kind,
        what=change.what,
        place_old=None if change.old is None else str(change.old),
        place_new=None if change.new is None else str(change.new),
    )


def _text_answer(change: TextChange) -> TextChangeAnswer:
    return TextChangeAnswer(change.path, change.state, [msgspec.to_builtins(hunk) for hunk in change.hunks])
