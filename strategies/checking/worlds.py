"""Facts of a customer to whom one rule applies and, as far as can be found, no other rule with a condition does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from strategies.candidate import Candidate
from strategies.declared.conditions_tree import Bound, Tree, every
from strategies.declared.playbook import Condition, Field, Playbook, Rule
from strategies.instants import DAY, Instant, to_datetime
from strategies.judging.applying import applying
from strategies.profile import CustomerId, FieldValue, Profile

Facts = Mapping[str, FieldValue]
_DAYS = (0, 1, 10, 45, 400, 2000)
"""How many days ago something may have been."""


def facts_for(
    playbook: Playbook, rule: Rule, candidate: Candidate, unit: str | None, jurisdiction: str | None, at: Instant
) -> Facts | None:  # fmt: skip
    """Facts under which the rule applies; those of others are turned false one by one. None where none are found."""
    own = list(_conditions(playbook, rule))
    built_in: dict[str, FieldValue] = {
        "customer": "somebody", "account": "account", "zone": playbook.operator.zone, "language": None, "unit": unit,
        "branch": playbook.branch_of(unit), "jurisdiction": jurisdiction, "lists": (),
    }  # fmt: skip
    facts: dict[str, FieldValue] = {**dict.fromkeys(playbook.fields), **built_in}
    for condition in own:
        _turn(playbook, facts, condition, at, wanted=True, keep=own)
    if any(condition.decide(facts, at) is False for condition in own):
        return None
    asked = Profile(CustomerId("somebody"), 0, 0, "account", unit=unit, jurisdiction=jurisdiction)
    for other in applying(playbook, candidate, asked).rules:
        for condition in _conditions(playbook, other) if other.id != rule.id else ():
            if condition.decide(facts, at) is not False:
                _turn(playbook, facts, condition, at, wanted=False, keep=own)
    return {name: facts[name] for name in playbook.fields}


def _conditions(playbook: Playbook, rule: Rule) -> Iterator[Condition]:
    """What has to be so for the rule to apply."""
    if rule.when is not None:
        yield rule.when
    segment = playbook.segments.get(rule.segment) if rule.segment else None
    if segment is not None:
        yield segment.when


def _turn(
    playbook: Playbook, facts: dict[str, FieldValue], condition: Condition, at: Instant, *, wanted: bool,
    keep: list[Condition],
) -> None:  # fmt: skip
    """Change a field so that the condition comes out as wanted and none to keep turns false; else leave all as it was."""
    for name in sorted(condition.fields & playbook.fields.keys()):
        before = facts[name]
        for value in _values(playbook.fields[name], condition.tree, at):
            facts[name] = value
            kept = wanted or all(each.decide(facts, at) is not False for each in keep)
            if condition.decide(facts, at) is wanted and kept:
                return
        facts[name] = before


def _values(field: Field, tree: Tree | None, at: Instant) -> Iterator[FieldValue]:
    """Values of the field's type around the constants that the condition compares with."""
    constants = [part.value for part in every(tree) if isinstance(part, Bound)] if tree is not None else []
    match field.type:
        case "boolean":
            yield from (False, True)
        case "number" | "money":
            numbers = [float(each) for each in constants if isinstance(each, int | float)] or [0.0]
            for number in numbers:
                yield from (_number(field, each) for each in (number, number - 1, number + 1))
        case "text":
            yield from (each for each in constants if isinstance(each, str))
            yield "something else"
        case "list":
            yield from (("something else",), *((each,) for each in constants if isinstance(each, str)))
        case "date":
            today = to_datetime(at).date()
            yield from (_day(today, -days) for days in _DAYS)
            yield from (_day(today, days) for days in _DAYS)
        case "instant":
            yield from (Instant(at - days * DAY) for days in _DAYS)
    yield None


def _number(field: Field, number: float) -> FieldValue:
    return round(number) if field.type == "money" else number


def _day(today: date, days: int) -> FieldValue:
    return (today + timedelta(days=days)).isoformat()
