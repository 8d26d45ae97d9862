"""Commands that put playbooks in force: ``publish``, ``rollback`` and ``versions``."""

from __future__ import annotations

import getpass
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contact.domain.workbench_answers import VersionAnswer
from contact.faces.cli.rules import telling_versions
from contact.faces.cli.rules.folders import is_playbook, problem_from_here, read_folder
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint, of_job
from contact.faces.cli.terminal.instants import typed_instant_or_none
from contact.faces.cli.terminal.joined import with_house, with_standing_house, with_standing_ports
from contact.faults import Conflict
from contact.ports import PlaybookVersion, Ports
from strategies.instants import Instant
from strategies.problems import ProblemsFound

if TYPE_CHECKING:
    from contact.wiring import House

AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
Why = Annotated[str, typer.Option(help="For the record: what this version is for.")]
APPROVING = ("strategist", "admin")
"""Roles whose keys approve."""
_DRAFT = re.compile(r"draft-\d+")


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.command()(publish)
    app.command()(rollback)
    app.command()(versions)


def publish(
    what: Annotated[str, typer.Argument(help="The config/ folder, or a draft like draft-7.")],
    why: Why = "",
    at: Annotated[
        str | None, typer.Option(help="Not now but at this instant: 2026-03-05T10:00+08:00.")
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(help="Of a folder: the version it was made from; by default the one in force."),
    ] = None,
    approved_with: Annotated[
        list[Path] | None, typer.Option(help="A file with the key of a second person, who approves it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a playbook, run its examples and put it in force, everywhere, within two seconds; or at an instant.

    Publishing on another base than the version in force is refused, so that nobody's work is lost. Queued tasks that
    became unlawful are cancelled. Where `operator.yaml` asks for approvals, the keys of other people are needed. A draft
    that is scheduled already gets the new time; `contact draft discard` calls it off.

    ```sh
    contact publish config/ --why "calls end at 20:00"
    contact publish draft-7 --why "two calls a week" --at 2026-03-05T06:00+08:00
    contact publish config/ --why "reviewed" --approved-with second-person.key
    ```
    """
    instant = typed_instant_or_none(at)

    async def work(house: House) -> VersionAnswer:
        from contact.flow.publishing.versions import version_answer

        approvers = [await person_of_key(house.ports, file) for file in approved_with or ()]
        try:
            if _DRAFT.fullmatch(what):
                version = await _publish_draft(house.ports, what, why, instant, approvers)
            else:
                version = await _publish_folder(house.ports, Path(what), base, why, instant, approvers)
        except Conflict as conflict:
            raise _mendable(conflict, what) from None
        return await _swept(house, version_answer(version), quiet=as_json)

    _tell(with_house(work), as_json)


async def _publish_draft(
    ports: Ports, draft: str, why: str, at: Instant | None, approvers: Sequence[str]
) -> PlaybookVersion:
    from contact.flow.publishing.drafts import approve, publish_draft

    for person in approvers:
        await approve(ports, draft, person)
    return await publish_draft(ports, draft, getpass.getuser(), why, at)


async def _publish_folder(
    ports: Ports, folder: Path, base: str | None, why: str, at: Instant | None, approvers: Sequence[str]
) -> PlaybookVersion:
    from contact.flow.publishing.publish import publish as put_in_force

    texts = read_folder(folder)
    if not is_playbook(texts):
        raise Complaint(f"{folder} is no playbook: give the folder with operator.yaml in it")
    made_from, reason = await _base(ports, base), why
    if made_from is None and not why:
        reason = "first playbook"
    try:
        if at is None:
            return await put_in_force(ports, texts, made_from, getpass.getuser(), reason, approvers)
        return await _publish_draft(ports, await _drafted(ports, texts, made_from), reason, at, approvers)
    except ProblemsFound as found:
        raise ProblemsFound([problem_from_here(problem, folder) for problem in found.problems]) from None


async def _drafted(ports: Ports, texts: Mapping[str, str], base: str | None) -> str:
    """The draft of these very texts on this base, if there is one, else a new one."""
    from contact.flow.publishing.drafts import create_draft
    from strategies.compiling.compile import version_of

    version = version_of(texts)
    for row in await ports.drafts.list():
        if row.hash == version and row.base == base:
            return row.id
    return (await create_draft(ports, getpass.getuser(), "", texts, base)).draft


async def _base(ports: Ports, base: str | None) -> str | None:
    from contact.flow.publishing.tell_changes import full_version, version_in_force

    return await full_version(ports, base) if base is not None else await version_in_force(ports)


def _mendable(conflict: Conflict, what: str) -> Complaint:
    if "is in force, not" in str(conflict):
        return Complaint(
            "another version is in force than the one this was made from: run `contact versions`, compare with"
            f" `contact diff`, and publish {what} with --base VERSION"
        )
    return Complaint(str(conflict))


async def person_of_key(ports: Ports, file: Path) -> str:
    """The person whose key is in the file. Raises Complaint where it is no key that may approve."""
    try:
        secret = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Complaint(f"{file} cannot be read: name the file with the other person's key in it") from None
    key = await ports.keys.authenticate(secret)
    if key is None or key.role not in APPROVING or key.person is None:
        raise Complaint(
            f"{file} holds no key that approves: make one with `contact key create strategist --person ID`"
        )
    return key.person


async def _swept(house: House, version: VersionAnswer, *, quiet: bool) -> VersionAnswer:
    """The version after the sweep that follows it has ended, here where no worker does it."""
    from contact.faces.cli.terminal.following import follow
    from contact.flow.publishing.versions import version_answer

    published = next(iter(await house.ports.playbooks.versions()), None)
    if version.state == "scheduled" or published is None or published.sweep_job is None:
        return version
    job = await follow(house, await house.ports.jobs.get(published.sweep_job), quiet=quiet)
    if job.state == "failed":
        raise of_job("sweep", job.problems)
    return version_answer((await house.ports.playbooks.versions())[0])


def _tell(version: VersionAnswer, as_json: bool) -> None:
    if as_json:
        printing.as_json(version)
    else:
        telling_versions.published(version)


def rollback(
    version: Annotated[
        str | None, typer.Argument(help="An earlier version or its beginning; by default the one before.")
    ] = None,
    why: Annotated[str, typer.Option(help="For the record: why the way back.")] = "",
    as_json: AsJson = False,
) -> None:
    """Put an earlier playbook in force again, everywhere, within two seconds; no second approval is needed.

    ```sh
    contact rollback --why "too many calls"
    contact rollback 3f2a91c07d55 --why "back to Monday's"
    ```
    """

    async def work(house: House) -> VersionAnswer:
        from contact.flow.publishing.roll_back import roll_back_playbook
        from contact.flow.publishing.versions import version_answer

        published = await roll_back_playbook(house.ports, version, getpass.getuser(), why)
        return await _swept(house, version_answer(published), quiet=as_json)

    _tell(with_standing_house(work), as_json)


def versions(
    full: Annotated[
        bool, typer.Option("--full", help="With all that each changed, expected and brought.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List every playbook, newest first: when, who, why, in words, what it was expected to do and what came of it.

    ```sh
    contact versions
    contact versions --full
    ```
    """

    async def work(ports: Ports) -> list[VersionAnswer]:
        from contact.flow.publishing.versions import versions as told

        return await told(ports)

    found = with_standing_ports(work)
    if as_json:
        printing.as_json(found)
    else:
        telling_versions.history(found, full=full)
