"""Both languages are complete."""

from __future__ import annotations

import re

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from contact.faces.console.words import LOCALE_FOLDER, language_for, words_in
from tests.servers import ROOT

CONSOLE = ROOT / "contact" / "faces" / "console"
KEYWORDS = {"_": None, "N_": None, "say": None, "gettext": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]


def texts() -> set[str | tuple[str, ...]]:
    return {found[2] for found in extract_from_dir(str(CONSOLE), METHODS, keywords=KEYWORDS)}


def test_every_text_of_the_console_has_its_chinese() -> None:
    """A text that is marked in a source or template and has no translation fails here."""
    path = LOCALE_FOLDER / "zh_CN" / "LC_MESSAGES" / "console.po"
    with path.open("rb") as file:
        catalog = {message.id: message.string for message in read_po(file, locale="zh_CN") if message.id}
    assert texts() - catalog.keys() == set()
    assert catalog.keys() - texts() == set(), "translations of texts that are gone"
    assert [key for key, text in catalog.items() if not text or not "".join(text)] == []


def test_a_translation_keeps_the_places_for_values() -> None:
    """A place for a value that a translation loses or invents would break the page that shows it."""
    words = words_in("zh-CN")
    places = re.compile(r"%\(\w+\)s")
    pairs = [*words.messages.items(), *words.plurals.items()]
    assert [
        english for english, chinese in pairs if set(places.findall(english)) != set(places.findall(chinese))
    ] == []


def test_no_template_holds_a_text_outside_the_catalogue() -> None:
    """Between tags stand only values, marks and names; words go through the catalogue."""
    names = {
        "Contact",
        "· Contact",
        "N",
        "C",
        "D",
        "J",
        "K",
        "G",
        "Enter",
        "Ctrl",
        "Esc",
        "Tab",
        "Shift",
        "Space",
        "SHA-256",
        "contains(lists, '')",
        "Give",
        "contact console link",
        "AUC",
        "AUC [95%]",
        "PSI",
        "CSV",
        "JSON",
        "(JSON)",
    }
    found = []
    for path in sorted((CONSOLE / "templates").glob("*.html")):
        text = re.sub(
            r"(?s)\{#.*?#\}|\{%-? *trans.*?endtrans *-?%\}|\{%.*?%\}|\{\{.*?\}\}", "", path.read_text("utf-8")
        )
        text = re.sub(r"""(?s)<code>contact .*?</code>|method="post".*?"this:drop"|<[^<>]*>""", "\n", text)
        found += [
            (path.name, line.strip())
            for line in text.splitlines()
            if re.search(r"[A-Za-z]{2,}|[一-鿿]", line) and line.strip() not in names
        ]
    assert found == []


def test_the_choice_of_a_person_beats_the_browser_and_the_browser_beats_english() -> None:
    """Language by choice, else Accept-Language with its weights, else English."""
    assert language_for("zh-CN", "en") == "zh-CN"
    assert language_for(None, "fr;q=0.9, zh-Hans;q=0.8, en;q=0.3") == "zh-CN"
    assert language_for(None, "de, en-GB;q=0.5") == "en"
    assert language_for("tlh", "") == "en"
