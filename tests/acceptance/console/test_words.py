"""Both languages are complete."""

from __future__ import annotations

import re

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from contact.faces.console.shared.formats import Formats
from contact.faces.console.shared.hints import told_apart
from contact.faces.console.shared.pages import Look, look_for, render
from contact.faces.console.shared.words import LOCALE_FOLDER, language_for, words_in
from contact.faces.console.workbench.findings import finding_words
from contact.faces.console.workbench.view import Bench, found_view
from contact.flow.publishing.check_texts import check_texts
from contact.flow.starter.first_strategy import comments
from strategies.problem_codes import CODES
from tests.acceptance.console import workbench_samples
from tests.acceptance.console.samples import demo_playbook
from tests.acceptance.console.written_hints import hints_in
from tests.servers import ROOT
from tests.unit.strategies.test_broken_files import BROKEN, announced

CONSOLE = ROOT / "contact" / "faces" / "console"
KEYWORDS = {"_": None, "N_": None, "say": None, "gettext": None, "ngettext": (1, 2)}
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]


def texts() -> set[str | tuple[str, ...]]:
    """What is marked in the console, what each code of a problem says, and comments in the files one begins with."""
    marked = {found[2] for found in extract_from_dir(str(CONSOLE), METHODS, keywords=KEYWORDS)}
    return marked | set(CODES.values()) | comments()


def test_every_text_of_the_console_has_its_chinese() -> None:
    """A text that is marked in a source or template and has no translation fails here."""
    path = LOCALE_FOLDER / "zh_CN" / "LC_MESSAGES" / "console.po"
    with path.open("rb") as file:
        catalog = {message.id: message.string for message in read_po(file, locale="zh_CN") if message.id}
    assert texts() - catalog.keys() == set()
    assert catalog.keys() - texts() == set(), "translations of texts that are gone"
    assert [key for key, text in catalog.items() if not text or not "".join(text)] == []


def test_every_hint_of_a_broken_file_is_said_in_chinese() -> None:
    """What to do about a mistake is read in the reader's language; only what a hint names or shows stays as it is."""
    look = Look(Formats(words_in("zh-CN")))
    hints = {each["hint"] for path in BROKEN for each in check_texts(announced(path)[0]).problems} - {""}
    assert len(hints) > 200
    assert sorted(hint for hint in hints if not re.search("[\u4e00-\u9fff]", look.hint(hint))) == []
    swallowed = re.compile(r"[a-z]{2,} [a-z]{2,}")
    named = {value for hint in hints for value in (told_apart(hint) or ("", {}))[1].values()}
    assert [value for value in named if swallowed.search(value)] == [], "a sentence taken for a name"
    assert look.hint("give data an add-on of its own, or include it in a base").startswith("请为 data 单设")
    assert look.hint("end it with END") == "请以 END 结束"
    assert look.hint("did you mean 'audience'?") == "是否应为 'audience'？"
    assert Look(Formats(words_in("en"))).hint("use spaces") == "use spaces"


def test_every_hint_that_is_written_is_said_in_chinese() -> None:
    """Also a hint of an example, and one that no broken file shows, whatever is named in it."""
    written = {hint for source in (ROOT / "strategies").rglob("*.py") for hint in hints_in(source)}
    assert len(written) > 200
    named = ("arpu", "number", "key 2", "at most 4,000")
    assert [
        hint for hint in sorted(written) if not any(told_apart(hint.replace("{}", each)) for each in named)
    ] == []


def test_an_idea_has_the_chinese_of_the_glossary() -> None:
    """One word per idea, in Chinese too: where the English text has the word, the Chinese has the glossary's."""
    glossary = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    chinese = dict(re.findall(r"^\*\*([\w -]+)\*\* ([\u4e00-\u9fff]+)", glossary, re.MULTILINE))
    chinese["base tariff"] = chinese["base"]
    words = (
        "add-on",
        "base tariff",
        "counter",
        "draft",
        "field",
        "jurisdiction",
        "label",
        "lever",
        "propensity",
        "simulation",
        "slot",
    )
    found = {key: words_in("zh-CN").gettext(key) for key in texts() if isinstance(key, str)}
    wrong = [
        (word, text)
        for word in words
        for key, text in found.items()
        if re.search(rf"\b{word}s?\b(?!\.yaml)", key, re.IGNORECASE) and chinese[word] not in text
    ]
    assert wrong == []
    assert [text for text in found.values() if "字段" in text] == [], "a field of a customer is 标签"


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


def test_checks_and_simulations_speak_chinese() -> None:
    """A problem's code is said in Chinese over its own words, and each finding whole; in English nothing is said twice."""
    chinese, english = (look_for(words_in(language), demo_playbook()) for language in ("zh-CN", "en"))
    bench = Bench(
        draft=workbench_samples.draft(), live=workbench_samples.LIVE, files=[workbench_samples.PATH]
    )
    check = workbench_samples.check()

    def drawn(look: Look) -> str:
        view = {"bench": bench, "look": look, "formats": look.formats, **found_view(check)}
        return render("workbench_problems.html", look.formats.words, view)

    assert "值的类型不对。" in drawn(chinese) and "2.5 is no whole number" in drawn(chinese)
    assert '<span lang="zh-CN">请写 2 或 3</span>' in drawn(chinese) and "请写" not in drawn(english)
    assert "wb-code" not in drawn(english)
    simulated = workbench_samples.simulation()
    assert finding_words(chinese, simulated) == [
        "30 天内接触增加 3,120 次：之前 12,000 次，之后 15,120 次。",
        "“7 天两次营销接触”不再拒绝 3,120 个客户日，每天 104 个。",
        "外呼在 09:00 到 10:00 已无名额。",
    ]
    assert finding_words(english, simulated) == simulated.words
