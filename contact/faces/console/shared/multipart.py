"""Forms with a file: the body was read in time before the page sees it, so it is taken apart from there."""

from __future__ import annotations

from dataclasses import dataclass, field
from email import policy
from email.parser import BytesParser


@dataclass(frozen=True)
class Sent:
    """The fields of such a form, and its files by field: name as the person has it, and bytes."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict, repr=False)


def parts_of(content_type: str, body: bytes) -> Sent:
    """Every part; what is no multipart form has none."""
    head = f"Content-Type: {content_type.splitlines()[0]}\r\n\r\n".encode("latin-1", "replace")
    sent = Sent()
    for part in BytesParser(policy=policy.HTTP).parsebytes(head + body).iter_parts():
        name, payload = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(payload, bytes):
            continue
        file = part.get_filename()
        if file is None:
            sent.fields[name] = payload.decode("utf-8", "replace")
        else:
            sent.files[name] = (file, payload)
    return sent
