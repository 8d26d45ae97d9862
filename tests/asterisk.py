"""An Asterisk that speaks AGI over TCP as ``res_agi`` does, with a scripted caller on its channel.

It takes commands by its own reading of a line, refuses what Asterisk refuses, and hangs up in the three ways a channel is
lost: the command fails, the line ``HANGUP`` comes, or the connection breaks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Literal

LINE_BYTES = 2048
"""Of Asterisk's buffer for one command."""
HangUp = Literal["fails", "signalled", "broken"]


def parsed(line: str) -> list[str]:
    """The words of a command: quotes join, a backslash takes the next sign as it is."""
    words: list[str] = []
    quoted = escaped = False
    between = True
    for sign in line:
        if sign == '"' and not escaped:
            quoted = not quoted
            if quoted and between:
                words.append("")
                between = False
        elif sign in " \t" and not quoted and not escaped:
            between = True
        elif sign == "\\" and not escaped:
            escaped = True
        else:
            if between:
                words.append("")
                between = False
            words[-1] += sign
            escaped = False
    return words


@dataclass
class Channel:
    """One call. ``keys`` are pressed one a wait (None: silence); when they are used up the caller hangs up.

    ``barges``: keys come while something is said instead. ``hang_up_at``: the command during which the caller is lost.
    """

    keys: Sequence[str | None]
    unique: str = "1700000000.1"
    number: str = "unknown"
    dialled: str = "10086"
    script: str = "main"
    barges: bool = False
    hang_up_at: int | None = None
    how: HangUp = "fails"
    applications: frozenset[str] = frozenset({"Flite"})
    recordings: frozenset[str] | None = None
    """None: all there are."""
    seconds: float = 0.0
    """How long each command takes."""

    said: list[str] = field(default_factory=list)
    """Recordings as ``file:NAME``, digits as ``digits:N``, applications as ``NAME(ARGUMENTS)``."""
    commands: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    """Seconds from each answer of ours to the server's next command."""
    variables: dict[str, str] = field(default_factory=dict)
    dead: bool = False
    picked_up: asyncio.Event = field(default_factory=asyncio.Event)
    hung_up_by_us: bool = False

    def __post_init__(self) -> None:
        self._left: Iterator[str | None] = iter(self.keys)

    async def call(self, port: int, host: str = "127.0.0.1") -> Channel:
        """The whole call; returns when the server closed the connection or the channel broke."""
        reader, writer = await asyncio.open_connection(host, port, limit=1 << 16)
        try:
            writer.write("".join(f"{line}\n" for line in self._environment()).encode() + b"\n")
            await self._converse(reader, writer)
        except ConnectionError:
            pass  # the channel goes on in its dialplan, as it does where the server closed
        finally:
            writer.close()
        return self

    async def answered(self) -> None:
        """Called when it was picked up, before that is confirmed."""

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = perf_counter()
        while line := await reader.readline():
            self.waits.append(perf_counter() - said)
            assert line.endswith(b"\n") and len(line) <= LINE_BYTES, (
                "Asterisk would read this as two commands"
            )
            text = line.decode().rstrip("\n")
            self.commands.append(text)
            if self.seconds:
                await asyncio.sleep(self.seconds)
            if self.hang_up_at is not None and len(self.commands) > self.hang_up_at and not self.dead:
                self.dead = True
                if self.how == "broken":
                    return
                lost = b"200 result=-1\nHANGUP\n" if self.how == "fails" else b"HANGUP\n"
                writer.write(lost)
                if self.how == "fails":
                    said = perf_counter()
                    continue
            answer = self._answer(parsed(text))
            if text == "ANSWER":
                await self.answered()
            writer.write(answer.encode() + b"\n")
            said = perf_counter()

    def _environment(self) -> list[str]:
        return [
            "agi_network: yes", f"agi_network_script: {self.script}", f"agi_request: agi://127.0.0.1/{self.script}",
            "agi_channel: PJSIP/trunk-00000001", "agi_language: en", "agi_type: PJSIP", f"agi_uniqueid: {self.unique}",
            "agi_version: 20.0.0", f"agi_callerid: {self.number}", "agi_calleridname: unknown", "agi_callingpres: 0",
            "agi_callingani2: 0", "agi_callington: 0", "agi_callingtns: 0", f"agi_dnid: {self.dialled}",
            "agi_rdnis: unknown", "agi_context: hotline", f"agi_extension: {self.dialled}", "agi_priority: 1",
            "agi_enhanced: 0.0", "agi_accountcode: ", "agi_threadid: 1",
        ]  # fmt: skip

    def _answer(self, words: list[str]) -> str:
        if self.dead:
            return "511 Command Not Permitted on a dead channel or intercept routine"
        match words:
            case ["ANSWER"]:
                self.picked_up.set()
                return "200 result=0"
            case ["HANGUP"]:
                self.dead = self.hung_up_by_us = True
                return "200 result=1"
            case ["STREAM", "FILE", name, _] | ["GET", "DATA", name, _, _] if not self._has(name):
                return "200 result=-1"
            case ["CHANNEL", "STATUS"]:
                return "200 result=6"
            case ["STREAM", "FILE", name, keys]:
                return f"{self._play(f'file:{name}', keys)} endpos=8000"
            case ["SAY", "DIGITS", digits, keys] if digits.isdecimal():
                return self._play(f"digits:{digits}", keys)
            case ["SAY", "ALPHA", signs, keys]:
                return self._play(f"signs:{signs}", keys)
            case ["GET", "DATA", name, milliseconds, "1"] if milliseconds.isdecimal():
                self.said.append(f"file:{name}")
                key = self._pressed()
                if self.dead:
                    return "200 result=-1"
                return "200 result= (timeout)" if key is None else f"200 result={'' if key == '#' else key}"
            case ["WAIT", "FOR", "DIGIT", milliseconds] if milliseconds.isdecimal():
                key = self._pressed()
                return "200 result=-1" if self.dead else f"200 result={ord(key) if key else 0}"
            case ["EXEC", application, arguments]:
                if application not in self.applications:
                    return "200 result=-2"
                self.said.append(f"{application}({arguments})")
                return "200 result=0"
            case ["SET", "VARIABLE", name, value]:
                self.variables[name] = value
                return "200 result=1"
            case ["GET", "VARIABLE", name]:
                known = self.variables.get(name)
                return "200 result=0" if known is None else f"200 result=1 ({known})"
            case ["STREAM" | "SAY" | "GET" | "WAIT" | "EXEC" | "SET", *_]:
                return "520-Invalid command syntax.  Proper usage follows:\n Usage: ask res_agi\n520 End of proper usage."
        return "510 Invalid or unknown command"

    def _has(self, name: str) -> bool:
        return self.recordings is None or name in self.recordings

    def _play(self, what: str, keys: str) -> str:
        self.said.append(what)
        if not self.barges or not keys:
            return "200 result=0"
        key = self._pressed()
        if self.dead:
            return "200 result=-1"
        return f"200 result={ord(key) if key and key in keys else 0}"

    def _pressed(self) -> str | None:
        for key in self._left:
            return key
        self.dead = True
        return None
