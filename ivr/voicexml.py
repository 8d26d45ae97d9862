"""A dialogue's turns as VoiceXML 2.1 documents, and the entry document with which a call begins.

Valid by the W3C's DTD. Every document takes one key and submits it by POST with the signed state, so that a browser keeps
nothing between documents. Pure: addresses are arguments.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ivr.dialogue_state import Spoken
from ivr.phrases import phrases_of
from ivr.voicexml_speech import as_attribute, as_speech, as_text
from strategies.declared.menu import KEYPAD

MEDIA_TYPE = "application/voicexml+xml; charset=utf-8"
OFF_KEYPAD = "?"
"""Submitted for what no keypad has: a tone A–D, or noise that a browser took for several."""
FETCH_SECONDS = 5
"""How long a browser waits for the next document; then ``error.badfetch`` hands the call back to the platform."""
_ELAPSED = '<assign name="seconds" expr="(new Date().getTime() - began) / 1000"/>'


_FAILED = '<catch event="error"><exit expr="\'error\'"/></catch>'


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a document submits to, and where its platform finds recordings and agents."""

    keys: str
    end: str
    recordings: str | None = None
    """With ``{language}`` and ``{file}``; None: recordings are not played, texts are spoken."""
    agents: str | None = None
    """With ``{queue}`` and ``{call}``, as ``sip:{queue}@pbx``; None: the document exits, its platform passes the call on."""


@dataclass(frozen=True, slots=True)
class Page:
    """One turn, as a dialect needs it."""

    call: str
    state: str
    say: tuple[Spoken, ...]
    keys: tuple[str, ...]
    """Empty where the call ends."""
    wait_seconds: float
    ends: str = ""
    """``hang_up``, ``transfer`` or nothing."""
    queue: str | None = None


def entry(begin: str, menu: str | None = None, language: str | None = None) -> str:
    """The document a platform is pointed to: it submits the caller's number where its browser knows it.

    In the body, so that no address and no log of addresses holds it.
    """
    chosen = {name: value for name, value in (("menu", menu), ("language", language)) if value is not None}
    variables = "".join(
        f"<var name={as_attribute(name)} expr={_string(value)}/>" for name, value in chosen.items()
    )
    names = " ".join(("number", "dialled", *chosen))
    body = (
        '<var name="number" expr="\'\'"/><var name="dialled" expr="\'\'"/>'
        f"{variables}{_FAILED}"
        '<form id="call">'
        '<catch event="error.semantic"/>'  # a browser that does not know it: go on without
        '<block><assign name="number" expr="session.connection.remote.uri"/></block>'
        '<block><assign name="dialled" expr="session.connection.local.uri"/></block>'
        f"<block>{_submit(begin, names)}</block>"
        "</form>"
    )
    return _document(language, body)


def document(page: Page, addresses: Addresses) -> str:
    """One turn: what is said, one key or silence, and where they are submitted."""
    language = next((each.language for each in page.say), None)
    kept = (
        f'<var name="state" expr={_string(page.state)}/>'
        '<var name="pressed" expr="\'\'"/><var name="seconds" expr="0"/>'
        '<var name="began" expr="new Date().getTime()"/>'
        f'<catch event="connection.disconnect">{_ELAPSED}{_submit(addresses.end, "state seconds")}</catch>'
        f"{_FAILED}"
    )
    if page.ends == "transfer":
        return _document(language, kept + _transfer(page, addresses))
    if page.ends or not page.keys:
        words = _prompts(page.say, addresses.recordings)
        return _document(language, f'{kept}<form id="turn"><block>{words}<disconnect/></block></form>')
    return _document(language, kept + _asking(page, addresses))


def no_menu(menu: str) -> str:
    """Instead of a turn where no menu of this name is in force: told to the platform's log, the caller is handed back."""
    told = f"no menu '{menu}' is in force"
    return _document(
        None, f'<form id="none"><block><log>{as_text(told)}</log><exit expr={_string(told)}/></block></form>'
    )


def goodbye() -> str:
    """After the end of a call was noted: nothing more to do."""
    return _document(None, '<form id="over"><block><exit/></block></form>')


def _asking(page: Page, addresses: Addresses) -> str:
    items = "".join(f"<item>{key}</item>" for key in KEYPAD)
    submitted = _ELAPSED + _submit(addresses.keys, "state pressed seconds")
    return (
        '<property name="inputmodes" value="dtmf"/>'
        '<property name="termchar" value=""/>'  # else # would end an input instead of being one
        '<form id="turn"><field name="key">'
        '<grammar type="application/srgs+xml" version="1.0" mode="dtmf" root="keypad">'
        f'<rule id="keypad" scope="public"><one-of>{items}</one-of></rule></grammar>'
        f"{_prompts(page.say, addresses.recordings, page.wait_seconds)}"
        f"<noinput>{submitted}</noinput>"
        f'<nomatch><assign name="pressed" expr={_string(OFF_KEYPAD)}/>{submitted}</nomatch>'
        f'<filled><assign name="pressed" expr="key"/>{submitted}</filled>'
        "</field></form>"
    )


def _transfer(page: Page, addresses: Addresses) -> str:
    """To an agent: by the browser where it was told how, else the platform takes queue and call from the exit."""
    words = _prompts(page.say, addresses.recordings)
    if addresses.agents is None or page.queue is None:
        told = f'<var name="queue" expr={_string(page.queue or "")}/><var name="call" expr={_string(page.call)}/>'
        exit_with = '<exit namelist="queue call"/>'
        return f'{told}<form id="turn"><block>{words}{exit_with}</block></form>'
    to = addresses.agents.replace("{queue}", page.queue).replace("{call}", page.call)
    passing = f'<transfer name="agent" type="blind" dest={as_attribute(to)} aai={as_attribute(page.call)}/>'
    return f'<form id="turn"><block>{words}</block>{passing}</form>'


def _prompts(say: Iterable[Spoken], recordings: str | None, wait_seconds: float | None = None) -> str:
    """One prompt each, in its own language; the silence that counts as a time-out belongs to the last."""
    found = tuple(say)
    wait = "" if wait_seconds is None else f' timeout="{max(round(wait_seconds * 1000), 1)}ms"'
    last = len(found) - 1
    prompts = [
        f'<prompt bargein="{"true" if each.barge else "false"}" xml:lang={as_attribute(each.language)}'
        f"{wait if place == last else ''}>{_words(each, recordings)}</prompt>"
        for place, each in enumerate(found)
    ]
    return "".join(prompts) if prompts or not wait else f"<prompt{wait}/>"


def _words(each: Spoken, recordings: str | None) -> str:
    words = as_text(each.text) if each.ssml is None else as_speech(each.ssml, each.text)
    if each.file is None or recordings is None:
        return words
    source = recordings.replace("{language}", each.language).replace("{file}", each.file)
    words = f"<audio src={as_attribute(source)}>{words}</audio>"
    if each.key is None:
        return words
    press = phrases_of(each.language)
    return f"{words} {as_text(press.press.format(key=press.key(each.key)))}"


def _submit(to: str, names: str) -> str:
    return (
        f'<submit next={as_attribute(to)} method="post" namelist="{names}" fetchtimeout="{FETCH_SECONDS}s"/>'
    )


def _string(words: str) -> str:
    """A text as a quoted attribute that holds an ECMAScript string."""
    plain = words.replace("\\", "\\\\").replace("'", "\\'").replace("\n", " ")
    return as_attribute(f"'{plain}'")


def _document(language: str | None, body: str) -> str:
    spoken = "" if language is None else f" xml:lang={as_attribute(language)}"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<vxml version="2.1" xmlns="http://www.w3.org/2001/vxml"{spoken}>{body}</vxml>\n'
    )
