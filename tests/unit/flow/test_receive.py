"""Stop words and what events set."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contact.domain.stop_words import ALONE, is_stop
from contact.flow.hearing.receive import settled
from strategies.declared.playbook import EventType, Field, FieldType, Operator, Playbook
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


@pytest.mark.parametrize(
    "text",
    ["Stop please!", "TD 10086", "退订 谢谢", "СТОП", "ARRÊT", "arre\u0302t", "Оptout".replace("О", "O")],
)
def test_stop_words_are_heard_in_company_and_in_other_languages(text: str) -> None:
    """A short code or a courtesy may follow the plainest words; accents may be composed or not."""
    assert is_stop(text)


@pytest.mark.parametrize("word", sorted({word for words in ALONE.values() for word in words}))
def test_each_usual_word_is_heard(word: str) -> None:
    """Every word of the list, shouted, with blanks around it and a full stop."""
    assert is_stop(f" {word.upper()}. ")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "stopover",
        "end of the month is fine",
        "stop by our shop tomorrow",
        "cancel my order",
        "please do not stop",
        "TDD",
        "1",
        "订",
    ],
)
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


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("instant", "2026-03-02T10:00:00+08:00", 1772416800000000),
        ("date", "2026-03-02", "2026-03-02"),
        ("money", 4990, 4990),
        ("number", 1.5, 1.5),
        ("list", ["a", "b"], ["a", "b"]),
        ("text", None, None),
    ],
)
def test_values_are_kept_as_facts_hold_them(kind: FieldType, given: object, kept: object) -> None:
    """Instants become microseconds, dates stay ISO text, money is minor units; nothing stays unknown."""
    book = replace(PLAYBOOK, fields={"f": Field("f", kind, "customers.f")})
    assert settled(book, EventType("told", {"f": "data.f"}, None), {"f": given}) == {"f": kept}


@pytest.mark.parametrize(
    ("kind", "given"),
    [("boolean", 1), ("number", True), ("money", 1.5), ("date", "02/03/2026"), ("instant", "now")],
)
def test_values_of_another_type_are_problems(kind: FieldType, given: object) -> None:
    """Nothing is guessed: a number is no truth value and a day has one way to be written."""
    book = replace(PLAYBOOK, fields={"f": Field("f", kind, "customers.f")})
    with pytest.raises(ProblemsFound, match="f is a"):
        settled(book, EventType("told", {"f": "data.f"}, None), {"f": given})
