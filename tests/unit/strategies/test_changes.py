"""What differs between two playbooks, in words: nothing changes unseen, and looser is told from tighter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from strategies.changes.texts import Change, changes
from strategies.texts.nodes import Node
from strategies.texts.source import read_yaml

CONFIG = Path(__file__).parents[3] / "config"
TEXTS = {
    path.relative_to(CONFIG).as_posix(): path.read_text(encoding="utf-8") for path in CONFIG.rglob("*.yaml")
}
CAPS = """policy: caps
layer: company
owner: care
rules:
  - rule: weekly
    effect: cap
    match: {channels: [sms, outbound_call], direction: outgoing}
    window: {sliding: P7D}
    max: 2
    exempt: [service]
  - rule: quiet
    effect: hours
    open: [{from: "09:00", to: "20:00"}]
    last_start: PT60S
"""


def changed(old: str, new: str) -> list[Change]:
    """What the caps say when a part of them is written in another way."""
    assert old in CAPS
    return changes({"policies/caps.yaml": CAPS}, {"policies/caps.yaml": CAPS.replace(old, new, 1)})


@pytest.mark.parametrize(
    ("old", "new", "words", "kind"),
    [
        ("max: 2", "max: 3", "rule caps.weekly: at most 2 → 3", "loosened"),
        ("max: 2", "max: 1", "rule caps.weekly: at most 2 → 1", "tightened"),
        ("max: 2", "max: unlimited", "rule caps.weekly: at most 2 → unlimited", "loosened"),
        ("sliding: P7D", "sliding: P14D", "rule caps.weekly: in any 7 days → 14 days", "tightened"),
        ("exempt: [service]", "exempt: [service, legal]",
         "rule caps.weekly: exempt [service] → [service, legal]", "loosened"),
        ("    exempt: [service]\n", "", "rule caps.weekly: exempt [service] → not said", "tightened"),
        ("[sms, outbound_call]", "[sms]", "rule caps.weekly: match.channels [sms, outbound_call] → [sms]", "loosened"),
        (", direction: outgoing", "", "rule caps.weekly: match.direction outgoing → not said", "tightened"),
        ("[sms, outbound_call]", "[outbound_call, sms]",
         "rule caps.weekly: match.channels in another order: [outbound_call, sms]", "changed"),
        ('to: "20:00"', 'to: "21:00"',
         "rule caps.quiet: open [{from: 09:00, to: 20:00}] → [{from: 09:00, to: 21:00}]", "loosened"),
        ('from: "09:00"', 'from: "10:00"',
         "rule caps.quiet: open [{from: 09:00, to: 20:00}] → [{from: 10:00, to: 20:00}]", "tightened"),
        ("PT60S", "PT10M", "rule caps.quiet: last start before closing 1 minute → 10 minutes", "tightened"),
        ("layer: company", "layer: unit", "policy caps: layer company → unit", "changed"),
        ("owner: care", "owner: sales", "policy caps: owner care → sales", "changed"),
        ("max: 2", "max: 2\n    when: arpu > 5", "rule caps.weekly: condition not said → arpu > 5", "loosened"),
    ],
)  # fmt: skip
def test_a_change_is_said_in_words(old: str, new: str, words: str, kind: str) -> None:
    """The rule, the key, both values with their units, and whether more or fewer contacts pass."""
    assert [(each.words, each.kind) for each in changed(old, new)] == [(words, kind)]


def test_places_on_both_sides_are_named() -> None:
    """So that a click leads to the line."""
    (found,) = changed("owner: care", "title: {en: Caps}\nowner: sales")[:1]
    assert [(each.what, str(each.old), str(each.new)) for each in [found]] == [
        ("policy caps", "policies/caps.yaml:3:8", "policies/caps.yaml:4:8")
    ]


def test_things_are_known_by_their_names_wherever_they_stand() -> None:
    """A rule in another order is no change; a policy in another file is moved; a rule gone is removed."""
    first, second = CAPS.index("  - rule: weekly"), CAPS.index("  - rule: quiet")
    swapped = CAPS[:first] + CAPS[second:] + CAPS[first:second]
    (layout,) = changes({"policies/caps.yaml": CAPS}, {"policies/caps.yaml": swapped})
    assert layout.words == "comments or layout only: policies/caps.yaml"
    moved = changes({"policies/caps.yaml": CAPS}, {"policies/unit/caps.yaml": CAPS})
    assert {each.kind for each in moved} == {"moved"} and len(moved) == 3
    (removed,) = changes({"policies/caps.yaml": CAPS}, {"policies/caps.yaml": CAPS[:second]})
    assert (removed.words, removed.kind, removed.new) == ("rule caps.quiet removed", "removed", None)
    (added,) = changes({"policies/caps.yaml": CAPS[:second]}, {"policies/caps.yaml": CAPS})
    assert added.words == (
        "rule caps.quiet added: effect hours, open [{from: 09:00, to: 20:00}], last start before closing 1 minute"
    )


def test_a_text_that_is_no_yaml_is_said_to_be_unreadable() -> None:
    """A draft in the middle of typing has a diff too."""
    (found,) = changes({"policies/caps.yaml": CAPS}, {"policies/caps.yaml": CAPS + "  - ]"})[-1:]
    assert found.words == "file policies/caps.yaml cannot be read"
    assert changes({"a.yaml": ""}, {"a.yaml": ""}) == []


def test_of_long_texts_the_part_that_differs_is_shown() -> None:
    """A word changed at the end of a long condition is not cut away."""
    long = " AND ".join(f"field_{n} > {n}" for n in range(60))
    old, new = (f"strategy: s\naudience: {long} AND last = '{word}'\n" for word in ("a", "b"))
    (found,) = changes({"strategies/s.yaml": old}, {"strategies/s.yaml": new})
    assert "last = 'a'" in found.words and "last = 'b'" in found.words and len(found.words) < 500


def leaves(node: Node, keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Every scalar of a tree with the keys that lead to it."""
    if node.mapping is not None:
        for key, each in node.mapping.items():
            yield from leaves(each, (*keys, key))
    elif node.sequence is not None:
        for each in node.sequence:
            yield from leaves(each, keys)
    else:
        yield keys, node


def spans(path: str) -> list[tuple[int, int]]:
    """Where the first and last plain value of each key of a shipped file begin and end in its text."""
    starts, at = [], 0
    for line in TEXTS[path].split("\n"):
        starts.append(at)
        at += len(line) + 1
    first: dict[tuple[str, ...], tuple[int, int]] = {}
    last: dict[tuple[str, ...], tuple[int, int]] = {}
    for keys, leaf in leaves(read_yaml(TEXTS[path], path)):
        begin = starts[leaf.where.line - 1] + leaf.where.column - 1
        if leaf.style == "" and TEXTS[path][begin : begin + len(leaf.text)] == leaf.text:
            last[keys] = (begin, begin + len(leaf.text))
            first.setdefault(keys, last[keys])
    return sorted({*first.values(), *last.values()})


@pytest.mark.parametrize("path", sorted(TEXTS))
def test_no_value_of_the_shipped_playbook_changes_unseen(path: str) -> None:
    """Each key's plain value, changed by itself, is named by a change that is more than layout."""
    text = TEXTS[path]
    places = spans(path)
    assert places
    for begin, end in places:
        found = changes({path: text}, {path: text[:end] + "7" + text[end:]})
        assert found and not found[0].words.startswith("comments or layout"), text[begin:end]


@pytest.mark.parametrize("path", sorted(TEXTS))
def test_no_key_of_the_shipped_playbook_is_left_out_unseen(path: str) -> None:
    """Each line that holds a key, taken out of its block, is named or leaves no YAML; comments are layout."""
    lines = TEXTS[path].split("\n")
    once = {line.partition(":")[0]: number for number, line in enumerate(lines)}
    for number in once.values():
        line = lines[number]
        new = "\n".join(lines[:number] + lines[number + 1 :])
        found = changes({path: TEXTS[path]}, {path: new})
        layout = not line.strip() or line.lstrip().startswith("#")
        assert [each.words.startswith("comments or layout") for each in found[:1]] == [layout], line
