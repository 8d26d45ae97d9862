"""The first answer as one types: what is wrong with the texts, without waiting for examples."""

from __future__ import annotations

from contact.flow.publishing.check_texts import check_at_once, check_texts
from tests.integration.flow.stage import CAPS, texts

CAPS_FILE = "policies/caps.yaml"


def test_errors_are_told_at_once_and_are_those_of_the_whole_check() -> None:
    """One opinion: the first answer is the whole one wherever there are errors."""
    wrong = {**texts(), CAPS_FILE: CAPS.replace("max: 1", "max: 1x")}
    at_once = check_at_once(wrong)
    assert at_once is not None and at_once.problems
    assert at_once.answer.problems == check_texts(wrong).problems


def test_texts_that_compile_leave_examples_and_warnings_to_the_whole_check() -> None:
    """Also where they were checked before: what is drawn of a whole check is not what one waits for."""
    sound = {**texts(), CAPS_FILE: CAPS.replace("max: 1", "max: 7")}
    assert check_at_once(sound) is None
    assert all(each["severity"] == "warning" for each in check_texts(sound).problems)
    assert check_at_once(sound) is None
