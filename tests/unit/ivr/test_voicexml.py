"""Turns as VoiceXML documents: each valid by the W3C's DTD, and saying what the turn says."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.dialogue_state import Spoken
from ivr.voicexml import Addresses, Page, document, entry, goodbye
from ivr.voicexml_speech import as_speech
from tests.voicexml_browser import NAMESPACE, Browser, checked, keys_of

PLAIN = Addresses("/keys", "/end")
EQUIPPED = Addresses("/keys", "/end", "http://media/{language}/{file}.wav", "sip:{queue}@pbx")
BILL = Spoken("For your bill, press 1.", 2.0, "en", file="menu/bill", key="1")
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TAGS = (
    "p",
    "s",
    "break",
    "emphasis",
    "prosody",
    "voice",
    "audio",
    "say-as",
    "sub",
    "phoneme",
    "mark",
    "w",
    "vxml",
)
NAMES = (
    "time",
    "strength",
    "level",
    "rate",
    "gender",
    "src",
    "interpret-as",
    "alias",
    "ph",
    "id",
    "name",
    "onload",
)
XML = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='<>&"￾￿'), max_size=8)


def _page(say: tuple[Spoken, ...], ends: str = "", queue: str | None = None) -> Page:
    return Page("call-1", "it's.sta\"te\\", say, () if ends else ("1", "*"), 5.0, ends, queue)


def _element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    attributes = st.dictionaries(st.sampled_from(NAMES), XML, max_size=3)
    return st.builds(
        lambda tag, told, held: (
            f"<{tag}{''.join(f' {name}={chr(34)}{value}{chr(34)}' for name, value in told.items())}>"
            f"{''.join(held)}</{tag}>"
        ),
        st.sampled_from(TAGS), attributes, st.lists(inner, max_size=3),
    )  # fmt: skip


FRAGMENTS = st.recursive(XML, _element, max_leaves=12)


@settings(max_examples=150, deadline=None)
@given(
    text=WORDS,
    fragment=FRAGMENTS | WORDS,
    ends=st.sampled_from(["", "hang_up", "transfer"]),
    barge=st.booleans(),
)
def test_whatever_a_menu_says_the_document_is_valid(text: str, fragment: str, ends: str, barge: bool) -> None:
    """Texts with any signs and SSML of any shape become documents that the DTD permits."""
    say = (Spoken(text, 1.0, "zh-CN", fragment, "menu/x", barge=barge), Spoken(text, 1.0, "en", key="1"))
    for addresses in (PLAIN, EQUIPPED):
        checked(document(_page(say, ends, "hotline"), addresses))


def test_what_browsers_refuse_is_taken_out_and_its_words_stay() -> None:
    """Elements that VoiceXML does not have, and those in the wrong place, are opened; an unknown attribute goes."""
    said = as_speech('<w>one</w> <p>two<p onload="x">three</p></p><say-as>4</say-as><break time="soon"/>', "")
    assert said == "one <p>twothree</p>4<break/>"


@pytest.mark.parametrize("fragment", ["<p>open", "<!DOCTYPE x [<!ENTITY e 'boom'>]>&e;", "<?php ?>"])
def test_a_fragment_that_is_no_xml_is_spoken_as_its_text(fragment: str) -> None:
    """A slip in SSML costs the emphasis, not the caller; entities are never declared."""
    assert as_speech(fragment, "five < six") == "five &lt; six"


def test_a_recording_is_played_before_its_text_and_followed_by_its_key() -> None:
    """Where there is a place for recordings the text stands behind, and the key is said after the recording."""
    said = document(_page((BILL,)), EQUIPPED)
    assert '<audio src="http://media/en/menu/bill.wav">For your bill, press 1.</audio> press 1.' in said
    assert "audio" not in document(_page((BILL,)), PLAIN)


async def _walked(
    pages: Mapping[str, str], *pressed: str | None, number: str | None = None
) -> tuple[Browser, list[tuple[str, dict[str, str]]]]:
    asked: list[tuple[str, dict[str, str]]] = []

    async def fetch(_method: str, address: str, form: Mapping[str, str]) -> str:
        asked.append((address, dict(form)))
        return pages[address]

    browser = Browser(fetch, keys_of(*pressed), number=number)
    await browser.call("/entry")
    return browser, asked


@pytest.mark.parametrize(("number", "sent"), [("tel:+8613800000001", "tel:+8613800000001"), (None, "")])
async def test_the_entry_submits_the_number_a_browser_knows(number: str | None, sent: str) -> None:
    """Caller and menu are posted; a browser that does not know the caller sends none, and the call goes on."""
    pages = {"/entry": entry("/calls", "main", "en"), "/calls": goodbye()}
    browser, asked = await _walked(pages, number=number)
    assert asked[1] == ("/calls", {"number": sent, "dialled": "", "menu": "main", "language": "en"})
    assert browser.exited == {}


def test_an_entry_whose_first_turn_does_not_come_exits_with_error() -> None:
    """As every later document does: the platform passes the caller on. A browser that knows no caller goes on instead."""
    page = checked(entry("/calls", "main"))
    catching = page.find(f"{NAMESPACE}catch[@event='error']")
    assert catching is not None and catching.find(f"{NAMESPACE}exit").get("expr") == "'error'"
    assert page.find(f"{NAMESPACE}form/{NAMESPACE}catch[@event='error.semantic']") is not None


@pytest.mark.parametrize(("pressed", "sent"), [("*", "*"), (None, ""), ("A", "?")])
async def test_a_key_silence_and_a_tone_off_the_keypad_are_told_apart(pressed: str | None, sent: str) -> None:
    """Each submits the signed state unchanged and how long the caller was here."""
    pages = {"/entry": document(_page((BILL,)), PLAIN), "/keys": goodbye()}
    _, asked = await _walked(pages, pressed)
    address, form = asked[1]
    assert (address, form["state"], form["pressed"]) == ("/keys", "it's.sta\"te\\", sent)
    assert float(form["seconds"]) == pytest.approx(2.8 if pressed else 7.3)


async def test_a_caller_who_hangs_up_is_reported() -> None:
    """The browser's disconnect event submits state and seconds to the end of the call."""
    pages = {"/entry": document(_page((BILL,)), PLAIN), "/end": goodbye()}
    _, asked = await _walked(pages)
    assert asked[1] == ("/end", {"state": "it's.sta\"te\\", "seconds": "2.3"})


async def test_a_transfer_is_the_browsers_or_the_platforms() -> None:
    """With an address of agents the browser transfers and carries the call's id; without, both stand in the exit."""
    said = (Spoken("One moment.", 1.0, "en"),)
    pages = {"/entry": document(_page(said, "transfer", "hotline"), EQUIPPED), "/end": goodbye()}
    browser, _ = await _walked(pages)
    assert browser.transferred == ("sip:hotline@pbx", "call-1")
    browser, _ = await _walked({"/entry": document(_page(said, "transfer", "hotline"), PLAIN)})
    assert browser.exited == {"queue": "hotline", "call": "call-1"}
    assert [each.text for each in browser.heard] == ["One moment."]
