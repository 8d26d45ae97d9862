"""Options and words that many commands share."""

from __future__ import annotations

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON, as the API gives it.")]
Here = Annotated[bool, typer.Option("--here", help="Do it in this process; ask no worker.")]
Why = Annotated[str, typer.Option("--why", help="For the record: why.")]
ROLE = "command line"
"""The role of whoever types a command, where an act of theirs is recorded."""
