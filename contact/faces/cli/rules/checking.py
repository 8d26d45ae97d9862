"""``contact check``: a playbook with its examples, or a bank of golden cases."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contact.faces.cli.rules.folders import (
    Found,
    all_of,
    bank_of,
    from_here,
    is_playbook,
    problem_from_here,
    read_folder,
    read_what_is_text,
)
from contact.faces.cli.terminal.complaints import Complaint
from contact.faces.cli.terminal.joined import any_customer, with_ports
from contact.faults import NotFound
from contact.ports import Ports
from strategies.counted import counted
from strategies.problems import Problem, Where

if TYPE_CHECKING:
    from strategies.cases.run import ExampleResult
    from strategies.declared.playbook import Playbook

AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
WARNED = "warning"
FAILED = "example.failed"
_USES = re.compile(r"^[ -]*use:", re.MULTILINE)
Located = Callable[[Where], Where]


def add_to(app: typer.Typer) -> None:
    """Its command."""
    app.command()(check)


def check(
    folder: Annotated[Path, typer.Argument(help="A config/ folder, or a folder or file of golden cases.")],
    cases: Annotated[
        Path | None, typer.Option(help="A folder of golden cases to run against this config/ folder.")
    ] = None,
    base: Annotated[
        bool, typer.Option("--base", help="Also tell which strategies and segments reach nobody of today.")
    ] = False,
    rules: Annotated[
        bool,
        typer.Option("--rules", help="Also tell for which rules no case is found that they alone refuse."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check a playbook and run the examples in its files; or run a bank of golden cases, with all folders in it.

    Problems come as `file:line:col: code: message (hint)`; an example that fails says what was expected, what came, and
    what every rule on the way compared. Nothing is stored. Exit code 1 where anything differs.

    ```sh
    contact check config/
    contact check tests/cases
    contact check config/ --cases tests/cases
    contact check config/ --base --rules
    ```
    """
    if cases is not None and (base or rules):
        raise Complaint("--base and --rules ask about a playbook, not about cases: leave out --cases")
    if cases is not None:
        published = _published_by(read_folder(folder), folder, as_json)
        _check_cases(cases, read_what_is_text(cases), as_json, published, folder)
        return
    found = read_what_is_text(folder)
    if is_playbook(found[0]):
        _check_playbook(folder, all_of(found), as_json, base=base, rules=rules)
    else:
        _check_cases(folder, found, as_json, None, folder)


def _check_playbook(
    folder: Path, texts: Mapping[str, str], as_json: bool, *, base: bool, rules: bool
) -> None:
    from contact.flow.publishing.check_texts import checked
    from strategies.checking.silent import silent_rules

    found = checked(texts)
    playbook = found.playbook if base else None
    more = with_ports(lambda ports: _of_today(ports, playbook)) if playbook is not None else []
    if rules and found.playbook is not None:
        more += silent_rules(found.playbook, found.problems)
    located = [problem_from_here(problem, folder) for problem in (*found.problems, *more)]
    if as_json:
        typer.echo(json.dumps([problem.as_json() for problem in located], ensure_ascii=False))
    else:
        told = {problem_from_here(problem, folder) for each in found.examples for problem in each.problems}
        for problem in located:
            if problem.code != FAILED and problem not in told:
                typer.echo(str(problem), err=problem.severity != WARNED)
        _tell(found.examples, lambda where: from_here(where, folder))
    if found.errors:
        raise typer.Exit(1)
    if not as_json:
        warned = counted(len(located), "warning") if located else "no problems"
        typer.echo(f"{counted(len(texts), 'file')}, {counted(len(found.examples), 'example')}: {warned}")


async def _of_today(ports: Ports, playbook: Playbook) -> list[Problem]:
    """Whom it does not reach. Raises Complaint where there is nobody to be asked."""
    from contact.flow.publishing.check_base import warnings_of_base

    await any_customer(ports)
    return await warnings_of_base(ports, playbook)


def _check_cases(folder: Path, found: Found, as_json: bool, published: Playbook | None, config: Path) -> None:
    """Files that are no text stop no other: each is a case by itself that cannot be read."""
    from strategies.cases.run import run_bank, unreadable

    texts, no_texts = found
    bank = bank_of(texts)
    if not bank and not no_texts:
        raise Complaint(
            f"{folder} holds neither operator.yaml nor golden cases: give the folder of the playbook"
        )
    if published is None and any(_USES.search(text) for text in bank.values()):
        published = with_ports(_in_force)
    results = [*(unreadable(problem) for problem in no_texts), *run_bank(bank, published)]
    as_typed = {problem.where for problem in no_texts}

    def located(where: Where) -> Where:
        return where if where in as_typed else from_here(where, folder if where.path in bank else config)

    failed = [result for result in results if not result.passed]
    if as_json:
        typer.echo(json.dumps([_as_json(result, located) for result in results], ensure_ascii=False))
    else:
        _tell(results, located)
        typer.echo(_summary(len(bank) + len(no_texts), results, len(failed)))
    if failed:
        raise typer.Exit(1)


def _summary(files: int, results: Sequence[ExampleResult], failed: int) -> str:
    skipped = sum(result.skipped for result in results)
    said = f"{failed} failed, {len(results) - skipped - failed} as expected" if failed else "no problems"
    said += f", {skipped} not of rows" if skipped else ""
    return f"{counted(files, 'file')}, {counted(len(results), 'case')}: {said}"


def _published_by(texts: Mapping[str, str], folder: Path, as_json: bool) -> Playbook:
    """The playbook of a folder, which has to be in order before cases are held against it."""
    from strategies.compiling.compile import compile_playbook
    from strategies.problems import ProblemsFound

    try:
        return compile_playbook(texts)
    except ProblemsFound as found:
        located = [problem_from_here(problem, folder) for problem in found.problems]
        if as_json:
            typer.echo(json.dumps([problem.as_json() for problem in located], ensure_ascii=False))
            raise typer.Exit(1) from None
        raise ProblemsFound(located) from None


async def _in_force(ports: Ports) -> Playbook | None:
    try:
        return await ports.playbooks.current()
    except NotFound:
        return None


def _tell(results: Sequence[ExampleResult], located: Located) -> None:
    """Each case that did not come out as written, on stderr."""
    from strategies.cases.telling import gate_words

    wrong = (problem for result in results for problem in result.problems)
    for problem in dict.fromkeys(wrong):  # what a file says for all of its cases is wrong in each of them
        typer.echo(str(_moved(problem, located)), err=True)
    for result in results:
        for step in result.failed:
            name = "" if result.name in ("", result.id) else f": {result.name}"
            typer.echo(f"{located(step.place)}: {FAILED}: {result.id}{name}, step {step.step}", err=True)
            for difference in step.differences:
                typer.echo(f"    {difference}", err=True)
            for gate in step.trace:
                typer.echo(f"      {gate_words(gate, located)}", err=True)


def _moved(problem: Problem, located: Located) -> Problem:
    return Problem(problem.code, problem.message, located(problem.where), problem.hint, problem.severity)


def _as_json(result: ExampleResult, located: Located) -> dict[str, object]:
    """One case: differences of all its steps, the trace of those that failed, problems where it could not be run."""
    from strategies.cases.telling import gate_json
    from strategies.instants import format_instant

    place = located(result.place)
    return {
        "id": result.id,
        "name": result.name,
        "file": place.path,
        "line": place.line,
        "passed": result.passed,
        "skipped": result.skipped,
        "differences": [
            {
                "step": step.step,
                "at": format_instant(step.at),
                "line": step.place.line,
                "name": difference.name,
                "expected": difference.expected,
                "got": difference.got,
                "why": difference.why,
            }
            for step in result.failed
            for difference in step.differences
        ],
        "trace": [
            {"step": step.step, **gate_json(gate, located)} for step in result.failed for gate in step.trace
        ],
        "problems": [_moved(problem, located).as_json() for problem in result.problems],
    }
