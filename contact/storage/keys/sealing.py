"""Names and numbers of people at rest: sealed with AES-256-GCM, each record under a key of its own.

The key of a record is HKDF-Expand (RFC 5869, with SHA-256) of the installation's sealing key, with 16 random bytes as
salt in its info; the salt stands in the sealed text, the sealing key does not stand in the database. A key seals one
record once, so its nonces are counted. Whose record it is, and which of its texts, is bound in: a sealed text copied to
another person does not open.
"""

from __future__ import annotations

import os
from base64 import b64decode
from binascii import Error as NotBase64
from binascii import b2a_base64
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from contact.faults import SealBroken

PREFIX = "sealed:"
NAME, NUMBER = 0, 1
"""Places of the texts of a record; where only some of them are sealed, the others are None."""
_SALT = 16
_INFO = b"one record of a person, salt "
_NONCES = tuple(place.to_bytes(12, "big") for place in (NAME, NUMBER))


class Sealer:
    """Seals and opens what the identity tables hold; the cipher is loaded when it is first needed."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "Sealer()"

    def seal(self, record: str, texts: Sequence[str | None]) -> list[str | None]:
        """The texts of one record, by place, under one new key; None stays None."""
        sealed: list[str | None] = [None] * len(texts)
        salt, cipher = b"", None
        for place, text in enumerate(texts):
            if text is None:
                continue
            if cipher is None:
                salt = os.urandom(_SALT)
                cipher = self._cipher(salt)
            closed = cipher.encrypt(_NONCES[place], text.encode(), record.encode())
            sealed[place] = PREFIX + b2a_base64(salt + closed, newline=False).decode()
        return sealed

    def unseal(self, record: str, place: int, sealed: str | None) -> str | None:
        """The text of a record at a place. Raises SealBroken where it was changed, copied or sealed by others."""
        if sealed is None:
            return None
        from cryptography.exceptions import InvalidTag

        try:
            whole = b64decode(sealed.removeprefix(PREFIX), validate=True)
            cipher = self._cipher(whole[:_SALT])
            return str(cipher.decrypt(_NONCES[place], whole[_SALT:], record.encode()).decode())
        except (InvalidTag, NotBase64, ValueError):
            raise SealBroken from None

    def _cipher(self, salt: bytes) -> Any:
        aes_gcm, keyed = _loaded(self._key)
        expanded = keyed.copy()
        expanded.update(_INFO + salt + b"\x01")  # the first block of HKDF-Expand is as long as the key
        return aes_gcm(expanded.finalize())


@lru_cache(maxsize=4)
def _loaded(key: bytes) -> tuple[Any, Any]:
    """The cipher, and an HMAC under the sealing key to be copied: a third of the time that making one anew takes."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.hmac import HMAC

    return AESGCM, HMAC(key, SHA256())


def is_sealed(text: str) -> bool:
    """Whether a stored text is sealed already."""
    return text.startswith(PREFIX)


def of_customer(customer: str) -> str:
    """The record that holds a customer's name and number."""
    return f"customer {customer}"


def of_line(line: str) -> str:
    """The record that holds a line's number."""
    return f"line {line}"
