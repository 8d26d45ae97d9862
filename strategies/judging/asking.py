"""An asking is one question to the rules: this candidate, this customer, these facts; every rule reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import itemgetter

from strategies.candidate import Candidate
from strategies.declared.calendar import zone_exists, zones_in_question
from strategies.declared.playbook import Condition, Match, Operator, Playbook
from strategies.instants import Instant
from strategies.profile import NEVER_COUNTED_STATES, FieldValue, Line, PastContact, Profile


@dataclass(slots=True)
class _Known:
    """The facts of one profile, laid together so far: by line, with the line itself, so that its identity stays its own."""

    playbook: Playbook
    profile: Profile
    own: Mapping[str, FieldValue]
    """Of the customer as such."""
    by_line: dict[int, tuple[Line, Mapping[str, FieldValue]]]


class _Latest:
    """The profile asked about last: all questions about one customer come one after another."""

    __slots__ = ("known",)

    def __init__(self) -> None:
        self.known: _Known | None = None


_LATEST = _Latest()


def facts_of(playbook: Playbook, profile: Profile, line: Line | None = None) -> Mapping[str, FieldValue]:
    """What conditions may read: declared fields, the built-in ones, and a line's own facts where it is about a line.

    The mapping is shared by all who ask about this profile; nobody changes it.
    """
    known = _LATEST.known
    if known is None or known.profile is not profile or known.playbook is not playbook:
        own = _laid_together(playbook, profile, None)
        known = _LATEST.known = _Known(playbook, profile, own, {})
    if line is None:
        return known.own
    found = known.by_line.get(id(line))
    if found is None:
        found = known.by_line[id(line)] = (line, _laid_together(playbook, profile, line))
    return found[1]


def _laid_together(playbook: Playbook, profile: Profile, line: Line | None) -> Mapping[str, FieldValue]:
    facts = dict(profile.facts)
    known = facts.setdefault  # a declared field of the same name counts
    known("customer", profile.customer)
    known("account", profile.account)
    known("zone", profile.zone)
    known("language", profile.language)
    known("unit", profile.unit)
    known("branch", playbook.branch_of(profile.unit))
    known("jurisdiction", profile.jurisdiction or playbook.operator.jurisdiction)
    known("lists", profile.lists)
    if line is not None:
        facts.update(line.facts)
    return facts


@dataclass(slots=True)
class Tally:
    """What one cap looks at of a history."""

    contacts: list[PastContact]
    instants: list[int] | None
    """When they count, ascending, where that is the same as of every instant."""


@dataclass(slots=True)
class Asking:
    """The question as rules see it; ``facts`` are laid together on first use, most questions need none."""

    playbook: Playbook
    candidate: Candidate
    profile: Profile
    excluding: str | None = None
    """A contact that is left out of every count: the one whose permit is being asked."""
    _facts: Mapping[str, FieldValue] | None = None
    _zones: tuple[str, ...] | None = None
    _attempts: list[int] | None = None
    _counting: list[PastContact] | None = None
    _never_withdrawn: bool | None = None
    tallies: dict[object, Tally] = field(default_factory=dict)
    """By the identity of the cap, and what it counts by of the candidate."""

    @property
    def operator(self) -> Operator:
        return self.playbook.operator

    @property
    def facts(self) -> Mapping[str, FieldValue]:
        if self._facts is None:
            line = next((line for line in self.profile.lines if line.id == self.candidate.line), None)
            self._facts = facts_of(self.playbook, self.profile, line)
        return self._facts

    def zones(self, which: str) -> tuple[str, ...]:
        """The zones a rule must hold in, as ``zones_in_question``; the customer's by the operator's sources."""
        if which != "customer":
            return zones_in_question(self.operator, which, None)
        if self._zones is None:
            own = zone_of(self.playbook, self.profile)
            self._zones = zones_in_question(self.operator, "customer", own)
        return self._zones

    @property
    def never_withdrawn(self) -> bool:
        """Whether no withdrawal of consent is on record."""
        if self._never_withdrawn is None:
            self._never_withdrawn = all(consent.given for consent in self.profile.consents)
        return self._never_withdrawn

    @property
    def counting(self) -> list[PastContact]:
        """The contacts that may count under some rule, in the order of ``attempts``."""
        if self._counting is None:
            self._lay_out()
        assert self._counting is not None
        return self._counting

    @property
    def attempts(self) -> list[int]:
        """When each contact that may count does so under ``attempt``, ascending, whatever rule asks."""
        if self._attempts is None:
            self._lay_out()
        assert self._attempts is not None
        return self._attempts

    def _lay_out(self) -> None:
        found = [
            (
                contact.planned_at
                if contact.state == "reserved"
                else contact.moments.get("attempt", contact.planned_at),
                contact,
            )
            for contact in self.profile.contacts
            if contact.state not in NEVER_COUNTED_STATES and contact.id != self.excluding
        ]
        found.sort(key=_INSTANT)
        self._attempts, self._counting = list(map(_INSTANT, found)), list(map(_CONTACT, found))


_INSTANT, _CONTACT = itemgetter(0), itemgetter(1)


def zone_of(playbook: Playbook, profile: Profile) -> str | None:
    """The customer's zone by the first source of ``zone_of_customer`` that names one; None where none does."""
    sources = playbook.operator.zone_of_customer
    if sources == ("zone",):
        return profile.zone if profile.zone is not None and zone_exists(profile.zone) else None
    facts = facts_of(playbook, profile)
    for source in sources:
        named = facts.get(source)
        if isinstance(named, str) and zone_exists(named):
            return named
    return None


def about_the_same(what: str, candidate: Candidate, contact: PastContact) -> bool:
    """Whether both are about the same ``offer, family, strategy, category`` or ``channel``; no name equals no other."""
    if what == "any":
        return True
    asked: str = getattr(candidate, what)
    return asked != "" and bool(getattr(contact, what) == asked)


def unknown_field(condition: Condition, facts: Mapping[str, FieldValue], at: Instant) -> str | None:
    """The first field whose missing value left the condition unknown."""
    missing = sorted(name for name in condition.fields if facts.get(name) is None)
    if len(missing) == 1:
        return missing[0]
    leaves = condition.explain(facts, at)[1]
    for leaf in leaves:
        if leaf.outcome is None and leaf.field is not None and facts.get(leaf.field) is None:
            return leaf.field
    return missing[0] if missing else next(iter(sorted(condition.fields)), None)


def way_up(playbook: Playbook, unit: str | None) -> tuple[str, ...]:
    """The unit and all above it, nearest first, up to the head office."""
    found: list[str] = []
    while unit is not None and unit not in found:
        found.append(unit)
        node = playbook.units.get(unit)
        unit = node.parent if node is not None else None
    return tuple(found)


def units_above(playbook: Playbook, unit: str | None) -> frozenset[str]:
    """The unit and all above it, up to the head office."""
    return frozenset(way_up(playbook, unit))


def matches(match: Match, subject: Candidate | PastContact) -> bool:
    """Whether a candidate or a past contact falls under a rule; units are the customer's and not looked at here."""
    return (
        (match.channels is None or subject.channel in match.channels)
        and (match.direction is None or subject.direction == match.direction)
        and (match.categories is None or subject.category in match.categories)
        and (match.promotional is None or subject.promotional == match.promotional)
        and (match.strategies is None or subject.strategy in match.strategies)
        and (match.offers is None or subject.offer in match.offers)
        and (match.families is None or subject.family in match.families)
    )
