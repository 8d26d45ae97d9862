"""What an agent sees of a caller who is put through: the way through the menu, what is wanted, the next best action."""

from __future__ import annotations

from contact.domain.answers import DecisionAnswer
from contact.domain.call_answers import HeardStepAnswer, LikelyGoalAnswer, ScreenPopAnswer
from contact.faults import NotFound, StoreUnavailable
from contact.flow.calls.menu_for import caller_now, menu_of
from contact.flow.deciding.decide import DecisionRequest, decide
from contact.flow.wording import titled
from contact.ports import Ports
from ivr.call import Journey, Step
from ivr.speech import title_of
from strategies.declared.menu import Menu
from strategies.declared.playbook import Playbook
from strategies.instants import MINUTE, Instant, to_datetime
from strategies.problems import ProblemsFound

RECENT = 15 * MINUTE
"""How old a call may be to be the one that somebody takes over."""
LIVE = ("own", "reported")
"""Calls through a menu, ours or somebody else's; a log comes later, and a hotline's topic is what an agent wrote."""
LIKELY = 3
AGENT = "agent"
"""The channel of those who have a caller on the line."""


async def screen_pop(
    ports: Ports, *, call: str | None = None, customer: str | None = None, language: str = "en"
) -> ScreenPopAnswer | None:
    """The newest call of an id, or the newest of a customer within the last minutes; None where there is none."""
    journey = await _journey(ports, call, customer)
    if journey is None:
        return None
    playbook = await _playbook(ports, journey)
    menu = playbook.menus.get(journey.menu)
    decided = await _next(ports, journey.customer, language)
    goal = menu.goals.get(journey.goal or "") if menu is not None else None
    last = menu.nodes.get(journey.steps[-1].node) if menu is not None and journey.steps else None
    return ScreenPopAnswer(
        call=journey.id,
        customer=journey.customer,
        at=to_datetime(journey.at),
        menu=journey.menu,
        outcome=journey.outcome,
        queue=last.queue if last is not None and journey.outcome == "agent" else None,
        goal=journey.goal,
        goal_title=titled(goal.title, language, (), goal.id) if goal is not None else journey.goal,
        seconds=round(journey.seconds, 1),
        keys=journey.keys,
        path=[_heard(menu, step, language) for step in journey.steps],
        likely=await _likely(ports, menu, journey, language),
        decision=decided.decision if decided is not None else None,
        next=decided.options[0] if decided is not None and decided.options else None,
    )


async def _journey(ports: Ports, call: str | None, customer: str | None) -> Journey | None:
    if call is not None:
        return await ports.calls.get(call)
    now = (await ports.clock.now()).at
    since = Instant(now - RECENT)
    found = await ports.calls.between(since, Instant(now + 1), customer=customer)
    return next((each for each in reversed(found) if each.source in LIVE), None)


async def _playbook(ports: Ports, journey: Journey) -> Playbook:
    """The one the call went by; today's where it is not to be had."""
    try:
        return await ports.playbooks.version(journey.version)
    except (NotFound, ProblemsFound):
        return await ports.playbooks.current()


async def _next(ports: Ports, customer: str | None, language: str) -> DecisionAnswer | None:
    """The best that may be offered to the caller by an agent; only what is allowed now."""
    if customer is None:
        return None
    try:
        decided = await decide(ports, DecisionRequest(customer, AGENT, limit=1, language=language))
    except (
        NotFound,
        ProblemsFound,
    ):  # nobody of ours, or an operator whose agents have no channel of their own
        return None
    return decided if decided.chosen is not None else None


async def _likely(ports: Ports, menu: Menu | None, journey: Journey, language: str) -> list[LikelyGoalAnswer]:
    """By what is known of the caller, within the part of the menu where they looked last."""
    if menu is None or journey.customer is None:
        return []
    try:
        playbook = await ports.playbooks.at_hand()
        todays = menu_of(playbook, journey.menu)
        caller = await caller_now(ports, playbook, todays, journey.customer)
    except (NotFound, ProblemsFound, StoreUnavailable):
        return []
    found = caller.likely(todays).probability
    near = goals_near(menu, journey.steps)
    mass = sum(found.get(goal, 0.0) for goal in near)
    if mass > 0:
        found = {goal: found.get(goal, 0.0) / mass for goal in near}
    best = sorted(((likely, goal) for goal, likely in found.items() if goal in menu.goals), reverse=True)
    return [
        LikelyGoalAnswer(
            goal=goal, title=titled(menu.goals[goal].title, language, (), goal), probability=round(likely, 4)
        )
        for likely, goal in best[:LIKELY]
        if likely > 0
    ]


def goals_near(menu: Menu, steps: tuple[Step, ...]) -> frozenset[str]:
    """Goals below the last menu that the caller came to, beyond the first; none where they came no further."""
    places = [step.node for step in steps if step.node in menu.nodes and menu.nodes[step.node].kind == "menu"]
    if not places or places[-1] == menu.top:
        return frozenset()
    found: set[str] = set()
    frontier, seen = [places[-1]], {menu.top}
    while frontier:
        name = frontier.pop()
        if name in seen:
            continue
        seen.add(name)
        node = menu.nodes[name]
        found |= {node.goal} if node.goal is not None else set()
        frontier += [item.to for item in node.items if item.key is None]
    return frozenset(found)


def _heard(menu: Menu | None, step: Step, language: str) -> HeardStepAnswer:
    title = step.node if menu is None else title_of(menu, step.node, language)
    return HeardStepAnswer(node=step.node, title=title, key=step.key, seconds=step.seconds)
