"""Commands about the audit trail: ``audit list``, ``audit verify`` and ``audit export``."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from contact.domain.acts import ACTS, CHAINS
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint
from contact.faces.cli.terminal.instants import typed_instant
from contact.faces.cli.terminal.joined import with_standing_ports
from contact.ports import Entry, Ports, Verified
from strategies.instants import format_instant

SHOWN = 20
"""Findings that are printed; more are counted."""


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    audit = typer.Typer(no_args_is_help=True, help="The audit trail: who did what, when and why.")
    audit.command("list")(list_acts)
    audit.command()(verify)
    audit.command()(export)
    app.add_typer(audit, name="audit")


def list_acts(
    actor: Annotated[str | None, typer.Option(help="Only what this person or key did.")] = None,
    act: Annotated[str | None, typer.Option(help="Only acts of this name, for example key.created.")] = None,
    about: Annotated[
        str | None, typer.Option(help="Only acts about this id: a customer, a key, a version.")
    ] = None,
    before: Annotated[str | None, typer.Option(help="Only what is older: 2026-03-05T10:00+08:00.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
) -> None:
    """Show what people did, newest first.

    ```sh
    contact audit list
    contact audit list --act customer.revealed --actor A0001
    ```
    """
    if act is not None and act not in ACTS:
        raise Complaint(f"no act is called {act}: one of {', '.join(sorted(ACTS))}")
    until = None if before is None else typed_instant(before)

    async def work(ports: Ports) -> list[Entry]:
        return await ports.audit.page(actor=actor, act=act, about=about, before=until, limit=limit)

    rows = [
        (format_instant(each.at), each.act.actor, each.act.role, each.act.act, each.act.about, _words(each))
        for each in with_standing_ports(work)
    ]
    printing.table(("at", "who", "role", "act", "about", "why"), rows)


def _words(entry: Entry) -> str:
    details = " ".join(f"{name}={value}" for name, value in sorted(entry.act.details.items()))
    return " ".join(part for part in (entry.act.why, f"({details})" if details else "") if part)


def verify(
    anchors: Annotated[
        Path | None, typer.Option(help="The file of heads kept outside, where it is not CONTACT_ANCHOR.")
    ] = None,
) -> None:
    """Read every chain and closed minute again, against the heads kept outside. Exit 1 where anything differs.

    ```sh
    contact audit verify
    ```
    """
    if anchors is not None and not anchors.exists():
        raise Complaint(f"{anchors} is not there: name the file that CONTACT_ANCHOR is written to")

    async def work(ports: Ports) -> Verified:
        return await ports.audit.verify(anchors)

    verified = with_standing_ports(work)
    typer.echo(
        f"{verified.entries} acts in {CHAINS} chains, {verified.minutes} closed minutes of the ledger,"
        f" {verified.anchors} heads kept outside"
    )
    if verified.taken_back:
        typer.echo(f"{verified.taken_back} heads are of a time that a restore took back")
    if verified.unreadable:
        typer.echo(f"{verified.unreadable} lines of the anchors cannot be read")
    if not verified.anchors:
        typer.echo("no heads are kept outside: whoever may write the database could have written it all anew")
    if not verified.untouched:
        more = len(verified.found) - SHOWN
        raise Complaint(
            *verified.found[:SHOWN],
            *([f"… and {more} more"] if more > 0 else []),
            "somebody changed the records: keep the database and the anchors as they are, and compare with a backup",
        )
    typer.echo("nothing was changed after it was written")


def export(
    target: Annotated[Path, typer.Argument(help="The file to write, one JSON object a line.")],
) -> None:
    """Write the whole trail to a file that anybody can check without this program.

    A line holds `chain, seq, content, previous, hash`; `hash` is SHA-256 of `previous`, a line feed and `content`.

    ```sh
    contact audit export trail.jsonl
    ```
    """
    import msgspec

    from contact.domain.acts import Act

    async def work(ports: Ports) -> int:
        written = 0
        with target.open("xb") as file:
            for chain in range(CHAINS):
                after = 0
                while page := await ports.audit.chain(chain, after):
                    file.writelines(msgspec.json.encode(row) + b"\n" for row in page)
                    written, after = written + len(page), page[-1]["seq"]
        about = {"acts": written}
        await ports.audit.record(Act(getpass.getuser(), "command line", "audit.exported", details=about))
        return written

    try:
        typer.echo(f"{with_standing_ports(work)} acts in {target}")
    except FileExistsError:
        raise Complaint(f"{target} is there already: choose another name") from None
    except OSError as error:
        raise Complaint(f"{target} cannot be written: {error.strerror}") from None
