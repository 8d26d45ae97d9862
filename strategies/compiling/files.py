"""The files of ``config/``: which there are, which are needed, and the documents that stand in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from strategies.compiling.cache import Cache
from strategies.documents.reading import Reading
from strategies.problems import NO_HINT, Hint, Problem, Where
from strategies.texts.meant import suggestion
from strategies.texts.source import Node

SINGLE = {
    "operator.yaml": "operator",
    "units.yaml": "units",
    "fields.yaml": "fields",
    "events.yaml": "events",
    "channels.yaml": "channels",
    "counters.yaml": "counters",
}
"""Files that stand alone; but for the operator's, all of their content hangs below this key."""
FOLDERS = ("policies", "strategies", "tariffs", "models", "segments", "ivr")
"""Folders with one document a file; ``policies`` may have folders of its own."""
_LEADS_AWAY = re.compile(r"[\\:\x00-\x1f\x7f]")
"""What names a drive, a folder or nothing at all on one system or another."""


@dataclass(slots=True)
class Parts:
    """The documents of one playbook as parsed nodes: a mapping for each, ``units`` a list of units."""

    operator: Node | None = None
    units: Node | None = None
    fields: Node | None = None
    events: Node | None = None
    channels: Node | None = None
    policies: Sequence[Node] = ()
    strategies: Sequence[Node] = ()
    counters: Node | None = None
    tariffs: Sequence[Node] = ()
    models: Sequence[Node] = ()
    segments: Sequence[Node] = ()
    menus: Sequence[Node] = ()
    failed: frozenset[str] = field(default=frozenset())
    """Folders and files that are there but could not be read; nothing is said to be missing because of them."""


def parse_files(texts: Mapping[str, str], problems: list[Problem], cache: Cache) -> Parts:
    """Every text as a node, in its place among the parts."""
    single: dict[str, Node] = {}
    folders: dict[str, list[Node]] = {folder: [] for folder in FOLDERS}
    failed: set[str] = set()
    for path, text in sorted(texts.items()):
        if not is_read(path):
            problems.append(Problem("file.unknown", "nothing reads this file", Where(path), _path_hint(path)))
            continue
        folder = path.partition("/")[0]
        node = cache.parsed(text, path, problems)
        if node is None:
            failed.add(path if path in SINGLE else folder)
        elif path in SINGLE:
            single[path] = node
        else:
            folders[folder].append(node)
    units, fields, events, channels, counters = (
        _inner(single.get(path), key, problems) for path, key in SINGLE.items() if key != "operator"
    )
    return Parts(
        single.get("operator.yaml"), units, fields, events, channels,
        folders["policies"], folders["strategies"], counters, folders["tariffs"], folders["models"],
        folders["segments"], folders["ivr"], frozenset(failed),
    )  # fmt: skip


def is_read(path: str) -> bool:
    """Whether a file of this path, relative to ``config/``, is part of a playbook."""
    if not stays_below(path):
        return False
    folder, _, rest = path.partition("/")
    deep = folder != "policies" and "/" in rest
    return path in SINGLE or (folder in FOLDERS and path.endswith(".yaml") and not deep)


def stays_below(path: str) -> bool:
    """Whether a path leads to a place below the folder it is written to, on every system."""
    return not _LEADS_AWAY.search(path) and not any(part in ("", ".", "..") for part in path.split("/"))


def _path_hint(path: str) -> Hint:
    """Where a file should stand."""
    if not stays_below(path):
        return Hint("a path below config/, its parts joined by /, without .. and \\")
    if path.endswith(".yml"):
        return Hint("its name must end in .yaml")
    folder, _, rest = path.partition("/")
    if folder in FOLDERS and "/" in rest:
        return Hint("it stands in %(folder)s/ itself; only policies have folders of their own", folder=folder)
    known = suggestion(path, SINGLE)
    if known.startswith("did you mean"):
        return known
    close = suggestion(folder, FOLDERS) if "/" in path and folder not in FOLDERS else NO_HINT
    if close.startswith("did you mean"):
        return close
    read = [*SINGLE, "policies/**.yaml", *(f"{each}/*.yaml" for each in FOLDERS[1:])]
    return Hint("%(names)s", names=", ".join(read))


def _inner(node: Node | None, key: str, problems: list[Problem]) -> Node | None:
    """What stands under the one key of a file."""
    if node is None:
        return None
    section = Reading(problems).section(node, f"{key}.yaml", (key,))
    return section.need(key) if section else None


def note_missing(parts: Parts, reading: Reading) -> None:
    """What every playbook needs and is not there."""
    needed = [("operator.yaml", parts.operator, Hint("write it: who contacts, in which zone and currency"))]
    if not reading.lenient:
        needed.append(
            (
                "fields.yaml",
                parts.fields,
                Hint("write it: what is known of customers; `fields: {}` for nothing"),
            )
        )
        needed.append(
            ("channels.yaml", parts.channels, Hint("write it: the ways to a customer, each by its name"))
        )
    for path, node, hint in needed:
        if (
            node is None
            and path not in parts.failed
            and not any(each.where.path == path for each in reading.problems)
        ):
            reading.problem("file.missing", f"there is no {path}", Where(path), hint)
