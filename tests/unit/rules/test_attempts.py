"""Attempts of a task: how many, how long apart, and at which number."""

from __future__ import annotations

from dataclasses import replace

from strategies.declared.playbook import Channel
from strategies.instants import HOUR, MINUTE
from strategies.judging.attempts import Attempt, Attempts, NextAttempt, attempts_for, next_attempt

from .test_judging import strategy
from .world import OPERATOR, playbook

WAITS = {"busy": (3, 10 * MINUTE), "no_answer": (2, 60 * MINUTE), "machine": (1, 4 * HOUR)}
OWN = replace(OPERATOR, results={"voicemail_full": "machine", "line_noise": "busy", "too_dear": "rejected"})


def followed(attempts: Attempts, numbers: list[str], results: list[str]) -> list[NextAttempt]:
    """What follows each of these results, until nothing does."""
    done: list[Attempt] = []
    number, found = numbers[0], list[NextAttempt]()
    for result in results:
        done.append(Attempt(number, result))
        following = next_attempt(attempts, OWN, numbers, done)
        if following is None:
            break
        found.append(following)
        number = following.number_hash or number
    return found


def test_the_total_wins_over_what_each_number_would_allow() -> None:
    """D1: at most five attempts and three a number, three numbers: five in all, each number in its turn."""
    attempts = Attempts(5, 3, {"no_answer": (9, HOUR)})
    found = followed(attempts, ["a", "b", "c"], ["no_answer"] * 9)
    assert [each.number_hash for each in found] == ["b", "c", "a", "b"]
    one = followed(replace(attempts, per_number=3), ["a"], ["no_answer"] * 9)
    assert len(one) == 2, "three attempts at the only number"


def test_each_result_has_its_own_wait_and_its_own_number_of_attempts() -> None:
    """D2: busy, busy, no answer, machine: next after 10, 10 and 60 minutes, then none, for four is the total."""
    found = followed(Attempts(4, None, WAITS), ["a"], ["busy", "busy", "no_answer", "machine"])
    assert [each.wait // MINUTE for each in found] == [10, 10, 60]
    machines = followed(Attempts(9, None, WAITS), ["a"], ["machine", "machine"])
    assert [each.wait // HOUR for each in machines] == [4], "one more attempt after a machine, not two"


def test_a_number_that_proved_wrong_is_tried_no_more() -> None:
    """The next attempt goes to another number; where none is left the task is over."""
    attempts = Attempts(9, None, {"wrong_number": (9, MINUTE), **WAITS})
    assert [
        each.number_hash for each in followed(attempts, ["a", "b"], ["wrong_number", "busy", "busy"])
    ] == [
        "b",
        "b",
        "b",
    ]
    assert followed(attempts, ["a"], ["wrong_number"]) == []
    channel_without_numbers = next_attempt(attempts, OWN, [], [Attempt(None, "busy")])
    assert channel_without_numbers == NextAttempt(10 * MINUTE, None)


def test_a_result_of_ones_own_follows_its_own_line_else_what_it_means() -> None:
    """`voicemail_full` has a line of its own; `line_noise` means busy and counts among the busy ones."""
    attempts = Attempts(9, None, {**WAITS, "voicemail_full": (1, MINUTE), "busy": (1, 10 * MINUTE)})
    assert [each.wait for each in followed(attempts, ["a"], ["voicemail_full"])] == [MINUTE]
    assert [each.wait for each in followed(attempts, ["a"], ["line_noise", "busy"])] == [10 * MINUTE]
    assert followed(attempts, ["a"], ["too_dear"]) == followed(attempts, ["a"], ["accepted"]) == []


def test_a_strategy_s_attempts_replace_the_channel_s_one_by_one() -> None:
    """What the strategy leaves out, its channel says."""
    channel = Channel(
        "sms", "outgoing", "gateway", {}, attempts_total=2, attempts_per_number=2, retry_wait=WAITS
    )
    own = replace(strategy("s", "o"), attempts_total=5)
    book = playbook(channels={"sms": channel}, strategies=(own,))
    assert attempts_for(book, "sms", "s") == Attempts(5, 2, WAITS)
    assert attempts_for(book, "sms", "") == Attempts(2, 2, WAITS)
    without = replace(own, retry_wait={})
    assert attempts_for(playbook(channels={"sms": channel}, strategies=(without,)), "sms", "s").after == {}
