"""What is said, as VoiceXML's DTD permits it: SSML fragments with what a browser would refuse taken out, never the words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

_NAME = re.compile(r"[A-Za-z0-9._:-]+")
_DURATION = re.compile(r"[0-9]+(\.[0-9]+)?(s|ms)")
_ANY = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f]*")
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff￾￿]")
_WORDS = frozenset(
    {"break", "emphasis", "phoneme", "prosody", "say-as", "voice", "sub", "audio"}
)  # within a sentence
_BLOCKS = _WORDS | {"p", "s"}
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class _Element:
    """What an element may hold and be told by VoiceXML's DTD; ``needed`` must be there."""

    holds: frozenset[str]
    told: Mapping[str, re.Pattern[str]]
    needed: str | None = None


def _one_of(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, words)))


_ELEMENTS: Mapping[str, _Element] = {
    "p": _Element(_WORDS | {"s"}, {LANGUAGE: _NAME}),
    "s": _Element(_WORDS, {LANGUAGE: _NAME}),
    "break": _Element(
        frozenset(),
        {"time": _DURATION, "strength": _one_of("none", "x-weak", "weak", "medium", "strong", "x-strong")},
    ),
    "emphasis": _Element(_WORDS, {"level": _one_of("strong", "moderate", "none", "reduced")}),
    "prosody": _Element(
        _BLOCKS, dict.fromkeys(("pitch", "contour", "range", "rate", "duration", "volume"), _ANY)
    ),
    "voice": _Element(
        _BLOCKS,
        {
            LANGUAGE: _NAME,
            "gender": _one_of("male", "female", "neutral"),
            "age": _ANY,
            "variant": _ANY,
            "name": _ANY,
        },
    ),
    "audio": _Element(_BLOCKS, {"src": _ANY}, "src"),
    "say-as": _Element(
        frozenset(), {"interpret-as": _NAME, "format": _NAME, "detail": _NAME}, "interpret-as"
    ),
    "sub": _Element(frozenset(), {"alias": _ANY}, "alias"),
    "phoneme": _Element(frozenset(), {"ph": _ANY, "alphabet": _ANY}, "ph"),
}


def as_text(words: str) -> str:
    """Words as XML; signs that no XML document may hold are left out."""
    return escape(_NO_XML.sub("", words))


def as_attribute(words: str) -> str:
    """Words as a quoted attribute's value; signs that no XML document may hold are left out."""
    return quoteattr(_NO_XML.sub("", words))


def as_speech(fragment: str, text: str) -> str:
    """An SSML fragment as it may stand within a prompt; the plain text where the fragment is no XML."""
    if "<!" in fragment or "<?" in fragment:
        return as_text(text)
    try:
        root = ElementTree.fromstring(f"<speak>{fragment}</speak>")
    except ElementTree.ParseError:
        return as_text(text)
    return _within(root, _BLOCKS)


def _within(element: ElementTree.Element, permitted: frozenset[str]) -> str:
    parts = [as_text(element.text or "")]
    for child in element:
        parts += [_one(child, permitted), as_text(child.tail or "")]
    return "".join(parts)


def _one(element: ElementTree.Element, permitted: frozenset[str]) -> str:
    """The element where it may stand, else what it holds."""
    tag = str(element.tag).rpartition("}")[2]
    kind = _ELEMENTS.get(tag)
    if (
        kind is None
        or tag not in permitted
        or (kind.needed is not None and kind.needed not in element.attrib)
    ):
        return _within(element, permitted)
    told = {
        name: value
        for name, value in element.attrib.items()
        if name in kind.told and kind.told[name].fullmatch(value)
    }
    if kind.needed is not None and kind.needed not in told:
        return _within(element, permitted)
    attributes = "".join(
        f" {'xml:lang' if name == LANGUAGE else name}={as_attribute(value)}" for name, value in told.items()
    )
    inner = _within(element, permitted & kind.holds)
    if tag == "break":  # it holds nothing; words within it are said behind it
        return f"<break{attributes}/>{inner}"
    return f"<{tag}{attributes}>{inner}</{tag}>"
