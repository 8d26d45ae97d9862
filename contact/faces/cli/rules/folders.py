"""Folders of YAML files: a playbook's, or golden cases; places in them are said as a person here would type them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from contact.faces.cli.terminal.complaints import ASKED, Complaint
from strategies.problems import Hint, Problem, ProblemsFound, Where

Found = tuple[Mapping[str, str], list[Problem]]
"""Path → text of every file that is one, and what is wrong with the others."""
_PLAYBOOK_FOLDERS = ("policies/", "strategies/", "tariffs/", "models/", "segments/", "ivr/")
_PLAYBOOK_FILES = (
    "operator.yaml", "units.yaml", "fields.yaml", "events.yaml", "channels.yaml", "counters.yaml",
)  # fmt: skip
_CASES = re.compile(r"^(?:- *)?(?:cases|ask|steps|use):", re.MULTILINE)
_EXAMPLES = re.compile(r"^examples:", re.MULTILINE)
_DOCUMENT = re.compile(r"^(?:policy|strategy|nodes):", re.MULTILINE)


def read_folder(folder: Path) -> Mapping[str, str]:
    """Path relative to the folder → text of every YAML file. Raises Complaint where there are none.

    Raises ProblemsFound for files that are no UTF-8 text, each at its first byte that is not.
    """
    return all_of(read_what_is_text(folder))


def all_of(found: Found) -> Mapping[str, str]:
    """The texts of a folder that was read. Raises ProblemsFound where some of its files are none."""
    texts, unreadable = found
    if unreadable:
        raise ProblemsFound(unreadable)
    return texts


def read_what_is_text(folder: Path) -> Found:
    """The same, and beside it what is wrong with the files that are no text. Raises Complaint where there are none."""
    if not folder.exists():
        raise Complaint(f"there is no folder {folder}: check the path")
    root = _root(folder)
    texts: dict[str, str] = {}
    unreadable: list[Problem] = []
    for path in sorted(_yaml_files(folder)):
        try:
            texts[path.relative_to(root).as_posix()] = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            unreadable.append(_not_utf8(path, error))
        except OSError as error:
            raise Complaint(f"{path} cannot be read: {error.strerror}") from None
    if not texts and not unreadable:
        raise Complaint(f"{folder} holds no .yaml file: give the folder with operator.yaml in it")
    return texts, unreadable


def _not_utf8(path: Path, error: UnicodeDecodeError) -> Problem:
    before = error.object[: error.start].decode("utf-8").split("\n")
    where = Where(os.path.normpath(path), len(before), len(before[-1]) + 1)
    message = f"the byte {error.object[error.start]:#04x} is not UTF-8 text"
    return Problem("yaml.character", message, where, Hint("save the file as UTF-8"))


def is_playbook(texts: Mapping[str, str]) -> bool:
    """A playbook has an operator or one of its folders; anything else is taken for golden cases."""
    return any(
        path in _PLAYBOOK_FILES or (path.startswith(_PLAYBOOK_FOLDERS) and not _CASES.search(text))
        for path, text in texts.items()
    )


def bank_of(texts: Mapping[str, str]) -> Mapping[str, str]:
    """The files of golden cases: all of a folder in which one holds a case, so that a slip is no silence.

    Folders below without a single case, as ``broken/`` beside golden cases, are no part of the bank.
    """
    bank = {path.rpartition("/")[0] for path, text in texts.items() if _holds_cases(text)}
    return {path: text for path, text in texts.items() if path.rpartition("/")[0] in bank}


def _holds_cases(text: str) -> bool:
    """Examples of a policy, strategy or voice menu run with the playbook they stand in, not by themselves."""
    return bool(_CASES.search(text) or (_EXAMPLES.search(text) and not _DOCUMENT.search(text)))


def from_here(where: Where, folder: Path) -> Where:
    """A place in a file of the folder, with its path as the person would type it from where they are."""
    return where if where.path == ASKED else replace(where, path=os.path.normpath(_root(folder) / where.path))


def problem_from_here(problem: Problem, folder: Path) -> Problem:
    """The problem at its place as typed from here."""
    return replace(problem, where=from_here(problem.where, folder))


def _root(folder: Path) -> Path:
    return folder if folder.is_dir() else folder.parent


def _yaml_files(folder: Path) -> Iterator[Path]:
    if folder.is_file():
        return iter([folder])
    return (path for path in folder.rglob("*") if path.suffix in (".yaml", ".yml") and path.is_file())
