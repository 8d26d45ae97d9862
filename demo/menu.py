"""The operator's voice menu as its callers know it: read from ``config/ivr`` as text, apart from the product.

A caller listens to a level until what they want is said, and presses its key. What is said takes as long as the file
declares, or as long as an announcer needs for the words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CONFIG = Path(__file__).resolve().parent.parent / "config"
MENU = "main"
_KEYS = "1234567890*#"
_SYLLABLES, _WORDS, _PAUSE, _FILLED = 4.0, 2.5, 0.25, 1.5
"""Chinese syllables and words of other languages a second, seconds of a pause and of what fills a gap in a text."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One key of a level: what is said for it, by language."""

    key: str
    to: str
    say: Mapping[str, str]
    seconds: Mapping[str, float]
    always: bool
    """Whether everybody is offered it."""


@dataclass(frozen=True, slots=True)
class Place:
    """One node; its choices are empty unless it is a level."""

    id: str
    seconds: Mapping[str, float]
    choices: tuple[Choice, ...]
    goal: str | None
    then: str | None
    ends: str
    """``agent``, ``opted_out``, or nothing."""
    is_level: bool


@dataclass(frozen=True, slots=True)
class Hotline:
    """The whole menu, in the order everybody has heard it in so far."""

    root: str
    places: Mapping[str, Place]
    shares: Mapping[str, float]
    """Goal → share of calls as the operator reckons it."""
    asks: Mapping[str, Mapping[str, str]]
    """Goal → the question that asks for it outright, by language."""
    key_seconds: float

    def serving(self) -> dict[str, str]:
        """Goal → the node that serves it."""
        return {place.goal: place.id for place in self.places.values() if place.goal is not None}

    def ways(self) -> dict[str, tuple[str, ...]]:
        """Goal → the nodes from the root to the one that serves it, the shortest way; only what everybody is offered."""
        before: dict[str, str] = {}
        waiting, seen = [self.root], {self.root}
        while waiting:
            at = self.places[waiting.pop(0)]
            onward = [each.to for each in at.choices if each.always] if at.is_level else [at.then or at.id]
            if not at.is_level and at.goal is not None and at.id != self.root:
                continue
            for to in onward:
                if to not in seen:
                    seen.add(to)
                    before[to] = at.id
                    waiting.append(to)
        return {
            goal: _walked(before, self.root, node) for goal, node in self.serving().items() if node in seen
        }

    def ways_of_some(self) -> dict[str, tuple[str, ...]]:
        """The same of goals that only some callers are offered: down to the level whose choice leads there."""
        everybody, found = self.ways(), dict[str, tuple[str, ...]]()
        to_level = {way[place]: way[: place + 1] for way in everybody.values() for place in range(len(way))}
        for goal, node in self.serving().items():
            for level in self.places.values():
                leads_there = any(each.to == node for each in level.choices)
                if goal not in everybody and level.id in to_level and leads_there:
                    found[goal] = (*to_level[level.id], node)
        return found


def read_menu(path: Path = CONFIG / "ivr" / f"{MENU}.yaml") -> Hotline:
    """The menu of a file."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    fixed = {"back": "*", "repeat": "#"} | {
        name: str(key) for name, key in (document.get("keys") or {}).items()
    }
    press = _texts(document.get("press") or {})
    return Hotline(
        root=document["root"],
        places={id: _place(id, node, press, tuple(fixed.values())) for id, node in document["nodes"].items()},
        shares={goal: float(each["share"]) for goal, each in document["goals"].items()},
        asks={goal: _texts(each["ask"]) for goal, each in document["goals"].items() if "ask" in each},
        key_seconds=float((document.get("limits") or {}).get("key_seconds", 1.5)),
    )


def _place(id: str, node: Mapping[str, Any], press: Mapping[str, str], fixed: tuple[str, ...]) -> Place:
    ends = "agent" if "transfer" in node else "opted_out" if "opt_out" in node else ""
    prompt = node.get("prompt") or node.get("notice") or {}
    goal = node.get("goal")
    return Place(
        id, _seconds(prompt), _choices(node.get("items") or [], press, fixed), goal, node.get("then"), ends,
        "items" in node,
    )  # fmt: skip


def _choices(
    items: list[Mapping[str, Any]], press: Mapping[str, str], fixed: tuple[str, ...]
) -> tuple[Choice, ...]:
    """The choices in the order in which they are said: by key, free keys in the order of the file."""
    taken = {str(item["key"]) for item in items if "key" in item} | set(fixed)
    free = iter(key for key in _KEYS if key not in taken)
    found = []
    for item in items:
        key, said = str(item["key"]) if "key" in item else next(free), _texts(item["say"])
        after = _seconds(press)
        seconds = {
            language: each + after.get(language, 0.0) for language, each in _seconds(item["say"]).items()
        }
        found.append(Choice(key, item["to"], said, seconds, "when" not in item))
    return tuple(sorted(found, key=lambda each: _KEYS.index(each.key)))


def _texts(prompt: Mapping[str, Any]) -> dict[str, str]:
    """Language → text."""
    return {language: each if isinstance(each, str) else each["text"] for language, each in prompt.items()}


def _seconds(prompt: Mapping[str, Any]) -> dict[str, float]:
    """Language → seconds, as declared or as long as the words take."""
    return {
        language: spoken(each) if isinstance(each, str) else float(each.get("seconds", spoken(each["text"])))
        for language, each in prompt.items()
    }


def spoken(text: str) -> float:
    """Seconds that an announcer needs."""
    gaps, plain = len(re.findall(r"\{[^{}]*\}", text)), re.sub(r"\{[^{}]*\}", " ", text)
    chinese = len(re.findall("[\u3400-\u9fff]", plain))
    words = len(re.findall(r"\d|[^\W\d_]+", re.sub("[\u3400-\u9fff]", " ", plain)))
    pauses = len(re.findall(r"[.,;:!?](?=\s|$)|[，。；：！？、]", text))
    return round(chinese / _SYLLABLES + words / _WORDS + gaps * _FILLED + pauses * _PAUSE, 1)


def _walked(before: Mapping[str, str], root: str, node: str) -> tuple[str, ...]:
    way = [node]
    while way[-1] != root:
        way.append(before[way[-1]])
    return tuple(reversed(way))
