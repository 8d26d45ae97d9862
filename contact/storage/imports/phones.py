"""Phone numbers as people write them become E.164, by the numbering plans that ``phonenumbers`` knows."""

from __future__ import annotations

import re
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata

_WRITTEN = re.compile(r"\+?[0-9][0-9 ().\-]{2,30}", re.ASCII)
_PLAIN = re.compile(r"(\+?)([0-9]{5,15})", re.ASCII)


class PhoneReader:
    """Reads numbers of one region, or of all where they begin with ``+``; plain mobile numbers take a short way."""

    def __init__(self, region: str | None) -> None:
        self._region = region
        self._plan = None if region is None else _plan(region)

    def read(self, text: str) -> str | None:
        """E.164, or None where this is no valid number. Only ASCII digits count as digits."""
        plain = _PLAIN.fullmatch(text)
        if plain is not None and self._plan is not None:
            short = self._plan.mobile(plain.group(2), international=bool(plain.group(1)))
            if short is not None:
                return short
        if not _WRITTEN.fullmatch(text):
            return None
        try:
            number = phonenumbers.parse(text, self._region)
        except phonenumbers.NumberParseException:
            return None
        if not phonenumbers.is_valid_number(number):
            return None
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class _Plan:
    """A region's own patterns. Numbers its national prefix could be stripped from are left to the full parser."""

    def __init__(self, code: int, mobile: str, prefix: str | None) -> None:
        self._code = str(code)
        self._mobile = re.compile(mobile)
        self._prefix = re.compile(prefix) if prefix else None

    def mobile(self, digits: str, *, international: bool) -> str | None:
        if international:
            if not digits.startswith(self._code):
                return None
            digits = digits[len(self._code) :]
        if self._prefix is not None and self._prefix.match(digits):
            return None
        return f"+{self._code}{digits}" if self._mobile.fullmatch(digits) else None


@cache
def _plan(region: str) -> _Plan | None:
    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None or metadata.mobile is None or metadata.mobile.national_number_pattern is None:
        return None
    code, mobile = metadata.country_code, metadata.mobile.national_number_pattern
    return None if code is None else _Plan(code, mobile, metadata.national_prefix_for_parsing)


def is_region(region: str) -> bool:
    """Whether there is a numbering plan of this ISO 3166 code."""
    return region in phonenumbers.SUPPORTED_REGIONS
