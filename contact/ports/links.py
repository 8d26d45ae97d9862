"""What the faces need of addresses that carry their own permission."""

from __future__ import annotations

from typing import Protocol


class LinkPort(Protocol):
    """Signs addresses of gateways' reports and of customers' opt-outs, and knows its own signatures again."""

    def sign(self, purpose: str, *parts: str) -> str: ...
    def is_ours(self, signature: str, purpose: str, *parts: str) -> bool: ...
