"""The detector of personal data is itself tested: one that finds nothing proves nothing."""

from __future__ import annotations

import pytest

from tests.faults.canaries import Detector, hatch, leaks_of

CANARIES = hatch(5_000)
DETECTOR = Detector(CANARIES)
LEAKS = [(canary, form) for canary in (CANARIES[0], CANARIES[1], CANARIES[4999]) for form in leaks_of(canary)]


@pytest.mark.parametrize(("canary", "form"), LEAKS, ids=str)
def test_a_planted_leak_is_found(canary: object, form: str) -> None:
    """Plain, spaced, escaped, in an address or in base64, amid much that is none."""
    planted = next(leaks_of(each)[form] for each in CANARIES if each == canary)
    assert len(DETECTOR.hits(b"harmless 2030-03-04T10:30:00Z\n" * 50 + planted + b"\nmore")) == 1


def test_what_is_no_leak_is_none() -> None:
    """Masked names and numbers, hashes, ids, instants and others' numbers are not taken for one."""
    harmless = (
        "Q•• +86•••••••0001 K00001 01a202d5-6ac3-7717-88db-6c6fd2accad1 1903934400000000 "
        "+8613800000001 9b74c9897bac770ffc029102a200c5de qanarian 㐀"
    )
    assert DETECTOR.hits(harmless.encode()) == {}


def test_seconds_with_many_decimals_are_no_number() -> None:
    """Ten digits of a number amid the seconds at which a counter was made are chance, and were once taken for a leak."""
    decimals = CANARIES[0].number[-10:]
    assert DETECTOR.hits(f"contact_decisions_created 1.795{decimals}e+09".encode()) == {}


def test_a_leak_is_shown_with_what_stands_around_it() -> None:
    """Whoever reads the table learns where to look."""
    around = DETECTOR.hits(b'{"event": "asked ' + CANARIES[1].name.encode() + b'"}')[CANARIES[1].name.lower()]
    assert around == '{"event": "asked ' + CANARIES[1].name + '"}'


def test_every_canary_is_one_of_its_own() -> None:
    """5,000 customers have 5,000 numbers."""
    assert len({each.number for each in CANARIES}) == 5_000
