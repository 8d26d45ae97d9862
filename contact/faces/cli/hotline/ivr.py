"""``contact ivr``: voice menus on the command line; each command stands in a module of its own."""

from __future__ import annotations

import typer

from contact.faces.cli.hotline import call, journeys, learn, replay, topics

ivr = typer.Typer(no_args_is_help=True, help="Voice menus: call one, learn from its journeys, look at them.")

for part in (call, journeys, learn, replay, topics):
    part.add_to(ivr)


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.add_typer(ivr, name="ivr")
