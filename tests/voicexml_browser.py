"""A scripted VoiceXML 2.1 browser: walks documents as the form interpretation algorithm says, each held to the W3C's DTD.

It knows what our documents need and fails loudly at everything else: no caller should meet a browser that guesses.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from tests.servers import missing

DTD = Path("/usr/share/xml/w3c-sgml-lib/schema/dtd/REC-voicexml21-20070619/vxml.dtd")
NAMESPACE = "{http://www.w3.org/2001/vxml}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
Fetch = Callable[[str, str, Mapping[str, str]], Awaitable[str]]
"""Method, address and form → the document; raises where it cannot be had."""


def checked(text: str) -> Any:
    """The document's tree. Fails where the W3C's DTD does not permit it."""
    if not DTD.is_file():
        missing("w3c-sgml-lib")
    root = etree.fromstring(text.encode())
    dtd = etree.DTD(str(DTD))
    assert dtd.validate(root), dtd.error_log.filter_from_errors()
    return root


class Gone(Exception):
    """The caller hung up."""


class Semantic(Exception):
    """An expression names what this browser does not know: ``error.semantic``."""


@dataclass
class Heard:
    """One prompt."""

    text: str
    language: str
    barge: bool
    recordings: tuple[str, ...]


@dataclass
class Browser:
    """One call; ``caller`` answers each wait: a key, None for silence, ``A`` as a tone off the keypad. It may raise Gone."""

    fetch: Fetch
    caller: Callable[[Browser], str | None]
    number: str | None = None
    heard: list[Heard] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    transferred: tuple[str, str] | None = None
    exited: Mapping[str, str] | None = None
    clock: float = 0.0
    """Milliseconds."""

    @property
    def last(self) -> str:
        """What was said since the last wait."""
        return " ".join(each.text for each in self.heard[self._mark :])

    _mark: int = 0

    async def call(self, entry: str) -> None:
        """Walk from the entry document until nothing is left to do."""
        address, method, form = entry, "get", dict[str, str]()
        while True:
            text = await self.fetch(method, address, form)
            self.documents.append(text)
            page = _Page(self, checked(text))
            moved = page.walk()
            if moved is None:
                return
            address, method, form = urljoin(address, moved[0]), moved[1], moved[2]


Move = tuple[str, str, dict[str, str]]


class _Page:
    def __init__(self, browser: Browser, root: Any) -> None:
        self._browser, self._root = browser, root
        self._names: dict[str, Any] = {}
        self._ended = False

    def walk(self) -> Move | None:
        """Everything of the document, in its order; where it submits to, None where the call is over."""
        try:
            for child in self._root:
                if _tag(child) == "var":
                    self._names[child.get("name")] = self._value(child.get("expr"))
            for child in self._root.find(f"{NAMESPACE}form"):
                moved = self._item(child)
                if moved is not None or self._ended:
                    return moved
        except Gone:
            return self._hung_up()
        return None

    def _item(self, item: Any) -> Move | None:
        match _tag(item):
            case "block":
                return self._block(item)
            case "field":
                return self._field(item)
            case "transfer":
                self._browser.transferred = (item.get("dest"), item.get("aai"))
                return self._hung_up()
            case "catch":
                return None
        raise AssertionError(f"this browser does not know <{_tag(item)}>")

    def _block(self, block: Any) -> Move | None:
        try:
            return self._carry_out(block)
        except Semantic:
            catching = block.getparent().find(f"{NAMESPACE}catch[@event='error.semantic']")
            assert catching is not None, "nothing catches error.semantic"
            return self._carry_out(catching)

    def _carry_out(self, content: Any) -> Move | None:
        for each in content:
            match _tag(each):
                case "assign":
                    assert each.get("name") in self._names, "assigned before it was declared"
                    self._names[each.get("name")] = self._value(each.get("expr"))
                case "prompt":
                    self._say(each)
                case "submit":
                    return self._submitted(each)
                case "disconnect":
                    return self._hung_up()
                case "exit":
                    self._ended = True
                    told = (each.get("namelist") or "").split()
                    self._browser.exited = {name: str(self._names[name]) for name in told}
                    return None
                case other:
                    raise AssertionError(f"this browser does not know <{other}>")
        return None

    def _field(self, asked: Any) -> Move | None:
        grammar = asked.find(f"{NAMESPACE}grammar")
        rule = grammar.find(f"{NAMESPACE}rule[@id='{grammar.get('root')}']")
        keys = [item.text for item in rule.iter(f"{NAMESPACE}item")]
        prompts = asked.findall(f"{NAMESPACE}prompt")
        for prompt in prompts:
            self._say(prompt)
        key = self._browser.caller(self._browser)
        self._browser._mark = len(self._browser.heard)
        if key is None:
            self._browser.clock += float(prompts[-1].get("timeout").removesuffix("ms"))
            return self._carry_out(asked.find(f"{NAMESPACE}noinput"))
        self._browser.clock += 500
        if key not in keys:
            return self._carry_out(asked.find(f"{NAMESPACE}nomatch"))
        self._names[asked.get("name")] = key
        return self._carry_out(asked.find(f"{NAMESPACE}filled"))

    def _hung_up(self) -> Move | None:
        catching = self._root.find(f"{NAMESPACE}catch[@event='connection.disconnect']")
        self._ended = True
        return None if catching is None else self._carry_out(catching)

    def _say(self, prompt: Any) -> None:
        words = " ".join("".join(prompt.itertext()).split())
        recordings = tuple(each.get("src") for each in prompt.iter(f"{NAMESPACE}audio"))
        language = prompt.get(LANGUAGE) or self._root.get(LANGUAGE)
        self._browser.heard.append(Heard(words, language, prompt.get("bargein") != "false", recordings))
        self._browser.clock += 100 * len(words)

    def _submitted(self, submit: Any) -> Move:
        names = submit.get("namelist").split()
        return submit.get("next"), submit.get("method"), {name: str(self._names[name]) for name in names}

    def _value(self, expression: str | None) -> Any:
        if expression is None:
            return ""
        if text := re.fullmatch(r"'((?:[^'\\]|\\.)*)'", expression):
            return re.sub(r"\\(.)", r"\1", text[1])
        if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", expression):
            return float(expression) if "." in expression else int(expression)
        if expression == "new Date().getTime()":
            return self._browser.clock
        if expression == "(new Date().getTime() - began) / 1000":
            return (self._browser.clock - self._names["began"]) / 1000
        remote = expression == "session.connection.remote.uri"
        known = self._browser.number if remote else self._names.get(expression)
        if known is None:
            raise Semantic(expression)
        return known


def _tag(element: Any) -> str:
    return str(etree.QName(element).localname)


def keys_of(*pressed: str | None) -> Callable[[Browser], str | None]:
    """A caller who presses these, one a wait, and then hangs up."""
    left: Iterator[str | None] = iter(pressed)

    def caller(_browser: Browser) -> str | None:
        for key in left:
            return key
        raise Gone

    return caller
