"""Texts are said whole or not at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contact.flow.wording import (
    fill,
    first_hole,
    in_language,
    read_value,
    reason_words,
    sentences,
    titled,
    trimmed,
    wording,
    words_of,
)
from strategies.declared.playbook import Field, FieldType, Operator, Playbook
from strategies.declared.tariff import Tariff
from strategies.problems import Where
from strategies.profile import FieldValue

OPERATOR = Operator("Demo", "CNY", 100, "Asia/Shanghai", (), 1, ("zh-CN", "en"), {"marketing": True}, 0, 1)
PLAYBOOK = Playbook("v", OPERATOR, {}, {}, {}, {}, (), (), ())


def test_placeholders_take_their_values() -> None:
    """A text whose values are all known comes out filled, and nothing is missing."""
    assert fill("Hello {name}, you use {data_gb} GB", {"name": "Li Wei", "data_gb": "12.5"}) == (
        "Hello Li Wei, you use 12.5 GB",
        None,
    )


def test_an_unknown_value_names_itself() -> None:
    """The first unknown placeholder is named, so that a message with a hole can be refused."""
    assert fill("{name}: {arpu}", {"name": "Li", "arpu": None})[1] == "arpu"
    assert first_hole(["Hello {name}, {arpu}"], {"arpu": None}, frozenset({"name"})) == "arpu"
    assert first_hole(["Hello {name}"], {}, frozenset({"name"})) is None


def test_sentences_with_a_hole_are_dropped() -> None:
    """A script step that needs an unknown value is left out, the others stay in order."""
    steps = ["Greet {name}.", "You pay {arpu}.", "Goodbye."]
    assert sentences(steps, {"name": "Li", "arpu": None}) == ["Greet Li.", "Goodbye."]


@pytest.mark.parametrize(
    ("kind", "value", "language", "words"),
    [
        ("money", 23000, "en", "230"),
        ("money", 4990, "en", "49.90"),
        ("number", 12.5, "en", "12.5"),
        ("number", 20.0, "en", "20"),
        ("number", 0.333333, "en", "0.33"),
        ("boolean", True, "en", "yes"),
        ("boolean", False, "zh-CN", "否"),
        ("date", "2026-03-02", "en", "2026-03-02"),
        ("instant", 1772416800000000, "en", "2026-03-02 02:00 UTC"),
        ("list", ("a", "b"), "zh-CN", "a、b"),
        ("text", "gold", "en", "gold"),
        ("money", None, "en", None),
    ],
)
def test_values_read_as_people_write_them(
    kind: FieldType, value: FieldValue, language: str, words: str | None
) -> None:
    """Money is in major units, numbers are trimmed, days and instants stand in ISO form, unknown stays unknown."""
    assert words_of(value, Field("f", kind, "customers.f"), PLAYBOOK, language) == words


@pytest.mark.parametrize(
    ("value", "language", "words"),
    [(1, "en", "1 month"), (2, "en", "2 months"), (1, "zh-CN", "1 个月"), (None, "en", "not known")],
)
def test_one_of_a_unit_is_singular(value: FieldValue, language: str, words: str) -> None:
    """A contract runs for 1 month or 2 months; Chinese has one form."""
    field = Field("left", "number", "bills.left", unit="months")
    assert reason_words(replace(PLAYBOOK, fields={"left": field}), "left", value, language)[1] == words


def test_language_goes_by_request_then_customer_then_operator() -> None:
    """The language asked for wins, then the customer's, then the operator's first that has a text."""
    texts = {"en": ("hello",), "zh-CN": ("你好",)}
    assert in_language(texts, "en", "zh-CN", ("zh-CN",)) == ("en", ("hello",))
    assert in_language(texts, None, "en", ("zh-CN",)) == ("en", ("hello",))
    assert in_language(texts, "fr", "de", ("zh-CN", "en")) == ("zh-CN", ("你好",))
    assert in_language({}, None, None, ("en",)) == ("en", ())
    assert titled({"en": "Pack"}, "zh-CN", ("zh-CN", "en"), "id") == "Pack"
    assert titled({}, "en", ("en",), "id") == "id"


def test_numbers_lose_needless_places() -> None:
    """Whole numbers have no decimals, others at most two."""
    assert [trimmed(3), trimmed(3.0), trimmed(3.10), trimmed(100.0)] == ["3", "3", "3.1", "100"]


WITH_TITLES = Playbook(
    "v", OPERATOR, {},
    {
        "tenure": Field(
            "tenure", "number", "customers.tenure", unit="months", title={"en": "Customer for", "zh-CN": "在网时长"}
        ),
        "arpu": Field("arpu", "money", "customers.arpu", title={"en": "Pays"}),
        "open": Field("open", "boolean", "complaints.open", title={"en": "Open complaint", "zh-CN": "有未结投诉"}),
        "why": Field("why", "list", "scores.churn_risk_reasons"),
        "best": Field("best", "text", "advice.tariff"),
        "packs": Field("packs", "list", "advice.addons"),
        "plain": Field("plain", "list", "customers.tags"),
    },
    {}, {}, (), (), (),
    tariffs={"plus-15": Tariff("plus-15", "base", {"en": "Plus 15", "zh-CN": "畅享 15"}, Where("tariffs/plus-15.yaml"), ())},
)  # fmt: skip
FACTS: dict[str, FieldValue] = {
    "tenure": 3, "arpu": 5900, "open": True, "why": ("tenure", "open", "arpu", "gone"), "best": "plus-15",
    "packs": ("old-5",), "plain": ("a", "b"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Customer for: 3 months, Open complaint: yes, Pays: 59 CNY, gone: not known"),
        ("zh-CN", "在网时长：3 个月、有未结投诉：是、Pays：59 元、gone：未知"),
    ],
)
def test_reasons_are_said_as_features_with_their_values(language: str, words: str) -> None:
    """The list holds names; people read titles, values and units in their language, in texts as on the card."""
    assert wording(WITH_TITLES, FACTS, ["{why}"], language, name=None, offer="")["why"] == words
    field = WITH_TITLES.fields["why"]
    shown = read_value(FACTS["why"], field, FACTS, WITH_TITLES, language)
    assert isinstance(shown, tuple) and len(shown) == 4


def test_tariffs_are_read_by_their_titles() -> None:
    """An id of advice becomes its title; one that is no longer declared stays an id, and other lists stay as they are."""
    words = wording(WITH_TITLES, FACTS, ["{best} {packs} {plain}"], "zh-CN", name=None, offer="")
    assert (words["best"], words["packs"], words["plain"]) == ("畅享 15", "old-5", "a、b")
    assert wording(WITH_TITLES, {}, ["{best} {why}"], "en", name=None, offer="")["why"] is None
