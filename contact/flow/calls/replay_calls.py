"""Play held-out calls against the static and the personal menu: learnt from the older calls, tried on the later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from contact.domain.replay_answers import FigureAnswer, MenuReplayAnswer, PlayedAnswer, StabilityAnswer
from contact.flow.calls.learn_menus import LEARNT_SHARE, MOST_CALLS
from contact.flow.calls.menu_for import menu_of
from contact.flow.calls.newest_calls import newest_calls
from contact.ports import Ports
from ivr.call import Journey, Known
from ivr.fitting import Learnt, declared, example_of, fit, says_why
from ivr.intent import likely, loss_of, mean_loss
from ivr.ordering import Arranged, arranged, static
from ivr.personal import offered
from ivr.replaying import (
    Figure,
    Order,
    Played,
    Replay,
    mean_by_caller,
    play,
    ratio_by_caller,
    split_by_time,
    with_known,
)
from strategies.declared.menu import Menu
from strategies.instants import DAY, Instant, to_datetime
from strategies.problems import Hint, Problem, ProblemsFound, Where

FEWEST = 50
"""Held-out calls below which nothing can be said."""
YEAR = 366 * DAY
Chances = Mapping[str, Mapping[str, float]]
"""Call → goal → the chance that the call is about it."""


async def replay_calls(
    ports: Ports, menu_id: str | None = None, journeys: Sequence[Journey] | None = None, *,
    share: float = LEARNT_SHARE, truth: Chances | None = None,
) -> MenuReplayAnswer:  # fmt: skip
    """The report on these journeys, or on the last year's of the store, the newest of very many.

    Only calls of known callers with a goal that the menu serves count. With ``truth`` the menu that knows the planted
    chances is played too: nothing can be faster but by luck. Raises ProblemsFound (``menu.too_few_calls``, and for an
    unknown menu).
    """
    playbook = await ports.playbooks.current()
    menu = menu_of(playbook, menu_id)
    if journeys is None:
        now = (await ports.clock.now()).at
        since, until = Instant(now - YEAR), Instant(now + 1)
        journeys, _ = await newest_calls(ports, since, until, MOST_CALLS, menu=menu.id)
    language = playbook.operator.languages[0]
    return await asyncio.to_thread(replayed, menu, journeys, language, share=share, truth=truth)


def replayed(
    menu: Menu, journeys: Sequence[Journey], language: str, *, share: float, truth: Chances | None
) -> MenuReplayAnswer:
    """The same of a menu at hand; ``language`` is that of calls which do not say theirs."""
    calls = [
        each
        for each in journeys
        if each.menu == menu.id and each.customer is not None and says_why(menu, each)
    ]
    if truth is not None:
        calls = [each for each in calls if each.id in truth]
    past, held_out = split_by_time(calls, share)
    if len(held_out) < FEWEST or not past:
        message = f"{len(calls)} calls with a known caller and goal leave {len(held_out)} to play; {FEWEST} are needed"
        hint = Hint("take a log of more calls, or learn from a smaller share of them")
        raise ProblemsFound([Problem("menu.too_few_calls", message, Where("request"), hint)])
    learnt = fit(menu, [example_of(call, known) for call, known in with_known(past)])

    def spoken(call: Journey) -> str:
        return call.language if call.language in menu.nodes[menu.root].prompt else language

    orders = _orders(menu, learnt, truth, spoken)
    usual = static(menu, {node.id: tuple(item.to for item in node.items) for node in menu.nodes.values()})
    found = play(menu, past, held_out, orders, usual, spoken)
    if not found.callers:
        hint = Hint("look whether the log's goals are those of the menu")
        raise ProblemsFound(
            [Problem("menu.too_few_calls", "no held-out call can be played", Where("request"), hint)]
        )
    return _answer(menu, journeys, calls, past, held_out, learnt, truth, found)


def _orders(
    menu: Menu, learnt: Learnt, truth: Chances | None, spoken: Callable[[Journey], str]
) -> dict[str, Order]:
    """The menus that are played."""

    def ordered(call: Journey, known: Known, chances: Mapping[str, float]) -> Arranged:
        return arranged(menu, chances, spoken(call), offered(menu, call.facts, call.at), known, call.at)

    def personal(weights: Learnt | None) -> Order:
        def order(call: Journey, known: Known) -> Arranged:
            chances = likely(menu, weights, call.facts, call.segment, known, call.at).probability
            return ordered(call, known, chances)

        return order

    orders: dict[str, Order] = {
        "static": lambda call, known: static(menu, offered(menu, call.facts, call.at)),
        "declared": personal(None),
        "personal": personal(learnt),
    }
    if truth is not None:
        orders["truth"] = lambda call, known: ordered(call, known, truth[call.id])
    return orders


def _answer(
    menu: Menu, journeys: Sequence[Journey], calls: Sequence[Journey], past: Sequence[Journey],
    held_out: Sequence[Journey], learnt: Learnt, truth: Chances | None, found: Replay,
) -> MenuReplayAnswer:  # fmt: skip
    played = found.played
    over_truth = None
    if "truth" in played:
        over_truth = _figure(
            ratio_by_caller(played["personal"].seconds, played["truth"].seconds, found.callers)
        )
    tried = [example_of(call, known) for call, known in with_known([*past, *held_out])][len(past) :]
    return MenuReplayAnswer(
        menu=menu.id,
        calls=len(calls),
        left_out=len(journeys) - len(calls) + found.unreachable,
        learnt_from=len(past),
        held_out=len(found.callers),
        callers=len(set(found.callers)),
        since=to_datetime(past[0].at),
        split=to_datetime(held_out[0].at),
        until=to_datetime(held_out[-1].at),
        menus=[_played(name, each, played["static"], found.callers) for name, each in played.items()],
        over_truth=over_truth,
        declared_loss=loss_of(menu, declared(menu), tried),
        learnt_loss=loss_of(menu, learnt, tried),
        true_loss=None
        if truth is None
        else mean_loss((truth[call.id].get(call.goal or "", 0.0) for call in held_out), len(held_out)),
    )  # fmt: skip


def _played(name: str, played: Played, plain: Played, callers: Sequence[str]) -> PlayedAnswer:
    told = played.stability
    return PlayedAnswer(
        name=name,
        seconds=_figure(mean_by_caller(played.seconds, callers)),
        keys=_figure(mean_by_caller([float(each) for each in played.keys], callers)),
        asked=played.asked,
        asked_rightly=played.asked_rightly,
        stability=StabilityAnswer(
            hearings=told.hearings, changed=told.changed, most_changed=told.most_changed,
            over_limit=told.over_limit, moved_too_often=told.moved_too_often,
        ),
        against_static=_figure(ratio_by_caller(played.seconds, plain.seconds, callers)),
    )  # fmt: skip


def _figure(found: Figure) -> FigureAnswer:
    return FigureAnswer(value=found.value, low=found.low, high=found.high)
