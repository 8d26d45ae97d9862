"""What each arm of a trial file brought: the same statistics as for our own control groups, on rows of a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite

from contact.domain.model_answers import MeanEffectAnswer, TrialAnswer, TrialArmAnswer
from contact.flow.gather import unknown
from contact.flow.planning.evaluate import effect_answer
from scoring.effects import Arm, effect, mean_effect
from strategies.problems import Hint, Problem, ProblemsFound, Where

_TRUTH = {"1": 1.0, "0": 0.0, "true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0, "t": 1.0, "f": 0.0}
SHOWN_FAULTS = 20


def evaluate_trial(
    rows: Iterable[Mapping[str, object]], *, arm: str, control: str, goal: str, path: str = "trial"
) -> TrialAnswer:
    """Each arm's goal against the control arm's: a difference of shares where the goal is yes or no, of means else.

    ``arm`` and ``goal`` are columns, ``control`` a value of ``arm``. The first row stands on line 2 of ``path``.
    Raises ProblemsFound for an unknown column or control, an empty file and a goal that is no number.
    """
    found = _by_arm(rows, arm, goal, path)
    if not found:
        raise ProblemsFound([Problem("import.empty", "the trial file has no rows", Where(path))])
    if control not in found:
        raise ProblemsFound([unknown("arm", control, found)])
    binary = all(value in (0.0, 1.0) for values in found.values() for value in values)
    against = found[control]
    return TrialAnswer(
        arm=arm,
        control=control,
        goal=goal,
        rows=sum(len(values) for values in found.values()),
        control_rows=len(against),
        arms=[
            _of_shares(name, values, against) if binary else _of_means(name, values, against)
            for name, values in sorted(found.items())
            if name != control
        ],
    )


def _of_shares(name: str, values: Sequence[float], against: Sequence[float]) -> TrialArmAnswer:
    found = effect(Arm(len(values), round(sum(values))), Arm(len(against), round(sum(against))))
    return TrialArmAnswer(arm=name, rows=len(values), effect=effect_answer(found))


def _of_means(name: str, values: Sequence[float], against: Sequence[float]) -> TrialArmAnswer:
    found = mean_effect(values, against)
    mean = None
    if found is not None:
        mean = MeanEffectAnswer(
            mean=found.mean, control_mean=found.control_mean, effect=found.difference, low=found.low, high=found.high
        )  # fmt: skip
    return TrialArmAnswer(arm=name, rows=len(values), mean=mean)


def _by_arm(
    rows: Iterable[Mapping[str, object]], arm: str, goal: str, path: str
) -> Mapping[str, list[float]]:
    """Arm → goal of each of its rows."""
    found: dict[str, list[float]] = defaultdict(list)
    problems: list[Problem] = []
    for line, row in enumerate(rows, start=2):
        missing = [name for name in (arm, goal) if name not in row]
        if missing:
            raise ProblemsFound([_no_column(name, row, path) for name in missing])
        value = _number(row[goal])
        if value is None:
            hint = Hint("write 1 or 0, true or false, or a number")
            problems.append(
                Problem("value.type", f"'{goal}' is neither yes or no nor a number", Where(path, line), hint)
            )
            if len(problems) == SHOWN_FAULTS:
                break
        else:
            found[str(row[arm]).strip()].append(value)
    if problems:
        raise ProblemsFound(problems)
    return found


def _no_column(name: str, row: Mapping[str, object], path: str) -> Problem:
    hint = Hint("columns: %(names)s", names=", ".join(map(str, row)))
    return Problem("import.column", f"the trial file has no column {name!r}", Where(path, 1), hint)


def _number(value: object) -> float | None:
    """A goal as a number; yes and no in the words people use for them."""
    if isinstance(value, bool | int | float):
        number = float(value)
    else:
        text = str(value).strip()
        if text.lower() in _TRUTH:
            return _TRUTH[text.lower()]
        try:
            number = float(text)
        except ValueError:
            return None
    return number if isfinite(number) else None
