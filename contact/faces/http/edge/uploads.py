"""Takes in a multipart form with one large file, streamed to disk within limits of size and time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from uuid_utils import uuid7

from contact.faces.http.bodies.bodies import Body
from contact.faces.http.edge.decoding import as_struct
from contact.faces.http.edge.problems import RequestProblem, at_parameter
from contact.faces.http.edge.reading import too_large
from contact.faces.http.edge.scan import is_broken_text, shown_name

UPLOADS = "uploads"
"""Folder of delivered files, in the service's home."""
UPLOAD_SECONDS = 1800.0
IDLE_SECONDS = 20.0
ENDINGS = (".csv", ".parquet", ".xlsx")
MALFORMED = (
    web.RequestPayloadError, HttpProcessingError, ValueError, AssertionError, RuntimeError, ConnectionError,
)  # fmt: skip
"""The ways in which aiohttp's multipart reader says that a form is broken."""
_FIELD_BYTES = 1 << 20
_WRITE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Upload:
    """A received form; its file lies under a name of ours."""

    form: Body
    path: Path
    digest: bytes
    """Hash of every part, for the idempotency record."""

    def discard(self) -> None:
        """Remove the file: nobody will read it."""
        self.path.unlink(missing_ok=True)


async def receive(request: web.Request, folder: Path, limit_bytes: int, wanted: type[Body]) -> Upload:
    """A form of this kind with its file on disk. Raises RequestProblem, and then leaves no file behind."""
    if request.content_type != "multipart/form-data":
        raise RequestProblem(
            "unsupported_media_type",
            f"Send a multipart/form-data form: {', '.join(wanted.__struct_fields__)}.",
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    reception = _Reception(folder, limit_bytes, wanted)
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            await _read_parts(request, reception)
        return reception.finished()
    except TimeoutError:
        reception.discard()
        raise RequestProblem(
            "body_too_slow", "The file did not arrive in time; send it again over a faster line.",
            headers={"Connection": "close"},
        ) from None  # fmt: skip
    except MALFORMED:
        reception.discard()
        raise RequestProblem(
            "bad_form", "The multipart form is broken; send it as a browser or curl -F does."
        ) from None
    except BaseException:
        reception.discard()
        raise


class _Reception:
    """The form as far as it has arrived."""

    def __init__(self, folder: Path, limit_bytes: int, wanted: type[Body]) -> None:
        self.folder, self.wanted = folder, wanted
        self.known = [name for name in wanted.__struct_fields__ if name != "file"]
        self.limit_bytes = limit_bytes
        self.fields: dict[str, Any] = {}
        self.path: Path | None = None
        self.hash = sha256()

    def discard(self) -> None:
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def finished(self) -> Upload:
        """The checked form. Raises RequestProblem where a part is missing or wrong."""
        if self.path is None:
            raise at_parameter("bad_form", "file", "is required")
        form = as_struct({**self.fields, "file": str(self.path)}, self.wanted, parameters="bad_form")
        for name in sorted(self.fields):
            self.hash.update(f"\n{name}={self.fields[name]}".encode())
        return Upload(form, self.path, self.hash.digest())


async def _read_parts(request: web.Request, reception: _Reception) -> None:
    reader = await request.multipart()
    while True:
        async with asyncio.timeout(IDLE_SECONDS):
            part = await reader.next()
        if part is None:
            return
        if not isinstance(part, BodyPartReader):
            raise RequestProblem("bad_form", "A part is a form of its own; send all parts flat.")
        name = part.name or ""
        if name in reception.fields or (name == "file" and reception.path is not None):
            raise at_parameter("bad_form", name, "may stand once")
        if name == "file":
            await _read_file(part, reception)
        elif name in reception.known:
            reception.fields[name] = await _read_field(part, name)
        else:
            message = f"is not known here; send {', '.join(reception.known)} and file"
            raise at_parameter("bad_form", shown_name(name), message)


async def _read_field(part: BodyPartReader, name: str) -> str:
    raw = bytearray()
    while chunk := await _chunk(part):
        raw += chunk
        if len(raw) > _FIELD_BYTES:
            raise at_parameter("bad_form", name, f"may have at most {_FIELD_BYTES:,} bytes")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise at_parameter("bad_form", name, "must be UTF-8") from None
    if is_broken_text(text):
        raise at_parameter("bad_form", name, "holds a NUL or half a character; take it out")
    return text


async def _read_file(part: BodyPartReader, reception: _Reception) -> None:
    ending = PurePath(part.filename or "").suffix.lower()
    if ending not in ENDINGS:
        raise at_parameter("bad_form", "file", f"must have a name that ends in {', '.join(ENDINGS)}")
    reception.path = reception.folder / f"{uuid7()}{ending}"
    size = 0
    with reception.path.open("xb") as file:
        pending = bytearray()
        while chunk := await _chunk(part):
            size += len(chunk)
            if size > reception.limit_bytes:
                raise too_large(reception.limit_bytes)
            reception.hash.update(chunk)
            pending += chunk
            if len(pending) >= _WRITE_BYTES:
                await asyncio.to_thread(_write, file, bytes(pending))
                pending.clear()
        await asyncio.to_thread(_write, file, bytes(pending))


def _write(file: BinaryIO, data: bytes) -> None:
    file.write(data)


async def _chunk(part: BodyPartReader) -> bytes:
    async with asyncio.timeout(IDLE_SECONDS):
        return await part.read_chunk(1 << 16)
