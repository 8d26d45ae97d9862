"""The small world in which a case runs over rows: one customer's contacts and what moves them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from strategies.candidate import OUTGOING, Candidate, reserved_contact
from strategies.cases.case import Ask, Move, Outcome, reserved_until
from strategies.cases.givens import moments_of
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.judging.attempts import Attempt, attempts_for, next_attempt
from strategies.judging.consents import consent_refusal
from strategies.judging.judge import judge
from strategies.judging.newly_refused import newly_refused
from strategies.judging.told_consents import told_last
from strategies.offering.rerouting import ways_round
from strategies.profile import Consent, PastContact, PastEvent, Profile
from strategies.verdict import Refusal, Verdict

TASK_EXPIRED = "task.expired"
SAID = ("connected", "accepted", "rejected")
"""Moments that an outcome proves."""


class NothingTaken(Exception):
    """A permit, an outcome or a correction speaks of a contact that there is not: what was asked for took no place."""


@dataclass(slots=True)
class _Held:
    """What is kept of a contact beside what rules see of it."""

    candidate: Candidate
    valid_until: Instant
    moves: list[Move]
    made: tuple[Attempt, ...] = ()
    """The attempts of the same task that came before."""


@dataclass(slots=True)
class _Told:
    """An outcome as it was reported, with what it brought about."""

    contact: str
    at: Instant
    consent: Consent | None = None
    retry: str | None = None


def may_wait(candidate: Candidate, verdict: Verdict) -> bool:
    """Whether a refused contact can be put off: outgoing, every failing rule may wait, and all will have cleared."""
    return candidate.direction == OUTGOING and verdict.until is not None and verdict.on_hit == "defer"


def _with_expiry(verdict: Verdict) -> tuple[Refusal, ...]:
    return (
        *verdict.refusals,
        Refusal("expired", TASK_EXPIRED, detail="clears only after the task has expired"),
    )


@dataclass(slots=True)
class World:
    """One case under way."""

    whole: Playbook
    """What is in force, with all its dated values."""
    playbook: Playbook
    """The same with the values of the instant at hand."""
    profile: Profile
    _held: dict[str, _Held] = field(default_factory=dict)
    last: str | None = None
    """The contact that was moved last."""
    _told: _Told | None = None
    """The last outcome."""

    def _contact(self, id: str) -> PastContact:
        return next(contact for contact in self.profile.contacts if contact.id == id)

    def _moved_last(self) -> PastContact:
        """Raises NothingTaken where no contact was moved yet."""
        if self.last is None:
            raise NothingTaken
        return self._contact(self.last)

    def _put(self, contact: PastContact, at: Instant) -> None:
        """Puts a contact's new state in place of its old one."""
        others = tuple(each for each in self.profile.contacts if each.id != contact.id)
        self.profile = replace(self.profile, contacts=(*others, contact))
        self._held[contact.id].moves.append(Move(contact.state, at))
        self.last = contact.id

    def _seen(self, outcome: Outcome) -> Outcome:
        """The outcome with state and moves of the contact that was moved last."""
        if self.last is None:
            return outcome
        return replace(
            outcome, state=self._contact(self.last).state, moves=tuple(self._held[self.last].moves)
        )

    def _take(
        self,
        candidate: Candidate,
        planned_at: Instant,
        valid_until: Instant,
        at: Instant,
        made: tuple[Attempt, ...] = (),
    ) -> None:
        contact = reserved_contact(
            f"taken-{len(self._held) + 1}", candidate, self.profile, planned_at, candidate.number_hash
        )
        self._held[contact.id] = _Held(candidate, valid_until, [], made)
        self._put(contact, at)

    def reserve(
        self, ask: Ask, candidate: Candidate, verdict: Verdict, outcome: Outcome, at: Instant
    ) -> Outcome:
        """Take a place now, or at the clearing instant where the ask may be put off."""
        valid_until = reserved_until(self.playbook, ask, candidate.channel, at)
        if at >= valid_until:
            return replace(outcome, refusals=_with_expiry(verdict), until=None, allowed=False)
        if verdict.allowed:
            self._take(candidate, at, valid_until, at)
            return self._seen(outcome)
        if not ask.defer or not may_wait(candidate, verdict) or verdict.until is None:
            return outcome
        if verdict.until >= valid_until:
            return replace(outcome, refusals=_with_expiry(verdict))
        self._take(candidate, verdict.until, valid_until, at)
        return self._seen(replace(outcome, deferred_to=verdict.until))

    def permit(self, at: Instant) -> tuple[Outcome, Candidate | None]:
        """Ask all rules again for the contact reserved last: hand over, put off again, or cancel."""
        contact = self._moved_last()
        held = self._held[contact.id]
        if not self.profile.history_reachable:  # no permit can be committed: the contact waits where it is
            verdict = judge(self.playbook, held.candidate, self.profile, at, excluding=contact.id)
            return self._seen(Outcome(verdict.refusals, None, False, degraded=True)), held.candidate
        verdict = judge(self.playbook, held.candidate, self.profile, at, excluding=contact.id)
        if at >= held.valid_until:
            verdict = Verdict(_with_expiry(Verdict()))
        if verdict.allowed:
            moments = {**contact.moments, "attempt": at}
            self._put(replace(contact, state="sending", moments=moments), at)
            return self._seen(Outcome()), held.candidate
        refusals, until = verdict.refusals, verdict.until
        if may_wait(held.candidate, verdict) and until is not None:
            if until < held.valid_until:
                self._put(replace(contact, planned_at=until), at)
                return self._seen(Outcome(refusals, until, False, deferred_to=until)), held.candidate
            refusals = _with_expiry(verdict)
        over = at >= held.valid_until
        self._put(replace(contact, state="expired" if over else "cancelled"), at)
        ended = self._seen(Outcome(refusals, until, False, cancelled=1))
        way = None if over else self.way_round(held.candidate, verdict, at)
        if way is not None:
            self._take(way, at, held.valid_until, at)
            ended = replace(ended, rerouted_to=way.channel)
        return ended, held.candidate

    def way_round(self, candidate: Candidate, verdict: Verdict, at: Instant) -> Candidate | None:
        """The same offer in another channel that its rules name and allow now."""
        ways = ways_round(self.playbook, self.profile, candidate, verdict)
        return next((way for way in ways if judge(self.playbook, way, self.profile, at).allowed), None)

    def report(self, result: str | None, at: Instant) -> Outcome:
        """What came of the contact moved last; one that was still reserved was handed over now."""
        contact = self._moved_last()
        held = self._held[contact.id]
        if contact.state == "reserved":
            contact = replace(contact, state="sending", moments={**contact.moments, "attempt": at})
            self._put(contact, at)
        moments = {**contact.moments, **dict.fromkeys(moments_of(result, self.playbook), at)}
        self._put(replace(contact, state="sent", result=result, final=True, moments=moments), at)
        self._told = _Told(contact.id, at)
        return self._follow(held, result, at)

    def _follow(self, held: _Held, result: str | None, at: Instant) -> Outcome:
        """What an outcome brings about: an opt-out, or a next attempt."""
        told = self._told
        assert told is not None
        if self.playbook.operator.results.get(result or "", result) == "do_not_contact":
            wish = Consent(
                False, at, held.candidate.channel, "promotional", self.profile.customer, source="agent"
            )
            seen = self.withdraw(wish, at)
            told.consent = self.profile.consents[-1]
            return seen
        seen, before = self._seen(Outcome()), self.last
        following = self._try_again(held, result, at)
        told.retry = self.last if self.last != before else None
        return replace(seen, next=following)

    def correct(self, result: str | None, at: Instant) -> Outcome:
        """Another outcome in place of the last one: what that brought about is taken back, the new one's follows.

        A task that is over stays over: only where the first outcome left a next attempt may the new one leave another.
        """
        told = self._told
        if told is None:
            raise NothingTaken
        contact, held = self._contact(told.contact), self._held[told.contact]
        kept = tuple(each for each in self.profile.consents if each is not told.consent)
        self.profile = replace(self.profile, consents=kept)
        waited = told.retry is not None and self._contact(told.retry).state == "reserved"
        if waited and told.retry is not None:
            self._put(replace(self._contact(told.retry), state="cancelled"), at)
        proven = moments_of(result, self.playbook)
        said = {name: contact.moments.get(name, told.at) for name in SAID if name in proven}
        others = {name: when for name, when in contact.moments.items() if name not in SAID}
        self._put(replace(contact, result=result, moments={**others, **said}), at)
        told.consent = told.retry = None
        means = self.playbook.operator.results.get(result or "", result)
        seen = (
            self._follow(held, result, at) if waited or means == "do_not_contact" else self._seen(Outcome())
        )
        return replace(seen, cancelled=seen.cancelled + int(waited))

    def _try_again(self, held: _Held, result: str | None, at: Instant) -> Instant | None:
        """The next attempt of the same task takes a place where files and rules leave one."""
        candidate, profile = held.candidate, self.profile
        made = (*held.made, Attempt(candidate.number_hash, result))
        every = (profile.number_hash, *(line.number_hash for line in profile.lines))
        numbers = tuple(dict.fromkeys(number for number in every if number))
        needed = self.playbook.channels[candidate.channel].needs_number
        attempts = attempts_for(self.playbook, candidate.channel, candidate.strategy)
        found = next_attempt(attempts, self.playbook.operator, numbers if needed else (), made)
        if found is None:
            return None
        again = replace(candidate, number_hash=found.number_hash)
        due = Instant(at + found.wait)
        verdict = judge(self.playbook, again, profile, due)
        clear = due if verdict.allowed else verdict.until if may_wait(again, verdict) else None
        if clear is None or clear >= held.valid_until:
            return None
        self._take(again, clear, held.valid_until, at, made)
        return clear

    def publish(self, playbook: Playbook, at: Instant) -> Outcome:
        """Another playbook in force: what it newly refuses, at the time it waits for, is cancelled, the soonest first."""
        before, self.whole, self.playbook = self.whole, playbook, playbook.at(at)
        waiting = [
            each for each in self.profile.contacts if each.id in self._held and each.state == "reserved"
        ]
        refusals: list[Refusal] = []
        cancelled = 0
        for contact in sorted(waiting, key=lambda each: each.planned_at):
            due = Instant(max(at, contact.planned_at))
            verdict = newly_refused(
                playbook, before, self._held[contact.id].candidate, self.profile, due, contact.id
            )
            if verdict is not None:
                self._put(replace(contact, state="cancelled"), at)
                refusals += verdict.refusals
                cancelled += 1
        return self._seen(Outcome(tuple(refusals), allowed=not cancelled, cancelled=cancelled))

    def fault(self, reachable: bool) -> Outcome:
        """From now on the contact history can be read, or cannot."""
        self.profile = replace(self.profile, history_reachable=reachable)
        return Outcome(degraded=not reachable)

    def happen(self, event: PastEvent) -> Outcome:
        """Something happened to the customer."""
        self.profile = replace(self.profile, events=(*self.profile.events, event))
        return Outcome()

    def expire(self, at: Instant) -> Outcome:
        """Reservations whose time is over return their places."""
        over = [
            id
            for id, held in self._held.items()
            if held.valid_until <= at and self._contact(id).state == "reserved"
        ]
        for id in over:
            self._put(replace(self._contact(id), state="expired"), at)
        return self._seen(Outcome(expired=len(over)))

    def withdraw(self, consent: Consent, at: Instant) -> Outcome:
        """An opt-out: kept, also before a grant that has yet to begin, and what waits and is now forbidden is cancelled."""
        last = told_last(consent, self.profile.consents, at)
        self.profile = replace(self.profile, consents=(*self.profile.consents, last))
        forbidden = [
            id
            for id, held in self._held.items()
            if self._contact(id).state == "reserved"
            and consent_refusal(self.playbook, held.candidate, self.profile, at) is not None
        ]
        for id in forbidden:
            self._put(replace(self._contact(id), state="cancelled"), at)
        return self._seen(Outcome(cancelled=len(forbidden)))
