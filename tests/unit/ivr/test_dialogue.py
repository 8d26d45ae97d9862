"""The dialogue does what callers expect of a telephone menu: repeat, back, wrong keys, silence, agents, offers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec.structs import replace as changed

from ivr.call import Entry, Step
from ivr.dialogue import Effect, State, Turn, begin, hang_up, joined, offered, press, unanswered
from ivr.dialogue_packed import pack, unpack
from ivr.dialogue_state import LONGEST
from ivr.personal import static_menu
from ivr.speech import filled, holes
from strategies.declared.menu import Menu, MenuLimits, Prompt
from tests.unit.ivr.small_menu import STATIC, says, small_menu, without

MENU = small_menu()


def picked_up(menu: Menu = MENU, **changes: object) -> tuple[State, Turn]:
    arranged = static_menu(menu, "en").arranged if menu is not MENU else STATIC
    return begin(menu, replace(arranged, **changes), "en")  # type: ignore[arg-type]


def after(*keys: str | None, menu: Menu = MENU, **changes: object) -> tuple[State, Turn]:
    state, turn = picked_up(menu, **changes)
    for key in keys:
        state, turn = press(menu, state, key, 10.0)
    return state, turn


def words(turn: Turn) -> str:
    return " ".join(each.text for each in turn.say)


def test_a_call_begins_with_the_notice_and_the_first_level() -> None:
    """The notice is heard to its end, then each item with its key, then silence counts."""
    state, turn = picked_up()
    assert words(turn) == (
        "Recorded. Welcome. For bills, press 1. For faults, press 2. For offers, press 3."
        " For no more advertising, press 4. For an agent, press 0."
    )
    assert [each.barge for each in turn.say][:2] == [False, True]
    assert (turn.node, turn.keys, turn.wait_seconds, turn.ends) == (
        "main",
        ("1", "2", "3", "4", "0", "#"),
        5.0,
        "",
    )
    assert state.outcome == "open"


def test_a_notice_has_its_own_part_of_the_seconds() -> None:
    """Ten seconds until the key: three of the notice, seven of the menu; who hangs up in the notice was there."""
    state, _ = after("1")
    assert state.steps == (Step(1, "recorded", None, 3.0), Step(2, "main", "1", 7.0))
    state, _ = picked_up()
    assert hang_up(MENU, state, 1.5).steps == (Step(1, "recorded", None, 1.5),)
    assert hang_up(MENU, state, 4.0).steps == (Step(1, "recorded", None, 3.0), Step(2, "main", None, 1.0))


def test_a_goal_is_reached_and_the_call_goes_on() -> None:
    """Silence after an answer is no mistake: it leads on to where the answer says."""
    state, turn = after("1", "1")
    assert (turn.node, state.goal, words(turn)) == ("amount", "bill", "Your bill is {bill}.")
    state, turn = press(MENU, state, None, 4.0)
    assert (turn.node, state.tries, state.trail) == ("main", 0, ())
    assert hang_up(MENU, state, 1.0).outcome == "reached"


def test_an_answer_that_leads_nowhere_ends_the_call_after_it_was_heard() -> None:
    """It waits, so that it can be heard again."""
    state, turn = after("2", "1")
    assert (turn.node, turn.ends) == ("outage", "")
    state, turn = press(MENU, state, "#", 2.0)
    assert words(turn) == "We repair it."
    state, turn = press(MENU, state, None, 2.0)
    assert (turn.ends, state.outcome, state.over) == ("hang_up", "reached", True)


def test_repeat_says_it_again_and_is_no_mistake() -> None:
    """Neither words nor keys change, however often."""
    _, first = after("1")
    state, again = after("1", "#", "#")
    assert again == first
    assert state.tries == 0


def test_back_leads_up_a_level_everywhere_but_at_the_root() -> None:
    """From a level, from an answer; at the root the key is a wrong one."""
    assert after("1", "*")[1].node == "main"
    assert after("1", "1", "*")[1].node == "bills"
    state, turn = after("*")
    assert (turn.node, state.tries) == ("main", 1)
    assert words(turn).startswith("No such key. Welcome.")


def test_silence_is_told_from_a_wrong_key() -> None:
    """Each has its own words, then the level is said again."""
    assert words(after(None)[1]).startswith("We heard no key. Welcome.")
    assert words(after("9")[1]).startswith("No such key. Welcome.")


def test_too_many_mistakes_pass_the_caller_to_everybodys_agent() -> None:
    """At the third in a row, to the agent of a required key and not to a desk of its own; no goal is served by it."""
    state, turn = after("1", "9", None, "9")
    assert (turn.ends, turn.queue, state.outcome, state.goal) == ("transfer", "hotline", "agent", None)
    assert after("1", "9", None, "#", "1")[0].tries == 0


def test_without_an_agent_the_call_ends() -> None:
    """There is nobody to pass the caller to."""
    menu = without("operator", "desk")
    state, turn = after("9", "9", "9", menu=menu)
    assert (turn.ends, state.outcome) == ("hang_up", "abandoned")


def test_silence_after_a_goal_was_served_ends_the_call() -> None:
    """Who has what they came for and says nothing more keeps no agent busy."""
    state, turn = after("1", "1", None, None, None, None)
    assert (turn.ends, state.outcome) == ("hang_up", "reached")
    state, turn = after("1", "1", None, None, "9", None)
    assert turn.ends == "transfer"


def test_an_agent_asked_for_is_a_transfer_with_its_queue() -> None:
    """The last step is as long as its words, for nobody reports it."""
    state, turn = after("1", "2")
    assert (turn.ends, turn.queue, state.goal, state.outcome) == ("transfer", "billing", "dispute", "agent")
    assert state.steps[-1] == Step(4, "desk", None, 2.0)


def test_an_ended_call_stays_as_it_ended() -> None:
    """Keys and hang-ups that come late change nothing."""
    state, _ = after("0")
    assert press(MENU, state, "1", 1.0) == (state, Turn("operator", ends="transfer", queue="hotline"))
    assert hang_up(MENU, state, 9.0) is state


@pytest.mark.parametrize(
    ("key", "node", "goal"),
    [
        ("1", "amount", "bill"),
        ("2", "main", None),
        (None, "main", None),
        ("7", "main", None),
        ("0", "operator", None),
    ],
)
def test_the_shortcut_question_leads_everybody_on(key: str | None, node: str, goal: str | None) -> None:
    """Yes to the goal; no, silence and any other key to the menu; a required key where it always leads."""
    state, turn = picked_up(ask="bill")
    assert (turn.node, turn.keys) == ("ask:bill", ("1", "2", "0", "#"))
    assert words(turn).endswith(
        "Are you calling about your bill? If so, press 1. For anything else, press 2."
    )
    assert press(MENU, state, "#", 1.0)[1].node == "ask:bill"
    state, turn = press(MENU, state, key, 6.0)
    assert (turn.node, state.goal, state.tries) == (node, goal, 0)
    assert state.steps[1] == Step(2, "ask:bill", key, 3.0)


def test_a_goal_without_a_question_is_not_asked_for() -> None:
    """Whatever the order says, there are no words for it."""
    assert picked_up(ask="outage")[1].node == "main"


def test_a_lifted_entry_is_announced_as_on_its_own_level_and_leads_back_to_where_it_was_pressed() -> None:
    """It stands at the root for this caller only."""
    levels = {**STATIC.levels, "main": (Entry("1", "amount", lifted=True), *STATIC.levels["main"][1:])}
    state, turn = picked_up(levels=levels)
    assert "For the amount, press 1" in words(turn)
    state, turn = press(MENU, state, "1", 1.0)
    assert (turn.node, state.goal) == ("amount", "bill")
    assert press(MENU, state, "*", 1.0)[1].node == "main"


def test_an_opt_out_is_an_effect_of_reaching_its_node() -> None:
    """Before its words are said; the call counts as one that opted out."""
    state, turn = after("4")
    assert (turn.effects, words(turn)) == ((Effect("opt_out", "stop"),), "Done.")
    assert hang_up(MENU, state).outcome == "opted_out"
    assert press(MENU, state, "#", 1.0)[1].effects == ()


def test_an_offer_is_wished_for_spoken_and_answered() -> None:
    """Its key takes it, silence leaves it open, any other key is a no."""
    state, turn = after("3")
    assert (turn.effects, turn.say) == ((Effect("offer_wanted", "advice"),), ())
    state, turn = offered(MENU, state, ["Ten gigabytes more."])
    assert words(turn) == "For you: Ten gigabytes more. To accept, press 1."
    assert (turn.keys, state.offering, state.goal) == (("1", "*", "#"), True, "advice")
    for key, effect in (
        ("1", "offer_accepted"),
        ("5", "offer_rejected"),
        ("*", "offer_rejected"),
        (None, None),
    ):
        then, turn = press(MENU, state, key, 1.0)
        assert [each.kind for each in turn.effects] == ([effect] if effect else [])
        assert (turn.node, then.offering) == ("main", False)
    assert "Thank you." in words(press(MENU, state, "1", 1.0)[1])
    own = replace(MENU, thanks={"en": Prompt("With pleasure.", 1.0)})
    assert "With pleasure." in words(press(own, state, "1", 1.0)[1])
    assert "Thank you." not in words(press(own, state, "1", 1.0)[1])


def test_an_offer_is_said_again_as_it_was() -> None:
    """Repeat wishes for the same words; the offer still waits."""
    state, _ = offered(MENU, after("3")[0], ["Ten gigabytes more."])
    state, turn = press(MENU, state, "#", 1.0)
    assert turn.effects == (Effect("offer_repeated", "advice"),)
    assert words(offered(MENU, state, ["Ten gigabytes more."])[1]).endswith("To accept, press 1.")


def test_nothing_to_offer_leads_on_and_is_not_asked_for_twice() -> None:
    """An offer is looked for once in a call; no goal was served by finding none."""
    state, turn = offered(MENU, after("3")[0], None)
    assert (turn.node, state.goal) == ("main", None)
    assert press(MENU, state, "3", 1.0)[1].effects == ()


def test_two_turns_are_said_in_one_breath() -> None:
    """What leads in is kept, and what both bring about."""
    first, second = Turn("a", effects=(Effect("offer_wanted", "a"),)), Turn("b", ends="hang_up")
    assert joined(first, second) == Turn("b", ends="hang_up", effects=first.effects)


def test_an_answer_without_its_figure_goes_to_an_agent() -> None:
    """What is not known is not said with a hole, and its goal was not served."""
    state, turn = after("1", "1")
    assert holes(turn) == {"bill"}
    assert words(filled(turn, {"bill": "59 CNY"})) == "Your bill is 59 CNY."
    assert filled(turn, {}).say == ()
    state, turn = unanswered(MENU, state)
    assert (turn.queue, state.goal, state.outcome) == ("hotline", None, "agent")


def test_an_agent_who_takes_over_an_unknown_figure_is_the_last_step() -> None:
    """Also where a notice was to be said before it."""
    nodes = {**MENU.nodes, "recorded": replace(MENU.nodes["recorded"], then="amount")}
    menu = small_menu(nodes=nodes, root="recorded")
    state, _ = unanswered(menu, begin(menu, STATIC, "en")[0])
    assert state.steps == (Step(1, "operator", None, 1.0),)


def test_a_menu_that_is_led_back_to_is_not_entered_once_more() -> None:
    """An answer leads to the level it was pressed on: back from there leads above it."""
    menu = small_menu(nodes={**MENU.nodes, "amount": replace(MENU.nodes["amount"], then="bills")})
    state, turn = after("1", "1", None, "1", None, menu=menu)
    assert (turn.node, state.trail) == ("bills", ("main",))
    assert press(menu, state, "*", 1.0)[1].node == "main"


def test_an_opt_out_that_could_not_be_kept_was_none() -> None:
    """Its caller goes to an agent and has withdrawn nothing, unless they had before."""
    state, _ = unanswered(MENU, after("4")[0])
    assert (state.outcome, state.withdrew) == ("agent", False)
    assert unanswered(MENU, after("4", None, "4")[0])[0].withdrew


def test_only_the_sentence_with_the_hole_is_left_out() -> None:
    """In letters and in Chinese; SSML is said only where it is whole, with signs that mean markup made harmless."""
    two = says("You have {left} GB. More costs {price}.", ssml="<s>{left}</s>")
    menu = small_menu(nodes={**MENU.nodes, "outage": replace(MENU.nodes["outage"], prompt=two)})
    _, turn = after("2", "1", menu=menu)
    (said,) = filled(turn, {"left": "<5"}).say
    assert (said.text, said.ssml) == ("You have <5 GB.", "<s>&lt;5</s>")
    (said,) = filled(turn, {"price": "9"}).say
    assert (said.text, said.ssml) == ("More costs 9.", None)
    chinese = replace(MENU.nodes["outage"], prompt=says("余额{a}元。套餐{b}。谢谢。"))
    _, turn = after("2", "1", menu=small_menu(nodes={**MENU.nodes, "outage": chinese}))
    assert words(filled(turn, {"b": "甲"})) == "套餐甲。谢谢。"


def test_recordings_of_item_and_key_are_two_things_said() -> None:
    """The key's recording carries its digit, and star and pound by their names."""
    node = MENU.nodes["faults"]
    item = replace(node.items[0], say=says("For outages", file="outages"), key="*")
    press_it = says("press {key}.", 0.5, file="press-{key}")
    menu = small_menu(nodes={**MENU.nodes, "faults": replace(node, items=(item,))}, press=press_it, back="9")
    said = after("2", menu=menu)[1].say[1:]
    assert [(each.text, each.file) for each in said] == [
        ("For outages", "outages"),
        ("press star.", "press-star"),
    ]


def test_a_call_takes_no_more_than_so_many_steps() -> None:
    """Who repeats for ever is passed on."""
    state, turn = after(*["#"] * LONGEST)
    assert (turn.ends, len(state.steps)) == ("transfer", LONGEST + 1)


def test_a_level_without_keys_is_no_dead_end() -> None:
    """Nothing is offered to this caller there: silence leads to an agent, back leads up."""
    state, turn = after("2", levels={**STATIC.levels, "faults": ()})
    assert turn.keys == ("*", "#")
    assert press(MENU, state, "*", 1.0)[1].node == "main"
    for _ in range(3):
        state, turn = press(MENU, state, None, 1.0)
    assert turn.ends == "transfer"


def test_one_try_means_the_first_mistake() -> None:
    """The menu's own limit counts."""
    assert after("9", menu=small_menu(limits=MenuLimits(tries=1)))[1].ends == "transfer"


def test_the_longest_call_packs_into_few_bytes() -> None:
    """With an order of its own on every level; unpacked it is the same state."""
    levels = {node: tuple(reversed(entries)) for node, entries in STATIC.levels.items()}
    state, _ = picked_up(levels=levels, ask="bill")
    steps = tuple(Step(number, "main", "#", 3.3 + number) for number in range(1, LONGEST + 1))
    state = changed(
        state, steps=steps, trail=("main", "bills"), heard=("main", "bills"), wished=("advice",), goal="bill"
    )
    packed = pack(MENU, state)
    assert unpack(MENU, packed) == state
    assert len(packed) < 500
