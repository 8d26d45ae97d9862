"""Hashes that are the same everywhere: buckets, control slots, customer hashes."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

_MASK = (1 << 64) - 1
BUCKETS = 256
SLOTS = 10_000


def hash64(text: str) -> int:
    """BLAKE2b with an 8-byte digest over the UTF-8 bytes, read as an unsigned big-endian integer."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def slot(customer_hash: int, salt: str) -> int:
    """The control draw 0–9999 of a customer under a salt, recomputable from the id alone; a signed hash draws alike.

    The first output of the splitmix64 generator (Steele, Lea, Flood 2014) whose state is both hashes together.
    """
    z = ((customer_hash ^ _of_salt(salt)) + 0x9E3779B97F4A7C15) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return (z ^ (z >> 31)) % SLOTS


@lru_cache(maxsize=4096)
def _of_salt(salt: str) -> int:
    """The hash of a salt: every customer is drawn under the same few."""
    return hash64(salt)


def bucket(account_or_customer: str) -> int:
    """The storage part 0–255 of an account (of the customer itself where there is no account)."""
    return hash64(account_or_customer) % BUCKETS


def signed64(unsigned: int) -> int:
    """Two's complement of an unsigned 64-bit integer, as SQL bigint keeps it."""
    return unsigned - (1 << 64) if unsigned >> 63 else unsigned
