"""``contact import-folder``: a delivery, each file by its own mapping, in the order in which they need each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contact.faces.cli.contacts.data import KINDS, Delivered, readable, say_taken, take_in
from contact.faces.cli.terminal.complaints import Complaint, line_of
from contact.faces.cli.terminal.joined import with_house
from contact.faces.cli.terminal.options import Here

if TYPE_CHECKING:
    from contact.wiring import House

ORDER = (
    "staff",
    "customers",
    "lines",
    "consents",
    "usage",
    "complaints",
    "contacts",
    "bills",
    "products",
    "calls",
)
"""People first; then what they forbid, before anything that may lead to a contact."""
ENDINGS = (".csv", ".parquet", ".xlsx")


def add_to(app: typer.Typer) -> None:
    """Its command."""
    app.command("import-folder")(import_folder)


def import_folder(
    folder: Annotated[Path, typer.Argument(help="Where customers.csv, usage.parquet, staff.xlsx … lie.")],
    mappings: Annotated[
        Path | None,
        typer.Option("--mappings", "-m", help="Where customers.yaml … lie; the folder itself if not said."),
    ] = None,
    only: Annotated[str, typer.Option(help="Only these kinds, separated by commas: usage,bills.")] = "",
    confirm_shrink: Annotated[
        bool,
        typer.Option(
            "--confirm-shrink", help="Yes, these snapshots may lose more rows than max_shrink allows."
        ),
    ] = False,
    here: Here = False,
) -> None:
    """Take a whole delivery in: each file named as its kind, one import after the other, people first.

    Every import is as `contact import` does it. The first file that is refused ends the run: what came before it stays
    taken in, and the same command can be run again once the file is mended.

        contact import-folder deliveries/2026-03-02 --mappings mappings
        contact import-folder deliveries/2026-03-02 --mappings mappings --only usage,bills
    """
    delivered = _delivered(folder, mappings or folder, _wanted(only), confirm_shrink)
    with_house(lambda house: _take_all_in(house, delivered, here=here))


async def _take_all_in(house: House, delivered: list[Delivered], *, here: bool) -> None:
    for place, each in enumerate(delivered):
        job = await take_in(house, each, quiet=False, here=here)
        if job.state == "failed":
            left = ", ".join(other.kind for other in delivered[place + 1 :])
            raise Complaint(
                *[line_of(problem) for problem in job.problems]
                or ["the import failed: see the service's log"],
                f"{each.file.name} was refused and changed nothing"
                + (f"; not tried: {left}" if left else ""),
            )
        say_taken(each.kind, job)


def _wanted(only: str) -> tuple[str, ...]:
    kinds = [each.strip() for each in only.split(",") if each.strip()]
    for kind in kinds:
        if kind not in KINDS:
            raise Complaint(f"there is no kind {kind!r}: choose of {', '.join(ORDER)}")
    return tuple(kind for kind in ORDER if not kinds or kind in kinds)


def _delivered(folder: Path, mappings: Path, kinds: tuple[str, ...], confirm_shrink: bool) -> list[Delivered]:
    """The files of these kinds with their mappings. Raises Complaint before anything is taken in."""
    if not folder.is_dir():
        raise Complaint(f"there is no folder {folder}: check the path")
    found: list[Delivered] = []
    for kind in kinds:
        files = [path for ending in ENDINGS if (path := folder / f"{kind}{ending}").is_file()]
        if len(files) > 1:
            raise Complaint(f"{folder} holds {' and '.join(path.name for path in files)}: leave one of them")
        if files:
            mapping = mappings / f"{kind}.yaml"
            if not mapping.exists():
                raise Complaint(
                    f"there is no mapping {mapping}: put it there, or name its folder by --mappings"
                )
            found.append(Delivered(kind, files[0], readable(mapping, "mapping"), mapping, confirm_shrink))
    if not found:
        names = ", ".join(f"{kind}.csv" for kind in kinds)
        raise Complaint(
            f"{folder} holds no file to take in: name it as its kind ({names}; .parquet and .xlsx too)"
        )
    return found
