"""S2, S3, S6 and sizes: what the workbench's pages hold, without a browser."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from contact.domain.workbench_answers import DiffAnswer, TextChangeAnswer
from contact.faces.console.shared.bundle import DIST
from contact.faces.console.shared.formats import Formats
from contact.faces.console.shared.pages import Look, render
from contact.faces.console.shared.words import words_in
from contact.faces.console.workbench.changes import FILE_LINES, diff_view
from contact.faces.console.workbench.texts import as_typed, line_ends
from contact.faces.console.workbench.view import Bench, found_view
from contact.flow.publishing.check_texts import found_in
from tests.acceptance.commands import typed_here
from tests.acceptance.console import workbench_samples
from tests.unit.strategies.test_broken_files import BROKEN, announced


def drawn(template: str, **view: object) -> str:
    """A part of the page in English."""
    words = words_in("en")
    bench = Bench(workbench_samples.draft(), workbench_samples.LIVE, [])
    return render(
        template, words, {"look": Look(Formats(words)), "formats": Formats(words), "bench": bench, **view}
    )


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_the_list_of_problems_says_what_the_command_line_says(path: Path, tmp_path: Path) -> None:
    """S3: for every broken file the page's list is, word for word, what `contact check --json` prints."""
    texts, expected = announced(path)
    html = drawn("workbench_problems.html", **found_view(found_in(texts)))
    items = re.findall(r"<li class=\"\w+\">(.*?)</li>", html, re.DOTALL)
    shown = [unescape(re.sub(r"<[^<>]*>", "", each)) for each in items]
    folder = tmp_path / "config"
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    printed = json.loads(typed_here(tmp_path)("check", folder, "--json").stdout)
    assert shown == [said(each).replace(f"{folder}/", "") for each in printed]
    assert shown[: len(expected)] == expected


def said(problem: dict[str, Any]) -> str:
    """A problem of the command's JSON as one line."""
    hint = f" ({problem['hint']})" if problem["hint"] else ""
    place = f"{problem['path']}:{problem['line']}:{problem['column']}"
    return f"{place}: {problem['code']}: {problem['message']}{hint}"


def test_a_diff_of_two_megabytes_is_a_page_one_can_read() -> None:
    """S6: hunks are bounded in all, every file is named with its counts, and what is not drawn is counted and linked."""
    line = "a line of forty characters, more or less"
    texts = [
        TextChangeAnswer(f"strategies/s{number}.yaml", "changed",
                         [{"old": 1, "new": 1, "lines": [["+", f"{line} {each}"] for each in range(2500)]}])
        for number in range(20)
    ]  # fmt: skip
    diff = DiffAnswer(old=workbench_samples.LIVE, new="draft-7", changes=[], texts=texts)
    assert len(json.dumps([each.hunks for each in texts])) > 2_000_000
    html = drawn("workbench_changes.html", **diff_view(diff, "draft-7"))
    assert html.count("<tr class") == FILE_LINES
    assert html.count("<details") == 20 and html.count("+2,500") + html.count("+2500") == 20
    assert html.count("more changed lines are not drawn here") == 20
    assert 'href="/workbench/draft-7/changes?path=strategies%2Fs3.yaml"' in html
    assert len(html) < 600_000
    one = drawn("workbench_changes.html", **diff_view(diff, "draft-7", whole="strategies/s3.yaml"))
    assert one.count("<tr class") == 2500


def test_gaps_between_hunks_are_drawn_as_gaps() -> None:
    """Lines on both sides of a gap never look as if they followed one another."""
    html = drawn("workbench_changes.html", **diff_view(workbench_samples.diff(), "draft-7"))
    assert "2 lines the same" in html and "55 lines the same" in html


@pytest.mark.parametrize("text", ["a\r\nb\r\n", "a\nb", "", "\n\na: 中文\n", "one line"])
def test_a_plain_form_gives_a_file_its_line_ends_back(text: str) -> None:
    """S2 without a script: browsers send carriage returns whatever the file has."""
    sent = text.replace("\r\n", "\n").replace("\n", "\r\n")
    assert as_typed(sent, line_ends(text)) == text


def test_the_editor_and_the_charts_are_no_heavier_than_promised(assets: Path) -> None:
    """At most 150 kB for the editor, 260 kB for the charts, 12 kB for the desk's script, 8 kB for the workbench's style."""
    files = json.loads((DIST / "manifest.json").read_text("utf-8"))["files"]
    sizes = {name: (DIST / f"{file}.br").stat().st_size for name, file in files.items()}
    assert sizes["workbench.js"] <= 150_000 and sizes["charts.js"] <= 260_000
    assert sizes["console.js"] <= 16_000 and sizes["workbench.css"] <= 8_000
