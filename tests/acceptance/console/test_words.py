"""Both languages are complete."""

from __future__ import annotations

import json
import re

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from contact.faces.console.shared.formats import Formats
from contact.faces.console.shared.pages import Look, look_for, render
from contact.faces.console.shared.words import LOCALE_FOLDER, language_for, words_in
from contact.faces.console.workbench.findings import finding_words
from contact.faces.console.workbench.view import Bench, found_view
from contact.flow.publishing.check_texts import found_in
from contact.flow.starter.first_strategy import comments
from strategies.problem_codes import CODES
from strategies.problems import NO_HINT, Hint, Problem, Where, printed, problem_again
from tests.acceptance.console import workbench_samples
from tests.acceptance.console.samples import demo_playbook
from tests.acceptance.console.written_hints import templates_in
from tests.servers import ROOT
from tests.unit.strategies.test_broken_files import BROKEN, announced

CONSOLE = ROOT / "contact" / "faces" / "console"
OF_A_ROW = {
    ("field", 'quote fields that contain "%(delimiter)s", and end every row with all its fields'),
    ("field", 'write a quote inside a quoted field twice: ""'),
}
"""Of a row of a CSV file, where a field is nothing of a customer."""
KEYWORDS = {"_": None, "N_": None, "say": None, "gettext": None, "ngettext": (1, 2)}
ROOMS = ("strategies", "scoring", "ivr", "contact")
MAKERS = {ROOT / "strategies" / "problems.py", CONSOLE / "shared" / "pages.py"}
"""These make hints of templates they are given."""
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]


def texts() -> set[str | tuple[str, ...]]:
    """What is marked in the console, what problems say and advise, and comments in the files one begins with."""
    marked = {found[2] for found in extract_from_dir(str(CONSOLE), METHODS, keywords=KEYWORDS)}
    return marked | hints() | set(CODES.values()) | comments()


def hints() -> set[str]:
    """Every template of a hint that stands in a source."""
    sources = {path for room in ROOMS for path in (ROOT / room).rglob("*.py")} - MAKERS
    return {template for source in sources for template in templates_in(source)}


def test_every_text_of_the_console_has_its_chinese() -> None:
    """A text of a source or template that has no translation fails here, and so does a hint, wherever it is written."""
    assert len(hints()) > 400
    path = LOCALE_FOLDER / "zh_CN" / "LC_MESSAGES" / "console.po"
    with path.open("rb") as file:
        catalog = {message.id: message.string for message in read_po(file, locale="zh_CN") if message.id}
    assert texts() - catalog.keys() == set()
    assert catalog.keys() - texts() == set(), "translations of texts that are gone"
    assert [key for key, text in catalog.items() if not text or not "".join(text)] == []


def test_every_hint_of_a_broken_file_is_said_in_chinese() -> None:
    """What to do about a mistake is read in the reader's language, with what it names as it stands."""
    chinese, english = Look(Formats(words_in("zh-CN"))), Look(Formats(words_in("en")))
    hints = {each.hint for path in BROKEN for each in found_in(announced(path)[0]).problems} - {NO_HINT}
    assert len(hints) > 200
    assert [hint for hint in hints if english.hint(hint) != hint] == []
    untold = {hint.template for hint in hints if not re.search("[\u4e00-\u9fff]", chinese.hint(hint))}
    assert untold <= {"%(names)s", "contains(…, 'x')"}, "only what is no sentence is the same in both"
    assert [hint for hint in hints for value in hint.values.values() if value not in chinese.hint(hint)] == []
    asked = Hint("give %(service)s an add-on of its own, or include it in a base", service="data")
    assert chinese.hint(asked).startswith("请为 data 单设")
    assert chinese.hint(Hint("end it with END")) == "请以 END 结束"
    assert chinese.hint(Hint("leave out the line that begins with %")) == "请去掉以 % 开头的行"


def test_a_problem_of_a_job_is_said_in_chinese_from_its_row() -> None:
    """A row keeps what the hint was made of and the answer does not show it; rows of before have the hint alone."""
    look = Look(Formats(words_in("zh-CN")))
    problem = Problem("value.range", "400 days", Where("request"), Hint("choose 1 to %(most)s", most=366))
    row = json.loads(json.dumps(problem.kept()))
    assert problem_again(row) == problem and look.hint(problem_again(row).hint) == "请选择 1 到 366"
    assert printed(row) == problem.as_json()
    assert problem_again(problem.as_json()) == problem
    assert look.hint(problem_again(problem.as_json()).hint) == "choose 1 to 366"


def test_what_is_wrong_with_a_form_is_said_with_what_to_do() -> None:
    """A page that could not be stored says in Chinese what the problem is and what to do; its own words stay marked."""
    look = Look(Formats(words_in("zh-CN")))
    problem = Problem(
        "value.range", "400 days cannot be simulated", Where("request"), Hint("choose other days")
    )
    view = {"code": "problems", "found": [problem], "partial": True, "key": None, "look": look}
    html = render("fault.html", look.formats.words, view)
    assert f'{look.problem("value.range")} <span lang="en">400 days cannot be simulated' in html
    assert '(<span lang="zh-CN">请选择其他日期</span>)' in html


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
    prose = {key: re.sub(r"\{.*?\}|`.*?`", "", key) for key in found}
    wrong = [
        (word, key)
        for word in words
        for key, text in found.items()
        if re.search(rf"\b{word}s?\b(?!\.yaml)", prose[key], re.IGNORECASE) and chinese[word] not in text
    ]
    assert [each for each in wrong if each not in OF_A_ROW] == []
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
    assert '<span lang="zh-CN">请写 2</span>' in drawn(chinese) and "请写" not in drawn(english)
    assert "wb-code" not in drawn(english)
    simulated = workbench_samples.simulation()
    assert finding_words(chinese, simulated) == [
        "30 天内接触增加 3,120 次：之前 12,000 次，之后 15,120 次。",
        "“7 天两次营销接触”不再拒绝 3,120 个客户日，每天 104 个。",
        "外呼在 09:00 到 10:00 已无名额。",
    ]
    assert finding_words(english, simulated) == simulated.words
