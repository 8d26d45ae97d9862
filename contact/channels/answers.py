"""Answers from whoever knows them, asked over HTTP in lists: billing, a knowledge base, a fault desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import aiohttp
import msgspec

from contact.channels.sms import posting
from contact.faults import GatewayRefused
from contact.ports.answers import Question
from contact.telemetry import request_headers

AT_ONCE = 100
"""Questions of one request."""
LONGEST_ANSWER = 2_000
"""Characters that an agent would read."""
LARGEST_REPLY = 4 << 20


class _Said(msgspec.Struct):
    customer: str
    topic: str
    text: str


class _Reply(msgspec.Struct):
    answers: list[_Said]


class HttpAnswers:
    """Keeps AnswerProviderPort: ``{"questions": [{customer, topic, language}]}`` is posted, ``{"answers": [{customer,
    topic, text}]}`` comes back; what it leaves out it does not know."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, questions: Sequence[Question]) -> Mapping[Question, str]:
        """Answers to as many as it knows. Raises GatewayRefused where it cannot be asked or says what nobody can read."""
        found: dict[Question, str] = {}
        for start in range(0, len(questions), AT_ONCE):
            found |= await self._ask(questions[start : start + AT_ONCE])
        return found

    async def _ask(self, questions: Sequence[Question]) -> dict[Question, str]:
        body = {
            "questions": [
                {"customer": q.customer, "topic": q.topic, "language": q.language} for q in questions
            ]
        }
        self._session = self._session or posting()
        try:
            async with self._session.post(
                self._url, json=body, headers=request_headers(), allow_redirects=False
            ) as reply:
                if reply.status != 200:
                    raise GatewayRefused(f"the provider of answers said {reply.status}", passing=True)
                said = msgspec.json.decode(await reply.content.read(LARGEST_REPLY), type=_Reply)
        except (aiohttp.ClientError, TimeoutError, msgspec.MsgspecError) as error:
            kind = type(error).__name__
            raise GatewayRefused(f"the provider of answers cannot be asked: {kind}", passing=True) from None
        asked = {(each.customer, each.topic): each for each in questions}
        return {
            asked[each.customer, each.topic]: each.text.strip()
            for each in said.answers
            if (each.customer, each.topic) in asked and 0 < len(each.text.strip()) <= LONGEST_ANSWER
        }

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()
