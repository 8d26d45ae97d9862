"""Halt contact, of everything, one channel or one strategy, and let it go on: the kill switch."""

from __future__ import annotations

from contact.domain.acts import Act
from contact.domain.halt import Halt
from contact.domain.ledger_answers import HaltAnswer, HaltsAnswer
from contact.flow.gather import known_channel, known_strategy
from contact.ports import Ports
from strategies.instants import to_datetime
from strategies.problems import Hint, Problem, ProblemsFound, Where


async def halt(
    ports: Ports, *, channel: str | None, strategy: str | None, author: str, role: str, why: str
) -> HaltAnswer:
    """From the answer on nothing it covers begins; what is reserved waits. Neither channel nor strategy: everything.

    Raises ProblemsFound for both at once, an unknown one, or no reason.
    """
    if not why.strip():
        problem = Problem(
            "value.empty", "a halt says why", Where("request"), Hint('for example "wrong price in the text"')
        )
        raise ProblemsFound([problem])
    if channel is not None:
        known_channel(await ports.playbooks.current(), channel)
    if strategy is not None:
        known_strategy(await ports.playbooks.current(), strategy)
    kind, key = _scope(channel, strategy)
    act = Act(author, role, "halt.set", f"{kind} {key}".strip(), why=why)
    return halt_answer(await ports.halts.set(kind, key, act))


async def resume(
    ports: Ports, *, channel: str | None, strategy: str | None, author: str, role: str, why: str
) -> HaltsAnswer:
    """Lift that one halt; answers those that still stand. Raises NotFound where it does not stand."""
    kind, key = _scope(channel, strategy)
    await ports.halts.lift(kind, key, Act(author, role, "halt.lifted", f"{kind} {key}".strip(), why=why))
    return await halts(ports)


async def halts(ports: Ports) -> HaltsAnswer:
    """Every halt that stands."""
    return HaltsAnswer(items=[halt_answer(each) for each in await ports.halts.list()])


def halt_answer(halt: Halt) -> HaltAnswer:
    """A halt as faces show it."""
    return HaltAnswer(
        kind=halt.kind, key=halt.key, since=to_datetime(halt.since), author=halt.author, why=halt.why
    )


def _scope(channel: str | None, strategy: str | None) -> tuple[str, str]:
    if channel is not None and strategy is not None:
        raise ProblemsFound(
            [
                Problem(
                    "key.conflict", "a halt is of a channel or of a strategy, one of them", Where("request")
                )
            ]
        )
    if channel is not None:
        return "channel", channel
    return ("strategy", strategy) if strategy is not None else ("all", "")
