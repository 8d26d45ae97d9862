"""A first strategy fits whatever is there, and the check of the whole has nothing to say to it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contact.flow.publishing.check_texts import check_texts
from contact.flow.starter.first_strategy import with_first_strategy

SHIPPED = {
    path.relative_to("config").as_posix(): path.read_text("utf-8") for path in Path("config").rglob("*.yaml")
}
NOT_AT_TEN = """\
policy: mornings
layer: company
rules: [{rule: only-evenings, effect: hours, zone: customer, open: [{from: "18:00", to: "20:00"}]}]
"""


def path_of(added: dict[str, str]) -> str:
    (path,) = (path for path in added if path.startswith("strategies/"))
    return path


@pytest.mark.parametrize(
    ("there", "examples"),
    [
        ({}, 2),
        (SHIPPED, 2),
        (with_first_strategy({}), 2),
        (SHIPPED | {"policies/company/mornings.yaml": NOT_AT_TEN}, 1),
    ],
    ids=["nothing", "what ships", "a first one", "rules that refuse what its example expects"],
)
def test_a_first_strategy_checks_green(there: dict[str, str], examples: int) -> None:
    """No problem, each of its examples passes, and no warning but that it is worth what its own like is; where rules
    refuse, it says less."""
    before = {(each["code"], each["path"]) for each in check_texts(there).problems} if there else set()
    added = with_first_strategy(there)
    found = check_texts({**there, **added})
    new = [each for each in found.problems if (each["code"], each["path"]) not in before]
    assert [each["code"] for each in new] == (
        ["warning.fight"] if "strategies/first-offer.yaml" in there else []
    )
    own = [each for each in found.examples if each.place.startswith(path_of(added))]
    assert len(own) == examples and all(each.passed for each in own)
    assert added[path_of(added)].startswith("# ") and not added.keys() & there.keys()


def test_where_texts_are_there_only_what_a_playbook_cannot_do_without_comes_along() -> None:
    """An operator's folder gets no rules that nobody asked for."""
    assert list(with_first_strategy(SHIPPED)) == ["strategies/first-offer.yaml"]
    rest = {
        path: text
        for path, text in with_first_strategy({}).items()
        if not path.startswith(("events", "pol", "str"))
    }
    assert sorted(with_first_strategy(rest)) == ["events.yaml", "strategies/first-offer.yaml"]


def test_what_is_there_is_never_written_over() -> None:
    """Whoever made the first strategy theirs keeps it, though the file has its first name still."""
    there = with_first_strategy({})
    theirs = {path: text.replace("first-offer", "spring") for path, text in there.items()}
    assert list(with_first_strategy(theirs)) == ["strategies/first-offer-2.yaml"]


def test_an_offer_is_never_passed_off_as_service() -> None:
    """Without a promotional category consent, caps and quiet hours would not hold: the check asks for one first."""
    operator = with_first_strategy({})["operator.yaml"]
    there = {"operator.yaml": re.sub(r"\n  marketing:.*", "", operator)}
    added = with_first_strategy(there)
    found = check_texts({**there, **added}).problems
    assert [(each["code"], each["path"]) for each in found] == [("reference.unknown", path_of(added))]


def test_where_nothing_fits_not_everybody_is_addressed() -> None:
    """Texts that the check has more to say of get the most telling form, as for a playbook without channels."""
    there = with_first_strategy({}) | {"channels.yaml": "channels: {}\n"}
    text = with_first_strategy(there)["strategies/first-offer-2.yaml"]
    assert "audience: tenure_months >= 12" in text and "  sms:" in text and text.count("expect:") == 2
