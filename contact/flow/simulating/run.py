"""The days of a simulation, one after the other: each process asks its part of the customers, places are given by all."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import msgspec

from contact.flow.apart import Apart
from contact.flow.deciding.capacity import hours_of
from contact.flow.planning.draft import Draft, count_refusals, valid_until
from contact.flow.planning.plan import capacity_left, count_unplaced, places_reserved
from contact.flow.progress import Progress, say
from contact.flow.simulating import process as part
from contact.flow.simulating.contacts import subject_keys
from contact.flow.simulating.messages import MOST_HELD, Beginning, DayPart, Row
from contact.flow.simulating.records import (
    NEW,
    OLD,
    SIDES,
    Chunk,
    Day,
    Folder,
    Made,
    Place,
    Side,
    Span,
    Waiting,
    Wanted,
    as_kept,
)
from contact.ports import Moment, Ports
from strategies.candidate import Candidate, Priority, Ranked
from strategies.declared.calendar import start_of_day
from strategies.declared.playbook import Condition, Playbook
from strategies.instants import Instant
from strategies.judging.judge import validity_refusal
from strategies.offering.allocation import Allocation, Assignment, Option, allocate
from strategies.profile import PastContact, Profile

MOST_PROCESSES = 8
CHUNK = 1000
"""Customers weighed together, at least, and kept in one file."""
_NO_PRIORITY = Priority(1.0, 1.0, 1.0, 1.0)


@dataclass
class Run:
    """One simulation under way: its processes, and the days that are finished."""

    ports: Ports
    playbooks: tuple[Playbook, Playbook]
    span: Span
    folder: Folder
    progress: Progress | None = None
    processes: list[Apart] = field(default_factory=list)
    customers: int = 0

    async def days(self) -> list[Day]:
        """All of them; those that an earlier process finished are not done again."""
        finished = self.folder.days()
        self.customers = await self.ports.customers.count()
        async with AsyncExitStack() as stack:
            told = self._beginning()
            for _ in range(min(os.cpu_count() or 1, MOST_PROCESSES)):
                self.processes.append(await stack.enter_async_context(await Apart.start()))
            await self._all(part.begin, told)
            chunks = self.folder.chunks()
            if chunks is None:
                chunks = await self._weigh()
                self.folder.weighed(chunks)
            self.customers = sum(each.customers for each in chunks)
            for day in finished:
                await self._learn(day)
            for number in range(len(finished), self.span.days):
                day = await self._day(number, chunks, finished)
                self.folder.finish(number, day)
                finished.append(day)
                await self._learn(day)
        return finished

    # --- beginning

    def _beginning(self) -> Beginning:
        asked = tuple(self._asked(number) for number in range(self.span.days))
        back = tuple(
            tuple(self.ports.profiles.looks_back(playbook, at) for at in asked) for playbook in self.playbooks
        )
        cores = min(os.cpu_count() or 1, MOST_PROCESSES)
        return Beginning(
            self.folder.path, self.span, (self.playbooks[OLD].texts, self.playbooks[NEW].texts), asked,
            (back[OLD], back[NEW]), all(self._is_steady(each, asked) for each in self.playbooks),
            MOST_HELD // cores,
        )  # fmt: skip

    def _asked(self, number: int) -> Instant:
        """When the day is planned: as it begins, or now where it has begun and lies ahead."""
        start = start_of_day(self.playbooks[OLD].operator.zone, self.span.day(number).toordinal())
        return Instant(max(start, self.span.began)) if self.span.ahead else start

    def _is_steady(self, playbook: Playbook, asked: Sequence[Instant]) -> bool:
        """Whether neither dates, nor draws by day, nor conditions on the clock change who is offered what."""
        seen = set()
        for number, at in enumerate(asked):
            then = playbook.at(at)
            if any(each.explores for each in then.strategies) or any(
                each.reads_clock for each in _conditions(then)
            ):
                return False
            valid = tuple(validity_refusal(each, at) is None for each in then.strategies)
            seen.add((id(then), valid, tuple(hours_of(playbook, self.span.day(number), at))))
        return len(seen) == 1

    async def _all(self, function: object, *arguments: object) -> None:
        await asyncio.gather(*(each.call(function, *arguments) for each in self.processes))  # type: ignore[arg-type]

    # --- weighing

    async def _weigh(self) -> list[Chunk]:
        """Everybody, chunk by chunk, by whichever process is free."""
        found: list[Chunk] = []
        free: asyncio.Queue[Apart] = asyncio.Queue()
        for each in self.processes:
            free.put_nowait(each)
        working: set[asyncio.Task[None]] = set()

        async def one(
            process: Apart, number: int, profiles: list[Profile], others: list[Profile] | None
        ) -> None:
            found.append(await process.call(part.weigh, number, profiles, others))
            free.put_nowait(process)
            weighed = sum(each.customers for each in found)
            await self._say(0, weighed, "weighing candidates")

        try:
            number = 0
            async for profiles, others in self._profiles():
                process = await free.get()
                working.add(asyncio.ensure_future(one(process, number, profiles, others)))
                for done in [each for each in working if each.done()]:
                    working.discard(done)
                    done.result()
                number += 1
            await asyncio.gather(*working)
        finally:
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)
        return sorted(found, key=lambda chunk: chunk.number)

    async def _profiles(self) -> AsyncIterator[tuple[list[Profile], list[Profile] | None]]:
        """Customers with history, in chunks; once more by the new playbook's fields where those differ."""
        began = self.span.began
        old, new = self.playbooks
        differs = _reads(old) != _reads(new)
        others = self.ports.profiles.all(new, looking_from=began) if differs else None
        some: list[Profile] = []
        same: list[Profile] = []
        async for profiles in self.ports.profiles.all(
            _wider(self.ports, old, new, began), looking_from=began
        ):
            some += profiles
            if others is not None:
                same += await anext(others)
            if len(some) >= CHUNK:
                yield some, same if differs else None
                some, same = [], []
        if some:
            yield some, same if differs else None

    # --- a day

    async def _day(self, number: int, chunks: Sequence[Chunk], before: Sequence[Day]) -> Day:
        parts = await self._judged(number, chunks)
        old, new = [
            await self._side(side, number, chunks, parts, before[-1].sides[side].waiting if before else [])
            for side in SIDES
        ]
        sides = (old, new)
        allowed, refused = Counter[str](), Counter[str]()
        for some in (parts, chunks):
            for each in some:
                allowed.update(each.allowed)
                refused.update(each.refused)
        reached = {(each.customer, each.channel) for each in old.contacts}
        only_new = [each.id for each in new.contacts if (each.customer, each.channel) not in reached]
        capped = sorted({customer for each in parts for customer in each.capped})
        return Day(self.span.day(number).isoformat(), sides, dict(allowed), dict(refused), only_new, capped)

    async def _judged(self, number: int, chunks: Sequence[Chunk]) -> list[DayPart]:
        """What each process finds of its share of the chunks."""
        count, seen = len(self.processes), [0] * len(self.processes)
        kept = sum(each.kept for each in chunks) or 1

        async def one(at: int) -> DayPart:
            async def said(done: int, total: int | None, message: str) -> None:
                seen[at] = done
                await self._say(number + 1, self.customers * sum(seen) // kept, str(self.span.day(number)))

            mine = [each.number for each in chunks[at::count]]
            found: DayPart = await self.processes[at].call(part.judge_day, number, mine, progress=said)
            return found

        return list(await asyncio.gather(*(one(at) for at in range(count))))

    async def _side(
        self, side: int, number: int, chunks: Sequence[Chunk], parts: Sequence[DayPart], waiting: Sequence[Waiting]
    ) -> Side:  # fmt: skip
        playbook, asked, day = self.playbooks[side], self._asked(number), self.span.day(number)
        draft = Draft(playbook, Moment(asked, True), day, hours_of(playbook, day, asked), [])
        for chunk in chunks:
            draft.refusals.update(dict(chunk.refusals[side]))
        for each in parts:
            draft.refusals.update(each.refusals[side])
        rows = [row for each in parts for row in each.rows[side]]
        allocation, row_of = await asyncio.to_thread(_allocated, draft, rows)
        places, taken = await self._taken(side, number, draft, allocation, row_of)
        count_unplaced(draft, allocation)
        ends = self._ends(number)
        due = [
            each
            for each in (*waiting, *taken)
            if each.contact.state == "reserved" and each.contact.planned_at < ends
        ]
        taken = [each for each in taken if each not in due] + await self._handed_over(side, number, due)
        put_off = [each for each in taken if each.contact.state == "reserved"]
        return Side(
            places, as_kept(draft.refusals), [each.contact for each in taken],
            [(channel, hour.at, hour.places) for channel, hours in draft.hours.items() for hour in hours],
            sum(each.would_have for each in allocation.assignments),
            sum(each.contact.state == "cancelled" for each in taken),
            [*(each for each in waiting if each not in due), *put_off],
        )  # fmt: skip

    async def _handed_over(self, side: int, number: int, due: Sequence[Waiting]) -> list[Waiting]:
        """Contacts that were put off to this day, as it leaves them; the same day again where they are put off within it."""
        left, found = list(due), list[Waiting]()
        while left:
            each = left.pop()
            process = self._process_of(each.wanted)
            (contact,) = await process.call(part.hand_over, side, number, [each])
            again = msgspec.structs.replace(each, contact=contact)
            within = (
                contact.state == "reserved"
                and each.contact.planned_at < contact.planned_at < self._ends(number)
            )
            (left if within else found).append(again)
        return found

    def _ends(self, number: int) -> Instant:
        return start_of_day(self.playbooks[OLD].operator.zone, self.span.day(number + 1).toordinal())

    async def _taken(
        self, side: int, number: int, draft: Draft, allocation: Allocation, row_of: Mapping[int, Row]
    ) -> tuple[list[Place], list[Waiting]]:
        """Places in order of value, as reservations are made: each asks again where its customer shares what was taken."""
        given = [each for each in allocation.assignments if not each.would_have]
        wanted = [
            Wanted(*row_of[id(each.option)][:3], each.at, f"{number}.{side}.{place}")
            for place, each in enumerate(given)
        ]
        made = await self._made(side, number, wanted)
        taken: dict[str, list[PastContact]] = {}
        places, contacts = list[Place](), list[Waiting]()
        for assignment, want, contact in zip(given, wanted, made, strict=True):
            others = {other.id: other for key in contact.subjects for other in taken.get(key, ())}
            if others:
                process = self._process_of(want)
                pairs = await process.call(part.again, side, number, want, list(others.values()))
                if pairs:
                    count_refusals(draft, assignment.option.ranked, pairs)
                    continue
            for key in subject_keys(contact.reserved):
                taken.setdefault(key, []).append(contact.reserved)
            places.append(_place(assignment, contact))
            until = valid_until(draft.playbook, contact.reserved.strategy, draft.start)
            contacts.append(Waiting(want, contact.after, until))
        return places, contacts

    async def _made(self, side: int, number: int, wanted: Sequence[Wanted]) -> list[Made]:
        """The contacts of these places, each from the process that has the customer."""
        by_process: dict[Apart, list[Wanted]] = {}
        for each in wanted:
            by_process.setdefault(self._process_of(each), []).append(each)
        answers = await asyncio.gather(
            *(process.call(part.contacts_of, side, number, some) for process, some in by_process.items())
        )
        found: dict[str, Made] = {each.reserved.id: each for some in answers for each in some}
        return [found[each.id] for each in wanted]

    def _process_of(self, wanted: Wanted) -> Apart:
        return self.processes[wanted.chunk % len(self.processes)]

    async def _learn(self, day: Day) -> None:
        await self._all(part.learn, (day.sides[OLD].contacts, day.sides[NEW].contacts), day.only_new)

    async def _say(self, step: int, customers: int, words: str) -> None:
        total = self.customers * (self.span.days + 1)
        await say(self.progress, min(self.customers * step + customers, total), total, words)


def _allocated(draft: Draft, rows: Sequence[Row]) -> tuple[Allocation, dict[int, Row]]:
    """The plan's own allocation of these options, and the row of each."""
    options: list[Option] = []
    row_of: dict[int, Row] = {}
    candidates: dict[tuple[str, str, str], Candidate] = {}
    for row in rows:
        _, _, _, customer, hash_, rank, channel, strategy, offer, arm, value, hours, preferred = row
        key = (channel, strategy, offer)
        candidate = candidates.get(key)
        if candidate is None:
            declared = draft.playbook.strategy(strategy)
            category = "" if declared is None else declared.category
            candidate = candidates[key] = Candidate(channel, category, strategy=strategy, offer=offer)
        option = Option(customer, hash_, Ranked(rank, candidate, _NO_PRIORITY, arm), value, hours, preferred)
        options.append(option)
        row_of[id(option)] = row
    most = draft.playbook.operator.contacts_per_day
    return allocate(options, capacity_left(draft), most, places_reserved(draft)), row_of


def _place(assignment: Assignment, made: Made) -> Place:
    contact = made.reserved
    return Place(
        contact.customer, contact.channel, contact.strategy, contact.offer, assignment.at,
        assignment.option.value, made.branch, made.segments,
    )  # fmt: skip


def _conditions(playbook: Playbook) -> list[Condition]:
    """All that decide who is offered what, and with what priority."""
    found = []
    for strategy in playbook.strategies:
        found.append(strategy.audience)
        found += [offer.suitable for offer in strategy.offers if offer.suitable is not None]
        found += [context.when for context in strategy.contexts]
    return found


def _reads(playbook: Playbook) -> tuple[object, ...]:
    """What a profile depends on."""
    return playbook.fields, playbook.events, playbook.events_watched()


def _wider(ports: Ports, old: Playbook, new: Playbook, at: Instant) -> Playbook:
    """Of two playbooks with the same fields the one that looks farther back."""
    if _reads(old) != _reads(new):
        return old
    return min((old, new), key=lambda each: ports.profiles.looks_back(each, at))
