"""Signatures of addresses that need no key: who holds such an address may do the one thing it names."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

_BYTES = 18


class Links:
    """Keeps LinkPort: HMAC-SHA256 of purpose and parts, its first 144 bits in base64url."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "Links()"

    def sign(self, purpose: str, *parts: str) -> str:
        """24 signs of A–Z a–z 0–9 - _; another purpose or part gives another signature."""
        told = "\n".join((purpose, *parts)).encode()  # neither an id nor a purpose holds a line's end
        return urlsafe_b64encode(hmac.new(self._key, told, sha256).digest()[:_BYTES]).decode()

    def is_ours(self, signature: str, purpose: str, *parts: str) -> bool:
        """Whether we made this signature for exactly these, compared in constant time."""
        return hmac.compare_digest(signature.encode(), self.sign(purpose, *parts).encode())
