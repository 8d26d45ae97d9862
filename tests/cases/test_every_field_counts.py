"""Whatever can be written into a rule decides something: a reading that passed over it would fail a golden case."""

from __future__ import annotations

from dataclasses import MISSING, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from strategies.cases.case import Case
from strategies.cases.files import read_cases
from strategies.cases.run import run_case
from strategies.declared.playbook import Playbook
from strategies.declared.rule import ConsentDefault, Cooldown, Match, Open, Pair, Rule, Suppression, Window
from strategies.documents.policies import EFFECTS, SUBJECTS
from strategies.documents.rules import MOMENTS

FOLDER = Path(__file__).parent
TELL_ONLY = {"id", "place", "layer", "title", "owner", "law"}
"""Told with a refusal; whether there is one is never asked of them."""
PARTS = {"match", "window", "suppression", "pair", "first", "cooldown", "open"}
"""Fields of rules that have fields of their own."""
READ = (Rule, Match, Window, Open, Suppression, Pair, Cooldown, ConsentDefault)
TAKEN_OUT = "taken out"
ANY = object()
SAME = ("offer", "family", "strategy", "category", "channel")
INSTEAD: dict[tuple[type, str], object] = {
    (Rule, "max"): 1_000,
    (Rule, "effect"): TAKEN_OUT,
    (Window, "kind"): "lifetime",
    (Window, "length"): 1,
    (Open, "days"): frozenset(range(1, 9)),
    (Open, "start_minute"): 0,
    (Open, "end_minute"): 24 * 60,
    (Suppression, "times"): 1,
    (Pair, "within"): 0,
    (Cooldown, "event"): "nothing_of_the_kind",
    (Cooldown, "lasts"): 0,
    (ConsentDefault, "channels"): None,
    (ConsentDefault, "categories"): None,
    (ConsentDefault, "opt_in"): True,
}
"""What stands for a value that has no default."""
WRITTEN = [(of, each.name) for of in READ for each in fields(of) if each.name not in TELL_ONLY | PARTS]


@cache
def cases() -> tuple[Case, ...]:
    """The golden cases over rows."""
    read = (read_cases(path.read_text(encoding="utf-8"), path.name) for path in sorted(FOLDER.glob("*.yaml")))
    return tuple(case for bank in read for case in bank if "rows" in case.paths)


def default(of: type, name: str) -> object:
    """What a field is where nobody writes it."""
    if (of, name) in INSTEAD:
        return INSTEAD[of, name]
    declared = next(each for each in fields(of) if each.name == name)
    assert declared.default is not MISSING, (of, name)
    return declared.default


def read_as(part: Any, of: type, name: str, instead: object, word: object = ANY) -> Any:
    """A rule, or a part of one, with another value of a field; only where it is this word."""
    if isinstance(part, tuple):
        return tuple(read_as(each, of, name, instead, word) for each in part)
    if not isinstance(part, READ):
        return part
    found: Any = replace(
        part,
        **{
            each.name: read_as(getattr(part, each.name), of, name, instead, word)
            for each in fields(part)
            if each.name in PARTS
        },
    )
    here = isinstance(part, of) and word in (ANY, getattr(part, name))
    return replace(found, **{name: instead}) if here else found


def fails_a_case(of: type, name: str, instead: object, word: object = ANY) -> bool:
    """Whether a golden case comes out otherwise where a field is read as something else."""

    def misread(playbook: Playbook) -> Playbook:
        rules = read_as(playbook.rules, of, name, instead, word)
        return replace(
            playbook,
            rules=tuple(rule for rule in rules if rule.effect != TAKEN_OUT),
            consent_defaults=read_as(playbook.consent_defaults, of, name, instead, word),
        )

    for case in cases():
        playbook = misread(case.playbook)
        steps = tuple(
            replace(step, playbook=misread(step.playbook)) if step.playbook else step for step in case.steps
        )
        if run_case(replace(case, playbook=playbook, steps=steps)):
            return True
    return False


@pytest.mark.parametrize(("of", "name"), WRITTEN, ids=lambda each: getattr(each, "__name__", each))
def test_a_key_of_a_rule_that_nobody_read_would_fail_a_case(of: type, name: str) -> None:
    """Each key of a rule, read as if it had not been written, changes how a golden case comes out."""
    assert fails_a_case(of, name, default(of, name))


WORDS: list[tuple[type, str, str, str]] = [
    *((Rule, "effect", each, TAKEN_OUT) for each in EFFECTS),
    *((Rule, "same", each, "any") for each in SAME),
    *((Suppression, "same", each, "strategy" if each == "offer" else "offer") for each in SAME),
    *((Rule, "on_hit", each, "defer") for each in ("drop", "reroute")),
    *((Rule, "count", each, "attempt") for each in MOMENTS if each != "attempt"),
    *((Rule, "subject", each, "customer") for each in SUBJECTS if each != "customer"),
    *((Window, "kind", each, "lifetime") for each in ("sliding", "calendar", "since")),
    *((Window, "period", each, "day") for each in ("week", "month")),
    *((Window, "zone", each, "customer") for each in ("operator",)),
    (Window, "period", "day", "week"),
    *(
        (Match, "direction", each, other)
        for each, other in (("incoming", "outgoing"), ("outgoing", "incoming"))
    ),
    (Pair, "order", "either", "then"),
]


@pytest.mark.parametrize(("of", "name", "word", "instead"), WORDS)
def test_a_word_of_a_rule_that_was_misread_would_fail_a_case(
    of: type, name: str, word: str, instead: str
) -> None:
    """Each word that a key may hold, read as another, changes how a golden case comes out."""
    assert fails_a_case(of, name, instead, word)
