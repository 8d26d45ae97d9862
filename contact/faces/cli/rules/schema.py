"""``contact schema``: what editors know of the files of a playbook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from contact.faces.cli.terminal.complaints import Complaint


def add_to(app: typer.Typer) -> None:
    """Its command."""
    app.command()(schema)


def schema(
    kind: Annotated[str, typer.Argument(help="Of one file or folder of config/, as strategies.")] = "",
    write: Annotated[
        Path | None, typer.Option(help="Write all of them into this folder, as strategies.schema.files.json.")
    ] = None,
) -> None:
    """Print the JSON Schema of a file or folder of `config/`, or write all of them for an editor.

    An editor with a YAML language server offers keys and words from it where the first line of a file says
    `# yaml-language-server: $schema=../../schema/strategies.schema.files.json`. A schema knows less than `contact check`.

    ```sh
    contact schema strategies
    contact schema --write schema
    ```
    """
    from strategies.schema.files import schemas

    known = schemas()
    if write is not None:
        write.mkdir(parents=True, exist_ok=True)
        for name, found in known.items():
            (write / f"{name}.schema.json").write_text(_text(found) + "\n", encoding="utf-8")
        typer.echo(f"{len(known)} schemas in {write}")
    elif kind in known:
        typer.echo(_text(known[kind]))
    else:
        said = f"there is no schema of {kind}" if kind else "say of what"
        raise Complaint(f"{said}: choose one of {', '.join(known)}, or write all with --write FOLDER")


def _text(found: object) -> str:
    return json.dumps(found, ensure_ascii=False, indent=1)
