"""Commands against the loss of everything: ``backup``, ``restore`` and ``quarantine``."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contact.faces.cli.keeping.access import two_words
from contact.faces.cli.terminal.complaints import Complaint
from contact.faces.cli.terminal.joined import with_standing_house, with_standing_ports
from contact.faults import NotFound
from contact.ports import Ports
from contact.settings import Settings
from strategies.instants import Instant, format_instant

if TYPE_CHECKING:
    from contact.storage.backups.backup import BackedUp
    from contact.wiring import House

COMMAND_LINE = "command line"


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.command()(backup)
    app.command()(restore)
    quarantine = typer.Typer(no_args_is_help=True, help="What a restored store stands under.")
    quarantine.callback()(two_words)
    quarantine.command()(end)
    app.add_typer(quarantine, name="quarantine")


def backup(
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet.")],
    with_secret: Annotated[
        bool,
        typer.Option("--with-secret", help="Also the secret that names, numbers and models are read with."),
    ] = False,
) -> None:
    """Copy the whole store into a new folder while the service goes on: database, customers, models, a hash of each file.

    The secret is left out unless asked for, the opt-out journal always: keep both elsewhere (docs/operating.md).

    ```sh
    contact backup /backup/2026-03-05
    ```
    """

    async def work(house: House) -> BackedUp:
        import asyncio

        from contact.domain.acts import Act
        from contact.storage.backups.backup import make_backup

        made = await asyncio.to_thread(
            make_backup, house.settings, folder, _progress, with_secret=with_secret
        )
        details: dict[str, str | int] = {"files": len(made.manifest.files), "with_secret": int(with_secret)}
        act = Act(getpass.getuser(), COMMAND_LINE, "backup.made", made.hash[:32], details)
        await house.ports.audit.record(act)
        return made

    try:
        made = with_standing_house(work)
    except OSError as error:
        raise Complaint(f"{error.filename or folder} cannot be read or written: {error.strerror}") from None
    for name in made.manifest.missing:
        typer.echo(
            f"{name} is missing in CONTACT_HOME and so in the backup: train it again or roll it back",
            err=True,
        )
    typer.echo(
        f"{made.folder}: {len(made.manifest.files)} files, {made.bytes / 1e6:.1f} MB, manifest {made.hash}"
    )


def restore(
    folder: Annotated[Path, typer.Argument(help="A folder that `contact backup` wrote.")],
    into: Annotated[
        bool, typer.Option("--into", help="Replace the store that is there; SQLite's file is kept beside it.")
    ] = False,
) -> None:
    """Bring a backup back into an empty home, in quarantine, with every opt-out the journal knows.

    What may have gone out since the backup counts and is not sent again. Nobody is contacted until `contact quarantine end`.

    ```sh
    contact restore /backup/2026-03-05
    ```
    """
    from contact import telemetry
    from contact.storage.backups.restore import restore as bring_back

    settings = Settings.from_environment()
    telemetry.start_logging(level=40)
    try:
        done = bring_back(settings, folder, getpass.getuser(), _progress, into=into)
    except OSError as error:
        raise Complaint(
            f"{error.filename or settings.home} cannot be read or written: {error.strerror}"
        ) from None
    if done.kept_aside is not None:
        typer.echo(f"what was there is kept at {done.kept_aside}")
    typer.echo(f"restored as of {format_instant(Instant(done.manifest.at_us))}")
    typer.echo(f"{done.replayed} withdrawals, grants and erasures of the journals were not in the backup")
    typer.echo(f"{done.settled.unknown} contacts may have gone out since: they count and are not sent again")
    typer.echo(f"{done.settled.cancelled} reservations for later were given up: plan their days again")
    typer.echo(f"{done.settled.jobs} jobs were open: start them again where they are still wanted")
    typer.echo("nobody is contacted now: look at docs/operating.md, then `contact quarantine end --why …`")
    if done.no_journal_at is not None:
        typer.echo(
            f"there is no journal of opt-outs at {done.no_journal_at}: who withdrew after the backup is not known here; "
            "put the journal there and restore again with --into"
        )
    if done.unreadable:
        typer.echo(
            f"{done.unreadable} lines of the journal of opt-outs cannot be read: a crash leaves one nobody was told of, "
            "more are a disk's fault: look at a copy of the journal"
        )


def end(why: Annotated[str, typer.Option("--why", help="For the record: what was checked.")]) -> None:
    """Let contact begin again after a restore, once whoever is responsible has looked.

    ```sh
    contact quarantine end --why "contacts of the lost day are imported, keys looked through"
    ```
    """
    if not why.strip():
        raise Complaint("say with --why what was checked: it goes on record")

    async def work(ports: Ports) -> None:
        from contact.domain.acts import Act
        from contact.domain.halt import QUARANTINE

        act = Act(getpass.getuser(), COMMAND_LINE, "quarantine.ended", why=why)
        try:
            await ports.halts.lift(*QUARANTINE, act)
        except NotFound:
            raise Complaint("this store is not in quarantine") from None

    with_standing_ports(work)
    typer.echo("contact goes on")


def _progress(done: int, total: int, what: str) -> None:
    """One line that is written over, where somebody looks."""
    if sys.stderr.isatty():
        print(
            f"\r\x1b[K{done}/{total} {what}",
            end="" if done + 1 < total else "\r\x1b[K",
            file=sys.stderr,
            flush=True,
        )
