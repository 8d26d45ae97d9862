"""Versions, drafts and what differs between them, in words and tables for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from contact.domain.workbench_answers import DiffAnswer, DraftAnswer, MergeAnswer, VersionAnswer
from contact.faces.cli.terminal.printing import moment, table
from strategies.counted import counted

MOST_RULES = 8
_SIGNS = {
    "loosened": "looser ",
    "tightened": "tighter",
    "added": "new    ",
    "removed": "gone   ",
    "moved": "moved  ",
}


def published(version: VersionAnswer) -> None:
    """What took force, or shall."""
    if version.state == "scheduled":
        typer.echo(f"takes force at {moment(version.published)}: {version.version} ({version.draft})")
    else:
        typer.echo(f"in force: {version.version}")
    for words in version.words:
        typer.echo(f"  {words}")
    if version.swept:
        typer.echo(_swept(version.swept))


def history(found: Sequence[VersionAnswer], *, full: bool) -> None:
    """Every publishing; ``full``: with words, expectation and fact."""
    rows = [
        (
            each.version[:12], each.state, moment(each.published)[:19], each.author,
            ", ".join(each.approved_by) or "-", _first(each), each.why,
        )
        for each in found
    ]  # fmt: skip
    if not full:
        head = ("version", "state", "from (store time, UTC)", "by", "approved by", "changes", "why")
        table(head, rows, none="nothing is published yet: contact publish config/")
        return
    for each in found:
        _one(each)


def _first(version: VersionAnswer) -> str:
    if version.failed:
        return version.failed
    more = len(version.words) - 1
    return (version.words[0] + (f" (+{more})" if more > 0 else "")) if version.words else "-"


def _one(version: VersionAnswer) -> None:
    typer.echo(
        f"{version.version[:12]}  {version.state}  {moment(version.published)}  by {version.author}: {version.why}"
    )
    if version.approved_by:
        typer.echo(f"  approved by {', '.join(version.approved_by)}")
    if version.failed:
        typer.echo(f"  did not start: {version.failed}")
    for words in version.words:
        typer.echo(f"  {words}")
    if version.swept:
        typer.echo("  " + _swept(version.swept))
    if version.predicted is not None:
        contacts = counted(version.predicted["after"], "contact")
        days = counted(version.predicted["days"], "day")
        typer.echo(f"  expected: {contacts} in {days}" + _rules(_expected(version)))
    if version.actual is not None:
        contacts = counted(version.actual["contacts"], "contact")
        typer.echo(f"  came: {contacts}" + _rules(version.actual["refusals"]))
    typer.echo()


def _swept(count: int) -> str:
    return f"{counted(count, 'queued task')} became unlawful and {'was' if count == 1 else 'were'} cancelled"


def _expected(version: VersionAnswer) -> dict[str, int]:
    refusals = (version.predicted or {}).get("refusals", {})
    return {rule: after for rule, (_, after) in refusals.items()}


def _rules(refusals: dict[str, int]) -> str:
    shown = sorted(refusals.items(), key=lambda item: (-item[1], item[0]))[:MOST_RULES]
    return "; refused " + ", ".join(f"{rule} {count}" for rule, count in shown) if shown else ""


def diff(answer: DiffAnswer, *, lines: bool) -> None:
    """In words first, then the lines that differ."""
    if not answer.texts:
        typer.echo("no difference")
    for change in answer.changes:
        typer.echo(f"{_SIGNS.get(change.kind, '       ')}  {change.words}")
    for text in answer.texts if lines else ():
        typer.echo(f"\n{text.path} ({text.state})")
        for hunk in text.hunks:
            typer.echo(f"@@ {hunk['old']} {hunk['new']} @@")
            for mark, line in hunk["lines"]:
                typer.echo(f"{mark}{line}")
            if hunk["left_out"]:
                typer.echo(f"… {hunk['left_out']} more lines differ")


def drafts(found: Sequence[DraftAnswer]) -> None:
    """One line each."""
    rows = [
        (
            each.draft, each.state, each.author, each.title or "-", len(each.changed), _standing(each),
            moment(each.publish_at) if each.publish_at else "-",
        )
        for each in found
    ]  # fmt: skip
    head = ("draft", "state", "by", "title", "changed", "stands on", "takes force")
    table(head, rows, none="there are no drafts: contact draft new")


def _standing(draft: DraftAnswer) -> str:
    base = (draft.base or "nothing")[:12]
    return base if draft.base == draft.live else f"{base} (merge first)"


def draft(answer: DraftAnswer) -> None:
    """All that is known of one."""
    typer.echo(f"{answer.draft}  {answer.state}  by {', '.join(answer.authors)}  {answer.title}")
    typer.echo(f"version {answer.hash[:12]} on {_standing(answer)}, changed {moment(answer.updated)}")
    approved = ", ".join(each.person for each in answer.approvals) or "nobody"
    typer.echo(f"approved by {approved}; {answer.approvals_needed} needed")
    if answer.publish_at is not None:
        typer.echo(f"takes force at {moment(answer.publish_at)}")
    if answer.failed:
        typer.echo(f"did not start: {answer.failed}")
    for path in answer.changed:
        conflict = "  (changed by the version in force too)" if path in answer.conflicts else ""
        typer.echo(f"  {path}{conflict}")


def merge(answer: MergeAnswer) -> None:
    """What was taken in, or where both sides changed the same lines."""
    if not answer.conflicts:
        typer.echo(f"{answer.draft.draft} stands on {(answer.draft.base or '')[:12]}")
    for each in answer.conflicts:
        typer.echo(f"{each.path}:{each.line}")
        for mark, side in (("was ", each.base), ("mine", each.draft), ("live", each.live)):
            for line in side or ["(not there)"]:
                typer.echo(f"  {mark}  {line}")
