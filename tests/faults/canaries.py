"""Names and numbers that exist nowhere else, and a detector that finds them in whatever form a careless line leaves them."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from urllib.parse import unquote_plus

_LETTERS = "bcdfghjklmnpqrstvwxz"
_SIGNS = "".join(chr(0x3400 + place) for place in range(2000))
"""Signs of CJK extension A, which no text of ours holds."""
_NAME = re.compile(rf"qanar[{_LETTERS}]{{6}}|[\u3400-\u3bcf]{{3}}")
_DIGITS = re.compile(r"(?:\d[ \u2011().-]?){10,}\d")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}={0,2}")
_PROMISING = re.compile(rb"(?i)qanar|\d{6}|\xe3[\x90-\xaf]")
"""What a name or a number of ours holds at least, as bytes."""
_ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_NATIONAL = 11
"""Digits of a number without the country's prefix. Fewer would soon be found by chance in seconds with many decimals."""
_AROUND = 30
"""Letters before and after a leak that tell where it came from."""


@dataclass(frozen=True, slots=True)
class Canary:
    """One seeded customer."""

    customer: str
    name: str
    number: str
    """E.164."""


def hatch(count: int, seed: int = 11) -> list[Canary]:
    """So many customers; half with Latin names, half with Chinese ones."""
    dice, found = Random(seed), []
    numbers = dice.sample(range(10**8), count)
    for place in range(count):
        latin = "Qanar" + "".join(dice.choices(_LETTERS, k=6))
        name = latin if place % 2 else "".join(dice.choices(_SIGNS, k=3))
        found.append(Canary(f"K{place:05}", name, f"+86177{numbers[place]:08}"))
    return found


class Detector:
    """Finds seeded names and numbers, plain, in other letters' case, spaced, escaped, in an address, or in base64."""

    def __init__(self, canaries: list[Canary]) -> None:
        self._names = {each.name.lower() for each in canaries}
        self._numbers = {each.number[-_NATIONAL:] for each in canaries}

    def hits(self, content: bytes) -> dict[str, str]:
        """The names and numbers found in it, each with what stands around one of its places."""
        return {hit: around for form in _forms(content) for hit, around in self._in(form)}

    def _in(self, text: str) -> Iterator[tuple[str, str]]:
        for found in _NAME.finditer(text.lower()):
            if found.group() in self._names:
                yield found.group(), _around(text, found)
        for found in _DIGITS.finditer(text):
            digits = re.sub(r"\D", "", found.group())
            for start in range(len(digits) - _NATIONAL + 1):
                if digits[start : start + _NATIONAL] in self._numbers:
                    yield digits[start : start + _NATIONAL], _around(text, found)


def _around(text: str, found: re.Match[str]) -> str:
    return text[max(0, found.start() - _AROUND) : found.end() + _AROUND]


def _forms(content: bytes) -> Iterator[str]:
    text = content.decode("utf-8", "replace")
    yield text
    if "\\u" in text:
        yield _ESCAPED.sub(lambda found: found.group().encode().decode("unicode_escape", "replace"), text)
    if "%" in text:
        yield unquote_plus(text)
    for found in _BASE64.finditer(content):
        yield from _unpacked(found.group())


def _unpacked(packed: bytes) -> Iterator[str]:
    """What a run of base64 letters holds, wherever in it the packed text begins."""
    plain = packed.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
    for start in range(4):
        part = plain[start:]
        part = part[: len(part) - (len(part) % 4 == 1)]
        try:
            unpacked = b64decode(part + b"=" * (-len(part) % 4))
        except (NotBase64, ValueError):
            continue
        if _PROMISING.search(unpacked):
            yield unpacked.decode("utf-8", "replace")


def leaks_of(canary: Canary) -> dict[str, bytes]:
    """The forms in which a leak may come, each as a line that holds one: what the detector is tested on."""
    number, name = canary.number, canary.name
    spaced = f"{number[:3]} {number[3:6]}-{number[6:10]} {number[10:]}"
    return {
        "plain name": f'{{"event": "asked {name}"}}'.encode(),
        "escaped name": f'{{"event": "asked {name}"}}'.encode("ascii", "backslashreplace"),
        "name in capitals": name.upper().encode(),
        "plain number": f"called {number}".encode(),
        "national number": f"called {number[3:]}".encode(),
        "spaced number": spaced.encode(),
        "number in an address": f"/customers?sought=%2B{number[1:]}".encode(),
        "number in base64": b"token=" + b64encode(f"n={number}".encode()),
        "number in a longer run of digits": f"x00{number[1:]}99".encode(),
    }
