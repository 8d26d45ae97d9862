"""Stop words and what events set."""

from __future__ import annotations

import pytest

from contact.flow.receive import is_stop, settled
from strategies.playbook import EventType, Field, Operator, Playbook
from strategies.problems import ProblemsFound

OPERATOR = Operator("Demo", "CNY", 100, "Asia/Shanghai", (), 1, ("en",), {"marketing": True}, 0, 1)
FIELDS = {
    "roaming_now": Field("roaming_now", "boolean", "customers.roaming_now"),
    "country": Field("country", "text", "customers.country"),
}
PLAYBOOK = Playbook("v", OPERATOR, {}, FIELDS, {}, {}, (), (), ())


@pytest.mark.parametrize(
    "text", ["STOP", "stop", " Stop. ", "ＳＴＯＰ", "unsubscribe!", "td", "T D", "退订", " 退订。", "退 订"]
)
def test_stop_words_are_heard_however_they_are_typed(text: str) -> None:
    """Case, width, blanks and closing punctuation make no difference to a stop word."""
    assert is_stop(text)


@pytest.mark.parametrize("text", ["", "stopover", "please do not stop", "TDD", "1", "订"])
def test_other_replies_are_no_stop(text: str) -> None:
    """Only the word alone withdraws; a sentence that holds it is an ordinary reply."""
    assert not is_stop(text)


def test_an_event_sets_constants_and_what_its_data_say() -> None:
    """``data.KEY`` takes the value from the event, anything else is the value itself."""
    kind = EventType("roaming_started", {"roaming_now": True, "country": "data.country"}, None)
    assert settled(PLAYBOOK, kind, {"country": "TH"}) == {"roaming_now": True, "country": "TH"}


def test_every_missing_or_mistyped_value_of_an_event_is_named() -> None:
    """All problems of an event are found at once."""
    kind = EventType("moved", {"roaming_now": "data.now", "country": "data.country"}, None)
    with pytest.raises(ProblemsFound) as found:
        settled(PLAYBOOK, kind, {"now": "yes"})
    assert [problem.code for problem in found.value.problems] == ["value.type", "key.missing"]
