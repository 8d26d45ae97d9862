"""``contact``: every step of the path as a command. What cannot be done is one line that says what to do."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from typing import Annotated

import typer

from contact.faces.cli.contacts import correcting, data, deliveries, explaining, work
from contact.faces.cli.hotline import ivr
from contact.faces.cli.keeping import (
    access,
    auditing,
    backing_up,
    halting,
    jobs,
    merging,
    people,
    privacy,
    running,
    store,
)
from contact.faces.cli.learning import lists, models, tariffs, training
from contact.faces.cli.rules import (
    checking,
    customer_lists,
    differing,
    drafting,
    publishing,
    schema,
    segments,
    selecting,
    simulating,
)
from contact.faces.cli.terminal.collecting import collected_seldom
from contact.faces.cli.terminal.complaints import Complaint, line_of, of_system
from contact.faults import Fault
from strategies.problems import ProblemsFound

app = typer.Typer(
    name="contact",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_enable=False,
    help="""Whom to contact, about what, where and when, and never more often than allowed.

**The path, step by step**

    contact serve                          # API, console, workers
    contact check config/                  # problems as file:line:col
    contact diff live config/              # what differs, in words
    contact simulate config/ --days 30     # what would change
    contact publish config/ --why "first"  # in force from now on
    contact import customers people.csv --mapping people.yaml
    contact train churn                    # verdict first, then why
    contact score                          # risks, chances, best hours
    contact match-tariffs                  # would another be cheaper?
    contact select "arpu >= 100" --category marketing  # how many are left
    contact plan --day 2026-03-02          # tasks of a day
    contact explain C000001                # why, why not, and when
    contact evaluate data-upgrade          # against its control group

Where it keeps things is said by `CONTACT_*` variables (docs/settings.md); by default all lies in `var/contact`.
Exit code 0: done. 1: not possible, one line for each reason. 2: the command was not understood.
""",
)

for part in (
    running,
    checking,
    schema,
    drafting,
    differing,
    simulating,
    publishing,
    data,
    deliveries,
    training,
    models,
    tariffs,
    ivr,
    work,
    explaining,
    selecting,
    segments,
    customer_lists,
    lists,
    halting,
    correcting,
    merging,
    jobs,
    access,
    people,
    privacy,
    auditing,
    backing_up,
    store,
):
    part.add_to(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"contact {version_of('contact-strategy')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end."),
    ] = False,
) -> None:
    """Options of ``contact`` itself."""


def run() -> None:
    """The program: what a person can mend is said in lines on stderr and exit code 1."""
    with collected_seldom():
        _run()


def _run() -> None:
    try:
        app(prog_name="contact")
    except Complaint as complaint:
        _complain(*complaint.lines)
    except ProblemsFound as found:
        _complain(*(line_of(problem.as_json()) for problem in found.problems))
    except Fault as fault:
        _complain(str(fault))
    except OSError as error:
        _complain(of_system(error))
    except ValueError as error:
        if not str(error).startswith("CONTACT_"):
            raise
        _complain(str(error))


def _complain(*lines: str) -> None:
    for line in lines:
        print(line, file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    run()
