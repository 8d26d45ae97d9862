"""Values of strategies, offers and channels that hold from a day on, and segments that audiences name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from contact.flow.deciding.capacity import hours_of
from strategies.compiling.compile import compile_playbook
from strategies.declared.playbook import Playbook
from strategies.instants import Instant, parse_instant
from strategies.judging.judge import judge
from strategies.offering.eligibility import candidates
from strategies.offering.ranking import rank
from strategies.problems import ProblemsFound
from strategies.profile import Profile
from tests.unit.rules.world import profile
from tests.unit.strategies.small import small_texts

DATED = "[{from: 2026-01-01, is: 60}, {from: 2026-07-01, is: 80.5}]"
EARLY, FIRST, SECOND = (
    parse_instant(f"{text}+08:00")
    for text in ("2025-12-31T23:59:59", "2026-01-01T00:00:00", "2026-07-01T00:00:00")
)


def changed(path: str, before: str, after: str) -> Playbook:
    texts = small_texts()
    assert before in texts[path]
    return compile_playbook({**texts, path: texts[path].replace(before, after)})


def somebody() -> Profile:
    return profile(facts={"data_gb": 9.0, "p_data_sms": 0.5, "arpu": 5000})


def priorities(playbook: Playbook, at: Instant) -> list[float]:
    """The priorities of what is offered by SMS at an instant."""
    found = candidates(playbook, somebody(), at, ("sms",)).candidates
    return [ranked.priority.total for ranked in rank(playbook, somebody(), found, at)]


def test_an_offer_s_value_is_the_one_of_the_instant_asked() -> None:
    """Before its first day the offer does not exist; each value holds from the operator's midnight on."""
    texts = small_texts()
    offers = texts["strategies/data-upgrade.yaml"].replace("family: data,", f"family: data, value: {DATED},")
    playbook = compile_playbook({**texts, "strategies/data-upgrade.yaml": offers})
    assert [priorities(playbook, at) for at in (EARLY, FIRST, SECOND)] == [[], [0.5 * 60], [0.5 * 80.5]]
    (candidate,) = candidates(playbook, somebody(), FIRST, ("sms",)).candidates
    refusals = judge(playbook, candidate, somebody(), EARLY).refusals
    assert "outside_validity" in [refusal.reason for refusal in refusals]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("value: 60", f"value: {DATED}", ([], [30.0], [40.25])),
        ("propensity: p_data_sms", "propensity: [{from: 2026-07-01, is: 0.1}]", ([], [], [6.0])),
        ("task_valid: P3D", "levers: {family: [{from: 2026-01-01, is: 50}]}", ([], [45.0], [45.0])),
        (
            "task_valid: P3D",
            "context: [{name: c, when: arpu > 10, weight: [{from: 2026-07-01, is: 20}]}]",
            ([], [], [36.0]),
        ),
    ],
)
def test_numbers_of_a_strategy_may_be_dated(
    before: str, after: str, expected: tuple[list[float], ...]
) -> None:
    """Value, propensity, levers and weights; what they stand in begins with the first of them."""
    playbook = changed("strategies/data-upgrade.yaml", before, after)
    assert tuple(priorities(playbook, at) for at in (EARLY, FIRST, SECOND)) == expected


def test_a_channel_s_cost_and_places_are_those_of_the_day_planned() -> None:
    """A plan of another day than today's takes the places and the cost of that day."""
    playbook = changed(
        "channels.yaml",
        'capacity: [{from: "09:00", to: "20:00", per_hour: 200}]\n    cost: 0.05',
        'capacity: [{from: 2026-01-01, is: [{from: "09:00", to: "10:00", per_hour: 7}]},'
        ' {from: 2026-07-01, is: [{from: "09:00", to: "10:00", per_hour: 8}]}]\n'
        "    cost: [{from: 2026-01-01, is: 0.05}, {from: 2026-07-01, is: 0.07}]",
    )
    days = [date(2025, 12, 31), date(2026, 6, 30), date(2026, 7, 1)]
    hours = [hours_of(playbook, day, EARLY - 10**12) for day in days]
    assert [[hour.places for hour in each.get("sms", ())] for each in hours] == [[], [7], [8]]
    costs = [
        each.cost_minor
        for at in (FIRST, SECOND)
        for each in candidates(playbook, somebody(), at, ("sms",)).candidates
    ]
    assert costs == [5, 7]


def test_a_playbook_without_dated_values_is_one_at_all_times() -> None:
    """No slices are compiled, and asking for an instant answers the playbook itself."""
    playbook = compile_playbook(small_texts())
    assert playbook.later == () and playbook.at(FIRST) is playbook


def test_an_audience_may_be_a_segment() -> None:
    """The condition is that of the segment's file, the place the one where the strategy names it."""
    texts = small_texts()
    texts["segments/heavy.yaml"] = "segment: heavy\ntitle: {en: Heavy users}\nwhen: data_gb > 20\n"
    texts["strategies/data-upgrade.yaml"] = texts["strategies/data-upgrade.yaml"].replace(
        "audience: data_gb >= 5", "audience: {segment: heavy}"
    )
    playbook = compile_playbook(texts)
    audience = playbook.strategies[0].audience
    assert (audience.text, str(audience.place)) == ("data_gb > 20", "strategies/data-upgrade.yaml:5:21")
    assert playbook.segments["heavy"].when.fields == {"data_gb"}
    assert playbook.segments["heavy"].title == {"en": "Heavy users"}
    texts["strategies/data-upgrade.yaml"] = texts["strategies/data-upgrade.yaml"].replace("heavy", "heavi")
    with pytest.raises(ProblemsFound) as found:
        compile_playbook(texts)
    assert [str(problem) for problem in found.value.problems] == [
        "strategies/data-upgrade.yaml:5:21: reference.unknown: there is no segment 'heavi' (did you mean 'heavy'?)"
    ]


def test_a_strategy_says_its_attempts_and_how_much_it_explores() -> None:
    """Attempts take the place of the channel's; exploring is a share."""
    text = "task_valid: P3D\nexplores: 5\nattempts: {total: 2, after: {busy: {times: 1, wait: PT10M}}}"
    strategy = changed("strategies/data-upgrade.yaml", "task_valid: P3D", text).strategies[0]
    assert (strategy.attempts_total, strategy.attempts_per_number, strategy.explores) == (2, None, 0.05)
    assert strategy.retry_wait == {"busy": (1, 600_000_000)}
    plain = compile_playbook(small_texts()).strategies[0]
    assert (plain.attempts_total, plain.retry_wait, plain.explores) == (None, None, 0.0)


def test_what_is_changed_in_a_playbook_is_changed_at_all_times() -> None:
    """A copy without rules has none at any instant, and asking twice answers the same playbook."""
    playbook = changed("strategies/data-upgrade.yaml", "value: 60", f"value: {DATED}")
    bare = replace(playbook, rules=())
    assert bare.at(FIRST).rules == () and playbook.at(FIRST).rules == playbook.rules
    assert playbook.at(FIRST) is playbook.at(SECOND - 1) is not playbook.at(SECOND)
