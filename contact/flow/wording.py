"""Texts with this customer's figures in them: a text with a hole is never shown.

``{name}`` is the person's name, ``{offer}`` the offer's title, any other placeholder a field of ``fields.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from strategies.declared.playbook import Field, Playbook
from strategies.instants import to_datetime
from strategies.profile import FieldValue

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_YES_NO = {"zh": ("是", "否"), "en": ("yes", "no")}
_NOT_KNOWN = {"zh": "未知", "en": "not known"}
_UNITS = {"zh": {"months": "个月", "days": "天", "min": "分钟", "GB": "GB", "years": "年", "hours": "小时"}}
"""Units of fields in words of a language; any other stands as it is declared."""
_SINGULAR = {"months": "month", "days": "day", "years": "year", "hours": "hour"}
TARIFF_SOURCES = frozenset({"advice.tariff", "advice.addons"})
"""Sources whose values are ids of tariffs, which people read by their titles."""


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
        each: words_of(
            read_value(facts.get(each), playbook.fields.get(each), facts, playbook, language),
            playbook.fields.get(each), playbook, language,
        )
        for each in needed
    }  # fmt: skip
    return words | {"name": name or None, "offer": offer}


def read_value(
    value: FieldValue, field: Field | None, facts: Mapping[str, FieldValue], playbook: Playbook, language: str
) -> FieldValue:
    """The value as people are to read it: tariffs by their titles, reasons of a score as features with their values.

    Any other value stays what it is.
    """
    if field is None or value is None:
        return value
    if field.source in TARIFF_SOURCES:
        if isinstance(value, tuple):
            return tuple(tariff_title(playbook, each, language) for each in value)
        return tariff_title(playbook, value, language) if isinstance(value, str) else value
    if isinstance(value, tuple) and is_reasons(field):
        colon = "：" if language.startswith("zh") else ": "
        return tuple(colon.join(reason_words(playbook, each, facts.get(each), language)) for each in value)
    return value


def is_reasons(field: Field) -> bool:
    """Whether the field holds the names of the features that speak for a score."""
    return field.type == "list" and field.source.startswith("scores.") and field.source.endswith("_reasons")


def reason_words(playbook: Playbook, name: str, value: FieldValue, language: str) -> tuple[str, str]:
    """A feature's title and its value with its unit, in the reader's language."""
    field = playbook.fields.get(name)
    tongue = "zh" if language.startswith("zh") else "en"
    title = titled(field.title, language, playbook.operator.languages, name) if field is not None else name
    words = words_of(value, field, playbook, language)
    if words is None:
        return title, _NOT_KNOWN[tongue]
    if field is not None and field.type == "money" and isinstance(value, int | float):
        return title, money_words(round(value), playbook, language)
    unit = field.unit if field is not None else None
    if not unit:
        return title, words
    if tongue == "en" and words == "1":
        return title, f"1 {_SINGULAR.get(unit, unit)}"
    return title, f"{words} {_UNITS.get(tongue, {}).get(unit, unit)}"


def money_words(minor: int, playbook: Playbook, language: str) -> str:
    """An amount with the operator's currency: ``59 CNY``, in Chinese ``59 元``."""
    operator = playbook.operator
    currency = "元" if language.startswith("zh") and operator.currency == "CNY" else operator.currency
    return f"{_money(minor, operator.minor_per_major)} {currency}"


def tariff_title(playbook: Playbook, id: str, language: str) -> str:
    """A tariff's title; its id where the playbook no longer has it."""
    tariff = playbook.tariffs.get(id)
    return titled(tariff.title, language, playbook.operator.languages, id) if tariff is not None else id


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
