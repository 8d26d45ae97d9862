"""Texts with this customer's figures in them: a text with a hole is never shown.

``{name}`` is the person's name, ``{offer}`` the offer's title, any other placeholder a field of ``fields.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from strategies.instants import to_datetime
from strategies.playbook import Field, Playbook
from strategies.profile import FieldValue

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_YES_NO = {"zh": ("是", "否"), "en": ("yes", "no")}


def placeholders(text: str) -> tuple[str, ...]:
    """The names a text needs, in order."""
    return tuple(_PLACEHOLDER.findall(text))


def fill(text: str, values: Mapping[str, str | None]) -> tuple[str, str | None]:
    """The text with its values, and the first name whose value is unknown (then the text is not to be shown)."""
    missing = next((name for name in placeholders(text) if values.get(name) is None), None)
    return _PLACEHOLDER.sub(lambda found: values.get(found.group(1)) or "", text), missing


def sentences(texts: Sequence[str], values: Mapping[str, str | None]) -> list[str]:
    """The texts whose values are all known, filled; the others are dropped rather than shown with a hole."""
    filled = (fill(text, values) for text in texts)
    return [text for text, missing in filled if missing is None]


def first_hole(
    texts: Sequence[str], known: Mapping[str, FieldValue], elsewhere: frozenset[str]
) -> str | None:
    """The first field a text needs that is unknown; names in ``elsewhere`` (``name``, ``offer``) are not fields."""
    for text in texts:
        for name in placeholders(text):
            if name not in elsewhere and known.get(name) is None:
                return name
    return None


def wording(
    playbook: Playbook, facts: Mapping[str, FieldValue], texts: Sequence[str], language: str,
    *, name: str | None, offer: str,
) -> dict[str, str | None]:  # fmt: skip
    """The words of every placeholder in these texts, in one language; None where the value is unknown."""
    needed = {each for text in texts for each in placeholders(text)}
    words = {
        each: words_of(facts.get(each), playbook.fields.get(each), playbook, language) for each in needed
    }
    return words | {"name": name or None, "offer": offer}


def words_of(value: FieldValue, field: Field | None, playbook: Playbook, language: str) -> str | None:
    """One value as people read it: money in major units, numbers trimmed, days and instants in ISO form."""
    if value is None:
        return None
    kind = field.type if field is not None else ""
    if kind == "money" and isinstance(value, int | float):
        return _money(value, playbook.operator.minor_per_major)
    if isinstance(value, bool):
        return _YES_NO.get(language.split("-")[0], _YES_NO["en"])[0 if value else 1]
    if kind == "instant" and isinstance(value, int):
        return to_datetime(value).strftime("%Y-%m-%d %H:%M UTC")
    if isinstance(value, int | float):
        return trimmed(value)
    if isinstance(value, tuple):
        return ("、" if language.startswith("zh") else ", ").join(value)
    return value


def trimmed(value: int | float) -> str:
    """A number without needless places: ``20``, ``12.5``; at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _money(minor: int | float, per_major: int) -> str:
    if minor % per_major == 0:
        return str(int(minor // per_major))
    return f"{minor / per_major:.{max(len(str(per_major)) - 1, 0)}f}"


def in_language(
    texts: Mapping[str, tuple[str, ...]], asked: str | None, customers: str | None, known: Sequence[str]
) -> tuple[str, tuple[str, ...]]:
    """The texts in the language asked for, else the customer's, else the operator's first, else any; and which."""
    for language in (asked, customers, *known):
        if language and language in texts:
            return language, texts[language]
    for language, written in texts.items():
        return language, written
    return asked or customers or (known[0] if known else "en"), ()


def titled(titles: Mapping[str, str], asked: str | None, known: Sequence[str], otherwise: str) -> str:
    """A title in the language asked for, else the operator's first, else the id."""
    for language in (asked, *known):
        if language and language in titles:
            return titles[language]
    return next(iter(titles.values()), otherwise)
