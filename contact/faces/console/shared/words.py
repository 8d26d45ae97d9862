"""The console's languages: gettext catalogues read once from ``.po`` at start, so nothing has to be compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from babel import Locale
from babel.core import negotiate_locale
from babel.messages.pofile import read_po

LOCALE_FOLDER = Path(__file__).parent.parent / "locale"
LANGUAGES = ("en", "zh-CN")
OWN_NAMES = {"en": "English", "zh-CN": "中文"}
_LOCALES = {"en": "en_GB", "zh-CN": "zh_Hans_CN"}


@dataclass(frozen=True)
class Words:
    """Every text of the console in one language; a text without a translation stays English."""

    language: str
    messages: Mapping[str, str] = field(default_factory=dict, repr=False)
    plurals: Mapping[str, str] = field(default_factory=dict, repr=False)
    """English plural → the form of a language that has no plural."""

    @property
    def locale(self) -> Locale:
        """How Babel writes figures and dates in this language."""
        return Locale.parse(_LOCALES.get(self.language, "en_GB"))

    def gettext(self, text: str) -> str:
        """The text in this language."""
        return self.messages.get(text, text)

    def ngettext(self, singular: str, plural: str, count: float) -> str:
        """The text for so many."""
        if plural in self.plurals:
            return self.plurals[plural]
        return singular if count == 1 else plural


@cache
def words_in(language: str) -> Words:
    """The words of one of ``LANGUAGES``; English is what the sources are written in."""
    path = LOCALE_FOLDER / language.replace("-", "_") / "LC_MESSAGES" / "console.po"
    if language == "en" or not path.exists():
        return Words("en")
    messages: dict[str, str] = {}
    plurals: dict[str, str] = {}
    with path.open("rb") as file:
        for message in read_po(file, locale=language.replace("-", "_")):
            if isinstance(message.id, tuple):
                forms = message.string if isinstance(message.string, tuple) else (message.string,)
                plurals[str(message.id[1])] = str(forms[-1] or message.id[1])
            elif (
                isinstance(message.id, str)
                and message.id
                and isinstance(message.string, str)
                and message.string
            ):
                messages[message.id] = message.string
    return Words(language, messages, plurals)


def language_for(chosen: str | None, accepted: str) -> str:
    """The person's choice where it is one of ours, else the best of ``Accept-Language``, else English."""
    if chosen in LANGUAGES:
        return chosen
    weighed = []
    for place, part in enumerate(accepted.split(",")):
        name, _, quality = part.strip().partition(";q=")
        try:
            weighed.append((-float(quality or 1), place, name.strip()))
        except ValueError:
            continue
    preferred = ["zh-CN" if name.lower().startswith("zh") else name for _, _, name in sorted(weighed) if name]
    found = negotiate_locale(preferred, LANGUAGES, sep="-")
    return found if found in LANGUAGES else "en"
