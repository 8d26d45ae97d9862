"""A trial file as rows: a .csv, also packed as .csv.gz, with its columns named in the first line."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Generator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TextIO

from contact.domain.model_answers import TrialAnswer
from contact.faces.cli.terminal.complaints import Complaint

DELIMITERS = (",", ";", "\t", "|")


def evaluated(path: Path, *, arm: str, control: str, goal: str) -> TrialAnswer:
    """Each arm of the file against its control arm. Raises Complaint and ProblemsFound."""
    from contact.flow.planning.evaluate_trial import evaluate_trial

    with closing(_rows(path)) as rows:
        return evaluate_trial(rows, arm=arm, control=control, goal=goal, path=str(path))


def _rows(path: Path) -> Generator[Mapping[str, object], None, None]:
    line = 1
    try:
        with _opened(path) as file:
            head = file.readline()
            delimiter = max(DELIMITERS, key=head.count)
            names = next(csv.reader([head], delimiter=delimiter), [])
            for line, cells in enumerate(csv.reader(file, delimiter=delimiter, strict=True), start=2):
                if len(cells) != len(names):
                    raise Complaint(
                        f"{path}:{line}:1: import.fields: {len(cells)} cells where the first line names {len(names)}"
                    )
                yield dict(zip(names, cells, strict=True))
    except FileNotFoundError:
        raise Complaint(f"there is no file {path}: check the path") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise Complaint(f"{path} is no whole .gz file: unpack it by hand, or fetch it again") from None
    except UnicodeDecodeError:
        raise Complaint(f"{path} is not UTF-8 text: save the trial file as UTF-8") from None
    except csv.Error as error:
        raise Complaint(f"{path}:{line + 1}:1: import.quoting: {error}") from None
    except OSError as error:
        raise Complaint(f"{path} cannot be read: {error.strerror}") from None


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")
