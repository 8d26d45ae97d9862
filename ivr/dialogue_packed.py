"""A dialogue's state as few bytes: nodes and goals by their place in the menu, levels only where they are a caller's own."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ivr.call import Entry, Step
from ivr.dialogue import whole_level
from ivr.dialogue_state import ASK, State
from strategies.declared.menu import Menu

SILENT = " "
"""A step without a key."""
MOST_TENTHS = 0xFFFF


class _Packed(msgspec.Struct, array_like=True, frozen=True):
    language: str
    levels: dict[int, tuple[str, tuple[int, ...], tuple[int, ...]]]
    """Menu node → keys, targets, places of lifted entries."""
    ask: int
    at: int
    trail: tuple[int, ...]
    before: tuple[tuple[int, int], ...]
    tries: int
    keys: str
    """Of the steps, one sign each."""
    places: tuple[int, ...]
    tenths: tuple[int, ...]
    heard: tuple[int, ...]
    wished: tuple[int, ...]
    goal: int
    flags: int
    queue: str | None


class _Places:
    """Nodes and goals of a menu by number; -1 for none. The same menu always gives the same numbers."""

    def __init__(self, menu: Menu) -> None:
        self.menu = menu
        self.names = [*menu.nodes, *(ASK + goal for goal in menu.goals)]
        self.numbers = {name: number for number, name in enumerate(self.names)}
        self.levels = {
            node.id: whole_level(menu, node) for node in menu.nodes.values() if node.kind == "menu"
        }
        """Everybody's."""

    def number(self, name: str | None) -> int:
        return -1 if not name else self.numbers[name]

    def of_all(self, names: Sequence[str]) -> tuple[int, ...]:
        return tuple(self.numbers[name] for name in names)

    def named(self, numbers: Sequence[int]) -> tuple[str, ...]:
        return tuple(self.names[number] for number in numbers)

    def goal(self, number: int) -> str | None:
        return None if number < 0 else self.names[number].removeprefix(ASK)


_PLACES: dict[int, _Places] = {}
"""By a menu's identity, which is its own as long as it is held here."""
_KEPT = 16


def _places_of(menu: Menu) -> _Places:
    known = _PLACES.get(id(menu))
    if known is None or known.menu is not menu:
        if len(_PLACES) >= _KEPT:
            _PLACES.clear()
        known = _PLACES[id(menu)] = _Places(menu)
    return known


def pack(menu: Menu, state: State) -> bytes:
    """The state as bytes that only mean something with the same menu."""
    places = _places_of(menu)
    flags = (state.offering, state.withdrew, state.passed_on, state.over)
    packed = _Packed(
        language=state.language,
        levels={
            places.number(node): _level(places, entries)
            for node, entries in state.levels.items()
            if tuple(entries) != places.levels.get(node)
        },
        ask=places.number(ASK + state.ask if state.ask else None),
        at=places.number(state.at),
        trail=places.of_all(state.trail),
        before=tuple((places.number(name), round(seconds * 10)) for name, seconds in state.before),
        tries=state.tries,
        keys="".join(step.key or SILENT for step in state.steps),
        places=places.of_all([step.node for step in state.steps]),
        tenths=tuple(min(round(step.seconds * 10), MOST_TENTHS) for step in state.steps),
        heard=places.of_all(state.heard),
        wished=places.of_all(state.wished),
        goal=places.number(ASK + state.goal if state.goal else None),
        flags=sum(1 << place for place, flag in enumerate(flags) if flag),
        queue=state.queue,
    )
    return msgspec.msgpack.encode(packed)


def unpack(menu: Menu, data: bytes) -> State:
    """The state back. Raises msgspec.DecodeError, IndexError or ValueError for bytes of another menu."""
    packed, places = msgspec.msgpack.decode(data, type=_Packed), _places_of(menu)
    own = {places.names[node]: _entries(places, level) for node, level in packed.levels.items()}
    steps = zip(packed.keys, packed.places, packed.tenths, strict=True)
    return State(
        language=packed.language,
        levels=places.levels | own,
        ask=places.goal(packed.ask),
        at="" if packed.at < 0 else places.names[packed.at],
        trail=places.named(packed.trail),
        before=tuple((places.names[number], tenths / 10) for number, tenths in packed.before),
        tries=packed.tries,
        steps=tuple(
            Step(number, places.names[place], None if key == SILENT else key, tenths / 10)
            for number, (key, place, tenths) in enumerate(steps, start=1)
        ),
        heard=places.named(packed.heard),
        wished=places.named(packed.wished),
        offering=bool(packed.flags & 1),
        goal=places.goal(packed.goal),
        withdrew=bool(packed.flags & 2),
        passed_on=bool(packed.flags & 4),
        over=bool(packed.flags & 8),
        queue=packed.queue,
    )


def _level(places: _Places, entries: Sequence[Entry]) -> tuple[str, tuple[int, ...], tuple[int, ...]]:
    lifted = tuple(place for place, entry in enumerate(entries) if entry.lifted)
    return "".join(entry.key for entry in entries), places.of_all([entry.to for entry in entries]), lifted


def _entries(
    places: _Places, level: tuple[str, tuple[int, ...], tuple[int, ...]]
) -> tuple[Entry, ...]:  # fmt: skip
    keys, targets, lifted = level
    pairs = zip(keys, targets, strict=True)
    return tuple(Entry(key, places.names[to], place in lifted) for place, (key, to) in enumerate(pairs))
