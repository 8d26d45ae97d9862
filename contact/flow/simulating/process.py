"""How a process of a simulation is told: functions that ``Apart.call`` can name; its part lives between two calls."""

from __future__ import annotations

from collections.abc import Sequence

from contact.flow.planning.draft import Pairs
from contact.flow.progress import InThread
from contact.flow.simulating.messages import Beginning, DayPart
from contact.flow.simulating.part import Part
from contact.flow.simulating.records import Chunk, Made, Waiting, Wanted
from strategies.profile import PastContact, Profile

_HERE: list[Part] = []


def begin(beginning: Beginning, *, said: InThread) -> None:
    """This process has a part from now on."""
    _HERE[:] = [Part(beginning)]


def weigh(
    number: int, profiles: Sequence[Profile], others: Sequence[Profile] | None, *, said: InThread
) -> Chunk:
    """``Part.weigh``."""
    return _HERE[0].weigh(number, profiles, others)


def learn(
    contacts: tuple[Sequence[PastContact], Sequence[PastContact]], only_new: Sequence[str], *, said: InThread
) -> None:
    """``Part.learn``."""
    _HERE[0].learn(contacts, only_new)


def judge_day(day: int, chunks: Sequence[int], *, said: InThread) -> DayPart:
    """``Part.judge_day``."""
    return _HERE[0].judge_day(day, chunks, said)


def contacts_of(side: int, day: int, wanted: Sequence[Wanted], *, said: InThread) -> list[Made]:
    """``Part.contacts``."""
    return _HERE[0].contacts(side, day, wanted)


def hand_over(side: int, day: int, waiting: Sequence[Waiting], *, said: InThread) -> list[PastContact]:
    """``Part.hand_over``."""
    return _HERE[0].hand_over(side, day, waiting)


def again(side: int, day: int, wanted: Wanted, reserved: Sequence[PastContact], *, said: InThread) -> Pairs:
    """``Part.again``."""
    return _HERE[0].again(side, day, wanted, reserved)
