"""Phone numbers: the short way for plain numbers says what the full parser says."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact.storage.imports.phones import PhoneReader

REGIONS = ("CN", "US", "GB", "IN", "DE", "BR", "MX", "AR", "IT", "RU")


@settings(max_examples=300, deadline=None)
@given(region=st.sampled_from(REGIONS), digits=st.from_regex(r"\A\+?[0-9]{5,15}\Z"))
def test_the_short_way_is_the_full_parser(region: str, digits: str) -> None:
    """For any digits of any region the answer is E.164 exactly where phonenumbers finds a valid number."""
    try:
        parsed = phonenumbers.parse(digits, region)
        valid = phonenumbers.is_valid_number(parsed)
    except phonenumbers.NumberParseException:
        valid = False
    expected = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if valid else None
    assert PhoneReader(region).read(digits) == expected


@pytest.mark.parametrize(
    "text", ["", "+", "call me", "138000000011111111", "１３８００００００01", "+8613800000001\n", "\x00"]
)
def test_what_is_no_number_is_none(text: str) -> None:
    """Other scripts' digits, trailing line ends and words are no numbers."""
    assert PhoneReader("CN").read(text) is None
