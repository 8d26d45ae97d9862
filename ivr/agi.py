"""Lines of Asterisk's gateway interface (AGI), both ways: what a channel tells, commands, and what it answers to them.

As Asterisk's ``res_agi`` speaks it: variables until an empty line, then one command and one answer at a time. Pure: bytes of
a connection are somebody else's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from strategies.declared.menu import KEYPAD

LONGEST_COMMAND = 2000
"""Bytes of a command with its line end; Asterisk cuts at 2,048 and takes the rest for another command."""
FAILED, NO_APPLICATION = -1, -2
UNKNOWN_COMMAND, DEAD_CHANNEL, WRONG_SYNTAX = 510, 511, 520
_VARIABLE = re.compile(r"agi_([a-z0-9_]+): ?(.*)", re.DOTALL)
_ANSWER = re.compile(r"(?P<code>[0-9]{3})(?P<goes_on>-)?(?: (?P<rest>.*)|(?P<tail>.*))", re.DOTALL)
_RESULT = re.compile(
    r"result=(?P<result>[^ ]*)(?: \((?P<value>.*?)\))?(?: endpos=(?P<end>[0-9]+))?", re.DOTALL
)
_UNSPEAKABLE = re.compile(r'[\x00-\x1f\x7f"\\]+')
_PLAIN = re.compile(r"[A-Za-z0-9_./:-]+")
_NUMBER = re.compile(r"\+?[0-9]{3,20}")
_END_OF_SENTENCE = re.compile(r"(?<=[.!?;。！？；])\s*")


class BadLine(ValueError):
    """A line is no AGI; its words are not repeated, for they may hold a number."""


@dataclass(frozen=True, slots=True)
class Channel:
    """What a channel tells of itself when it connects."""

    variables: Mapping[str, str]
    """Names without ``agi_``."""

    @property
    def call(self) -> str:
        """The channel's unique id; empty where it told none."""
        return self.variables.get("uniqueid", "")

    @property
    def menu(self) -> str:
        """The script named behind the host: ``agi://host/main`` names ``main``; empty: none."""
        return self.variables.get("network_script", "").partition("?")[0].strip("/")

    @property
    def options(self) -> Mapping[str, str]:
        """What stands behind the script's question mark, as ``main?language=zh-CN``."""
        query = self.variables.get("network_script", "").partition("?")[2]
        return {name: value for name, _, value in (each.partition("=") for each in query.split("&")) if name}

    @property
    def caller(self) -> str | None:
        """The caller's number as the channel writes it; None where it is withheld or no number."""
        return _number(self.variables.get("callerid", ""))

    @property
    def dialled(self) -> str | None:
        """The number that was dialled, else the extension it led to; None where neither is a number."""
        return _number(self.variables.get("dnid", "")) or _number(self.variables.get("extension", ""))

    def __repr__(self) -> str:
        return f"Channel(menu={self.menu!r})"  # variables hold numbers


def channel_of(lines: Iterable[str]) -> Channel:
    """The channel of the lines before the first empty one. Raises BadLine where a line is no variable."""
    variables: dict[str, str] = {}
    for line in lines:
        found = _VARIABLE.fullmatch(line)
        if found is None:
            raise BadLine("a channel begins with its variables, as agi_uniqueid: …")
        variables[found[1]] = found[2].strip()
    return Channel(variables)


def _number(told: str) -> str | None:
    digits = re.sub(r"[ ().-]", "", told)
    return digits if _NUMBER.fullmatch(digits) else None


def command(*words: str) -> bytes:
    """One command's line: words as they are where plain, else quoted. Raises BadLine where it would be cut in two."""
    line = " ".join(word if _PLAIN.fullmatch(word) else _quoted(word) for word in words).encode() + b"\n"
    if len(line) > LONGEST_COMMAND:
        raise BadLine(f"a command is at most {LONGEST_COMMAND} bytes long")
    return line


def _quoted(word: str) -> str:
    if "\n" in word or "\r" in word or "\0" in word:
        raise BadLine("a command is one line")
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def answer() -> bytes:
    """Pick up."""
    return command("ANSWER")


def hang_up() -> bytes:
    """End the call."""
    return command("HANGUP")


def stream_file(name: str, keys: str = KEYPAD) -> bytes:
    """Play a recording; any of the keys ends it and is the answer."""
    return command("STREAM", "FILE", name, keys)


def say_digits(digits: str, keys: str = KEYPAD) -> bytes:
    """Say digit by digit; any of the keys ends it and is the answer."""
    return command("SAY", "DIGITS", digits, keys)


def get_data(name: str, milliseconds: int, most: int = 1) -> bytes:
    """Play a recording and take up to ``most`` digits, the first of which ends it; ``#`` alone is an empty answer."""
    return command("GET", "DATA", name, str(milliseconds), str(most))


def wait_for_digit(milliseconds: int) -> bytes:
    """Wait for one key."""
    return command("WAIT", "FOR", "DIGIT", str(milliseconds))


def say_signs(signs: str, keys: str = KEYPAD) -> bytes:
    """Say sign by sign, star and hash among them; any of the keys ends it and is the answer."""
    return command("SAY", "ALPHA", signs, keys)


def set_variable(name: str, value: str) -> bytes:
    """Leave a value for the dialplan."""
    return command("SET", "VARIABLE", name, value)


def get_variable(name: str) -> bytes:
    """Ask for a variable of the channel."""
    return command("GET", "VARIABLE", name)


def channel_status() -> bytes:
    """Ask what state the channel is in; of a caller who is gone Asterisk refuses to say."""
    return command("CHANNEL", "STATUS")


def execute(application: str, arguments: str) -> bytes:
    """Run an application of the dialplan."""
    return command("EXEC", application, arguments)


def speakable(text: str) -> str:
    """A text without what ends a quotation or a line."""
    return _UNSPEAKABLE.sub(" ", text).strip()


def in_pieces(text: str, most_bytes: int) -> tuple[str, ...]:
    """A text cut so that each piece fits a command, at ends of sentences where there are any."""
    pieces: list[str] = []
    for sentence in filter(None, _END_OF_SENTENCE.split(text)):
        joined = f"{pieces[-1]} {sentence}" if pieces else sentence
        if pieces and len(joined.encode()) <= most_bytes:
            pieces[-1] = joined
            continue
        while len(sentence.encode()) > most_bytes:
            part = sentence.encode()[:most_bytes].decode(errors="ignore")
            pieces.append(part)
            sentence = sentence[len(part) :]
        pieces.append(sentence)
    return tuple(pieces)


@dataclass(frozen=True, slots=True)
class Answer:
    """What Asterisk answered to one command."""

    code: int
    result: str = ""
    value: str | None = None
    """What stood in parentheses: a variable's value, or ``timeout``."""

    @property
    def hung_up(self) -> bool:
        """Whether it says that the caller is gone."""
        return self.code == DEAD_CHANNEL or (self.code == 200 and self.result == str(FAILED))

    @property
    def refused(self) -> bool:
        """Whether Asterisk does not know the command, or not like this."""
        return self.code in (UNKNOWN_COMMAND, WRONG_SYNTAX)

    @property
    def unknown_application(self) -> bool:
        """Of EXEC: whether there is no such application."""
        return self.code == 200 and self.result == str(NO_APPLICATION)

    @property
    def key(self) -> str | None:
        """The key whose code is the result; None where none was pressed."""
        code = int(self.result) if self.result.isdecimal() else 0
        return chr(code) if 0 < code < 128 and chr(code) in KEYPAD else None

    @property
    def digits(self) -> str | None:
        """Of GET DATA for one digit: the digit, ``#`` where that alone ended it, None after a silence."""
        if self.result == "":
            return None if self.value == "timeout" else "#"
        return self.result


class Answers:
    """Puts an answer together from its lines; the usage of a wrong command takes several."""

    def __init__(self) -> None:
        self._usage = False

    def read(self, line: str) -> Answer | Literal["hung up"] | None:
        """The answer that this line completes, ``hung up`` where Asterisk says so between answers, None where more comes.

        Raises BadLine.
        """
        if self._usage:
            if line.startswith("520 "):
                self._usage = False
                return Answer(WRONG_SYNTAX)
            return None
        if line == "HANGUP":
            return "hung up"
        found = _ANSWER.fullmatch(line)
        if found is None:
            raise BadLine("an answer begins with a number of three digits")
        code = int(found["code"])
        if found["goes_on"]:
            self._usage = True
            return None
        result = _RESULT.match(found["rest"] or found["tail"] or "")
        return Answer(code) if result is None else Answer(code, result["result"], result["value"])
