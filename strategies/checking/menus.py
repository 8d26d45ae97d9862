"""Passes over voice menus: that callers get everywhere and out of everywhere, by keys that exist, in time they will bear."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from strategies.declared.menu import DIGITS, Item, Menu, MenuNode
from strategies.declared.playbook import Playbook
from strategies.problems import Hint, Problem

_BEFORE_KEY = re.compile(r"((?:(?![\u2e80-\u9fff])[^\W\d_])+|[\u2e80-\u9fff])\s*\{key\}")
"""The word by which 'press' names a key: letters, or one sign of a script without spaces."""
_NO_LETTER_BEFORE = r"(?<!(?![\u2e80-\u9fff])[^\W\d_])"
_TAG = re.compile(r"<[^>]*>")
_CHINESE_LEADS = "按拨"
_NUMERALS = "零一二三四五六七八九十"
_CHINESE_KEYS = dict(zip(f"{_NUMERALS}星井", (*"0123456789", "10", "*", "#"), strict=True))
_KEY_ENDS = r"号?(?:[^\w、]|$|[键转查办进退返听选订即可就]|开(?!始))"
_OR_ANOTHER = rf"或者?(?:请?[按拨]|[星井][号键]|[0-9*#{_NUMERALS}]{_KEY_ENDS})"
_IN_CHINESE = rf"([{_NUMERALS}])(?={_KEY_ENDS}|{_OR_ANOTHER})|([星井])(?=[号键])"
"""A numeral is a key where nothing follows that it counts or measures, as in 按一下, 按九折, 按三个月 and 按一或二类."""
_COUNTED = r"(?!\s*(?:、|号线|[个天日周月年元折倍档级类种次下项]))"
"""Behind a figure, as in 按 3 个月: what says that it counts."""
_SAME_EVERYWHERE = ("transfer", "opt_out")
"""Kinds of nodes that may stand at several levels: an agent is 0 wherever a caller is."""


def menu_problems(playbook: Playbook) -> Iterator[Problem]:
    """What stops a menu from being published."""
    yield from _dialled(playbook)
    for menu in playbook.menus.values():
        level = menu.nodes.get(menu.top)
        if level is None or level.kind != "menu":
            root = menu.nodes[menu.root]
            if way := _cycle(menu, root):
                yield _endless(way, root)
            else:
                message = f"menu '{menu.id}' begins at '{menu.root}', and no level of keys follows"
                hint = Hint("root is a node with 'items', or a notice that leads to one")
                yield Problem("menu.no_level", message, menu.place, hint)
            continue
        yield from _unreached(menu)
        yield from _cycles(menu)
        yield from _two_ways(menu)
        yield from _goals(menu)
        yield from _too_deep(menu)
        for node in menu.nodes.values():
            yield from _keys(menu, node)
            yield from _second_keys(menu, node)
            yield from _level(menu, node, playbook.operator.languages)


def _dialled(playbook: Playbook) -> Iterator[Problem]:
    """A number leads to one menu."""
    leads: dict[str, str] = {}
    for menu in playbook.menus.values():
        for number in menu.dialled:
            first = leads.setdefault(number, menu.id)
            if first != menu.id:
                message = f"the number {number} leads to menu '{first}' and to menu '{menu.id}'"
                yield Problem("value.duplicate", message, menu.place, Hint("keep it in one of them"))


def menu_warnings(playbook: Playbook) -> Iterator[Problem]:
    """What may be published and yet deserves a second look."""
    for menu in playbook.menus.values():
        if all(node.kind != "transfer" for node in menu.nodes.values()):
            message = f"menu '{menu.id}' leads to no agent"
            hint = Hint("write a node with 'transfer', so that whoever is lost gets help")
            yield Problem("warning.menu_agent", message, menu.place, hint, "warning")
        for node in menu.nodes.values():
            if node.kind in ("answer", "offer") and node.then is None:
                message = f"after node '{node.id}' the call ends, and nothing else can be asked"
                hint = Hint("write then: with the level where callers choose again")
                yield Problem("warning.menu_ends", message, node.place, hint, "warning")


def leads_to(node: MenuNode) -> Iterator[str]:
    """Where a node's keys or its end lead."""
    yield from (item.to for item in node.items)
    if node.then is not None:
        yield node.then


def depths(menu: Menu) -> dict[str, int]:
    """Node → the fewest keys that lead to it; without those that nothing leads to."""
    found, waits = {menu.root: 0}, [menu.root]
    while waits:
        name = min(waits, key=found.__getitem__)
        waits.remove(name)
        node = menu.nodes.get(name)
        for target in leads_to(node) if node else ():
            pressed = found[name] + (1 if node and node.kind == "menu" else 0)
            if target not in found or pressed < found[target]:
                found[target] = pressed
                waits.append(target)
    return found


def _unreached(menu: Menu) -> Iterator[Problem]:
    reached = depths(menu)
    for node in menu.nodes.values():
        if node.id not in reached:
            hint = Hint("name it in an item's 'to' or in a 'then', or remove it")
            yield Problem("menu.unreachable", f"nothing leads to node '{node.id}'", node.place, hint)


def _cycle(menu: Menu, node: MenuNode) -> list[str]:
    """The nodes that lead from this one on to itself without a key; none where they do not."""
    way = [node.id]
    while (here := menu.nodes.get(way[-1])) is not None and here.kind != "menu" and here.then is not None:
        if here.then == node.id:
            return way
        if here.then in way:
            return []
        way.append(here.then)
    return []


def _endless(way: list[str], node: MenuNode) -> Problem:
    message = f"{' → '.join([*way, node.id])} leads on for ever, and nobody is asked for a key"
    hint = Hint("let one of them lead to a level with 'items', or end the call")
    return Problem("menu.cycle", message, node.place, hint)


def _cycles(menu: Menu) -> Iterator[Problem]:
    """Each cycle once, at its first node."""
    told: set[str] = set()
    for node in menu.nodes.values():
        way = _cycle(menu, node)
        if way and told.isdisjoint(way):
            told.update(way)
            yield _endless(way, node)


def _two_ways(menu: Menu) -> Iterator[Problem]:
    """That every place has one way to it, so that 'back' and the order of keys mean something."""
    first: dict[str, str] = {}
    for node in menu.nodes.values():
        for item in node.items:
            target = menu.nodes.get(item.to)
            if target is None or target.kind in _SAME_EVERYWHERE:
                continue
            if item.to in first or item.to == menu.top:
                before = first.get(item.to, "the beginning")
                again = "twice" if before == node.id else f"and in '{before}'"
                message = f"'{item.to}' is chosen in '{node.id}' {again}"
                if item.to not in first:
                    message = f"'{item.to}' is where the menu begins, and '{node.id}' leads there again"
                hint = Hint(
                    "remove one; key %(key)s leads back, and transfers may stand at every level",
                    key=menu.back,
                )
                yield Problem("menu.two_ways", message, item.place, hint)
            first.setdefault(item.to, node.id)


def _goals(menu: Menu) -> Iterator[Problem]:
    """That each goal is served once."""
    served: dict[str, str] = {}
    for node in menu.nodes.values():
        if node.goal is None:
            continue
        if node.goal in served:
            message = f"goal '{node.goal}' is served at '{served[node.goal]}' and at '{node.id}'"
            yield Problem("menu.goal_twice", message, node.place, Hint("keep one, or declare two goals"))
        served.setdefault(node.goal, node.id)
    for goal in menu.goals.values():
        if goal.id not in served:
            message = f"no node serves goal '{goal.id}'"
            hint = Hint(
                "write goal: %(goal)s at the node where callers get it, or remove the goal", goal=goal.id
            )
            yield Problem("menu.goal_nowhere", message, goal.place, hint)


def _too_deep(menu: Menu) -> Iterator[Problem]:
    for name, pressed in sorted(depths(menu).items()):
        if pressed > menu.limits.depth:
            message = f"it takes {pressed} keys to '{name}'"
            hint = Hint("'limits' allows %(count)s: move it up, or raise 'depth'", count=menu.limits.depth)
            yield Problem("menu.too_deep", message, menu.nodes[name].place, hint)


def _keys(menu: Menu, node: MenuNode) -> Iterator[Problem]:
    """Required keys: each once, none that steers, and enough left for the others."""
    steering = {menu.back: "leads back", menu.repeat: "says the prompt again"}
    if node.kind == "offer" and node.accept in steering:
        message = f"key {node.accept} cannot take the offer at '{node.id}': it {steering[node.accept]}"
        yield Problem("menu.key", message, node.place, Hint("choose a digit"))
    held: dict[str, Item] = {}
    for item in node.items:
        if item.key is None:
            continue
        if item.key in steering:
            message = f"key {item.key} cannot lead to '{item.to}': it {steering[item.key]}"
            yield Problem("menu.key", message, item.place, Hint("choose a digit, or change 'keys'"))
        elif item.key in held:
            message = f"key {item.key} leads to '{held[item.key].to}' and to '{item.to}'"
            yield Problem(
                "menu.duplicate_key", message, item.place, Hint("give one of them another key, or none")
            )
        held.setdefault(item.key, item)
    for target, times in Counter(item.to for item in node.items).items():
        if times > 1 and (menu.nodes[target].kind in _SAME_EVERYWHERE):
            last = next(item for item in reversed(node.items) if item.to == target)
            message = f"'{node.id}' leads to '{target}' by two items"
            yield Problem("menu.duplicate_key", message, last.place, Hint("keep one"))
    free = len(set(DIGITS) - held.keys())
    placed = sum(item.key is None for item in node.items)
    if placed > free:
        message = f"'{node.id}' has {placed} items without a key and {free} digits for them"
        yield Problem("menu.too_many", message, node.place, Hint("put some into a level of their own"))
    elif len(node.items) > menu.limits.items:
        message = f"'{node.id}' has {len(node.items)} items"
        hint = Hint("'limits' allows %(count)s: put some into a level of their own", count=menu.limits.items)
        yield Problem("menu.too_many", message, node.place, hint)


def _second_keys(menu: Menu, node: MenuNode) -> Iterator[Problem]:
    """That no item's words name a key, in the words in which the menu names keys, that is not the item's."""
    for item in node.items:
        for language, prompt in item.say.items():
            lead = _BEFORE_KEY.search(menu.press[language].text) if language in menu.press else None
            if lead is None:
                continue
            spoken = f"{prompt.text} {_TAG.sub(' ', prompt.ssml or '')}"
            named = next((key for key in _named_keys(lead[1], spoken) if key != item.key), None)
            if named is not None:
                message = f"the words of the item to '{item.to}' name key {named} in {language}"
                yield Problem("menu.second_key", message, item.place, _held(item.key))


def _held(key: str | None) -> Hint:
    """Which key an item stands on, and who says it."""
    if key is None:
        return Hint(
            "it stands on the key that its place gives it, which 'press' says: leave the key out of 'say'"
        )
    return Hint("it stands on key %(digit)s, which 'press' says: leave the key out of 'say'", digit=key)


def _named_keys(lead: str, spoken: str) -> Iterator[str]:
    """What stands behind the word by which keys are named: figures, and in Chinese numerals and the names of signs."""
    chinese = lead in _CHINESE_LEADS
    word = f"[{_CHINESE_LEADS}]" if chinese else _NO_LETTER_BEFORE + re.escape(lead)
    keys = r"([0-9*#])(?![0-9A-Za-z])" + (f"{_COUNTED}|{_IN_CHINESE}" if chinese else "")
    for found in re.finditer(rf"{word}\s*(?:{keys})", unicodedata.normalize("NFKC", spoken), re.IGNORECASE):
        key: str = found[found.lastindex or 0]
        yield _CHINESE_KEYS.get(key, key)


def _level(menu: Menu, node: MenuNode, languages: tuple[str, ...]) -> Iterator[Problem]:
    """That a level always offers something, and is not too long in any language."""
    if node.kind != "menu":
        return
    if all(item.when is not None for item in node.items):
        message = f"for some callers '{node.id}' has nothing to choose"
        yield Problem("menu.may_be_empty", message, node.place, Hint("give it an item without 'when'"))
    for language in languages:
        seconds = level_seconds(menu, node, language)
        if seconds > menu.limits.seconds:
            message = f"'{node.id}' takes {seconds:.1f} seconds in {language}"
            hint = Hint(
                "'limits' allows %(count)s: say it shorter, or put items into a level of their own",
                count=f"{menu.limits.seconds:g}",
            )
            yield Problem("menu.too_long", message, node.place, hint)


def level_seconds(menu: Menu, node: MenuNode, language: str) -> float:
    """How long a level takes to be spoken whole in a language, every item announced with its key."""
    said = [node.prompt, *(prompts for item in node.items for prompts in (item.say, menu.press))]
    return sum(prompts[language].seconds for prompts in said if language in prompts)
