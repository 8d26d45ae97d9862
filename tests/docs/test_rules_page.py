"""The page about rules shows every key at work: without it, one of the page's own cases comes out otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterator

from strategies.cases.files import read_cases
from strategies.cases.run import check_cases
from strategies.documents.policies import BY_EFFECT as KEYS_OF
from strategies.documents.policies import COMMON
from strategies.documents.rules import MATCH_KEYS
from strategies.problems import ProblemsFound
from strategies.texts.nodes import Node
from strategies.texts.source import read_yaml
from tests.docs.blocks import BLOCKS

CASES = [block for block in BLOCKS if block.page.name == "rules.md" and block.mark == "case"]
SHOWN_TO_PEOPLE = {"rule", "effect", "title", "owner"}
"""Names, not decisions: explanations show them."""
Path = tuple[str | int, ...]

WANTED = (
    {(effect, key) for effect, keys in KEYS_OF.items() for key in keys if key not in SHOWN_TO_PEOPLE}
    | {("any", key) for key in COMMON if key not in SHOWN_TO_PEOPLE}
    | {("match", key) for key in (*MATCH_KEYS, "segment")}
    | {("window", "zone"), ("window", "closed"), ("opening", "days"), ("policy", "adopt"), ("dated", "from")}
)


def written(node: Node) -> str:
    """The node as YAML in one line."""
    if node.mapping is not None:
        return (
            "{" + ", ".join(f"{json.dumps(key)}: {written(each)}" for key, each in node.mapping.items()) + "}"
        )
    if node.sequence is not None:
        return "[" + ", ".join(map(written, node.sequence)) + "]"
    return json.dumps(node.value) if isinstance(node.value, str) else node.text


def without(node: Node, path: Path) -> Node:
    """The tree without what stands at a path."""
    step, *rest = path
    if node.mapping is not None and isinstance(step, str):
        kept = {
            key: without(each, tuple(rest)) if key == step else each
            for key, each in node.mapping.items()
            if key != step or rest
        }
        return Node(kept, node.where)
    assert node.sequence is not None and isinstance(step, int)
    changed = [
        without(each, tuple(rest)) if place == step else each
        for place, each in enumerate(node.sequence)
        if place != step or rest
    ]
    return Node(tuple(changed), node.where)


def keys_in(document: Node) -> Iterator[tuple[tuple[str, str], Path]]:
    """What stands in the rules of a block, and where: ((effect, key), path)."""
    policies = (document.mapping or {}).get("policies")
    for number, policy in enumerate(policies.sequence or () if policies else ()):
        at: Path = ("policies", number)
        if "adopt" in (policy.mapping or {}):
            yield ("policy", "adopt"), (*at, "adopt")
        rules = (policy.mapping or {})["rules"].sequence or ()
        for place, rule in enumerate(rules):
            yield from _keys_of_rule(rule.mapping or {}, (*at, "rules", place))


def _keys_of_rule(rule: dict[str, Node], at: Path) -> Iterator[tuple[tuple[str, str], Path]]:
    effect = rule["effect"].text
    for key, value in rule.items():
        yield ("any" if key in COMMON else effect, key), (*at, key)
        if value.sequence and "is" in (value.sequence[0].mapping or {}):
            yield ("dated", "from"), (*at, key, len(value.sequence) - 1)
    for key in ("match", "first"):
        for inner in (rule[key].mapping or {}) if key in rule else ():
            yield ("match", inner), (*at, key, inner)
    for inner in (rule["window"].mapping or {}) if "window" in rule else ():
        yield ("window", inner), (*at, "window", inner)
    for place, opening in enumerate(rule["open"].sequence or () if "open" in rule else ()):
        if "days" in (opening.mapping or {}):
            yield ("opening", "days"), (*at, "open", place, "days")


def comes_out(document: Node) -> bool:
    try:
        return check_cases(read_cases(written(document), "rules.md")) == []
    except ProblemsFound:
        return False


def test_every_key_of_a_rule_changes_a_decision() -> None:
    """An accepted key that changes nothing anywhere would be a promise nobody keeps."""
    decides: set[tuple[str, str]] = set()
    for block in CASES:
        document = read_yaml(block.code, str(block))
        assert comes_out(document), block
        for name, path in keys_in(document):
            if name not in decides and not comes_out(without(document, path)):
                decides.add(name)
    assert sorted(WANTED - decides) == []
