"""What the days of a simulation add up to, in numbers and in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from contact.domain.workbench_answers import (
    FindingAnswer,
    LoadAnswer,
    PartAnswer,
    RefusedAnswer,
    SimulationAnswer,
)
from contact.flow.simulating.records import NEW, OLD, SIDES, Day, Place, Side, Span, by_rule
from strategies.counted import counted
from strategies.declared.calendar import local_datetime
from strategies.declared.playbook import Playbook

MOST_WORDS = 12


def findings_of(
    old: Playbook, new: Playbook, span: Span, days: Sequence[Day], customers: int, seconds: float
) -> SimulationAnswer:
    """The whole answer; the same days give the same answer but for the seconds."""
    sides = [[each.sides[side] for each in days] for side in SIDES]
    places = [[place for each in sides[side] for place in each.places] for side in SIDES]
    minor = [round(sum(each.value for each in places[side]) * old.operator.minor_per_major) for side in SIDES]
    allowed, refused = Counter[str](), Counter[str]()
    for day in days:
        allowed.update(day.allowed)
        refused.update(day.refused)
    answer = SimulationAnswer(
        old=old.version,
        new=new.version,
        first_day=span.first,
        days=span.days,
        customers=customers,
        before=len(places[OLD]),
        after=len(places[NEW]),
        newly_allowed=dict(allowed.most_common()),
        newly_refused=dict(refused.most_common()),
        refusals=_refusals(old, new, sides),
        load=_load(old.operator.zone, sides),
        value_before_minor=minor[OLD],
        value_after_minor=minor[NEW],
        capped_later=len({customer for day in days for customer in day.capped}),
        parts=_parts(old, places),
        words=[],
        seconds=seconds,
        findings=[],
    )
    lapsed = [sum(each.lapsed for each in sides[side]) for side in SIDES]
    for finding, sentence in _findings(new, answer, (lapsed[OLD], lapsed[NEW])):
        answer.findings.append(finding)
        answer.words.append(sentence)
    return answer


def _refusals(old: Playbook, new: Playbook, sides: Sequence[Sequence[Side]]) -> list[RefusedAnswer]:
    """By rule; those that change most come first."""
    before, after = (by_rule(each) for each in sides)
    places = {rule.id: str(rule.place) for playbook in (old, new) for rule in playbook.rules}
    rules = sorted({*before, *after}, key=lambda rule: (-abs(after[rule] - before[rule]), rule))
    return [RefusedAnswer(rule, before[rule], after[rule], places.get(rule)) for rule in rules]


def _load(zone: str, sides: Sequence[Sequence[Side]]) -> list[LoadAnswer]:
    """Contacts and places by channel and hour of the operator's day, over all days; capacity is the new playbook's."""
    taken: list[Counter[tuple[str, int]]] = [Counter(), Counter()]
    capacity: Counter[tuple[str, int]] = Counter()
    for side in SIDES:
        for each in sides[side]:
            for place in each.places:
                taken[side][place.channel, local_datetime(zone, place.at).hour] += 1
    for each in sides[NEW]:
        for channel, at, places in each.capacity:
            capacity[channel, local_datetime(zone, at).hour] += places
    keys = sorted({*taken[OLD], *taken[NEW], *capacity})
    return [LoadAnswer(*key, taken[OLD][key], taken[NEW][key], capacity[key]) for key in keys]


def _parts(playbook: Playbook, places: Sequence[Sequence[Place]]) -> list[PartAnswer]:
    """By strategy, branch and segment; a contact counts for each segment its customer is in."""
    counts: list[Counter[tuple[str, str]]] = [Counter(), Counter()]
    values: list[Counter[tuple[str, str]]] = [Counter(), Counter()]
    for side in SIDES:
        for place in places[side]:
            for key in _parts_of(place):
                counts[side][key] += 1
                values[side][key] += place.value  # type: ignore[assignment]
    minor = playbook.operator.minor_per_major
    return [
        PartAnswer(
            *key, counts[OLD][key], counts[NEW][key], round(values[OLD][key] * minor),
            round(values[NEW][key] * minor),
        )
        for key in sorted({*counts[OLD], *counts[NEW]})
    ]  # fmt: skip


def _parts_of(place: Place) -> Iterable[tuple[str, str]]:
    yield "strategy", place.strategy
    yield "unit", place.unit
    for segment in place.segments:
        yield "segment", segment


Said = tuple[FindingAnswer, str]
"""A finding, and the sentence that says it."""


def _said(code: str, sentence: str, **values: str | int | float) -> Said:
    return FindingAnswer(code, values), sentence


def _findings(new: Playbook, answer: SimulationAnswer, lapsed: tuple[int, int]) -> list[Said]:
    """Weightiest first."""
    if answer.old == answer.new:
        return [_said("same", "It is the playbook in force: nothing changes.")]
    found = [_contacts(answer), _worth(new, answer)]
    found += [
        _customer_days("allowed", f"{rule} refuses no more", rule, count, answer.days)
        for rule, count in list(answer.newly_allowed.items())[:3]
    ]
    found += [
        _customer_days("refused", f"{rule} refuses in addition", rule, count, answer.days)
        for rule, count in list(answer.newly_refused.items())[:3]
    ]
    if answer.capped_later:
        sentence = (
            f"{counted(answer.capped_later, 'customer')} could not be contacted on a later day, because a cap counts a "
            "contact that only the new playbook makes."
        )
        found.append(_said("capped_later", sentence, customers=answer.capped_later))
    found += _full_hours(answer)
    found += _strategies(answer)
    if lapsed[NEW] != lapsed[OLD]:
        sentence = (
            f"Customers who objected between plan and hand-over: {lapsed[OLD]} before, {lapsed[NEW]} after."
        )
        found.append(_said("objected", sentence, before=lapsed[OLD], after=lapsed[NEW]))
    return found[:MOST_WORDS]


def _contacts(answer: SimulationAnswer) -> Said:
    values = {"before": answer.before, "after": answer.after, "days": answer.days}
    days = counted(answer.days, "day")
    if answer.before == answer.after:
        return _said("contacts_same", f"As many contacts as before: {answer.after} in {days}.", **values)
    more = "more" if answer.after > answer.before else "fewer"
    difference = abs(answer.after - answer.before)
    share = f", {difference / answer.before:.0%}" if answer.before else ""
    sentence = f"{counted(difference, f'{more} contact')} in {days}: {answer.before} before, {answer.after} after{share}."
    return _said(f"contacts_{more}", sentence, difference=difference, **values)


def _worth(playbook: Playbook, answer: SimulationAnswer) -> Said:
    operator = playbook.operator
    minor = answer.value_after_minor - answer.value_before_minor
    difference = minor / operator.minor_per_major
    after = f"{answer.value_after_minor / operator.minor_per_major:,.0f} {operator.currency}"
    values = {"difference_minor": abs(minor), "after_minor": answer.value_after_minor}
    if not round(difference):
        return _said("value_same", f"The value expected of them stays at {after}.", **values)
    way = "rises" if difference > 0 else "falls"
    sentence = f"The value expected of them {way} by {abs(difference):,.0f} to {after}."
    return _said(f"value_{way}", sentence, **values)


def _customer_days(code: str, what: str, rule: str, count: int, days: int) -> Said:
    """A rule and the customers it concerns: of one day, or of several with how many on each."""
    if days == 1:
        return _said(f"{code}_day", f"{what}: {counted(count, 'customer')}.", rule=rule, customers=count)
    sentence = f"{what}: {counted(count, 'customer-day')}, {count / days:,.1f} a day."
    return _said(f"{code}_days", sentence, rule=rule, customers=count, daily=round(count / days, 1))


def _full_hours(answer: SimulationAnswer) -> list[Said]:
    """Hours in which the new playbook fills a channel that had room before."""
    full = [each for each in answer.load if each.capacity and each.before < each.after >= each.capacity]
    return [
        _said(
            "full_hour",
            f"{each.channel} has no place left from {each.hour:02}:00 to {each.hour + 1:02}:00.",
            channel=each.channel,
            hour=each.hour,
            until_hour=each.hour + 1,
        )
        for each in full[:2]
    ]


def _strategies(answer: SimulationAnswer) -> list[Said]:
    changed = [each for each in answer.parts if each.kind == "strategy" and each.before != each.after]
    changed.sort(key=lambda each: (-abs(each.after - each.before), each.name))
    return [
        _said(
            "strategy",
            f"{each.name}: {each.before} contacts before, {each.after} after.",
            strategy=each.name,
            before=each.before,
            after=each.after,
        )
        for each in changed[:3]
    ]
