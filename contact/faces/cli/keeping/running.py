"""``contact serve``."""

from __future__ import annotations

import asyncio
import io
import sys
from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer

from contact import telemetry
from contact.settings import Settings


class Part(StrEnum):
    """What of the service a process runs."""

    ALL = "all"
    API = "api"
    WORKER = "worker"


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.command()(serve)


def serve(
    role: Annotated[
        Part, typer.Option(help="all in one; api: API and console; worker: dispatch, sweeps and jobs")
    ] = Part.ALL,
    demo: Annotated[
        bool, typer.Option("--demo", help="Let POST /v1/clock move the store's clock; all answers say so.")
    ] = False,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on, else CONTACT_HOST (127.0.0.1).")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            help="Port to listen on, else CONTACT_PORT (8080). A worker has one only if told: for /metrics and /livez.",
            min=0,
            max=65535,
        ),
    ] = None,
    agi_port: Annotated[
        int | None,
        typer.Option(help="Port for Asterisk's FastAGI, else CONTACT_AGI_PORT (none).", min=1, max=65535),
    ] = None,
) -> None:
    """Serve API, console and workers until Ctrl-C or SIGTERM.

    On one machine nothing else is needed: SQLite and a bundled Valkey lie in CONTACT_HOME.

    In production run `--role api` and `--role worker`, as many as you like, on the same PostgreSQL and Redis:

        export CONTACT_DATABASE_URL=postgresql://contact@db/contact CONTACT_REDIS_URL=redis://cache/0
        contact serve --role api &
        contact serve --role worker &
    """
    from contact.faces.cli.keeping import serving
    from contact.wiring import House

    settings = Settings.from_environment()
    settings = replace(
        settings,
        demo=settings.demo or demo,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
        telephony=settings.telephony if agi_port is None else replace(settings.telephony, agi_port=agi_port),
    )

    async def say(house: House) -> None:
        if role is Part.WORKER:
            return
        token = await house.ports.keys.console_link("admin", None)
        typer.echo(f"API      {settings.own_url}/v1  (reference: /openapi.json)")
        typer.echo(f"console  {settings.own_url}/session?token={token}")
        typer.echo("         good once, for 60 s; then: contact console link")

    telemetry.start_logging()
    telemetry.tell_of_crashes()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # the console link is read through pipes, too
    numbers_port = port if role is Part.WORKER else None
    asyncio.run(serving.serve(settings, role.value, say, numbers_port=numbers_port))
