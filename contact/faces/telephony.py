"""What telephone systems tell of a caller, as the rest of the service writes it."""

from __future__ import annotations

import re

from contact.domain.phone_number import E164
from contact.faces.http.bodies.bodies import ID_PATTERN

_E164 = re.compile(E164)
_ID = re.compile(ID_PATTERN)
_URI = re.compile(r"(?:tel|sips?):", re.IGNORECASE)
_LONGEST = 256


def number_of(told: str | None, region: str | None) -> str | None:
    """E.164 of a number as networks write it, alone or in a ``tel:`` or ``sip:`` address; None where it is none.

    One without a plus is read by the numbering plan of ``region`` (ISO 3166), else as if the plus was left out; without a
    region it is not read at all.
    """
    if told is None or len(told) > _LONGEST:
        return None
    text = _URI.sub("", told.strip(), count=1)
    text = re.sub(r"[@;?].*", "", text, flags=re.DOTALL)
    if _E164.fullmatch(text):
        return text
    if region is None and not text.startswith("+"):
        return None
    from contact.storage.imports.phones import PhoneReader

    reader = PhoneReader(region)
    return reader.read(text) or (reader.read(f"+{text}") if text.isdigit() else None)


def id_of(told: str | None) -> str | None:
    """A telephone system's id of a call or customer, where it may be one of ours."""
    return told if told is not None and _ID.search(told) else None
