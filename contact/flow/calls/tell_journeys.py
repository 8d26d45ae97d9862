"""Tell what ended calls say of their callers, as events that ordinary strategies read: a journey that failed, the next one
that reached its goal, and the channel that a caller's calls speak for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contact.flow.hearing.receive import settled
from contact.ports import IncomingEvent, Ports
from contact.ports.journeys import ToldEvent
from ivr.call import ENQUIRY, Journey
from ivr.journeys import reached
from ivr.journeys_failed import USUAL, Failure, failure, preferred, repeated
from strategies.declared.menu import Failing
from strategies.declared.playbook import Playbook
from strategies.instants import DAY, HOUR, MINUTE, SECOND, Instant
from strategies.profile import CustomerId

FAILED, REACHED, PREFERRED = "journey_failed", "journey_reached", "channel_preferred"
TYPES = (FAILED, REACHED, PREFERRED)
PAGE = 500
SETTLED = 2 * SECOND
"""A commit that takes longer is overtaken by later ones; calls are looked at once none can come before them."""
LOOKS_BACK = DAY + HOUR
"""Calls that began earlier, those of old logs above all, are care for nobody any more."""
HABIT = 90 * DAY
"""Calls this old still speak for a channel."""
SAID_AGAIN = 30 * DAY
"""After which a preference that still holds is said again, lest it be forgotten."""
WRITTEN_DOWN = MINUTE
"""How often it is written down how far calls were looked at while none ends."""
_REMEMBERED = 180 * DAY


@dataclass
class _Caller:
    """One caller's calls and what was told of them; what is told now is added."""

    calls: Sequence[Journey]
    told: list[ToldEvent]

    def last(self, type: str) -> ToldEvent | None:
        """The newest event of a type."""
        return max((each for each in self.told if each.type == type), key=lambda each: each.at, default=None)


@dataclass
class _Telling:
    """What the playbook in force wants to be told."""

    ports: Ports
    playbook: Playbook
    types: tuple[str, ...]
    now: Instant
    count: int = 0
    callers: dict[str, _Caller] = field(default_factory=dict)


async def tell_journeys(ports: Ports) -> int:
    """Look once at every call that has ended since the last time; how many events were told.

    Nothing is told that ``events.yaml`` does not declare. Each event has the name of its call, so that two processes that
    look at once tell it once. Raises NotFound where no playbook was published, ProblemsFound where an event sets a field
    from what no journey says.
    """
    playbook = await ports.playbooks.current()
    now = (await ports.clock.now()).at
    telling = _Telling(ports, playbook, tuple(each for each in TYPES if each in playbook.events), now)
    until, last = Instant(now - SETTLED), await ports.journeys.told()
    began = Instant(now - LOOKS_BACK)
    since, after = (began if last is None else last), "\U0010ffff"
    while telling.types:
        page = await ports.journeys.ended(since, after, until, began, PAGE)
        await _look(telling, [each.journey for each in page])
        if len(page) < PAGE:
            break
        since, after = page[-1].ended, page[-1].journey.id
    if last is None or since > last or until - last >= WRITTEN_DOWN or telling.callers:
        await ports.journeys.keep_told(until)
    return telling.count


async def _look(telling: _Telling, calls: Sequence[Journey]) -> None:
    """Tell what a page of calls says."""
    ports, playbook, now = telling.ports, telling.playbook, telling.now
    names = sorted({call.customer for call in calls if call.customer is not None})
    if not names:
        return
    histories = await ports.journeys.of_callers(names, Instant(now - HABIT))
    told = await ports.journeys.told_of(names, telling.types, Instant(now - _REMEMBERED))
    telling.callers = {name: _Caller(histories.get(name, ()), list(told.get(name, ()))) for name in names}
    for call in calls:
        caller = telling.callers[call.customer or ""]
        menu = playbook.menus.get(call.menu)
        for name, type, at, data in _said(caller, call, USUAL if menu is None else menu.failed):
            if type in telling.types:
                await _tell(telling, caller, call, name, type, at, data)


def _said(
    caller: _Caller, call: Journey, failed: Failing
) -> Iterator[tuple[str, str, Instant, dict[str, Any]]]:
    """Name, type, instant and data of what a call says."""
    ended = Instant(call.at + round(SECOND * call.seconds))
    own, again = failure(call, failed), _repeated(caller, call, failed)
    if own is not None:
        yield f"{FAILED}:{call.id}", FAILED, ended, _data(own)
    if again is not None:  # a moment later: of two reasons the graver one is known
        yield f"{FAILED}:{again.call.id}:again", FAILED, Instant(ended + 1), _data(again)
    if reached(call) and own is None and again is None:
        before, served = caller.last(FAILED), caller.last(REACHED)
        if before is not None and before.at <= ended and (served is None or served.at < before.at):
            yield f"{REACHED}:{call.id}", REACHED, ended, {"menu": call.menu, "goal": call.goal}
    channel, last = preferred([each for each in caller.calls if each.at <= call.at]), caller.last(PREFERRED)
    known = None if last is None else last.data.get("channel")
    aging = last is not None and channel is not None and ended - last.at > SAID_AGAIN
    if channel != known or aging:
        yield f"{PREFERRED}:{call.id}", PREFERRED, ended, {"channel": channel}


def _repeated(caller: _Caller, call: Journey, failed: Failing) -> Failure | None:
    """What the call says of the one before it."""
    before = [
        each
        for each in caller.calls
        if each.at < call.at and each.menu == call.menu and each.source != ENQUIRY
    ]
    return repeated(before[-1], call, failed) if before else None


def _data(found: Failure) -> dict[str, Any]:
    return {"menu": found.call.menu, "node": found.node, "why": found.why, "keys": found.call.keys}


async def _tell(
    telling: _Telling, caller: _Caller, call: Journey, name: str, type: str, at: Instant, data: Mapping[str, Any]
) -> None:  # fmt: skip
    kind = telling.playbook.events[type]
    happened = Instant(min(at, telling.now))
    until = None if kind.lasts is None else Instant(happened + kind.lasts)
    event = IncomingEvent(name, type, CustomerId(call.customer or ""), None, happened, data)
    if await telling.ports.events.accept(event, settled(telling.playbook, kind, data), until):
        telling.count += 1
    caller.told.append(ToldEvent(type, happened, data))
