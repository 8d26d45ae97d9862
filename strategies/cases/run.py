"""Running cases over rows: contacts live in a profile in memory, and rules are asked as decide and permit ask them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from strategies.candidate import Candidate
from strategies.cases.case import Ask, Case, Outcome, Step
from strategies.cases.comparing import Mismatch, compare
from strategies.cases.files import ReadCase, read_examples, read_file
from strategies.cases.telling import gate_words, written
from strategies.cases.world import NothingTaken, World, may_wait
from strategies.compiling.compile import Cache, examples_of
from strategies.declared.playbook import Playbook
from strategies.instants import Instant, format_instant
from strategies.judging.judge import judge
from strategies.offering.eligibility import UNIVERSAL_CONTROL, candidates, in_universal_control
from strategies.offering.explaining import Gate, explain, policy_gates
from strategies.offering.ranking import rank
from strategies.problems import Problem, Where
from strategies.profile import Profile
from strategies.verdict import ALLOWED, Refusal, Verdict


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


def bare_candidate(playbook: Playbook, profile: Profile, ask: Ask, channel: str) -> Candidate:
    """The contact that an ask by channel and category is about."""
    known = playbook.channels[channel]
    line = next((line for line in profile.lines if line.id == ask.line), None)
    number = (line.number_hash if line is not None else None) or profile.number_hash
    return Candidate(
        channel=channel,
        category=ask.category or "",
        direction=known.direction,
        promotional=playbook.operator.categories[ask.category or ""],
        strategy=ask.strategy or "",
        offer=ask.offer or "",
        family=ask.family,
        line=ask.line,
        number_hash=number if known.needs_number else None,
    )


def _ask_bare(
    world: World, ask: Ask, at: Instant, *, elsewhere: bool
) -> tuple[Outcome, Candidate | None, Verdict]:
    playbook, profile = world.playbook, world.profile
    candidate = bare_candidate(playbook, profile, ask, ask.channel or "")
    verdict = judge(playbook, candidate, profile, at)
    controlled = candidate.promotional and in_universal_control(playbook, profile)
    if controlled and verdict.allowed:
        verdict = _left_alone(UNIVERSAL_CONTROL, candidate)
    passing = [
        name
        for name in playbook.channels
        if elsewhere
        and not controlled
        and name != ask.channel
        and judge(playbook, bare_candidate(playbook, profile, ask, name), profile, at).allowed
    ]
    return Outcome(verdict.refusals, verdict.until, verdict.allowed, tuple(passing)), candidate, verdict


def _left_alone(arm: str, candidate: Candidate) -> Verdict:
    """Every rule passes, and yet a control group gets no contact."""
    return Verdict((Refusal("control_group", arm, None, candidate.place, on_hit="drop"),))


def _wanted(ask: Ask, candidate: Candidate) -> bool:
    return (ask.offer is None or candidate.offer == ask.offer) and (
        ask.line is None or candidate.line == ask.line
    )


def _ask_offers(
    world: World, ask: Ask, at: Instant, *, elsewhere: bool
) -> tuple[Outcome, Candidate | None, Verdict]:
    """Walk the ranking to the first candidate that passes; a control candidate that passes ends the walk."""
    playbook, profile = world.playbook, world.profile
    only = None if ask.strategy is None else frozenset({ask.strategy})
    eligible = candidates(playbook, profile, at, strategies=only)
    wanted = [each for each in eligible.candidates if _wanted(ask, each)]
    here = [each for each in wanted if ask.channel in (None, each.channel)]
    ranking = rank(playbook, profile, here, at)
    if not ranking:
        return Outcome(eligible.refusals, None, False), None, Verdict(eligible.refusals)
    verdicts = [judge(playbook, each.candidate, profile, at) for each in ranking]
    place = next((index for index, verdict in enumerate(verdicts) if verdict.allowed), None)
    if place is None and (ask.reserve or ask.defer):  # first the same in another channel, where rules say so
        for each, refused in zip(ranking, verdicts, strict=True):
            way = None if each.in_control else world.way_round(each.candidate, refused, at)
            if way is not None:
                outcome = Outcome(
                    refused.refusals, refused.until, ranking=tuple(ranking), rerouted_to=way.channel
                )
                return outcome, way, ALLOWED
    if place is None:  # only then is the best one that may wait looked for
        waiting = (index for index, each in enumerate(ranking) if may_wait(each.candidate, verdicts[index]))
        place = next(waiting, 0) if ask.defer else 0
    chosen, verdict = ranking[place], verdicts[place]
    if chosen.in_control and verdict.allowed:
        verdict = _left_alone(chosen.arm, chosen.candidate)
    passing = tuple(
        other.channel
        for other in wanted
        if elsewhere
        and not chosen.in_control
        and (other.strategy, other.offer, other.line)
        == (chosen.candidate.strategy, chosen.candidate.offer, chosen.candidate.line)
        and other.channel != chosen.candidate.channel
        and judge(playbook, other, profile, at).allowed
    )
    outcome = Outcome(verdict.refusals, verdict.until, verdict.allowed, passing, ranking=tuple(ranking))
    return outcome, chosen.candidate, verdict


def _in_control(world: World, outcome: Outcome, candidate: Candidate) -> bool:
    """Whether the customer is left alone, and so takes no place, neither now nor later."""
    ranked = next((each for each in outcome.ranking if each.candidate == candidate), None)
    if ranked is not None:
        return ranked.in_control
    return candidate.promotional and in_universal_control(world.playbook, world.profile)


def _asked(world: World, step: Step, ask: Ask, at: Instant) -> tuple[Outcome, Candidate | None]:
    """The answer to an ask; other channels are asked only where the case wants to know."""
    elsewhere = step.expect is not None and "channels_now" in step.expect.named
    asked = _ask_bare if ask.category is not None else _ask_offers
    outcome, candidate, verdict = asked(world, ask, at, elsewhere=elsewhere)
    outcome = replace(outcome, degraded=not world.profile.history_reachable)
    # without the history no place can be committed: the answer is advice
    takes = (ask.reserve or ask.defer) and world.profile.history_reachable
    if candidate is not None and takes and not _in_control(world, outcome, candidate):
        outcome = world.reserve(ask, candidate, verdict, outcome, at)
    return outcome, candidate


def _run_step(world: World, step: Step) -> tuple[Outcome, Candidate | None]:
    if step.ask is not None:
        return _asked(world, step, step.ask, step.at)
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
    hint = f"refused by {'; '.join(words)}" if words else ""
    said = "; ".join(str(each) for each in difference.differences)
    return Problem("example.failed", f"{difference.case}: {said}", difference.place, hint)


def check_cases(cases: Iterable[Case]) -> list[Problem]:
    """What does not come out as expected, as problems of the file it stands in."""
    return [_as_problem(difference) for case in cases for difference in run_case(case)]


def check_examples(texts: Mapping[str, str], playbook: Playbook) -> list[Problem]:
    """What is wrong with the ``examples:`` of every file, run against the playbook compiled from these texts."""
    return as_problems(run_examples(texts, playbook))
