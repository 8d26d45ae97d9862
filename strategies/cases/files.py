"""Case files: golden cases and the ``examples:`` of policies and strategies become ``Case`` objects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from strategies.cases.case import PATHS, Case
from strategies.cases.givens import given_profile
from strategies.cases.playbooks import PLAYBOOK_KEYS, Playbooks
from strategies.cases.steps import steps_of
from strategies.declared.playbook import Playbook
from strategies.documents.case_values import optional_text
from strategies.documents.reading import Reading
from strategies.problems import Hint, Problem, ProblemsFound, Where
from strategies.texts.source import Node, overlay, parse_yaml

_LISTS = ("cases", "examples")
_GIVEN_KEYS = ("customer", "lines", "consents", "history")
_CASE_KEYS = ("id", "name", "paths", *_GIVEN_KEYS, "ask", "expect", "steps")


@dataclass(frozen=True, slots=True)
class ReadCase:
    """One case as far as it could be read: ``case`` is None where it has problems."""

    id: str
    name: str
    place: Where
    case: Case | None
    problems: tuple[Problem, ...] = ()


def read_file(text: str, path: str, published: Playbook | None = None) -> list[ReadCase]:
    """Every case of one file, each with its own problems, so that one that is wrong stops no other.

    A file is one case, or a list of them under ``cases:``; what else stands beside the list holds for each that does
    not say it itself. ``published`` is the playbook whose parts a case may ``use``.
    """
    problems: list[Problem] = []
    root = parse_yaml(text, path, problems)
    if root is None or problems:
        return [_unreadable(path, problems)]
    nodes = root.sequence
    if nodes is None:
        key = next((key for key in _LISTS if key in (root.mapping or {})), None)
        nodes = (root,) if key is None else _listed(root, key, problems)
    if not nodes and not problems:
        problems.append(
            Problem("value.empty", "the file holds no case", root.where, Hint("write one, or remove it"))
        )
    playbooks = Playbooks(published)
    read = [_read(node, playbooks, cases=True) for node in nodes]
    return [*([_unreadable(path, problems)] if problems else []), *read]


def read_examples(examples: Node, playbook: Playbook) -> list[ReadCase]:
    """Every case under ``examples:`` of one file of a playbook, over that whole playbook."""
    if examples.sequence is None:
        problem = Problem("value.type", "'examples' must be a list", examples.where)
        return [_unreadable(examples.where.path, [problem])]
    playbooks = Playbooks(playbook)
    return [_read(node, playbooks, cases=False) for node in examples.sequence]


def read_cases(text: str, path: str) -> list[Case]:
    """The golden cases of one file. Raises ``ProblemsFound`` with all that is wrong with it."""
    read = read_file(text, path)
    found = problems_of(read)
    if found:
        raise ProblemsFound(found)
    return [each.case for each in read if each.case is not None]


def problems_of(read: Iterable[ReadCase]) -> list[Problem]:
    """All that is wrong with what was read, each once."""
    return list(dict.fromkeys(problem for each in read for problem in each.problems))


def _unreadable(path: str, problems: Iterable[Problem]) -> ReadCase:
    """A file of which nothing, or not all, can be read."""
    found = tuple(problems)
    return ReadCase(path, path, found[0].where if found else Where(path), None, found)


def _listed(root: Node, key: str, problems: list[Problem]) -> tuple[Node, ...]:
    """The cases of a list, each with what the file says for all of them."""
    entries = root.mapping or {}
    reading = Reading(problems, lenient=True)
    allowed = (key, "use", "paths", *_GIVEN_KEYS, *PLAYBOOK_KEYS)
    if reading.section(root, "a case file", allowed) is None or entries[key].sequence is None:
        reading.wrong(entries[key], f"'{key}'", "a list of cases")
        return ()
    shared = {name: node for name, node in entries.items() if name != key}
    above = Node(shared, root.where, style="{", keys={name: root.keys[name] for name in shared})
    return tuple(_over(above, node) for node in entries[key].sequence or ())


def _over(above: Node, node: Node) -> Node:
    return overlay(above, node) if above.mapping and node.mapping is not None else node


def _read(node: Node, playbooks: Playbooks, *, cases: bool) -> ReadCase:
    """One case; ``cases`` may carry a playbook of their own, examples stand in one."""
    reading = Reading(lenient=True)
    id, name = _names(node)
    case = _case(reading, node, id, name, playbooks, cases=cases)
    problems = tuple(dict.fromkeys(reading.problems))
    return ReadCase(id, name, node.where, None if problems else case, problems)


def _names(node: Node) -> tuple[str, str]:
    """Id and name; one stands in for the other, and the place for both."""
    entries = node.mapping or {}
    id, name = (
        entries[key].text if key in entries and not isinstance(entries[key].value, tuple | dict) else ""
        for key in ("id", "name")
    )
    place = f"{node.where.path}:{node.where.line}"
    return id or name or place, name or id or place


def _case(
    reading: Reading, node: Node, id: str, name: str, playbooks: Playbooks, *, cases: bool
) -> Case | None:
    section = reading.section(node, "a case", (*_CASE_KEYS, *(("use", *PLAYBOOK_KEYS) if cases else ())))
    if section is None:
        return None
    for key in ("id", "name"):
        optional_text(section, key)
    section.what = f"case '{name}'"
    own = playbooks.begin(section)
    playbook = own.in_force()
    if playbook is None:
        return None
    paths = section.names("paths", "path", PATHS)
    profile, numbers = given_profile(section, playbook)
    steps = steps_of(section, playbook, profile, own.publish)
    return Case(
        id=id,
        name=name,
        place=node.where,
        paths=frozenset(PATHS) if paths is None else paths,
        playbook=playbook,
        profile=profile,
        steps=steps,
        numbers=numbers,
    )
