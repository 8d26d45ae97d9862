"""Running cases over rows: contacts live in a profile in memory, and rules are asked as decide and permit ask them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from strategies.candidate import Candidate
from strategies.case import Ask, Case, Outcome, Step
from strategies.case_comparing import Mismatch, compare
from strategies.case_files import read_examples
from strategies.case_world import World, may_wait
from strategies.compiling import examples_of
from strategies.eligibility import candidates
from strategies.explaining import Gate, policy_gates
from strategies.instants import Instant, format_instant
from strategies.judging import judge
from strategies.playbook import Playbook
from strategies.problems import Problem, ProblemsFound, Where
from strategies.profile import Profile
from strategies.ranking import rank
from strategies.verdict import Refusal, Verdict


@dataclass(frozen=True, slots=True)
class Difference:
    """A step that did not come out as expected, with what each rule said of what it asked for."""

    case: str
    place: Where
    differences: tuple[Mismatch, ...]
    trace: tuple[Gate, ...] = ()

    def __str__(self) -> str:
        return f"{self.place}: {self.case}: " + "; ".join(str(each) for each in self.differences)


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


def _ask_bare(world: World, ask: Ask, at: Instant) -> tuple[Outcome, Candidate, Verdict]:
    playbook, profile = world.playbook, world.profile
    candidate = bare_candidate(playbook, profile, ask, ask.channel or "")
    verdict = judge(playbook, candidate, profile, at)
    passing = [
        name
        for name in playbook.channels
        if name != ask.channel
        and judge(playbook, bare_candidate(playbook, profile, ask, name), profile, at).allowed
    ]
    return Outcome(verdict.refusals, verdict.until, verdict.allowed, tuple(passing)), candidate, verdict


def _wanted(ask: Ask, candidate: Candidate) -> bool:
    return (ask.offer is None or candidate.offer == ask.offer) and (
        ask.line is None or candidate.line == ask.line
    )


def _ask_offers(world: World, ask: Ask, at: Instant) -> tuple[Outcome, Candidate | None, Verdict]:
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
    if place is None:  # only then is the best one that may wait looked for
        waiting = (index for index, each in enumerate(ranking) if may_wait(each.candidate, verdicts[index]))
        place = next(waiting, 0) if ask.defer else 0
    chosen, verdict = ranking[place], verdicts[place]
    if chosen.in_control and verdict.allowed:
        rule = chosen.arm
        verdict = Verdict((Refusal("control_group", rule, None, chosen.candidate.place, on_hit="drop"),))
    elsewhere = tuple(
        other.channel
        for other in wanted
        if (other.strategy, other.offer, other.line)
        == (chosen.candidate.strategy, chosen.candidate.offer, chosen.candidate.line)
        and other.channel != chosen.candidate.channel
        and judge(playbook, other, profile, at).allowed
    )
    outcome = Outcome(verdict.refusals, verdict.until, verdict.allowed, elsewhere, ranking=tuple(ranking))
    return outcome, chosen.candidate, verdict


def _run_step(world: World, step: Step) -> tuple[Outcome, Candidate | None]:
    if step.kind == "ask" and step.ask is not None:
        found = _ask_bare if step.ask.category is not None else _ask_offers
        outcome, candidate, verdict = found(world, step.ask, step.at)
        if candidate is not None and (step.ask.reserve or step.ask.defer):
            outcome = world.reserve(step.ask, candidate, verdict, outcome, step.at)
        return outcome, candidate
    if step.kind == "opt_out" and step.consent is not None:
        return world.withdraw(step.consent, step.at), None
    if step.kind == "expire":
        return world.expire(step.at), None
    if step.kind == "permit":
        return world.permit(step.at)
    return world.report(step.result, step.at), None


def run_case(case: Case) -> list[Difference]:
    """Every step that did not come out as the case expects."""
    world = World(case.playbook, case.profile)
    found: list[Difference] = []
    for step in case.steps:
        profile = world.profile
        outcome, candidate = _run_step(world, step)
        differences = compare(step.expect, outcome) if step.expect is not None else []
        if differences:
            trace = policy_gates(case.playbook, candidate, profile, step.at) if candidate is not None else ()
            place = step.expect.place if step.expect is not None else step.place
            found.append(Difference(case.id, place, tuple(differences), trace))
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
    """Runs the ``examples:`` of every file against the playbook compiled from these texts."""
    problems: list[Problem] = []
    for _, examples in examples_of(texts):
        try:
            problems += check_cases(read_examples(examples, playbook))
        except ProblemsFound as found:
            problems += found.problems
    return problems
