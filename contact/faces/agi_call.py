"""One call over FastAGI: its channel is spoken to and listened to until the dialogue ends or the caller is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from contact.domain.call_answers import CallAnswer, SaidAnswer
from contact.faces.telephony import id_of, number_of
from contact.faults import Fault
from contact.flow.calls.answer_call import BeginCall, begin_call, end_call, press_key
from contact.flow.calls.call_effects import ToldBy
from contact.ports import Ports
from contact.telemetry import AGI_RECORDINGS_MISSING, log
from ivr import agi
from strategies.declared.menu import KEYPAD
from strategies.problems import ProblemsFound

HEAD_SECONDS = 10.0
"""For the variables a channel begins with, and the one it is asked for."""
MOST_VARIABLES = 100
COMMAND_SECONDS = 900.0
"""For one answer: the longest announcement, and a key after it."""
PARTING_SECONDS = 5.0
CUSTOMER = "CONTACT_CUSTOMER"
"""Variable in which a dialplan that knows who calls may say so."""
ENDS, QUEUE, CALL = "CONTACT_ENDS", "CONTACT_QUEUE", "CONTACT_CALL"
"""Variables for the dialplan afterwards: ``transfer``, ``hang_up`` or ``failed``; the agents' queue; the call's id."""
_BY = ToldBy("fastagi", "ivr")
_log = log("agi")


class Gone(Exception):
    """The caller hung up, or the connection broke."""


@dataclass(frozen=True, slots=True)
class Speech:
    """The dialplan application that speaks texts: ``Flite("{text}")``."""

    application: str
    arguments: str

    def commands(self, said: SaidAnswer) -> list[bytes]:
        """What says a text, in as many commands as it takes."""
        frame = self.arguments.replace("{language}", said.language)
        room = agi.LONGEST_COMMAND - len(agi.execute(self.application, frame)) - 16
        pieces = agi.in_pieces(agi.speakable(said.text), room)
        return [agi.execute(self.application, frame.replace("{text}", piece)) for piece in pieces]


class Line:
    """A channel's connection: commands out, answers in. Raises Gone when the caller or the connection is."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._answers = agi.Answers()

    async def channel(self) -> agi.Channel:
        """What the channel tells of itself. Raises Gone, and BadLine for what is no Asterisk."""
        lines: list[str] = []
        while line := await self._line():
            lines.append(line)
            if len(lines) > MOST_VARIABLES:
                raise agi.BadLine("a channel has fewer variables")
        return agi.channel_of(lines)

    async def ask(self, command: bytes) -> agi.Answer:
        """Asterisk's answer to a command. Raises Gone."""
        answer = await self._answered(command)
        if answer.hung_up:
            raise Gone
        return answer

    async def play(self, command: bytes) -> agi.Answer | None:
        """The same of a recording; None where the caller is there and the recording is not.

        Asterisk answers alike to both; only a caller who is there has a channel with a status. Raises Gone.
        """
        answer = await self._answered(command)
        if not answer.hung_up:
            return answer
        await self.ask(agi.channel_status())
        return None

    async def _answered(self, command: bytes) -> agi.Answer:
        try:
            self._writer.write(command)
            await self._writer.drain()
            async with asyncio.timeout(COMMAND_SECONDS):
                while (answer := self._answers.read(await self._line())) is None:
                    pass
        except (OSError, TimeoutError) as error:
            raise Gone from error
        if not isinstance(answer, agi.Answer):
            raise Gone
        if answer.refused:
            _log.warning("Asterisk refused a command", code=str(answer.code))
        return answer

    async def _line(self) -> str:
        try:
            line = await self._reader.readuntil(b"\n")
        except (asyncio.IncompleteReadError, OSError) as error:
            raise Gone from error
        except asyncio.LimitOverrunError:
            raise agi.BadLine("a line is too long") from None
        return line.decode(errors="replace").rstrip("\r\n")


class Conversation:
    """One call through its line."""

    def __init__(self, ports: Ports, line: Line, speech: Speech | None, region: str | None) -> None:
        self._ports, self._line = ports, line
        self._speech, self._region = speech, region
        self._language = ""
        self._answer: CallAnswer | None = None
        self._clock = asyncio.get_running_loop().time
        self._began = self._clock()
        self.unspoken = 0
        """Prompts that had neither a recording nor an application that Asterisk has."""

    async def hold(self) -> None:
        """From pick-up to end; whatever happens, the call is ended in our books. Raises BadLine for what is no Asterisk."""
        async with asyncio.timeout(HEAD_SECONDS):
            channel = await self._line.channel()
            customer = id_of((await self._line.ask(agi.get_variable(CUSTOMER))).value)
        try:
            await self._step(begin_call(self._ports, self._request(channel, customer), _BY))
            await self._line.ask(agi.answer())
            await self._talk()
        except Gone:
            await self._end()
        except (Fault, ProblemsFound, agi.BadLine) as error:
            _log.error("a call could not go on", error=type(error).__name__, code=_code_of(error))
            await self._end()
            await self._failed()
        except asyncio.CancelledError:
            await asyncio.shield(self._end())
            raise

    async def _talk(self) -> None:
        while True:
            assert self._answer is not None  # the call has begun
            answer, self._began = self._answer, self._clock()
            key = await self._said(answer)
            if answer.ends:
                await self._parted(answer)
                return
            await self._step(press_key(self._ports, answer.state, key, self._clock() - self._began, _BY))

    def _request(self, channel: agi.Channel, customer: str | None) -> BeginCall:
        return BeginCall(
            customer=customer,
            number=number_of(channel.caller, self._region),
            call=id_of(channel.call),
            menu=channel.menu or None,
            language=channel.options.get("language"),
            dialled=channel.dialled,
        )

    async def _step(self, step: Coroutine[Any, Any, CallAnswer]) -> None:
        """A step is carried out whole, though the service stops meanwhile: else a call could stay open in our books."""
        doing = asyncio.create_task(step)
        try:
            self._answer = await asyncio.shield(doing)
        except asyncio.CancelledError:
            await asyncio.wait([doing])
            if doing.exception() is None:
                self._answer = doing.result()
            raise

    async def _end(self) -> None:
        if self._answer is None:
            return
        try:
            async with asyncio.timeout(PARTING_SECONDS):
                await end_call(self._ports, self._answer.state, self._clock() - self._began)
        except (Fault, ProblemsFound, TimeoutError) as error:
            _log.error("the end of a call was not kept", error=type(error).__name__)

    async def _failed(self) -> None:
        """The dialplan takes the caller over."""
        try:
            await self._line.ask(agi.set_variable(ENDS, "failed"))
        except (Gone, agi.BadLine):
            return

    async def _parted(self, answer: CallAnswer) -> None:
        """Say to the dialplan how it ended; a call that is over is hung up."""
        try:
            await self._line.ask(agi.set_variable(ENDS, answer.ends))
            await self._line.ask(agi.set_variable(CALL, answer.call))
            if answer.ends == "transfer":
                await self._line.ask(agi.set_variable(QUEUE, answer.queue or ""))
            else:
                await self._line.ask(agi.hang_up())
        except Gone:
            return

    async def _said(self, answer: CallAnswer) -> str | None:
        """Everything of a turn; the key that was pressed meanwhile or in the silence after it, None for none."""
        waiting = not answer.ends
        for place, said in enumerate(answer.say):
            last = waiting and place == len(answer.say) - 1
            if last and said.file is not None and said.key is None and said.barge:
                await self._speak(said.language)
                found = await self._line.play(agi.get_data(said.file, _milliseconds(answer)))
                if found is not None:
                    return found.digits
                said = self._without_recording(said)
            key = await self._one(said, KEYPAD if waiting and said.barge else "")
            if key is not None:
                return key
        return (await self._line.ask(agi.wait_for_digit(_milliseconds(answer)))).key if waiting else None

    async def _one(self, said: SaidAnswer, keys: str) -> str | None:
        await self._speak(said.language)
        if said.file is not None:
            played = await self._line.play(agi.stream_file(said.file, keys))
            if played is not None and (played.key is not None or said.key is None):
                return played.key
            if played is not None and said.key is not None:
                return await self._first([_key_said(said.key, keys)])
            said = self._without_recording(said)
        if said.text.isdecimal() and said.text.isascii():
            return await self._first([agi.say_digits(said.text, keys)])
        if self._speech is None:
            self.unspoken += 1
            return None
        return await self._first(self._speech.commands(said))

    def _without_recording(self, said: SaidAnswer) -> SaidAnswer:
        """Told where it is looked for, and spoken as a text that has none."""
        AGI_RECORDINGS_MISSING.inc()
        _log.warning("a recording is missing", id=said.file)
        return msgspec.structs.replace(said, file=None)

    async def _first(self, commands: Sequence[bytes]) -> str | None:
        for command in commands:
            answer = await self._line.ask(command)
            self.unspoken += answer.unknown_application
            if answer.key is not None:
                return answer.key
        return None

    async def _speak(self, language: str) -> None:
        """Recordings and digits of this language from now on; Asterisk writes it zh_CN and falls back to zh."""
        if language and language != self._language:
            self._language = language
            await self._line.ask(agi.set_variable("CHANNEL(language)", language.replace("-", "_")))


def _key_said(key: str, keys: str) -> bytes:
    return agi.say_digits(key, keys) if key.isdecimal() else agi.say_signs(key, keys)


def _code_of(error: Fault | ProblemsFound | agi.BadLine) -> str | None:
    """What went wrong, as a code of a closed list; its words may hold what the dialplan sent."""
    if isinstance(error, ProblemsFound):
        return error.problems[0].code
    return error.code if isinstance(error, Fault) else None


def _milliseconds(answer: CallAnswer) -> int:
    return max(1, round(answer.wait_seconds * 1000))
