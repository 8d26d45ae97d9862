"""How answers look on a terminal: plain aligned text that also survives a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.cells import cell_len

from strategies.declared.playbook import Operator


def table(head: Sequence[str], rows: Sequence[Sequence[object]], *, none: str = "nothing") -> None:
    """Columns as wide as their widest cell; Chinese characters count two."""
    if not rows:
        typer.echo(none)
        return
    texts = [[str(cell) for cell in row] for row in (head, *rows)]
    widths = [max(cell_len(row[column]) for row in texts) for column in range(len(head))]
    for row in texts:
        line = "  ".join(
            cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)
        )
        typer.echo(line.rstrip())


def as_json(answer: msgspec.Struct | Sequence[msgspec.Struct]) -> None:
    """The answer as the API would encode it."""
    typer.echo(msgspec.json.encode(answer).decode())


def moment(at: datetime | None) -> str:
    """UTC to the second, a dash for none."""
    return "-" if at is None else at.strftime("%Y-%m-%d %H:%M:%SZ")


def local_moment(at: datetime, zone: str) -> str:
    """To the second by a zone's clock, with its offset."""
    return at.astimezone(ZoneInfo(zone)).isoformat(sep=" ", timespec="seconds")


def points(share: float | None) -> str:
    """Percentage points with a sign, a dash for none."""
    return "-" if share is None else f"{share * 100:+.2f}"


def money(minor: int | None, operator: Operator) -> str:
    """Major units with as many decimals as the currency has, a dash for none."""
    if minor is None:
        return "-"
    decimals = len(str(operator.minor_per_major)) - 1
    return f"{minor / operator.minor_per_major:.{decimals}f}"
