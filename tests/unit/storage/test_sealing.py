"""Names and numbers at rest."""

from __future__ import annotations

from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from contact.faults import SealBroken
from contact.storage.keys.sealing import NAME, NUMBER, PREFIX, Sealer, of_customer, of_line

KEY = b"a key of this test, 32 bytes...."
SEALER = Sealer(KEY)


def test_what_is_sealed_opens_again_and_shows_nothing() -> None:
    """Each text of a record opens at its place; two seals of the same text have nothing in common."""
    name, number = SEALER.seal("customer C1", ["陈小明", "+8613800000001"])
    again, none = SEALER.seal("customer C1", ["陈小明", None])
    assert SEALER.unseal("customer C1", NAME, name) == "陈小明"
    assert SEALER.unseal("customer C1", NUMBER, number) == "+8613800000001"
    assert name != again and none is None and SEALER.unseal("customer C1", NUMBER, None) is None
    assert "陈小明" not in str(name) and KEY.decode() not in repr(SEALER)


def test_the_key_of_a_record_is_hkdf_of_the_sealing_key() -> None:
    """An implementation of RFC 5869 that is not ours derives the same key."""
    sealed, _ = SEALER.seal(of_line("L1"), ["text", None])
    assert sealed is not None
    whole = b64decode(sealed.removeprefix(PREFIX))
    key = HKDFExpand(SHA256(), 32, b"one record of a person, salt " + whole[:16]).derive(KEY)
    assert AESGCM(key).decrypt(bytes(12), whole[16:], b"line L1") == b"text"


def test_a_changed_copied_or_foreign_seal_does_not_open() -> None:
    """Another record, another place, another key, one changed bit and something that is no seal are all refused."""
    sealed = SEALER.seal(of_customer("C1"), ["text", "text"])[NAME]
    assert sealed is not None
    bits = bytearray(b64decode(sealed.removeprefix(PREFIX)))
    bits[-1] ^= 1
    changed = PREFIX + b64encode(bytes(bits)).decode()
    wrong = (
        (SEALER, of_customer("C2"), NAME, sealed), (SEALER, of_customer("C1"), NUMBER, sealed),
        (SEALER, of_line("C1"), NAME, sealed), (Sealer(b"another key"), of_customer("C1"), NAME, sealed),
        (SEALER, of_customer("C1"), NAME, changed), (SEALER, of_customer("C1"), NAME, "Person 1"),
    )  # fmt: skip
    for sealer, record, place, text in wrong:
        with pytest.raises(SealBroken):
            sealer.unseal(record, place, text)
