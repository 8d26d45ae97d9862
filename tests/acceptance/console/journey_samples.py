"""Journeys made up by a seed and measured by the product's own functions, for the page in every state."""

from __future__ import annotations

import random
from datetime import timedelta
from functools import cache

from contact.domain.journey_answers import JourneysAnswer, TopicAnswer
from ivr.call import CallOutcome, Journey, Step
from ivr.call_columns import columns_of
from ivr.journeys import Following, measures, measures_by, node_measures, read, seconds_by_goal
from ivr.journeys_compared import against_static, before_after
from ivr.journeys_paths import commonest_paths, transitions, unrolled
from strategies.instants import DAY, HOUR, Instant, to_instant
from tests.acceptance.console.samples import NOW, demo_playbook

CALLS, CALLERS = 900, 400
GOALS = ("bill", "balance", "data_left", "plan_change", "outage", "complaint_state", "points")
SHARES = (30, 20, 18, 10, 8, 6, 4)
START = to_instant(NOW) - 30 * DAY


def journeys(calls: int = CALLS, *, unequal: bool = False) -> list[Journey]:
    """Calls of thirty days through the demonstration's hotline; ``unequal``: far more callers hear the static menu."""
    chance = random.Random(6)
    menu = demo_playbook().menus["main"]
    above = {item.to: node.id for node in reversed(menu.nodes.values()) for item in node.items}
    found = []
    for number in range(calls):
        caller = f"C{chance.randrange(CALLERS):05d}"
        static = hash_free(caller) % (2 if unequal else 10) == 0
        goal = chance.choices(GOALS, SHARES)[0]
        node = menu.serving(goal) or "operator"
        way, outcome = _way(chance, above, node, static)
        found.append(
            Journey(
                id=f"call-{number}",
                customer=caller,
                at=Instant(START + number * 30 * DAY // calls),
                menu="main",
                version="f1e2d3c4b5a6" if number > calls // 2 else "a0b1c2d3e4f5",
                arm="static" if static else "personal",
                source="own",
                steps=way,
                outcome=outcome,
                goal=goal if outcome == "reached" else None,
                unit=("B01", "B02", None)[number % 3],
                segment=("heavy-users", None)[number % 2],
                language="zh-CN",
            )
        )
    return found


def hash_free(caller: str) -> int:
    """A draw that depends on the caller alone."""
    return int(caller[1:])


def _way(
    chance: random.Random, above: dict[str, str], node: str, static: bool
) -> tuple[tuple[Step, ...], CallOutcome]:
    """The levels down to a goal, longer in the static menu, with a wrong turn, a silence or an early end now and then."""
    nodes = [node]
    while nodes[0] in above and len(nodes) < 6:
        nodes.insert(0, above[nodes[0]])
    if not static and chance.random() < 0.5 and len(nodes) > 2:
        nodes = [nodes[0], nodes[-1]]
    if chance.random() < 0.15:
        nodes = [nodes[0], "more", *nodes]
    if chance.random() < 0.1:
        nodes.insert(1, nodes[0])
    outcome: CallOutcome = "reached"
    ending = chance.random()
    if ending < 0.12 and len(nodes) > 1:
        nodes, outcome = nodes[:-1], "abandoned" if ending < 0.07 else "agent"
    seconds = [round(chance.uniform(3, 9) + (8 if static else 2) * chance.random(), 1) for _ in nodes]
    steps = [Step(1, "recorded", None, 4.0)]
    for place, (each, spent) in enumerate(zip(nodes, seconds, strict=True)):
        last = place == len(nodes) - 1
        steps.append(Step(len(steps) + 1, each, None if last or each == nodes[place + 1] else "1", spent))
    return tuple(steps), outcome


@cache
def answer(
    *, few: bool = False, unequal: bool = False, split: bool = True, language: str = "en"
) -> JourneysAnswer:
    """What is answered of them; ``few``: three calls of one arm, so that hardly anything can be told."""
    calls = columns_of(journeys(unequal=unequal)[: 3 if few else None])
    menu, until = demo_playbook().menus["main"], to_instant(NOW)
    serving = {goal: node for goal in menu.goals if (node := menu.serving(goal)) is not None}
    readings = read(calls, Following(calls, until), serving)
    middle = Instant(START + 15 * DAY)
    against = (
        None
        if few
        else against_static(readings, dict.fromkeys(calls.version.words, menu.personal.static_percent))
    )
    titles = {"zh-CN": ("流量用尽", "账单疑问", "宽带故障")}.get(
        language, ("Data used up", "Bill not understood", "No broadband")
    )
    return JourneysAnswer(
        menu="main", since=NOW - timedelta(days=30), until=NOW, at=NOW, simulated_time=True, calls=len(calls),
        open=0 if few else 4, measures=measures(readings),
        by_segment=measures_by(readings, calls.segment),
        by_unit=measures_by(readings, calls.unit),
        by_version=measures_by(readings, calls.version),
        by_arm=measures_by(readings, calls.arm),
        by_source=measures_by(readings, calls.source),
        goals=seconds_by_goal(readings), goal_titles={}, nodes=list(node_measures(calls)), sankey=unrolled(calls),
        transitions=transitions(calls), paths=list(commonest_paths(calls)), against_static=against,
        before_after=before_after(readings, middle) if split and not few else None,
        split=NOW - timedelta(days=15) if split and not few else None,
        topics=[] if few else [TopicAnswer(topic=f"t{place}", title=title, calls=90 - 30 * place, callers=80 - 30 * place)
                               for place, title in enumerate(titles)],
        more=False,
    )  # fmt: skip


def nothing() -> JourneysAnswer:
    """A menu is published and nobody has called."""
    none = columns_of([])
    following = Following(none, Instant(to_instant(NOW) + HOUR))
    return JourneysAnswer(
        menu="main", since=NOW - timedelta(days=30), until=NOW, at=NOW, simulated_time=True, calls=0, open=0,
        measures=measures(read(none, following, {})), by_segment={}, by_unit={}, by_version={}, by_arm={}, by_source={},
        goals={}, goal_titles={}, nodes=[], sankey=unrolled(none), transitions=transitions(none), paths=[],
        against_static=None, before_after=None, split=None, topics=[], more=False,
    )  # fmt: skip
