"""A process's part of the customers in a simulation: weighed once, asked about each day, all of it pure but its files."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace

from contact.flow.deciding.capacity import hours_of
from contact.flow.gather import candidate_of
from contact.flow.planning.draft import (
    Draft,
    Pairs,
    RefusalKey,
    ask_hours,
    hole_refusal,
    put_in_order,
    refusal_keys,
    valid_until,
)
from contact.flow.progress import InThread
from contact.flow.simulating.alike import Answer, Kinds, nothing_turns
from contact.flow.simulating.contacts import handed_over, happened_at, made, subject_keys, subjects_of
from contact.flow.simulating.messages import Beginning, DayPart, Row
from contact.flow.simulating.records import (
    NEW,
    OLD,
    SIDES,
    Chunk,
    Folder,
    Kept,
    Made,
    Waiting,
    Wanted,
    as_kept,
)
from contact.ports import Moment
from strategies.candidate import INCOMING, Ranked
from strategies.compiling.compile import compile_playbook
from strategies.declared.calendar import start_of_day
from strategies.instants import Instant
from strategies.judging.asking import zone_of
from strategies.judging.judge import judge
from strategies.offering.allocation import Option
from strategies.offering.ranking import rank
from strategies.profile import NEVER_COUNTED_STATES, PastContact, Profile


@dataclass(slots=True)
class _Customer:
    """A kept customer with what is worked out on first sight."""

    kept: Kept
    subjects: tuple[str, ...]
    tied: tuple[bool, bool]
    moving: bool
    """Whether consents or events fall into the simulated days."""
    seen: list[tuple[tuple[int, ...], Profile] | None] = field(default_factory=lambda: [None, None])
    answers: list[Answer | None] = field(default_factory=lambda: [None, None])
    """Of each side the last that holds for every day of its kind."""

    def profile(self, side: int) -> Profile:
        """As the side's fields have it."""
        return self.kept.profile if side == OLD or self.kept.other is None else self.kept.other


class Part:
    """One process's customers on both sides."""

    def __init__(self, beginning: Beginning) -> None:
        self._told = beginning
        self._folder = Folder(beginning.folder)
        self._playbooks = tuple(compile_playbook(texts) for texts in beginning.texts)
        self._made: tuple[dict[str, dict[str, PastContact]], ...] = ({}, {})
        self._only_new: set[str] = set()
        self._held: OrderedDict[int, list[_Customer]] = OrderedDict()
        first, last = beginning.asked[0], beginning.asked[-1]
        self._kinds = tuple(Kinds(playbook, first, last) for playbook in self._playbooks)
        self._hours: dict[tuple[Instant, ...], tuple[Instant, ...]] = {}

    # --- weighing, once

    def weigh(self, number: int, profiles: Sequence[Profile], others: Sequence[Profile] | None) -> Chunk:
        """Who could be offered what, on both sides; written down for the days."""
        drafts = tuple(self._draft(side, 0) for side in SIDES)
        refusals: tuple[Counter[RefusalKey], ...] = (Counter(), Counter())
        allowed, refused = Counter[str](), Counter[str]()
        kept: list[Kept] = []
        for at, profile in enumerate(profiles):
            found = self._weighed(drafts, profile, others[at] if others is not None else None, refusals)
            if found.ranked[OLD] or found.ranked[NEW] or not self._told.steady:
                kept.append(found)
            else:
                _compare(allowed, refused, set(found.gates[OLD]), set(found.gates[NEW]))
        self._folder.keep(number, kept)
        return Chunk(
            number,
            len(profiles),
            len(kept),
            (as_kept(refusals[OLD]), as_kept(refusals[NEW])),
            allowed,
            refused,
        )

    def _weighed(
        self, drafts: Sequence[Draft], profile: Profile, other: Profile | None,
        refusals: Sequence[Counter[RefusalKey]],
    ) -> Kept:  # fmt: skip
        base, recorded = self._split(profile)
        kept = Kept(
            base,
            None if other is None else self._split(other)[0],
            recorded,
            ([], []),
            (False, False),
            ([], []),
        )
        customer = _Customer(kept, subjects_of(base), (False, False), True)
        holes = [False, False]
        for side in SIDES if self._told.steady else ():
            seen = self._as_of(customer, side, 0)
            ordered = put_in_order(drafts[side], seen)
            refusals[side].update(ordered.not_eligible)
            kept.ranked[side].extend(ordered.ranked)
            kept.gates[side].extend(dict.fromkeys(rule for _, _, _, rule in ordered.not_eligible))
            holes[side] = any(hole_refusal(drafts[side], seen, each) for each in ordered.ranked)
        kept.holes = (holes[OLD], holes[NEW])
        return kept

    def _split(self, profile: Profile) -> tuple[Profile, list[PastContact]]:
        """The profile with contacts that stay, and those of the simulated days that plans made."""
        began = self._told.span.began
        stay, recorded = [], []
        for contact in profile.contacts:
            if contact.direction == INCOMING or happened_at(contact) < began:
                stay.append(contact)
            elif contact.customer == profile.customer and contact.state not in (
                *NEVER_COUNTED_STATES,
                "reserved",
            ):
                recorded.append(contact)
        return replace(profile, contacts=tuple(stay), epochs={}), recorded

    # --- a day

    def learn(
        self, contacts: tuple[Sequence[PastContact], Sequence[PastContact]], only_new: Sequence[str]
    ) -> None:
        """What a finished day left behind."""
        for side in SIDES:
            for contact in contacts[side]:
                for subject in subject_keys(contact):
                    self._made[side].setdefault(subject, {})[contact.id] = contact
        self._only_new.update(only_new)

    def judge_day(self, day: int, chunks: Sequence[int], said: InThread) -> DayPart:
        """Options and refusals of all customers of these chunks."""
        drafts = tuple(self._draft(side, day) for side in SIDES)
        found = DayPart(refusals=(drafts[OLD].refusals, drafts[NEW].refusals))
        for number in chunks:
            customers = self._customers(number)
            for place, customer in enumerate(customers):
                rules = [self._ask(found, drafts[side], side, day, number, place, customer) for side in SIDES]
                _compare(found.allowed, found.refused, rules[OLD], rules[NEW])
            found.customers += len(customers)
            said(found.customers, 0, "")
        return found

    def _ask(
        self, found: DayPart, draft: Draft, side: int, day: int, chunk: int, place: int, customer: _Customer
    ) -> Set[str]:
        """The rules that refuse anything to the customer; what they allow is noted."""
        profile = self._as_of(customer, side, day)
        kind = self._kind(draft, side, customer, profile)
        known = customer.answers[side]
        if known is not None and known.kind == kind:
            return known.add_to(found.rows[side], found.refusals[side], draft.start)
        ranked, rules = self._order(draft, side, customer, profile)
        first, refusals = len(found.rows[side]), list[RefusalKey]()
        whole = self._told.steady and not customer.kept.holes[side]
        for number, each in enumerate(ranked):
            hole = None if whole else hole_refusal(draft, profile, each)
            answer = hole or ask_hours(draft, profile, each)
            if isinstance(answer, Option):
                found.rows[side].append(self._row(chunk, place, number, answer))
                continue
            refusals += refusal_keys(each, answer)
            rules.update(rule for _, rule in answer)
            if side == NEW and self._only_new and self._is_capped_by_new(draft, profile, each, answer):
                found.capped.append(profile.customer)
        draft.refusals.update(refusals)
        if kind is not None:
            rows = tuple(found.rows[side][first:])
            customer.answers[side] = Answer(kind, draft.start, rows, tuple(refusals), frozenset(rules))
        return rules

    def _kind(
        self, draft: Draft, side: int, customer: _Customer, profile: Profile
    ) -> tuple[object, ...] | None:
        """The kind of day, where the answer is the same on each day of it; None where it may not be."""
        kinds = self._kinds[side]
        alone = not profile.contacts and not customer.moving and not customer.tied[side]
        if not (alone and kinds.known and self._told.steady and nothing_turns(profile)):
            return None
        return kinds.of(draft, zone_of(draft.playbook, profile))

    def _order(
        self, draft: Draft, side: int, customer: _Customer, profile: Profile
    ) -> tuple[Sequence[Ranked], set[str]]:
        """The candidates of the day, and the gates that others did not pass."""
        if not self._told.steady:
            ordered = put_in_order(draft, profile)
            draft.refusals.update(ordered.not_eligible)
            customer.kept.ranked[side][:] = ordered.ranked
            return ordered.ranked, {rule for _, _, _, rule in ordered.not_eligible}
        known = customer.kept.ranked[side]
        if customer.tied[side]:  # who was least recently contacted decides, and that changes
            again = rank(draft.playbook, profile, [each.candidate for each in known], draft.moment.at)
            customer.kept.ranked[side][:] = again
        return customer.kept.ranked[side], set(customer.kept.gates[side])

    def _is_capped_by_new(self, draft: Draft, profile: Profile, ranked: Ranked, refused: Pairs) -> bool:
        """Whether a cap refuses only because of contacts that the old playbook would not have made."""
        caps = {rule for reason, rule in refused if reason == "cap"}
        without = tuple(each for each in profile.contacts if each.id not in self._only_new)
        if not caps or len(without) == len(profile.contacts):
            return False
        answer = ask_hours(draft, replace(profile, contacts=without), ranked)
        return isinstance(answer, Option) or not caps & {rule for _, rule in answer}

    def _row(self, chunk: int, place: int, number: int, option: Option) -> Row:
        candidate, ranked = option.ranked.candidate, option.ranked
        hours = self._hours.setdefault(option.hours, option.hours)
        return (
            chunk, place, number, option.customer, option.customer_hash, ranked.rank, candidate.channel,
            candidate.strategy, candidate.offer, ranked.arm, option.value, hours, option.preferred,
        )  # fmt: skip

    # --- places given away

    def contacts(self, side: int, day: int, wanted: Sequence[Wanted]) -> list[Made]:
        """The contacts that these places become."""
        segments = {**self._playbooks[OLD].segments, **self._playbooks[NEW].segments}
        found = []
        for each in wanted:
            customer = self._customers(each.chunk)[each.place]
            candidate = customer.kept.ranked[side][each.number].candidate
            found.append(
                made(
                    self._playbooks[side], segments, candidate, self._to_come(customer, side, day), each,
                    self._told.asked[day], self.valid_until(side, day, candidate.strategy), customer.kept,
                )
            )  # fmt: skip
        return found

    def hand_over(self, side: int, day: int, waiting: Sequence[Waiting]) -> list[PastContact]:
        """What becomes of contacts that were put off to this day."""
        found = []
        for each in waiting:
            customer = self._customers(each.wanted.chunk)[each.wanted.place]
            contact = each.contact
            candidate = candidate_of(
                self._playbooks[side],
                customer.profile(side),
                contact.strategy,
                contact.offer,
                contact.channel,
            )
            if candidate is None:
                found.append(replace(contact, state="cancelled", final=True))
                continue
            candidate = replace(candidate, number_hash=contact.number_hash)
            profile = self._to_come(customer, side, day)
            found.append(
                handed_over(self._playbooks[side], candidate, profile, contact, each.until, customer.kept)
            )
        return found

    def valid_until(self, side: int, day: int, strategy: str) -> Instant:
        """When a task of this day's plan stops being valid."""
        playbook = self._playbooks[side]
        start = start_of_day(playbook.operator.zone, self._told.span.day(day).toordinal())
        return valid_until(playbook, strategy, start)

    def _to_come(self, customer: _Customer, side: int, day: int) -> Profile:
        """The customer with the contacts the day's plan saw, and all consents and events, later ones too."""
        return replace(customer.profile(side), contacts=self._as_of(customer, side, day).contacts)

    def again(self, side: int, day: int, wanted: Wanted, reserved: Sequence[PastContact]) -> Pairs:
        """Why the place is refused now that others of the day are taken; nothing where it is not."""
        customer = self._customers(wanted.chunk)[wanted.place]
        profile = self._as_of(customer, side, day)
        profile = replace(profile, contacts=(*profile.contacts, *reserved))
        candidate = customer.kept.ranked[side][wanted.number].candidate
        verdict = judge(self._playbooks[side], candidate, profile, wanted.at)
        return tuple((each.reason, each.rule) for each in verdict.refusals)

    # --- what a day sees

    def _draft(self, side: int, day: int) -> Draft:
        playbook, asked, on = self._playbooks[side], self._told.asked[day], self._told.span.day(day)
        return Draft(playbook, Moment(asked, True), on, hours_of(playbook, on, asked), [])

    def _customers(self, number: int) -> list[_Customer]:
        """The kept customers of a chunk; as many chunks stay in memory as the process may hold."""
        found = self._held.get(number)
        if found is None:
            kept = self._folder.kept(number)
            began = self._told.span.began
            found = self._held[number] = [
                _Customer(each, subjects_of(each.profile), (_tied(each.ranked[OLD]), _tied(each.ranked[NEW])),
                          any(_moves(one, began) for one in (each.profile, each.other or each.profile)))
                for each in kept
            ]  # fmt: skip
            while len(self._held) > 1 and sum(map(len, self._held.values())) > self._told.held:
                self._held.popitem(last=False)
        self._held.move_to_end(number)
        return found

    def _as_of(self, customer: _Customer, side: int, day: int) -> Profile:
        """The customer as the plan of the day would have gathered it on this side."""
        profile, asked = customer.profile(side), self._told.asked[day]
        mine = self._made[side]
        contacts = [
            each for each in profile.contacts if each.direction != INCOMING or happened_at(each) < asked
        ]
        if mine:
            own: dict[str, PastContact] = {}
            for subject in customer.subjects:
                own.update(mine.get(subject, {}))
            contacts.extend(own.values())
        back = self._told.looks_back[side][day]
        contacts = [each for each in contacts if _may_count(each, back)]
        key = tuple(map(id, contacts))
        known = customer.seen[side]
        if known is not None and known[0] == key and not customer.moving:
            return known[1]  # the very same object: what was laid together for it is found again
        profile = replace(
            profile,
            contacts=tuple(contacts),
            consents=tuple(each for each in profile.consents if each.at <= asked),
            events=tuple(each for each in profile.events if each.at <= asked),
        )
        customer.seen[side] = (key, profile)
        return profile


def _may_count(contact: PastContact, back: Instant) -> bool:
    """As the store's statement ``all_history`` has it."""
    attempt = contact.moments.get("attempt")
    return contact.planned_at >= back or (attempt is not None and attempt >= back) or not contact.final


def _tied(ranked: Sequence[Ranked]) -> bool:
    totals = [each.priority.total for each in ranked]
    return len(set(totals)) < len(totals)


def _moves(profile: Profile, began: Instant) -> bool:
    return any(each.at >= began for each in profile.consents) or any(
        each.at >= began for each in profile.events
    )


def _compare(allowed: Counter[str], refused: Counter[str], old: Set[str], new: Set[str]) -> None:
    if old != new:
        allowed.update(old - new)
        refused.update(new - old)
