"""Check a full set of texts: everything wrong with it, what deserves a second look, and how its examples come out.

The command line, HTTP, publishing and the editor all ask here, so that there is one opinion.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

import msgspec

from contact.domain.workbench_answers import CheckAnswer, ExampleAnswer
from contact.flow.publishing.menu_examples import run_menu_examples
from strategies.cases.run import ExampleResult, as_problems, run_examples
from strategies.checking.passes import warnings_of
from strategies.compiling.compile import Cache, compile_playbook, version_of
from strategies.declared.playbook import Playbook
from strategies.problems import Problem, ProblemsFound

KEPT = 8
"""Results that are remembered: what did not change is not checked again."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A set of texts as checked; ``playbook`` is None where something stops it from being published."""

    problems: tuple[Problem, ...]
    examples: tuple[ExampleResult, ...]
    playbook: Playbook | None

    @property
    def compiles(self) -> bool:
        """Whether nothing is wrong with the texts themselves, however the examples came out."""
        return self.playbook is not None or bool(self.examples)

    @property
    def errors(self) -> list[Problem]:
        """What stops a publication."""
        return [problem for problem in self.problems if problem.severity != "warning"]


_KNOWN: OrderedDict[tuple[str, str | None], Checked] = OrderedDict()
_LOCK = Lock()
_CACHE, _CHECKING = Cache(), Lock()
"""Parsed files and compiled conditions of the last sets of texts, used by one check at a time."""
_COMPILED: dict[str, Playbook] = {}
"""The playbook that was compiled last, by its version: its examples often follow in a check of their own."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found, as it is printed, and its problems as values, which pages say in their reader's language."""

    answer: CheckAnswer
    problems: tuple[Problem, ...]

    def with_more(self, problems: Sequence[Problem]) -> Found:
        """The same with what else was found."""
        printed = [*self.answer.problems, *(each.as_json() for each in problems)]
        return Found(msgspec.structs.replace(self.answer, problems=printed), (*self.problems, *problems))


def check_texts(texts: Mapping[str, str], only: str | None = None) -> CheckAnswer:
    """``found_in`` as it is printed."""
    return found_in(texts, only).answer


def found_in(texts: Mapping[str, str], only: str | None = None) -> Found:
    """Problems with warnings, then examples; with ``only`` those of this file alone, and only its examples are run.

    Examples are run only where nothing is wrong.
    """
    began = time.perf_counter()
    return _found(checked(texts, only), texts, only, began)


def check_at_once(texts: Mapping[str, str]) -> Found | None:
    """The whole of it where something is wrong with the texts themselves; None where they compile.

    Warnings and examples then need a whole check, which does not compile them again.
    """
    began = time.perf_counter()
    version = version_of(texts)
    found = _known((version, None))
    if found is None:
        try:
            with _CHECKING:
                _compiled(texts, version)
            return None
        except ProblemsFound as wrong:
            found = _keep((version, None), Checked(wrong.problems, (), None))
    return None if found.compiles else _found(found, texts, None, began)


def playbook_of(texts: Mapping[str, str]) -> Playbook:
    """The playbook of the texts, however its examples come out. Raises ProblemsFound with all problems."""
    with _CHECKING:
        return _compiled(texts, version_of(texts))


def _found(found: Checked, texts: Mapping[str, str], only: str | None, began: float) -> Found:
    problems = tuple(each for each in found.problems if only is None or each.where.path == only)
    answer = CheckAnswer(
        problems=[each.as_json() for each in problems],
        examples=[_example(each) for each in found.examples if only is None or each.place.path == only],
        files=len(texts),
        seconds=time.perf_counter() - began,
    )
    return Found(answer, problems)


def checked(texts: Mapping[str, str], only: str | None = None) -> Checked:
    """The same as values, with the playbook where it compiles; ``only`` leaves out the examples of other files."""
    asked = (version_of(texts), only)
    return _known(asked) or _keep(asked, _check(texts, asked))


def _known(asked: tuple[str, str | None]) -> Checked | None:
    with _LOCK:
        known = _KNOWN.get(asked)
        if known is not None:
            _KNOWN.move_to_end(asked)
        return known


def _keep(asked: tuple[str, str | None], found: Checked) -> Checked:
    with _LOCK:
        _KNOWN[asked] = found
        while len(_KNOWN) > KEPT:
            _KNOWN.popitem(last=False)
    return found


def _check(texts: Mapping[str, str], asked: tuple[str, str | None]) -> Checked:
    version, only = asked
    shown = texts if only is None else {path: text for path, text in texts.items() if path == only}
    try:
        with _CHECKING:
            playbook = _compiled(texts, version)
            results = (*run_examples(shown, playbook, cache=_CACHE), *run_menu_examples(playbook, shown))
    except ProblemsFound as found:
        return Checked(found.problems, (), None)
    failed = as_problems(results)
    warned = (*failed, *warnings_of(playbook))
    return Checked(warned, results, None if failed else playbook)


def _compiled(texts: Mapping[str, str], version: str) -> Playbook:
    """The playbook of the texts; by one check at a time. Raises ProblemsFound."""
    known = _COMPILED.get(version)
    if known is None:
        known = compile_playbook(texts, cache=_CACHE)
        _COMPILED.clear()
        _COMPILED[version] = known
    return known


def _example(result: ExampleResult) -> ExampleAnswer:
    return ExampleAnswer(
        id=result.id,
        name=result.name,
        place=str(result.place),
        passed=result.passed,
        differences=list(result.differences),
        trace=list(result.trace),
    )
