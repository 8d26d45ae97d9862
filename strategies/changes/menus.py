"""The parts of a voice menu's file that are compared by their names: goals, nodes and items, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator

from strategies.problems import Where
from strategies.texts.nodes import Node

Part = tuple[str, Where, Node]
"""What a thing is called, where it stands, and its own keys."""


def menu_parts(path: str, node: Node) -> Iterator[Part]:
    """Everything of a menu that has a name: the menu, its goals, nodes with the order of their items, items, examples."""
    mapping = node.mapping or {}
    name = f"menu {path.rpartition('/')[2].removesuffix('.yaml')}"
    apart = [key for key in ("goals", "nodes") if key in mapping and mapping[key].mapping is not None]
    listed = "examples" in mapping and mapping["examples"].sequence is not None
    own = {
        key: value
        for key, value in mapping.items()
        if key not in apart and not (listed and key == "examples")
    }
    yield name, node.where, _of(node, own)
    for goal, value in _named(mapping.get("goals")):
        yield f"goal {goal} of {name}", value.where, value
    for place, value in _named(mapping.get("nodes")):
        yield from _node(f"node {place} of {name}", value)
    examples = mapping.get("examples")
    for number, value in enumerate((examples.sequence or ()) if examples else (), 1):
        title = (value.mapping or {}).get("name")
        yield f"example {title.text if title else number} of {name}", value.where, value


def _node(name: str, node: Node) -> Iterator[Part]:
    """A node with its items as words in their order, then each item by where it leads."""
    items = (node.mapping or {}).get("items")
    if items is None or items.sequence is None or not all(_target(each) for each in items.sequence):
        yield name, node.where, node
        return
    order = Node(tuple(_target(each) or each for each in items.sequence), items.where, style="[")
    yield name, node.where, _of(node, {**(node.mapping or {}), "items": order})
    for each in items.sequence:
        target = _target(each)
        yield f"item {target.text if target else ''} of {name}", each.where, each


def _target(item: Node) -> Node | None:
    """Where an item leads, as it is written."""
    found = (item.mapping or {}).get("to")
    return found if found is not None and found.text else None


def _named(node: Node | None) -> Iterator[tuple[str, Node]]:
    yield from ((node.mapping or {}).items() if node else ())


def _of(node: Node, own: dict[str, Node]) -> Node:
    return Node(own, node.where, style="{", keys=node.keys)
