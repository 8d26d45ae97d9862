"""A small menu with a node of every kind, for tests of the dialogue."""

from __future__ import annotations

from dataclasses import replace

from ivr.personal import static_menu
from strategies.declared.menu import Goal, Item, Menu, MenuLimits, MenuNode, OptOut, Personal, Prompt, Prompts


def says(text: str, seconds: float = 2.0, **more: str) -> Prompts:
    """A prompt in English."""
    return {"en": Prompt(text, seconds, **more)}


def goal(name: str) -> Goal:
    """A goal that is as likely as any other."""
    return Goal(name, {"en": name.title()}, 1.0)


NODES = (
    MenuNode("recorded", "notice", says("Recorded.", 3.0), then="main"),
    MenuNode("main", "menu", says("Welcome."), items=(
        Item("bills", says("For bills")), Item("faults", says("For faults")), Item("advice", says("For offers")),
        Item("stop", says("For no more advertising")), Item("operator", says("For an agent"), "0"),
    )),
    MenuNode("bills", "menu", says("Bills."), items=(
        Item("amount", says("For the amount")), Item("desk", says("To dispute")),
        Item("operator", says("For an agent"), "0"),
    )),
    MenuNode("faults", "menu", says("Faults."), items=(Item("outage", says("For outages")),)),
    MenuNode("amount", "answer", says("Your bill is {bill}."), goal="bill", then="main"),
    MenuNode("outage", "answer", says("We repair it."), goal="outage"),
    MenuNode("desk", "transfer", says("Billing desk."), goal="dispute", queue="billing"),
    MenuNode("advice", "offer", says("For you:"), goal="advice", then="main"),
    MenuNode("stop", "opt_out", says("Done."), opt_out=OptOut("all", "all"), then="main"),
    MenuNode("operator", "transfer", says("One moment.", 1.0), queue="hotline"),
)  # fmt: skip


def small_menu(**changes: object) -> Menu:
    """The menu, with members replaced."""
    menu = Menu(
        "main", {"en": "Hotline"}, "recorded",
        {name: goal(name) for name in ("bill", "outage", "dispute", "advice")},
        {node.id: node for node in NODES}, MenuLimits(), Personal(),
        ask={"bill": says("Are you calling about your bill?")}, wrong=says("No such key."), silent=says("We heard no key."),
    )  # fmt: skip
    return replace(menu, **changes)  # type: ignore[arg-type]


def without(*names: str) -> Menu:
    """The menu without these nodes and what leads to them."""
    kept = {
        node.id: replace(node, items=tuple(item for item in node.items if item.to not in names))
        for node in NODES
        if node.id not in names
    }
    return small_menu(nodes=kept)


STATIC = static_menu(small_menu(), "en").arranged
