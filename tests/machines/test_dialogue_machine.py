"""No sequence of keys leads a call into a dead end or an exception, in whatever order the keys stand."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ivr.call import Entry
from ivr.dialogue import State, Turn, begin, hang_up, offered, press, unanswered
from ivr.dialogue_packed import pack, unpack
from ivr.dialogue_state import ASK, LONGEST
from ivr.ordering import Arranged
from strategies.declared.menu import Menu
from tests.unit.ivr.small_menu import STATIC, small_menu, without

BARE = small_menu(
    nodes={
        **without("operator", "desk").nodes,
        "advice": replace(small_menu().nodes["advice"], then="recorded"),
        "stop": replace(small_menu().nodes["stop"], then="advice"),
    }
)
"""Nobody to pass a caller to; an opt-out leads to an offer, and that through the notice back to the menu."""
MENUS = (small_menu(), BARE)
KEYS = st.sampled_from([None, *"0123456789*#", "", "12", "x"])
SECONDS = st.floats(-1.0, 100_000.0)


@st.composite
def orders(draw: st.DrawFn, menu: Menu) -> Arranged:
    """Any keys for any items of a level, deeper nodes lifted to the root, some goal asked for."""
    levels = {}
    for node in menu.nodes.values():
        if node.kind == "menu":
            targets = draw(st.permutations([item.to for item in node.items]))
            lifted = draw(st.booleans()) and node.id == "main"
            keys = draw(st.permutations("123456789"))
            entries = [Entry(key, to) for key, to in zip(keys, targets, strict=False)]
            levels[node.id] = tuple(entries) + ((Entry("0", "amount", lifted=True),) if lifted else ())
    return replace(STATIC, levels=levels, ask=draw(st.sampled_from([None, "bill", "outage"])))


class Calls(RuleBasedStateMachine):
    """One call after the other, each with the keys that hypothesis presses."""

    @initialize(data=st.data(), menu=st.sampled_from(MENUS))
    def pick_up(self, data: st.DataObject, menu: Menu) -> None:
        self.menu = menu
        self.state, self.turn = begin(menu, data.draw(orders(menu)), "en")
        self.wish()

    def wish(self, texts: list[str] | None = None) -> None:
        """What flow does: a wish for an offer is answered before anything is said."""
        if any(each.kind in ("offer_wanted", "offer_repeated") for each in self.turn.effects):
            self.state, self.turn = offered(self.menu, self.state, texts)

    @rule(key=KEYS, seconds=SECONDS, texts=st.sampled_from([None, ["An offer."]]))
    def key(self, key: str | None, seconds: float, texts: list[str] | None) -> None:
        before = self.state
        self.state, self.turn = press(self.menu, self.state, key, seconds)
        self.wish(texts)
        assert (len(self.state.steps) > len(before.steps)) == (not before.over)

    @precondition(lambda self: self.state.at == "amount" and not self.state.over)
    @rule()
    def figure_unknown(self) -> None:
        self.state, self.turn = unanswered(self.menu, self.state)
        assert self.state.over

    @invariant()
    def stands_well(self) -> None:
        state, turn = self.state, self.turn
        assert unpack(self.menu, pack(self.menu, state)) == state
        assert [step.number for step in state.steps] == list(range(1, len(state.steps) + 1))
        assert len(state.steps) <= LONGEST + 4
        assert state.over == bool(turn.ends) == (state.outcome != "open")
        if not turn.ends:
            assert turn.keys
            assert turn.wait_seconds > 0
            assert turn.node.startswith(ASK) or self.menu.nodes[turn.node].kind in (
                "menu",
                "answer",
                "opt_out",
                "offer",
            )
        assert hang_up(self.menu, state, 1.0).outcome != "open"

    def teardown(self) -> None:
        """Whoever falls silent is not kept: after the tries of a menu the call is over."""
        if not hasattr(self, "state"):
            return
        for _ in range(2 * self.menu.limits.tries + 2):
            self.state, self.turn = press(self.menu, self.state, None, 5.0)
            self.wish()
        assert self.state.over


TestCalls = Calls.TestCase
TestCalls.settings = settings(max_examples=25, stateful_step_count=25, deadline=None, derandomize=True)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(data=st.data(), menu=st.sampled_from(MENUS))
def test_every_goal_is_reached_by_some_keys(data: st.DataObject, menu: Menu) -> None:
    """In whatever order the keys stand and whatever is asked first, every goal that a node serves is a few keys away."""
    begun = begin(menu, data.draw(orders(menu)), "en")
    seen: dict[tuple[str, tuple[str, ...]], tuple[State, Turn]] = {}
    frontier, reached = [begun], set()
    while frontier:
        state, turn = frontier.pop()
        if any(each.kind == "offer_wanted" for each in turn.effects):
            state, turn = offered(menu, state, ["An offer."])
        reached |= {menu.nodes[turn.node].goal if turn.node in menu.nodes else None} - {None}
        if turn.ends or (turn.node, state.trail) in seen:
            continue
        seen[turn.node, state.trail] = (state, turn)
        frontier += [press(menu, state, key, 1.0) for key in turn.keys]
    assert reached == {node.goal for node in menu.nodes.values() if node.goal}
