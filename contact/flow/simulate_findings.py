"""What the days of a simulation add up to, in numbers and in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from contact.domain.workbench_answers import LoadAnswer, PartAnswer, RefusedAnswer, SimulationAnswer
from contact.flow.simulate_records import NEW, OLD, SIDES, Day, Place, Side, Span, by_rule
from strategies.calendar import local_datetime
from strategies.counted import counted
from strategies.playbook import Playbook

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
    )
    lapsed = [sum(each.lapsed for each in sides[side]) for side in SIDES]
    answer.words.extend(_words(new, answer, (lapsed[OLD], lapsed[NEW])))
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


def _words(new: Playbook, answer: SimulationAnswer, lapsed: tuple[int, int]) -> list[str]:
    """Sentences, weightiest first."""
    if answer.old == answer.new:
        return ["It is the playbook in force: nothing changes."]
    found = [_contacts(answer), _worth(new, answer)]
    found += [_allowed(rule, count, answer.days) for rule, count in list(answer.newly_allowed.items())[:3]]
    found += [_refused(rule, count, answer.days) for rule, count in list(answer.newly_refused.items())[:3]]
    if answer.capped_later:
        found.append(
            f"{counted(answer.capped_later, 'customer')} could not be contacted on a later day, because a cap counts a "
            "contact that only the new playbook makes."
        )
    found += _full_hours(answer)
    found += _strategies(answer)
    if lapsed[NEW] != lapsed[OLD]:
        found.append(
            f"Customers who objected between plan and hand-over: {lapsed[OLD]} before, {lapsed[NEW]} after."
        )
    return found[:MOST_WORDS]


def _contacts(answer: SimulationAnswer) -> str:
    if answer.before == answer.after:
        return f"As many contacts as before: {answer.after} in {counted(answer.days, 'day')}."
    more = "more" if answer.after > answer.before else "fewer"
    difference = abs(answer.after - answer.before)
    share = f", {difference / answer.before:.0%}" if answer.before else ""
    return (
        f"{counted(difference, f'{more} contact')} in {counted(answer.days, 'day')}: {answer.before} before, "
        f"{answer.after} after{share}."
    )


def _worth(playbook: Playbook, answer: SimulationAnswer) -> str:
    operator = playbook.operator
    difference = (answer.value_after_minor - answer.value_before_minor) / operator.minor_per_major
    after = f"{answer.value_after_minor / operator.minor_per_major:,.0f} {operator.currency}"
    if not round(difference):
        return f"The value expected of them stays at {after}."
    return f"The value expected of them {'rises' if difference > 0 else 'falls'} by {abs(difference):,.0f} to {after}."


def _allowed(rule: str, count: int, days: int) -> str:
    return f"{rule} refuses no more: {_customer_days(count, days)}."


def _refused(rule: str, count: int, days: int) -> str:
    return f"{rule} refuses in addition: {_customer_days(count, days)}."


def _customer_days(count: int, days: int) -> str:
    return (
        f"{counted(count, 'customer-day')}, {count / days:,.1f} a day"
        if days > 1
        else counted(count, "customer")
    )


def _full_hours(answer: SimulationAnswer) -> list[str]:
    """Hours in which the new playbook fills a channel that had room before."""
    full = [each for each in answer.load if each.capacity and each.before < each.after >= each.capacity]
    return [
        f"{each.channel} has no place left from {each.hour:02}:00 to {each.hour + 1:02}:00."
        for each in full[:2]
    ]


def _strategies(answer: SimulationAnswer) -> list[str]:
    changed = [each for each in answer.parts if each.kind == "strategy" and each.before != each.after]
    changed.sort(key=lambda each: (-abs(each.after - each.before), each.name))
    return [f"{each.name}: {each.before} contacts before, {each.after} after." for each in changed[:3]]
