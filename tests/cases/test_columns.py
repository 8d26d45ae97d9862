"""Golden cases by columns: the case's customer stands among others, and every rule is asked about all of them at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from strategies.cases.case import Case, Step
from strategies.cases.files import read_cases
from strategies.cases.run import Walked, walk
from strategies.hashing import hash64
from strategies.judging.many import refused_many
from strategies.judging.people_of_profiles import people_of
from strategies.profile import CustomerId, PastContact, Profile

FOLDER = Path(__file__).parent
CASES = [
    case
    for file in sorted(FOLDER.glob("*.yaml"))
    for case in read_cases(file.read_text(encoding="utf-8"), file.name)
    if "columns" in case.paths
]


def somebody_else(profile: Profile, name: str) -> Profile:
    """A customer like this one, of whom as much is known, and who shares nothing with them."""
    number = f"{name}-number" if profile.number_hash is not None else None

    def theirs(place: int, contact: PastContact) -> PastContact:
        return replace(
            contact,
            id=f"{name}-{place}",
            customer=name,
            account=name,
            number_hash=number,
            household=None,
            device=None,
        )

    return replace(
        profile,
        customer=CustomerId(name),
        customer_hash=hash64(name),
        account=name,
        number_hash=number,
        household=None,
        device=None,
        lines=(),
        consents=tuple(
            replace(each, customer=name, number_hash=None)
            for each in profile.consents
            if each.customer is not None
        ),
        contacts=tuple(theirs(place, each) for place, each in enumerate(profile.contacts)),
    )


def a_stranger(profile: Profile) -> Profile:
    """A customer of whom nothing is known at all."""
    return replace(
        somebody_else(profile, "stranger"),
        facts=dict.fromkeys(profile.facts),
        contacts=(),
        consents=(),
        events=(),
    )


def asks(case: Case) -> Iterator[tuple[Step, Walked]]:
    """Every step that asks about a candidate and says which rules refuse it, or that none does."""
    for walked in walk(case):
        expect = walked.step.expect
        says = expect is not None and ("refused_by" in expect.named or expect.allowed is True)
        if walked.step.ask is not None and walked.candidate is not None and says:
            yield walked.step, walked


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_golden_case_comes_out_by_columns(case: Case) -> None:
    """The rules that refuse the case's customer, wherever they stand among others, are those its file names."""
    asked = 0
    for step, walked in asks(case):
        assert step.expect is not None and walked.candidate is not None
        own, twin = walked.profile, somebody_else(walked.profile, "twin")
        people = people_of(walked.playbook, [a_stranger(own), twin, own])
        refused = refused_many(walked.playbook, walked.candidate, people, step.at)
        got = {name for name, mask in refused.items() if mask[2]}
        assert got == step.expect.refused_by, step.expect.place
        asked += 1
    assert asked, f"{case.id} asks nothing that columns answer: leave columns out of its paths"
