"""Candidates judged together get the verdicts that each gets alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from strategies.candidate import Candidate
from strategies.judging.applying import applying
from strategies.judging.asking import Asking
from strategies.judging.judge import judge, rule_refusal
from strategies.offering.judging_together import Judge
from tests.twins.test_judging_many import EFFECTS, Dice, asked, book, crowd
from tests.unit.rules.world import NOW


def candidates(dice: Dice, numbers: tuple[str | None, ...]) -> list[Candidate]:
    """A dozen candidates, many of them alike but for one thing."""
    found = []
    for _ in range(12):
        made = replace(asked(dice), number_hash=dice.of(*numbers), line=dice.of(None, None, "L"))
        found.append(replace(made, strategy=dice.of("", ""), direction=dice.of("outgoing", "incoming")))
    return found


@pytest.mark.parametrize("effect", (*EFFECTS, "all"))
def test_verdicts_together_are_those_one_by_one(effect: str) -> None:
    """Refusals, places, clear times and words, of 60 crowds of three customers with twelve candidates each."""
    refused = 0
    for seed in range(60):
        dice = Dice(seed)
        rules = book(
            dice, tuple(dice.of(*EFFECTS) for _ in range(6)) if effect == "all" else (effect, effect)
        )
        for profile in crowd(dice):
            some = candidates(dice, (None, profile.number_hash, "n1"))
            alone = [judge(rules, each, profile, NOW) for each in some]
            together = Judge(rules, profile, NOW)
            assert [together.verdict(each) for each in some] == alone, f"crowd {seed}"
            refused += sum(not each.allowed for each in alone)
    assert refused > 60


def test_what_plainly_passes_is_not_refused() -> None:
    """Of every rule of ten crowds: it refuses nothing where it was plain that it passes."""
    plain = 0
    for seed in range(10):
        dice = Dice(seed)
        rules = book(dice, tuple(dice.of(*EFFECTS) for _ in range(6)))
        for profile in crowd(dice):
            for candidate in candidates(dice, (None, profile.number_hash, "n1")):
                asking = Asking(rules, candidate, profile)
                for _, passes, rule, _ in applying(rules, candidate, profile).asked:
                    refused = rule_refusal(rule, asking, NOW) is not None
                    assert not (refused and passes(asking, NOW)), f"crowd {seed}, {rule.id}"
                    plain += passes(asking, NOW)
    assert plain > 200
