"""Phone numbers outside the identity tables appear only as keyed hashes; this page makes them, and other keys."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

_HEX = 32


class NumberHasher:
    """Turns E.164 numbers into the ``number_hash`` that rules, ledger and generations know them by."""

    def __init__(self, secret: bytes) -> None:
        self._keyed = hmac.new(secret, digestmod="sha256")

    def __repr__(self) -> str:
        return "NumberHasher()"

    def __call__(self, number: str) -> str:
        """HMAC-SHA256 of an E.164 number, its first 128 bits in hexadecimal."""
        keyed = self._keyed.copy()
        keyed.update(number.encode())
        return keyed.hexdigest()[:_HEX]


def open_hasher(home: Path) -> NumberHasher:
    """The hasher under the installation's secret ``home/secret`` (0600), which the first use makes."""
    return NumberHasher(_secret(home))


def has_secret(home: Path) -> bool:
    """Whether the installation's secret is there; makes none."""
    return (home / "secret").exists()


def derived_key(home: Path, purpose: str) -> bytes:
    """A key of its own for a purpose, from which neither the secret nor another purpose's key can be found.

    HMAC-SHA256 of the purpose under the installation's secret; no phone number is written like a purpose.
    """
    return hmac.new(_secret(home), f"key for {purpose}".encode(), hashlib.sha256).digest()


def secret_fingerprint(home: Path) -> str:
    """Tells one installation's secret from another's, and nothing else of it."""
    return derived_key(home, "fingerprint of the secret").hex()[:32]


def _secret(home: Path) -> bytes:
    path = home / "secret"
    if not path.exists():
        _create(path)
    try:
        return bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        raise ValueError(f"CONTACT_HOME holds a damaged {path}: put the copy you keep of it there") from None


def _create(path: Path) -> None:
    """Written whole under another name, then linked: of two first uses one wins and both read the winner's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"secret.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
