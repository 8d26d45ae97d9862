"""Whether each rule decides anything: cases are made for it until one is refused by this rule and by nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice, product

from strategies.candidate import Candidate
from strategies.checking.rule_reach import Reach, reach_of
from strategies.checking.worlds import Facts, facts_for
from strategies.declared.calendar import EPOCH_ORDINAL, start_of_day
from strategies.declared.playbook import Match, Playbook, Rule
from strategies.hashing import hash64
from strategies.instants import DAY, HOUR, MINUTE, SECOND, Instant, parse_instant
from strategies.judging.judge import judge
from strategies.problems import Hint, Problem
from strategies.profile import Consent, CustomerId, PastContact, PastEvent, Profile

CUSTOMER, OTHER, NUMBER, ACCOUNT = CustomerId("somebody"), "another", "number", "account"
COVERED = frozenset({"warning.shadowed", "warning.looser", "warning.never_open"})
"""Warnings after which nobody wonders."""
MOST_CASES = 2_000
"""Of one rule: where it decides, one of the first few dozen shows it."""
_TUESDAY = parse_instant("2026-03-03T12:00:00Z")
_MOMENTS = ("attempt", "delivered", "connected", "shown", "clicked", "accepted", "rejected")


def silent_rules(playbook: Playbook, told: Collection[Problem] = ()) -> list[Problem]:
    """A warning for each rule that refuses nothing alone in any of the cases made for it, but those ``told`` of already.

    A case that is found proves that the rule decides something. That none is found proves nothing: a rule that is named may
    still decide in a case that was not thought of.
    """
    decides: dict[str, bool] = {}
    covered = {each.where for each in told if each.code in COVERED}
    for rule in playbook.rules:
        reach = reach_of(playbook, rule)
        unlimited = rule.effect == "cap" and rule.max is None
        if unlimited or not reach.meets_something or rule.place in covered:
            decides[rule.id] = True  # meant so, or told as `warning.never_matches`
        elif not decides.get(rule.id, False):
            cases = islice(_cases(playbook, reach), MOST_CASES)
            decides[rule.id] = any(_alone(playbook, rule, *case) for case in cases)
    places = {rule.id: rule.place for rule in playbook.rules}
    return [
        Problem(
            "warning.decides_nothing",
            f"no case was found that rule '{id}' alone refuses",
            places[id],
            Hint(
                "what it refuses, others refuse too; leave it out, or write the example that shows what it is for"
            ),
            "warning",
        )
        for id, found in decides.items()
        if not found
    ]


def _alone(playbook: Playbook, rule: Rule, candidate: Candidate, profile: Profile, at: Instant) -> bool:
    """Whether the decision is another without the rule: it refuses, and nothing else does."""
    return set(judge(playbook, candidate, profile, at).rules) == {rule.id}


def _cases(playbook: Playbook, reach: Reach) -> Iterator[tuple[Candidate, Profile, Instant]]:
    """Cases in which the rule may refuse: the likeliest first."""
    rule = reach.rule
    instants = list(_instants(playbook, rule))
    for candidate, unit, jurisdiction in _asked(playbook, reach):
        facts = facts_for(playbook, rule, candidate, unit, jurisdiction, instants[0]) if instants else None
        if facts is None:
            continue
        for at in instants:
            for contacts, events in _histories(rule, candidate, at):
                yield (
                    candidate,
                    _profile(playbook, candidate, facts, unit, jurisdiction, contacts, events),
                    at,
                )


def _profile(
    playbook: Playbook, candidate: Candidate, facts: Facts, unit: str | None, jurisdiction: str | None,
    contacts: tuple[PastContact, ...], events: tuple[PastEvent, ...],
) -> Profile:  # fmt: skip
    """Somebody of whom all is known and who has agreed to this contact."""
    agreed = Consent(
        True, Instant(0), candidate.channel, candidate.category, CUSTOMER, source="customer", evidence="case"
    )
    return Profile(
        CUSTOMER, hash64(CUSTOMER), 0, ACCOUNT, NUMBER, "household", "device", playbook.operator.zone, None, unit,
        jurisdiction, facts, consents=(agreed,), contacts=contacts, events=events,
    )  # fmt: skip


def _asked(playbook: Playbook, reach: Reach) -> Iterator[tuple[Candidate, str | None, str | None]]:
    """Contacts that the rule's match meets, in each of its channels and categories, for who it is about."""
    match = reach.rule.match
    units = sorted(match.units) if match.units is not None else [None, *sorted(playbook.units)[:3]]
    own = playbook.operator.jurisdiction
    laws = [each for law in sorted(match.jurisdictions or [own or "ZZ"]) for each in (law, f"{law}-ZZ")]
    for channel, category, unit, law in product(
        sorted(reach.channels), sorted(reach.categories), units, laws
    ):
        for strategy, offer, family in _about(playbook, reach.rule, category):
            known = playbook.channels[channel]
            candidate = Candidate(
                channel, category, known.direction, playbook.operator.categories[category], strategy, offer, family,
                number_hash=NUMBER if known.needs_number else None,
            )  # fmt: skip
            yield candidate, unit, law


def _about(playbook: Playbook, rule: Rule, category: str) -> Iterator[tuple[str, str, str]]:
    """What the contact is about: an offer that the match names, any where it matters which, else nothing."""
    match, same = rule.match, rule.suppression.same if rule.suppression is not None else rule.same
    if match.strategies is match.offers is match.families is None and same in ("any", "channel", "category"):
        yield "", "", ""
        return
    for strategy in playbook.strategies:
        for offer in strategy.offers:
            named = (match.strategies, strategy.id), (match.offers, offer.id), (match.families, offer.family)
            if strategy.category == category and all(names is None or each in names for names, each in named):
                yield strategy.id, offer.id, offer.family
    if match.strategies is None and same != "strategy":
        for offer_id, family in product(sorted(match.offers or ["any"]), sorted(match.families or ["any"])):
            yield "", offer_id, family


def _instants(playbook: Playbook, rule: Rule) -> Iterator[Instant]:
    """Late mornings and afternoons of a week in which the rule holds; of hours the edges of each opening, every day."""
    first = _TUESDAY
    if rule.valid_from is not None:
        first = Instant(max(first, rule.valid_from + DAY))
    if rule.valid_until is not None and first >= rule.valid_until:
        first = Instant(rule.valid_until - HOUR)
    zone = playbook.operator.zone
    today = first // DAY + EPOCH_ORDINAL
    minutes = [11 * 60, 15 * 60 + 30, 19 * 60]
    if rule.effect == "hours":
        edges = [(each.start_minute - 1, each.end_minute) for each in rule.open]
        last = rule.last_start // MINUTE
        minutes = [
            *(m % 1440 for start, end in edges for m in (start, end, end - last)),
            *range(30, 1440, 60),
            *minutes,
        ]
        minutes = list(dict.fromkeys(minutes))
    for day in range(7 if rule.effect == "hours" else 2):
        midnight = start_of_day(zone, today + day)
        for minute in minutes:
            at = Instant(midnight + minute * MINUTE + (SECOND if rule.effect == "hours" else 0))
            if (rule.valid_from is None or at >= rule.valid_from) and (
                rule.valid_until is None or at < rule.valid_until
            ):
                yield at


def _histories(
    rule: Rule, candidate: Candidate, at: Instant
) -> Iterator[tuple[tuple[PastContact, ...], tuple[PastEvent, ...]]]:
    """What has to have happened for the rule to refuse, told in several ways that other rules may not mind."""
    if rule.effect in ("forbid", "hours"):
        yield (), ()
    elif rule.cooldown is not None:
        yield (), (PastEvent(rule.cooldown.event, Instant(at - min(HOUR, rule.cooldown.lasts // 2))),)
    elif rule.pair is not None:
        for about in _others_matching(rule.pair.first, candidate):
            yield (
                (_contact(0, about, Instant(at - max(1, rule.pair.within - HOUR)), "accepted", CUSTOMER),),
                (),
            )
    elif rule.suppression is not None:
        named: list[str | None] = [*sorted(rule.suppression.results)]
        for result, step in product(
            named or [None if rule.count == "attempt" else rule.count], (MINUTE, DAY, 2 * DAY)
        ):
            times = [Instant(at - HOUR - each * step) for each in range(rule.suppression.times)]
            yield tuple(_contact(n, candidate, when, result, CUSTOMER) for n, when in enumerate(times)), ()
    elif rule.max is not None:
        yield from _counted(rule, rule.max, candidate, at)


def _counted(
    rule: Rule, most: int, candidate: Candidate, at: Instant
) -> Iterator[tuple[tuple[PastContact, ...], tuple[PastEvent, ...]]]:
    """As many contacts as a cap allows: close together or far apart, about this or something else, own or others'."""
    length = rule.window.length if rule.window is not None and rule.window.kind == "sliding" else 0
    steps = dict.fromkeys((length // (most + 1) or DAY, MINUTE, 10 * MINUTE, 26 * HOUR, 40 * DAY))
    shared = rule.subject != "customer"
    results: list[str | None] = [None, *sorted({"no_answer", "busy"} - rule.not_counted)]
    elsewhere = [candidate, *_others_matching(rule.match, candidate)] if rule.same == "any" else [candidate]
    for whose, result, about, step in product(
        (CUSTOMER, OTHER) if shared else (CUSTOMER,), results, elsewhere, steps
    ):
        times = (Instant(at - (each + 1) * step) for each in range(most))
        yield tuple(_contact(n, about, when, result, whose) for n, when in enumerate(times)), ()


def _others_matching(match: Match, candidate: Candidate) -> list[Candidate]:
    """The contact as the match would have it: about an offer it names, in a channel and category it names."""
    channel = min(match.channels) if match.channels else candidate.channel
    category = min(match.categories) if match.categories else candidate.category
    return [
        Candidate(
            channel, category, candidate.direction, candidate.promotional, min(match.strategies or [""]), offer, family,
            number_hash=NUMBER,
        )
        for offer in sorted(match.offers or [""])
        for family in sorted(match.families or [""])
    ]  # fmt: skip


def _contact(number: int, about: Candidate, at: Instant, result: str | None, whose: str) -> PastContact:
    """A contact that was made, with all that can have come of it where nothing else is said."""
    moments = dict.fromkeys(_MOMENTS if result is None else ("attempt", result), at)
    return PastContact(
        f"made-{number}", about.channel, about.category, "sent", at, about.direction, about.promotional,
        about.strategy, about.offer, about.family, whose, ACCOUNT, NUMBER, "household", "device", moments, result, True,
    )  # fmt: skip
