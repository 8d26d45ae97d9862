"""Every mistake has its file in ``tests/cases/broken``, and each answers with exactly the problems it announces.

Such a file begins with ``# file: PATH`` (where the rest would stand in ``config/``) or ``# missing: PATH``, then one
``# expect: path:line:column: code: message (hint)`` for each problem, then ``# ---``; lines count from there. A mistake
that needs a second file says ``# also: PATH``, and its lines follow after ``#  ``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from strategies.compiling.compile import compile_playbook
from strategies.problem_codes import CODES
from strategies.problems import ProblemsFound
from tests.unit.strategies.small import AROUND, small_texts

SAID_LATER = {
    "model.one_class", "model.too_few_rows", "model.too_few_months", "model.none", "model.field_missing",
    "model.unreadable", "tariff.none", "tariff.counter_missing", "tariff.too_many_plans", "simulation.which",
    "cluster.field", "cluster.too_few", "export.nobody", "export.too_many", "password.weak", "menu.too_few_calls",
}  # fmt: skip
"""No file shows these: they are said when something is trained, matched, clustered, tried, exported or chosen."""
BROKEN = sorted(AROUND.parent.glob("*.yaml"))


def announced(path: Path) -> tuple[dict[str, str], list[str]]:
    """The texts with the mistake in its place, and the problems that the file announces."""
    head, _, body = path.read_text("utf-8").partition("# ---\n")
    texts, expected, also = small_texts(), [], ""
    for line in head.splitlines():
        key, _, value = line.removeprefix("# ").partition(": ")
        if line.startswith("#  "):
            texts[also] += line.removeprefix("#  ") + "\n"
        elif key == "also":
            also, texts[value] = value, ""
        elif key == "file":
            texts[value] = body
        elif key == "missing":
            del texts[value]
        else:
            assert key == "expect", line
            expected.append(value)
    return texts, expected


def test_what_stands_around_is_sound() -> None:
    """The files around the broken ones compile, so that every problem comes from the mistake."""
    assert compile_playbook(small_texts()).strategies[0].id == "data-upgrade"


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_file_answers_with_its_problems(path: Path) -> None:
    """A mistake is reported once, at its place, in words that say what to do."""
    texts, expected = announced(path)
    with pytest.raises(ProblemsFound) as found:
        compile_playbook(texts)
    assert [str(problem) for problem in found.value.problems] == expected
    assert {problem.code for problem in found.value.problems} <= CODES.keys()


def test_there_is_a_file_for_every_mistake() -> None:
    """Each code of a problem in a file has at least one broken file; the rest is tested where it arises."""
    shown = {
        line.split(": ")[2]
        for path in BROKEN
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("# expect")
    }
    elsewhere = (
        {code for code in CODES if code.startswith(("warning.", "example."))}
        | {"yaml.too_long", "condition.always"}
        | SAID_LATER
    )
    assert len(BROKEN) >= 60
    assert CODES.keys() - elsewhere == shown
