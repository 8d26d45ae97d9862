"""Running cases over rows: contacts live in a profile in memory, and rules are asked as decide and permit ask them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from strategies.candidate import Candidate
from strategies.cases.answering import asked
from strategies.cases.case import Case, Outcome, Step
from strategies.cases.comparing import Mismatch, compare
from strategies.cases.files import ReadCase, read_examples, read_file
from strategies.cases.telling import gate_words, written
from strategies.cases.world import NothingTaken, World
from strategies.compiling.compile import Cache, examples_of
from strategies.declared.playbook import Playbook
from strategies.instants import Instant, format_instant
from strategies.offering.explaining import Gate, explain, policy_gates
from strategies.problems import NO_HINT, Hint, Problem, Where
from strategies.profile import Profile


@dataclass(frozen=True, slots=True)
class Difference:
    """A step that did not come out as expected, with what each rule said of what it asked for."""

    case: str
    place: Where
    differences: tuple[Mismatch, ...]
    trace: tuple[Gate, ...]
    step: int
    """Its place among the steps of the case, counted from 1."""
    at: Instant

    def __str__(self) -> str:
        return f"{self.place}: {self.case}: " + "; ".join(str(each) for each in self.differences)


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """One example or golden case as it came out; ``problems`` are why it could not be run."""

    id: str
    name: str
    place: Where
    failed: tuple[Difference, ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: bool = False
    """It says that it does not run over rows."""

    @property
    def passed(self) -> bool:
        return not self.failed and not self.problems

    @property
    def differences(self) -> list[str]:
        """What was expected and what came, in words, each where it stands."""
        return [str(each) for each in self.failed] + [str(each) for each in self.problems]

    @property
    def trace(self) -> list[str]:
        """What each gate said in the steps that failed, in words."""
        return [gate_words(gate) for difference in self.failed for gate in difference.trace]


def _run_step(world: World, step: Step) -> tuple[Outcome, Candidate | None]:
    if step.ask is not None:
        return asked(world, step, step.ask, step.at)
    if step.kind == "permit":
        return world.permit(step.at)
    if step.kind == "correct":
        return world.correct(step.result, step.at), None
    if step.kind == "publish" and step.playbook is not None:
        return world.publish(step.playbook, step.at), None
    if step.kind == "opt_out" and step.consent is not None:
        return world.withdraw(step.consent, step.at), None
    if step.kind == "expire":
        return world.expire(step.at), None
    if step.kind == "fault":
        return world.fault(step.reachable), None
    if step.kind == "event" and step.event is not None:
        return world.happen(step.event), None
    return world.report(step.result, step.at), None


@dataclass(frozen=True, slots=True)
class Walked:
    """One step as it went: what was in force and known when it was asked, and what was answered about whom."""

    step: Step
    playbook: Playbook
    profile: Profile
    outcome: Outcome
    candidate: Candidate | None


def walk(case: Case) -> Iterator[Walked]:
    """The steps of a case, one after the other; what one changes the next finds changed."""
    world = World(case.playbook, case.playbook, case.profile)
    for step in case.steps:
        world.playbook = world.whole.at(step.at)
        before, taken = world.profile, world.last
        outcome, candidate = _run_step(world, step)
        known = before if step.kind == "ask" else without(before, taken)
        yield Walked(step, world.playbook, known, outcome, candidate)


def run_case(case: Case) -> list[Difference]:
    """Every step that did not come out as the case expects, up to one of which nothing can be asked."""
    found: list[Difference] = []
    number = 0
    try:
        for number, walked in enumerate(walk(case), start=1):
            expect = walked.step.expect
            differences = compare(expect, walked.outcome) if expect is not None else []
            if expect is not None and differences:
                trace = written(_trace(walked), walked.playbook)
                found.append(
                    Difference(case.id, expect.place, tuple(differences), trace, number, walked.step.at)
                )
    except NothingTaken:
        step = case.steps[number]
        missing = Mismatch(step.kind, "a contact to speak of", None, "no step before it brought one about")
        found.append(Difference(case.id, step.place, (missing,), (), number + 1, step.at))
    return found


def without(profile: Profile, contact: str | None) -> Profile:
    """The profile without one contact: what a permit of that contact is judged by."""
    return replace(profile, contacts=tuple(each for each in profile.contacts if each.id != contact))


def _trace(walked: Walked) -> tuple[Gate, ...]:
    """Every gate that what was asked for met; of offers the candidate's own, or those of all that never became one."""
    playbook, profile, ask, at = walked.playbook, walked.profile, walked.step.ask, walked.step.at
    candidate = walked.candidate
    if ask is None or ask.category is not None:
        return () if candidate is None else policy_gates(playbook, candidate, profile, at)
    only = None if ask.strategy is None else (ask.strategy,)
    channels = None if ask.channel is None else (ask.channel,)
    ways = [
        each
        for each in explain(playbook, profile, at, channels, strategies=only)
        if ask.offer in (None, each.offer) and ask.line in (None, each.line)
    ]
    if candidate is not None:
        ways = [each for each in ways if each.ranked is not None and each.ranked.candidate == candidate]
    return tuple(gate for each in ways for gate in each.gates if gate.passed is not None)


def result_of(read: ReadCase) -> ExampleResult:
    """How one case came out over rows."""
    if read.case is None:
        return ExampleResult(read.id, read.name, read.place, problems=read.problems)
    if "rows" not in read.case.paths:
        return ExampleResult(read.id, read.name, read.place, skipped=True)
    return ExampleResult(read.id, read.name, read.place, tuple(run_case(read.case)))


def run_bank(texts: Mapping[str, str], published: Playbook | None = None) -> list[ExampleResult]:
    """Every golden case of these files (path → text), in order of the paths; ``published`` is what they may ``use``."""
    return [
        result_of(read) for path, text in sorted(texts.items()) for read in read_file(text, path, published)
    ]


def unreadable(problem: Problem) -> ExampleResult:
    """A file that is no text at all."""
    return ExampleResult(problem.where.path, problem.where.path, problem.where, problems=(problem,))


def run_examples(
    texts: Mapping[str, str], playbook: Playbook, *, cache: Cache | None = None
) -> list[ExampleResult]:
    """Every example in the files of a playbook, against the playbook compiled from them (with the same ``cache``)."""
    return [
        result_of(read)
        for _, node in examples_of(texts, cache=cache)
        for read in read_examples(node, playbook)
    ]


def as_problems(results: Iterable[ExampleResult]) -> list[Problem]:
    """What did not come out as expected, as problems of the file it stands in."""
    found: list[Problem] = []
    for result in results:
        found += result.problems
        found += [_as_problem(difference) for difference in result.failed]
    return found


def _as_problem(difference: Difference) -> Problem:
    failed = [gate for gate in difference.trace if not gate.passed]
    words = [
        f"{gate.name} {gate.detail}".strip()
        + (f" until {format_instant(gate.until)}" if gate.until is not None else "")
        for gate in failed
    ]
    hint = Hint("refused by %(rules)s", rules="; ".join(words)) if words else NO_HINT
    said = "; ".join(str(each) for each in difference.differences)
    return Problem("example.failed", f"{difference.case}: {said}", difference.place, hint)


def check_cases(cases: Iterable[Case]) -> list[Problem]:
    """What does not come out as expected, as problems of the file it stands in."""
    return [_as_problem(difference) for case in cases for difference in run_case(case)]


def check_examples(texts: Mapping[str, str], playbook: Playbook) -> list[Problem]:
    """What is wrong with the ``examples:`` of every file, run against the playbook compiled from these texts."""
    return as_problems(run_examples(texts, playbook))
