"""The history of playbooks: who, when, why, in words, and what was expected against what came."""

from __future__ import annotations

from contact.domain.workbench_answers import VersionAnswer
from contact.flow.present import moment_or_none
from contact.ports import PlaybookVersion, Ports
from strategies.instants import to_datetime

COUNTED = 10
"""So many of the latest publishings are counted anew each time they are shown."""


async def versions(ports: Ports, *, counted: int = COUNTED) -> list[VersionAnswer]:
    """What is scheduled or failed to start, then every publishing, newest first; ``actual`` for the latest ones."""
    waiting = [version_answer(each) for each in await ports.playbooks.scheduled()]
    published = []
    for place, each in enumerate(await ports.playbooks.versions()):
        actual = await ports.playbooks.actual(each.published, each.until) if place < counted else None
        published.append(version_answer(each, dict(actual) if actual is not None else None))
    return waiting + published


def version_answer(version: PlaybookVersion, actual: dict[str, object] | None = None) -> VersionAnswer:
    """One publishing as faces show it."""
    return VersionAnswer(
        version=version.version,
        base=version.base,
        published=to_datetime(version.published),
        author=version.author,
        why=version.why,
        state=version.state,
        approved_by=list(version.approved_by),
        words=list(version.words),
        predicted=None if version.predicted is None else dict(version.predicted),
        actual=actual,
        swept=version.swept,
        draft=version.draft,
        until=moment_or_none(version.until),
        failed=version.reason,
    )
