"""Small files as an operator might deliver them, and the check they go through."""

from __future__ import annotations

from pathlib import Path

import pytest

from contact.storage.imports.checking import CheckedFile, Progress, check_file
from contact.storage.imports.mapping import read_mapping
from contact.storage.keys.numbers import NumberHasher
from strategies.problems import Problem, ProblemsFound

HASHER = NumberHasher(b"a secret of this test")
MAPPING = """
kind: customers
mode: snapshot
max_faulty: 100
columns:
  id: cust
  name: who
  number: {from: tel, type: phone, region: CN}
  arpu: {from: fee, type: money}
"""
HEADER = "cust,who,tel,fee"


def check(path: Path, mapping: str = MAPPING) -> CheckedFile:
    """The file checked under a mapping."""
    return check_file(path, read_mapping(mapping, "m.yaml"), 100, HASHER, Progress())


def csv(folder: Path, *lines: str, name: str = "f.csv") -> Path:
    """A CSV file of these lines."""
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def one_cell(folder: Path, column: str, cell: str) -> CheckedFile:
    """A two-row file with one described column beside the id; the first row holds the cell."""
    mapping = f"kind: customers\nmode: snapshot\nmax_faulty: 100\ncolumns:\n  id: cust\n  x: {column}\n"
    quoted = '"' + cell.replace('"', '""') + '"'
    return check(csv(folder, "cust,x", f"C1,{quoted}"), mapping)


def problems_of(path: Path, mapping: str = MAPPING) -> list[Problem]:
    """The problems for which the file is refused."""
    with pytest.raises(ProblemsFound) as caught:
        check(path, mapping).settle()
    return list(caught.value.problems)
