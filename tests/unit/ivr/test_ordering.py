"""The order of keys is the best there is: held against trying every arrangement, familiar layouts or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.call import NOTHING_KNOWN, Entry, Heard, Known
from ivr.ordering import Arranged, arranged, expected_seconds, seconds_to, static
from ivr.ordering_level import Slot, best_order, by_smith, cost_of
from ivr.personal import offered
from strategies.declared.menu import Goal, Item, Menu, MenuLimits, MenuNode, Personal, Prompt
from strategies.instants import DAY, Instant

NOW = Instant(1_790_000_000_000_000)
SUBS = {"a": ("a1", "a2"), "b": ("b1", "b2")}
GOALS = ("a1", "a2", "b1", "b2", "c", "op")


def made(seconds: Mapping[str, float], **personal: float) -> Menu:
    """A notice, a top level of two menus, an answer and an agent at 0, and an agent below too."""

    def says(name: str) -> dict[str, Prompt]:
        return {"en": Prompt(name, seconds.get(name, 2.0))}

    def items(names: tuple[str, ...]) -> tuple[Item, ...]:
        return (*(Item(name, says(name)) for name in names), Item("op", says("op"), "0"))

    nodes = [
        MenuNode("hello", "notice", says("hello"), then="main"),
        MenuNode("main", "menu", says("main"), items(("a", "b", "c"))),
        *(MenuNode(name, "menu", says(name), items(below)) for name, below in SUBS.items()),
        *(MenuNode(goal, "answer", says(goal), goal=goal, then="main") for goal in GOALS[:-1]),
        MenuNode("op", "transfer", says("op"), goal="op", queue="desk"),
    ]
    return Menu(
        "m", {"en": "M"}, "hello", {goal: Goal(goal, {"en": goal}, 1.0) for goal in GOALS},
        {node.id: node for node in nodes}, MenuLimits(), replace(Personal(), **personal),
        ask={goal: {"en": Prompt("?", seconds.get("?", 3.0))} for goal in ("a1", "c")},
        press={"en": Prompt("press {key}", 1.0)},
    )  # fmt: skip


@dataclass(frozen=True)
class World:
    menu: Menu
    chances: dict[str, float]
    known: Known


@st.composite
def worlds(draw: st.DrawFn, *, familiar: bool) -> World:
    """A menu with random times and chances, and perhaps a layout that the caller remembers, with keys that rest."""
    tenths = st.integers(3, 60).map(lambda each: each / 10)
    names = ("hello", "main", "a", "b", "c", "op", "?", *GOALS[:4])
    menu = made(
        {name: draw(tenths) for name in names},
        changes=draw(st.integers(0, 3)),
        lifts=draw(st.integers(0, 2)),
        ask_from=draw(st.sampled_from([0.0, 0.2, 2.0])),
    )
    weights = [draw(st.sampled_from([0, 1, 2, 3, 5, 30])) for _ in GOALS]
    weights[-1] = max(weights[-1], 1)
    chances = {goal: weight / sum(weights) for goal, weight in zip(GOALS, weights, strict=True)}
    if not familiar:
        return World(menu, chances, NOTHING_KNOWN)
    lifted = draw(st.sampled_from([[], ["a1"], ["b2", "a1"]]))
    top = draw(st.permutations(["a", "b", "c", *lifted]).filter(of_use))
    heard = {"main": heard_of(top, draw(st.sets(st.sampled_from("123"), max_size=2)))}
    for name, below in SUBS.items():
        heard[name] = heard_of(draw(st.permutations(below)), draw(st.sets(st.sampled_from("12"), max_size=1)))
    return World(menu, chances, Known((), heard))


def of_use(top: Sequence[str]) -> bool:
    """Whether every lifted entry stands ahead of the level it is lifted from, as it must."""
    return all(top.index(name) < top.index(name[0]) for name in top if name not in SUBS and name[0] in SUBS)


def heard_of(targets: list[str], moved: set[str]) -> Heard:
    """A level heard ten days ago, of which some keys had changed then."""
    at = Instant(NOW - 10 * DAY)
    return Heard(
        {str(at + 1): name for at, name in enumerate(targets)} | {"0": "op"}, at, dict.fromkeys(moved, (at,))
    )


def tops(world: World) -> Iterator[tuple[tuple[Entry, ...], str | None]]:
    """Every top level that the menu's limits allow, with every question that may be asked; familiar or not."""
    menu, personal = world.menu, world.menu.personal
    below = [name for names in SUBS.values() for name in names]
    questions = [None, *(goal for goal in menu.ask if world.chances[goal] >= personal.ask_from)]
    for count in range(personal.lifts + 1):
        for lifts in combinations(below, count):
            for order in permutations(("a", "b", "c", *lifts)):
                if of_use(order):
                    yield from product([keyed(order, lifts)], questions)


def keyed(order: tuple[str, ...], lifts: tuple[str, ...]) -> tuple[Entry, ...]:
    return (*(Entry(str(at + 1), name, name in lifts) for at, name in enumerate(order)), Entry("0", "op"))


def keeps(world: World, node: str, entries: tuple[Entry, ...]) -> bool:
    """Whether a level changes no more keys than it may, and none that rests."""
    heard = world.known.heard.get(node)
    if heard is None:
        return True
    changed = {each.key for each in entries if heard.keys.get(each.key, each.to) != each.to}
    return len(changed) <= world.menu.personal.changes and not changed & set(heard.moved)


def best_of_all(world: World) -> float | None:
    """The least expected seconds by trying everything; None where nothing keeps the constraints."""
    subs = {
        name: [entries for order in permutations(below) if keeps(world, name, entries := keyed(order, ()))]
        for name, below in SUBS.items()
    }
    found = [
        part_of(world, top, ask, ("c", "op"), "a", subs["a"][:1])
        + part_of(world, top, ask, SUBS["a"], "a", subs["a"])
        + part_of(world, top, ask, SUBS["b"], "b", subs["b"])
        for top, ask in tops(world)
        if keeps(world, "main", top) and all(subs.values())
    ]
    return min(found, default=None)


def part_of(
    world: World, top: tuple[Entry, ...], ask: str | None, goals: tuple[str, ...], node: str,
    orders: list[tuple[Entry, ...]],
) -> float:  # fmt: skip
    """What these goals cost, in the best order of the one level that only they pass."""
    usual = {name: keyed(below, ()) for name, below in SUBS.items()}
    costs = []
    for order in orders:
        heard = Arranged({**usual, node: order, "main": top}, ask)
        ways = [(world.chances[goal], seconds_to(world.menu, heard, goal, "en")) for goal in goals]
        costs.append(sum(chance * way[0] for chance, way in ways if way is not None))
    return min(costs)


def personal(world: World) -> Arranged:
    return arranged(world.menu, world.chances, "en", offered(world.menu, {}, NOW), world.known, NOW)


@settings(max_examples=8, deadline=None)
@given(worlds(familiar=False))
def test_no_arrangement_is_faster_than_a_strangers(world: World) -> None:
    """Among all orders, lifts and questions none has fewer expected seconds, and the seconds told are those it costs."""
    found = personal(world)
    assert found.seconds == pytest.approx(best_of_all(world))
    assert found.seconds == pytest.approx(expected_seconds(world.menu, found, world.chances, "en"))
    assert found.bound == found.seconds
    assert found.unfamiliar <= found.seconds + 1e-9


@settings(max_examples=8, deadline=None)
@given(worlds(familiar=True))
def test_no_arrangement_that_keeps_what_is_familiar_is_faster(world: World) -> None:
    """At most so many keys lead elsewhere, those that changed lately rest, and nothing that keeps this is better."""
    least, found = best_of_all(world), personal(world)
    assert found.seconds == pytest.approx(expected_seconds(world.menu, found, world.chances, "en"))
    if least is not None:
        assert all(keeps(world, node, entries) for node, entries in found.levels.items())
        assert found.seconds == pytest.approx(least)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=1, max_size=6), st.data())
def test_a_level_is_solved_exactly(jobs: list[tuple[int, int]], data: st.DataObject) -> None:
    """Required, frozen and old keys, changes and who comes first: branch and bound finds what trying all orders finds."""
    count = len(jobs)
    weights, times = [float(w) for w, _ in jobs], [float(t) for _, t in jobs]
    old = data.draw(st.permutations(range(count)))
    frozen = data.draw(st.sets(st.integers(0, count - 1), max_size=1))
    slots = [Slot(-1, old[at], at in frozen) for at in range(count)]
    if data.draw(st.booleans()):
        slots[-1] = Slot(old[-1])
    before = [0] * count
    if count > 1 and data.draw(st.booleans()):
        before[old[0]] = 1 << old[1]
    changes = data.draw(st.integers(0, count))

    def allowed(order: tuple[int, ...]) -> bool:
        moved = [at for at in range(count) if slots[at].old >= 0 and order[at] != slots[at].old]
        return (
            len(moved) <= changes
            and not any(slots[at].frozen for at in moved)
            and all(slot.required in (-1, order[at]) for at, slot in enumerate(slots))
            and all(
                not before[job] or before[job].bit_length() - 1 in order[:at] for at, job in enumerate(order)
            )
        )

    possible = [cost_of(order, weights, times) for order in permutations(range(count)) if allowed(order)]
    found = best_order(weights, times, slots, changes=changes, before=before)
    if not possible:
        assert found is None
    else:
        assert found is not None
        assert allowed(found.order)
        assert found.seconds == pytest.approx(min(possible))
        assert best_order(weights, times, slots, changes=changes, before=before, below=min(possible)) is None


def test_smiths_rule_puts_the_likely_and_short_first() -> None:
    """By weight over time; of equals the one that was declared first."""
    assert by_smith([1.0, 4.0, 2.0, 2.0], [1.0, 2.0, 1.0, 1.0]) == [1, 2, 3, 0]


def test_a_caller_who_remembers_the_same_order_keeps_it_though_another_is_as_good() -> None:
    """Nobody's keys change for nothing."""
    menu = made({}, lifts=0)
    chances = dict.fromkeys(GOALS, 1 / len(GOALS))
    known = Known((), {"a": heard_of(["a2", "a1"], set())})
    found = arranged(menu, chances, "en", offered(menu, {}, NOW), known, NOW)
    assert [each.to for each in found.levels["a"]] == ["a2", "a1", "op"]
    assert [each.to for each in found.levels["b"]] == ["b1", "b2", "op"]


def test_a_layout_heard_long_ago_binds_nobody() -> None:
    """After ``remembered`` the order is that of a stranger."""
    menu = made({}, lifts=0, changes=0, remembered=5 * DAY)
    chances = {goal: 0.9 if goal == "b2" else 0.02 for goal in GOALS}
    known = Known((), {"main": heard_of(["c", "a", "b"], {"1"})})
    found = arranged(menu, chances, "en", offered(menu, {}, NOW), known, NOW)
    assert found.levels["main"][0] == Entry("1", "b")


def test_what_was_lifted_to_a_key_that_rests_stays_there() -> None:
    """A key that changed lately keeps its lifted entry, though it is no longer likely."""
    menu = made({}, ask_from=2.0)
    chances = {goal: 0.9 if goal == "c" else 0.02 for goal in GOALS}
    known = Known((), {"main": heard_of(["a1", "a", "b", "c"], {"1"})})
    found = arranged(menu, chances, "en", offered(menu, {}, NOW), known, NOW)
    assert found.levels["main"][0] == Entry("1", "a1", lifted=True)
    assert found.levels["main"][1] == Entry("2", "c")


def test_where_circumstances_force_more_changes_than_are_allowed_there_are_as_few_as_can_be() -> None:
    """What is no longer offered leaves its key, and nothing else moves."""
    menu = made({}, changes=0, lifts=0)
    known = Known((), {"main": heard_of(["a", "gone", "b", "c"], set())})
    chances = dict.fromkeys(GOALS, 1 / len(GOALS))
    found = arranged(menu, chances, "en", offered(menu, {}, NOW), known, NOW)
    assert [each.to for each in found.levels["main"]] == ["a", "c", "b", "op"]


def test_a_notice_is_never_passed_by() -> None:
    """What lies behind a notice is not lifted past it and not asked for outright."""
    menu = made({})
    nodes = dict(menu.nodes)
    legal = MenuNode("legal", "notice", {"en": Prompt("legal", 1.0)}, then="a")
    nodes |= {"legal": legal, "main": replace(nodes["main"], items=tuple(
        replace(item, to="legal") if item.to == "a" else item for item in nodes["main"].items
    ))}  # fmt: skip
    menu = replace(menu, nodes=nodes)
    chances = {goal: 0.95 if goal == "a1" else 0.01 for goal in GOALS}
    found = arranged(menu, chances, "en", offered(menu, {}, NOW), NOTHING_KNOWN, NOW)
    assert found.ask is None
    assert found.levels["main"][0] == Entry("1", "legal")
    assert not any(each.to == "a1" for each in found.levels["main"])


def test_everybodys_menu_is_the_one_written() -> None:
    """Items in their order, required keys where they are required, no gap for what is not offered."""
    menu = made({})
    found = static(menu, {"main": ("a", "c", "op"), "a": ("a1", "a2", "op"), "b": ()})
    assert [(each.key, each.to) for each in found.levels["main"]] == [("1", "a"), ("2", "c"), ("0", "op")]
    assert found.levels["b"] == ()
