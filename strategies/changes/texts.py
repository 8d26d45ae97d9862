"""What differs between two playbooks, in words a strategist says: ``rule contact-caps.two-a-week: at most 2 → 3``.

Both sides' documents are compared as trees, things by their ids wherever they stand, so that no key can change unseen;
what is left where all trees are equal are comments and layout.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from strategies.changes.direction import direction
from strategies.changes.menus import menu_parts
from strategies.changes.words import label, listed, said_both, summary
from strategies.problems import Problem, Where
from strategies.texts.nodes import Node
from strategies.texts.source import parse_yaml

Kind = Literal["added", "removed", "changed", "loosened", "tightened", "moved"]
Path = tuple[str, ...]

_DOCUMENTS = {
    "policies": "policy", "strategies": "strategy", "tariffs": "tariff", "models": "model", "segments": "segment",
    "channels": "channel",
}  # fmt: skip
_SINGLES = {
    "operator.yaml": "operator", "units.yaml": "unit", "fields.yaml": "field", "events.yaml": "event",
    "channels.yaml": "channel", "counters.yaml": "counter",
}  # fmt: skip
_PARTS = {"rules": "rule", "offers": "offer", "examples": "example"}
"""Lists of things with an id of their own: key → key of the id, and what they are called."""


_ORDER = (
    "rule", "policy", "operator", "strategy", "offer", "menu", "node", "item", "goal", "segment", "channel", "tariff",
    "model", "counter", "field", "event", "unit", "file", "example",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One change in words, with where it stands on either side."""

    words: str
    kind: Kind
    what: str
    old: Where | None = None
    new: Where | None = None


@dataclass(frozen=True, slots=True)
class Thing:
    """Something with a name: a rule, a strategy, a channel; ``own`` are the keys that are no things themselves."""

    name: str
    where: Where
    own: Node


def changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    """Every difference of two full sets of texts (path → text), in order of their names.

    Where only comments, order of lines or blanks differ, one change says so.
    """
    paths = [path for path in {*old, *new} if old.get(path) != new.get(path)]
    if not paths:
        return []
    before, broken_before = _things(old, paths)
    after, broken_after = _things(new, paths)
    found: list[Change] = []
    for name in sorted({*before, *after}, key=_weight):
        found += _of_thing(name, before.get(name), after.get(name))
    for path in sorted(broken_before ^ broken_after):
        state = "cannot be read" if path in broken_after else "can be read again"
        found.append(Change(f"file {path} {state}", "changed", f"file {path}", Where(path), Where(path)))
    for path in sorted(broken_before & broken_after):
        found.append(Change(f"file {path} cannot be read on either side", "changed", f"file {path}"))
    return found or [_only_layout(sorted(paths), old, new)]


def _weight(name: str) -> tuple[int, str]:
    """Rules first, examples last."""
    word = name.partition(" ")[0]
    return (_ORDER.index(word) if word in _ORDER else len(_ORDER) - 1), name


def _only_layout(paths: list[str], old: Mapping[str, str], new: Mapping[str, str]) -> Change:
    moved = [path for path in paths if path not in old or path not in new]
    what = "files" if moved else "text"
    words = f"comments or layout only: {', '.join(paths[:5])}"
    if len(paths) > 5:
        words += f" and {len(paths) - 5} more files"
    return Change(words, "changed", what, Where(paths[0]), Where(paths[0]))


def _things(texts: Mapping[str, str], paths: list[str]) -> tuple[dict[str, Thing], set[str]]:
    """Everything with a name in the files at hand, and the files that are no YAML."""
    found: dict[str, Thing] = {}
    broken: set[str] = set()
    for path in sorted(paths):
        text = texts.get(path)
        if text is None:
            continue
        problems: list[Problem] = []
        node = parse_yaml(text, path, problems)
        if node is None:
            broken.add(path)
            continue
        for thing in _of_file(path, node):
            name, copy = thing.name, 2
            while name in found:
                name, copy = f"{thing.name} ({copy})", copy + 1
            found[name] = thing
    return found, broken


def _of_file(path: str, node: Node) -> Iterator[Thing]:
    folder = path.partition("/")[0]
    single = _SINGLES.get(path)
    if single == "operator":
        yield Thing("operator", node.where, node)
    elif single is not None:
        yield from _of_single(path, single, node)
    elif folder == "ivr" and node.mapping is not None:
        yield from (Thing(*each) for each in menu_parts(path, node))
    elif folder in _DOCUMENTS and node.mapping is not None:
        yield from _of_document(path, _DOCUMENTS[folder], node.mapping, node)
    else:
        yield Thing(f"file {path}", node.where, node)


def _of_single(path: str, kind: str, node: Node) -> Iterator[Thing]:
    """Things of a file that holds many: by name in a mapping, by id in a list."""
    key = path.removesuffix(".yaml")
    inner = (node.mapping or {}).get(key)
    for other, value in (node.mapping or {}).items():
        if other != key:
            yield Thing(f"file {path} {other}", value.where, value)
    if inner is None:
        yield Thing(f"file {path}", node.where, node)
    elif inner.mapping is not None:
        for name, value in inner.mapping.items():
            yield Thing(f"{kind} {name}", inner.keys.get(name, value.where), value)
    elif inner.sequence is not None:
        for index, value in enumerate(inner.sequence):
            id = (value.mapping or {}).get("id")
            yield Thing(f"{kind} {id.text if id else index + 1}", value.where, value)


def _of_document(path: str, kind: str, mapping: dict[str, Node], node: Node) -> Iterator[Thing]:
    """A file that is one thing, and the things listed in it."""
    own_id = mapping.get(kind)
    name = own_id.text if own_id is not None and own_id.text else path
    own = {key: value for key, value in mapping.items() if key not in _PARTS}
    yield Thing(f"{kind} {name}", node.where, Node(own, node.where, style="{", keys=node.keys))
    for key, part in _PARTS.items():
        value = mapping.get(key)
        if value is None:
            continue
        if value.sequence is None:
            yield Thing(f"{key} of {kind} {name}", value.where, value)
            continue
        for index, each in enumerate(value.sequence):
            yield Thing(_part_name(part, kind, name, each, index), each.where, each)


def _part_name(part: str, kind: str, name: str, node: Node, index: int) -> str:
    mapping = node.mapping or {}
    id = mapping.get(part) or mapping.get("id") or mapping.get("name")
    own = id.text if id is not None and id.text else str(index + 1)
    if part == "rule":
        return f"rule {name}.{own}"
    return f"{part} {own} of {kind} {name}"


def _of_thing(name: str, old: Thing | None, new: Thing | None) -> Iterator[Change]:
    if old is None or new is None:
        there = old or new
        assert there is not None
        kind: Kind = "added" if old is None else "removed"
        about = summary(there.own) if old is None and not name.startswith("example ") else ""
        words = f"{name} {kind}" + (f": {about}" if about else "")
        yield Change(words, kind, name, old.where if old else None, new.where if new else None)
        return
    differences = list(_differences((), old.own, new.own))
    if old.where.path != new.where.path:
        words = f"{name} moved from {old.where.path} to {new.where.path}"
        yield Change(words, "moved", name, old.where, new.where)
    for path, before, after in differences:
        words = f"{name}: {label(path)} {' → '.join(said_both(path, before, after))}"
        if before is not None and after is not None and _reordered(before, after):
            words = f"{name}: {label(path)} in another order: {listed(after)}"
        yield Change(
            words,
            direction(name, path, before, after, old.own, new.own),
            name,
            before.where if before is not None else old.where,
            after.where if after is not None else new.where,
        )


Difference = tuple[Path, Node | None, Node | None]


def _differences(path: Path, old: Node | None, new: Node | None) -> Iterator[Difference]:
    """The smallest nodes that differ, each with the keys that lead to it."""
    if old is None or new is None or same(old, new):
        if old is not new and (old is None or new is None):
            yield path, old, new
        return
    if path != ("open",) and _like_entries(old, new):
        for index, (one, other) in enumerate(zip(old.sequence or (), new.sequence or (), strict=True)):
            yield from _differences((*path, str(index + 1)), one, other)
        return
    if old.mapping is None or new.mapping is None:
        yield path, old, new
        return
    for key in [*old.mapping, *(key for key in new.mapping if key not in old.mapping)]:
        before, after = old.mapping.get(key), new.mapping.get(key)
        if before is None or after is None or not same(before, after):
            yield from _differences((*path, key), before, after)


def _like_entries(old: Node, new: Node) -> bool:
    """Two lists of as many entries, of which some are no plain words: each is held against the one in its place."""
    one, other = old.sequence, new.sequence
    if one is None or other is None or len(one) != len(other):
        return False
    return any(each.mapping is not None or " " in each.text for each in (*one, *other))


def same(old: Node, new: Node) -> bool:
    """Whether two nodes say the same, however they are written."""
    if old.mapping is not None and new.mapping is not None:
        return old.mapping.keys() == new.mapping.keys() and all(
            same(value, new.mapping[key]) for key, value in old.mapping.items()
        )
    if old.sequence is not None and new.sequence is not None:
        return len(old.sequence) == len(new.sequence) and all(
            same(one, other) for one, other in zip(old.sequence, new.sequence, strict=True)
        )
    if (
        old.mapping is not None
        or new.mapping is not None
        or old.sequence is not None
        or new.sequence is not None
    ):
        return False
    return old.text == new.text and type(old.value) is type(new.value)


def _reordered(old: Node, new: Node) -> bool:
    """Two lists of the same words in another order."""
    one, other = old.sequence, new.sequence
    if one is None or other is None or any(each.mapping or each.sequence for each in (*one, *other)):
        return False
    return sorted(each.text for each in one) == sorted(each.text for each in other)
