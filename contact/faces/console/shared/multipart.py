"""Forms with a file: the body was read in time before the page sees it, so it is taken apart from there."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, MultipartReader, StreamReader
from aiohttp.base_protocol import BaseProtocol
from multidict import CIMultiDict

from contact.faces.http.edge.uploads import MALFORMED

MOST_PARTS = 50
MOST_HEADERS = 8
"""Of a part; a browser sends two."""


@dataclass(frozen=True)
class Sent:
    """The fields of such a form, and its files by field: name as the person has it, and bytes."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict, repr=False)


async def parts_of(content_type: str, body: bytes) -> Sent:
    """Every part; what is no form as browsers send it has none."""
    sent = Sent()
    try:
        reader = MultipartReader(
            CIMultiDict({"Content-Type": content_type}), _stream(body), max_headers=MOST_HEADERS
        )
        for _ in range(MOST_PARTS):
            part = await reader.next()
            if part is None:
                return sent
            if not isinstance(part, BodyPartReader):
                return Sent()
            await _keep(part, sent)
    except MALFORMED:
        pass
    return Sent()


async def _keep(part: BodyPartReader, sent: Sent) -> None:
    content = bytes(await part.read())
    if part.name is None:
        return
    if part.filename is None:
        sent.fields[part.name] = content.decode("utf-8", "replace")
    else:
        sent.files[part.name] = (part.filename, content)


def _stream(body: bytes) -> StreamReader:
    loop = asyncio.get_running_loop()
    stream = StreamReader(BaseProtocol(loop), limit=len(body) + 1, loop=loop)
    stream.feed_data(body)
    stream.feed_eof()
    return stream
