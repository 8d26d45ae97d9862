"""The status page says of every trouble what is wrong, since when, and what to do, in the reader's language."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from contact.clock import real_now
from contact.domain.why_not import WhyNot
from contact.faces.console.doors.in_store import InStore
from contact.faces.console.doors.troubles import Seen, Trouble, troubles
from contact.faces.console.shared import labels
from contact.faces.console.shared.pages import look_for
from contact.faces.console.shared.words import words_in
from contact.ports.standing import GatewayTrouble
from strategies.instants import HOUR, MINUTE, Instant
from tests.acceptance.console import samples, status_samples

CHINESE = re.compile("[一-鿿]")


def seen(
    found: InStore | None, language: str = "en", *, bell: bool = True, journal_full: bool = False
) -> Seen:
    """What the page sees beside two processes, of which the worker has been silent for an hour."""
    look = look_for(words_in(language), samples.demo_playbook())
    return Seen(look, found, bell, status_samples.processes(), journal_full, real_now())


def told(found: InStore | None, language: str = "en", *, down: bool = False) -> list[Trouble]:
    return troubles(seen(found, language, bell=not down, journal_full=down))


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_trouble_says_since_when_and_what_to_do(language: str) -> None:
    """Only a key that will end and a backup nobody made began at no moment."""
    full = told(replace(status_samples.in_store(full=True), backup=None), language, down=True)
    assert len(full) == 13
    assert [each for each in full if not each.todo or "%(" in each.what + each.todo] == []
    assert sum(each.since is None for each in full) == 2
    if language == "zh-CN":
        assert [each for each in full if not CHINESE.search(each.what) or not CHINESE.search(each.todo)] == []


def test_where_nothing_is_wrong_nothing_is_told() -> None:
    """A store that was just begun lacks only its worker, its first look at the ledger and its first backup."""
    whats = [each.what for each in told(status_samples.in_store(full=False))]
    assert len(whats) == 4 and whats[-1] == "There is no backup"


def test_a_stranger_is_told_of_no_host() -> None:
    """Without the database nobody's session can be looked up: what is down is said, where it runs is not."""
    text = repr(told(None, down=False))
    assert "The database does not answer" in text and "A process is silent: worker" in text
    assert "db-2" not in text and "4712" not in text


def test_a_gateway_is_in_trouble_since_it_first_put_contacts_off() -> None:
    """Each refusal plans the contact a minute ahead, and the latest is seconds old: the oldest knows since when."""
    found = status_samples.in_store(full=True)
    oldest = next(each.oldest for each in found.standing.contacts if each.state == "reserved")
    sms = next(each for each in told(found) if each.what == "SMS: the gateway answered: 503")
    assert sms.since is not None and oldest is not None
    assert int(sms.since.timestamp() * 1_000_000) == oldest and sms.seconds == 3 * HOUR // 1_000_000


@pytest.mark.parametrize("why", list(WhyNot))
def test_why_a_message_was_not_handed_over_is_said_in_chinese(why: WhyNot) -> None:
    """Every reason of ours, alone or with what follows it; none shows a class of Python's."""
    assert set(labels.WHY_NOT) == {str(each) for each in WhyNot}
    trouble = GatewayTrouble("sms", Instant(real_now() - MINUTE), f"{why}: 503")
    store = status_samples.in_store(full=False)
    one = replace(store, standing=replace(store.standing, troubles=(trouble,)))
    what = next(each.what for each in told(one, "zh-CN") if "503" in each.what)
    assert re.fullmatch(r"短信：[一-鿿A-Za-z ]*[一-鿿][一-鿿A-Za-z ]*：503", what), what
