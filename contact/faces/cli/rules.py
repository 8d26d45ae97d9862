"""Commands for strategists: ``check``, ``publish`` and ``versions``."""

from __future__ import annotations

import getpass
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from contact.faces.cli import printing
from contact.faces.cli.complaints import Complaint
from contact.faces.cli.joined import with_ports
from contact.faults import Conflict, NotFound
from contact.ports import PlaybookVersion, Ports
from strategies.instants import format_instant
from strategies.problems import Problem, ProblemsFound

AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
WARNED = "warning"
_CASES = re.compile(r"^cases:", re.MULTILINE)


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.command()(check)
    app.command()(publish)
    app.command()(versions)


def check(
    folder: Annotated[Path, typer.Argument(help="A config/ folder, or a folder or file of golden cases.")],
    as_json: AsJson = False,
) -> None:
    """Check a playbook and run the examples in its files; or run a folder of golden cases.

    Problems come as `file:line:col: code: message (hint)`. Nothing is stored. Golden cases are the files directly in
    their folder.

    ```sh
    contact check config/
    contact check tests/cases
    ```
    """
    texts = read_folder(folder)
    if is_playbook(texts):
        problems, ran = check_texts(texts)
    else:
        texts = {path: text for path, text in texts.items() if "/" not in path}
        if not any(_CASES.search(text) for text in texts.values()):
            raise Complaint(
                f"{folder} holds neither operator.yaml nor golden cases: give the folder of the playbook"
            )
        problems, ran = check_cases(texts)
    located = [_from_here(problem, folder) for problem in problems]
    if as_json:
        typer.echo(json.dumps([problem.as_json() for problem in located], ensure_ascii=False))
    else:
        for problem in located:
            typer.echo(str(problem), err=problem.severity != WARNED)
    if any(problem.severity != WARNED for problem in located):
        raise typer.Exit(1)
    if not as_json:
        warned = f"{len(located)} warnings" if len(located) > 1 else "1 warning" if located else "no problems"
        typer.echo(f"{len(texts)} files, {ran} examples: {warned}")


def read_folder(folder: Path) -> Mapping[str, str]:
    """Path relative to the folder → text of every YAML file. Raises Complaint where there are none."""
    if not folder.exists():
        raise Complaint(f"there is no folder {folder}: check the path")
    root = folder if folder.is_dir() else folder.parent
    texts = {}
    for path in sorted(_yaml_files(folder)):
        try:
            texts[path.relative_to(root).as_posix()] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise Complaint(f"{path} is not UTF-8 text: save it as UTF-8") from None
        except OSError as error:
            raise Complaint(f"{path} cannot be read: {error.strerror}") from None
    if not texts:
        raise Complaint(f"{folder} holds no .yaml file: give the folder with operator.yaml in it")
    return texts


def _yaml_files(folder: Path) -> Iterator[Path]:
    if folder.is_file():
        return iter([folder])
    return (path for path in folder.rglob("*") if path.suffix in (".yaml", ".yml") and path.is_file())


def is_playbook(texts: Mapping[str, str]) -> bool:
    """A playbook has an operator or one of its folders; anything else is taken for golden cases."""
    folders = ("policies/", "strategies/", "tariffs/", "models/", "segments/")
    singles = ("operator.yaml", "units.yaml", "fields.yaml", "events.yaml", "channels.yaml", "counters.yaml")
    return any(path in singles or path.startswith(folders) for path in texts)


def check_texts(texts: Mapping[str, str]) -> tuple[list[Problem], int]:
    """Everything wrong with a playbook, and how many examples it holds."""
    from contact.flow.publish import check as checked
    from strategies.compiling import examples_of

    problems = checked(texts)
    if any(problem.severity != WARNED for problem in problems):
        return problems, 0
    return problems, sum(len(node.sequence or ()) for _, node in examples_of(texts))


def check_cases(texts: Mapping[str, str]) -> tuple[list[Problem], int]:
    """Every step of a golden case that does not come out as written, and how many cases there are."""
    from strategies import cases as running
    from strategies.case_files import read_cases

    problems: list[Problem] = []
    ran = 0
    for path, text in texts.items():
        try:
            cases = read_cases(text, path)
        except ProblemsFound as found:
            problems += found.problems
            continue
        ran += len(cases)
        problems += running.check_cases(cases)
    return problems, ran


def _from_here(problem: Problem, folder: Path) -> Problem:
    """The problem with its path as the person would type it from where they are."""
    from dataclasses import replace

    root = folder if folder.is_dir() else folder.parent
    return replace(problem, where=replace(problem.where, path=os.path.normpath(root / problem.where.path)))


def publish(
    folder: Annotated[Path, typer.Argument(help="The config/ folder.")],
    why: Annotated[str, typer.Option(help="For the record: what this version is for.")] = "",
    base: Annotated[
        str | None, typer.Option(help="Version it was made from; by default the one in force.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a playbook, run its examples and put it in force, everywhere, within a second.

    Publishing on another base than the version in force is refused, so that nobody's work is lost.

    ```sh
    contact publish config/ --why "calls end at 20:00"
    ```
    """
    texts = read_folder(folder)
    if not is_playbook(texts):
        raise Complaint(f"{folder} is no playbook: give the folder with operator.yaml in it")

    async def work(ports: Ports) -> PlaybookVersion:
        from contact.flow.publish import publish as put_in_force

        try:
            return await put_in_force(ports, texts, await _base(ports, base), getpass.getuser(), why)
        except ProblemsFound as found:
            raise ProblemsFound([_from_here(problem, folder) for problem in found.problems]) from None
        except Conflict:
            raise Complaint(
                "another version is in force than the one this was made from: run `contact versions`, compare, and"
                " publish with --base VERSION"
            ) from None

    version = with_ports(work)
    if as_json:
        typer.echo(json.dumps(_as_json(version), ensure_ascii=False))
    else:
        typer.echo(f"in force: {version.version}")


async def _base(ports: Ports, base: str | None) -> str | None:
    try:
        current = (await ports.playbooks.current()).version
    except NotFound:
        return base
    if base is None:
        return current
    return current if current.startswith(base) else base


def versions(as_json: AsJson = False) -> None:
    """List every published playbook, newest first: version, when, who and why."""

    async def work(ports: Ports) -> list[PlaybookVersion]:
        return await ports.playbooks.versions()

    found = with_ports(work)
    if as_json:
        typer.echo(json.dumps([_as_json(version) for version in found], ensure_ascii=False))
        return
    rows = [(each.version[:12], format_instant(each.published)[:19], each.author, each.why) for each in found]
    printing.table(
        ("version", "published (store time, UTC)", "by", "why"),
        rows,
        none="nothing is published yet: contact publish config/",
    )


def _as_json(version: PlaybookVersion) -> dict[str, str | None]:
    return {
        "version": version.version, "base": version.base, "published": format_instant(version.published),
        "author": version.author, "why": version.why,
    }  # fmt: skip
