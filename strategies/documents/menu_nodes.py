"""Reader of the nodes of a voice menu: each is of the kind whose key it has."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from strategies.declared.menu import KEYPAD, Item, MenuNode, NodeKind, OptOut, Prompts
from strategies.documents.prompts import read_prompts
from strategies.documents.reading import ConditionReader, Reading, Section
from strategies.problems import Hint, Where
from strategies.texts.source import Node

ITEM_KEYS = ("to", "say", "key", "when")
OPT_OUT_KEYS = ("channel", "category")
OFFER_KEYS = ("accept",)
NODE_KEYS: Mapping[NodeKind, tuple[str, ...]] = {
    "menu": ("items", "prompt"),
    "notice": ("notice", "then"),
    "offer": ("offer", "prompt", "goal", "then"),
    "transfer": ("transfer", "prompt", "goal"),
    "opt_out": ("opt_out", "prompt", "goal", "then"),
    "answer": ("goal", "prompt", "then"),
}
"""Kind → its keys, first the one that makes a node one of this kind; of two, the earlier kind's counts."""
ALL_KEYS = tuple(dict.fromkeys(key for keys in NODE_KEYS.values() for key in keys))


@dataclass(frozen=True, slots=True)
class Declared:
    """What the nodes of one menu may refer to."""

    nodes: Collection[str]
    goals: Collection[str]


def read_node(
    reading: Reading, name: str, where: Where, node: Node, conditions: ConditionReader, declared: Declared
) -> MenuNode | None:
    """One node; None where its kind cannot be told or what it must have is not there."""
    kind = _kind(reading, name, node)
    section = reading.section(node, f"node '{name}'", NODE_KEYS[kind] if kind else ALL_KEYS)
    if section is None or kind is None:
        return None
    prompt = _prompt(reading, section, "notice" if kind == "notice" else "prompt")
    then = section.need("then", Hint("the node it leads on to")) if kind == "notice" else section.get("then")
    goal = section.get("goal")
    return MenuNode(
        id=name,
        kind=kind,
        prompt=prompt,
        items=_items(reading, section, conditions, declared) if kind == "menu" else (),
        goal=reading.reference(goal, "goal", declared.goals) if goal else None,
        then=reading.reference(then, "node", declared.nodes) if then else None,
        queue=section.name("transfer", "a queue") if kind == "transfer" else None,
        opt_out=_opt_out(reading, section) if kind == "opt_out" else None,
        accept=_accept(reading, section) if kind == "offer" else "1",
        place=where,
    )


def _kind(reading: Reading, name: str, node: Node) -> NodeKind | None:
    """Which kind a node's keys make it."""
    if node.mapping is None:
        return "answer"
    found = [kind for kind, keys in NODE_KEYS.items() if keys[0] in node.mapping and kind != "answer"]
    if len(found) > 1:
        keys = [NODE_KEYS[kind][0] for kind in found[:2]]
        message = f"node '{name}' has both '{keys[0]}' and '{keys[1]}'"
        reading.problem(
            "key.conflict", message, node.keys[keys[1]], Hint("keep one: it says what the node is")
        )
        return None
    elif not found and "goal" not in node.mapping:
        hint = Hint("it has one of: %(names)s", names=", ".join(keys[0] for keys in NODE_KEYS.values()))
        reading.problem("key.missing", f"it cannot be told what node '{name}' is", node.where, hint)
        return None
    return found[0] if found else "answer"


def _prompt(reading: Reading, section: Section, key: str) -> Prompts:
    node = section.need(key, Hint("what is said there, by language"))
    return read_prompts(reading, node, f"'{key}' of {section.what}", figures=True) if node else {}


def _items(
    reading: Reading, section: Section, conditions: ConditionReader, declared: Declared
) -> tuple[Item, ...]:
    """The choices of a menu, in the order everybody hears them."""
    found: list[Item] = []
    for node in section.items("items"):
        entry = reading.section(node, f"an item of {section.what}", ITEM_KEYS)
        if entry is None:
            continue
        to, say, when = entry.need("to", Hint("the node it leads to")), entry.need("say"), entry.get("when")
        target = reading.reference(to, "node", declared.nodes) if to else None
        said = read_prompts(reading, say, f"'say' of the item to '{target}'") if say else {}
        condition = conditions(when) if when else None
        key = read_key(reading, entry, "key")
        if target is not None and (when is None or condition is not None):
            found.append(Item(target, said, key, condition, entry.node.where))
    if section.get("items") is not None and not section.items("items"):
        message = f"{section.what} has no item"
        reading.problem(
            "value.empty", message, section.where("items"), Hint("as [{to: bills, say: {en: …}}]")
        )
    return tuple(found)


def read_key(reading: Reading, section: Section, key: str) -> str | None:
    """A key of a telephone's keypad; None where there is none, or it is none."""
    node = section.get(key)
    if node is None:
        return None
    keys = Hint('one of "0" to "9", "*" and "#"')
    if not isinstance(node.value, str):
        unquoted = len(node.text) == 1 and node.text in KEYPAD
        reading.wrong(
            node,
            f"'{key}'",
            "a key of the telephone",
            Hint('write "%(text)s"', text=node.text) if unquoted else keys,
        )
    elif len(node.value) != 1 or node.value not in KEYPAD:
        reading.problem("menu.key", f"no telephone has a key '{node.value}'", node.where, keys)
    else:
        return node.value
    return None


def _opt_out(reading: Reading, section: Section) -> OptOut | None:
    """What a caller withdraws: in one channel or all, of one category, all promotional ones, or all."""
    node = section.get("opt_out")
    entry = reading.section(node, "'opt_out'", OPT_OUT_KEYS) if node else None
    if entry is None:
        return None
    channel, category = (
        entry.need("channel", Hint("a channel, or all")),
        entry.need("category", Hint("a category, promotional, or all")),
    )
    in_channel = reading.reference(channel, "channel", {*reading.channels, "all"}) if channel else None
    of_category = (
        reading.reference(category, "category", {*reading.categories, "promotional", "all"})
        if category
        else None
    )
    return OptOut(in_channel or "all", of_category or "all")


def _accept(reading: Reading, section: Section) -> str:
    """The key that takes an offer."""
    node = section.get("offer")
    entry = reading.section(node, "'offer'", OFFER_KEYS) if node else None
    if entry is None:
        return "1"
    entry.need("accept", Hint('the key that takes the offer, as "1"'))
    return read_key(reading, entry, "accept") or "1"
