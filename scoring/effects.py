"""What a treatment changed: difference of two proportions or means with its interval, and whether the arms are honest.

The interval is Newcombe's hybrid score interval without continuity correction, method 10 of
R. G. Newcombe, "Interval estimation for the difference between independent proportions: comparison of eleven
methods", Statistics in Medicine 17 (1998) 873–890; it is built from two Wilson score intervals.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import erfc, exp, fsum, lgamma, log, sqrt

Z_95 = 1.959963984540054
"""The standard normal's 97.5 % point."""
LEAST_EXPECTED = 5.0
"""Of fewer expected in an arm the normal approximation of one draw says little."""

_Surplus = tuple[float, float]
"""How many more are in control than were expected, and the variance of that."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of a comparison: how many were assigned, how many of them reached the goal."""

    assigned: int
    goals: int

    @property
    def rate(self) -> float:
        """Goals per assigned; the arm must not be empty."""
        return self.goals / self.assigned


@dataclass(frozen=True, slots=True)
class Effect:
    """Treated minus control, with its interval; all None where an arm is empty."""

    treated: Arm
    control: Arm
    difference: float | None
    low: float | None
    high: float | None


def wilson(arm: Arm, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval of one proportion. The arm must not be empty."""
    return _wilson(arm.assigned, arm.rate, z)


def _wilson(n: float, p: float, z: float) -> tuple[float, float]:
    """The same for a size that is no whole number."""
    middle = 2 * n * p + z * z
    spread = z * sqrt(z * z + 4 * n * p * (1 - p))
    scale = 2 * (n + z * z)
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def effect(treated: Arm, control: Arm, z: float = Z_95) -> Effect:
    """The difference of goal rates with Newcombe's hybrid score interval (method 10)."""
    if not treated.assigned or not control.assigned:
        return Effect(treated, control, None, None, None)
    return Effect(
        treated, control, *_newcombe(treated.assigned, treated.rate, control.assigned, control.rate, z)
    )


def clustered_effect(treated: Mapping[Arm, int], control: Mapping[Arm, int], z: float = Z_95) -> Effect:
    """The same where each arm is given by clusters, such as the calls of one caller: cases of a cluster resemble each other.

    ``treated`` and ``control`` say how many clusters there are of each kind. Each arm counts as many cases as its design
    effect leaves it (J. N. K. Rao and A. J. Scott, "A simple method for the analysis of clustered binary data", Biometrics
    48 (1992) 577–585), never more than there are.
    """
    first, second = (
        Arm(sum(a.assigned * n for a, n in arms.items()), sum(a.goals * n for a, n in arms.items()))
        for arms in (treated, control)
    )
    if not first.assigned or not second.assigned:
        return Effect(first, second, None, None, None)
    n1, n2 = _effective_size(treated, first), _effective_size(control, second)
    return Effect(first, second, *_newcombe(n1, first.rate, n2, second.rate, z))


def _effective_size(clusters: Mapping[Arm, int], whole: Arm) -> float:
    """How many independent cases say as much about the rate as these clusters do."""
    n, p, m = whole.assigned, whole.rate, sum(clusters.values())
    simple = p * (1 - p) / n
    if m < 2 or not simple:
        return float(m)
    between = fsum(many * (arm.goals - arm.assigned * p) ** 2 for arm, many in clusters.items())
    return n / max(1.0, m / (m - 1) * between / n**2 / simple)


def _newcombe(n1: float, p1: float, n2: float, p2: float, z: float) -> tuple[float, float, float]:
    """Difference and its ends."""
    low1, high1 = _wilson(n1, p1, z)
    low2, high2 = _wilson(n2, p2, z)
    difference = p1 - p2
    low = difference - sqrt((p1 - low1) ** 2 + (high2 - p2) ** 2)
    high = difference + sqrt((high1 - p1) ** 2 + (p2 - low2) ** 2)
    return difference, low, high


def sample_ratio_p(treated: int, control: int, control_share: float) -> float | None:
    """Chance of arms at least as unequal as these under an honest draw; two-sided, normal approximation.

    None where there is nothing to judge: nobody assigned, or a share of 0 or 1.
    """
    return ratio_p([(treated, control, control_share)])


def ratio_p(draws: Iterable[tuple[int, int, float]]) -> float | None:
    """The same of several draws together, each ``treated, control, control_share``: a share that was changed meanwhile.

    Asked twice, and the smaller chance counts double (C. E. Bonferroni): whether all draws lean to one side, however little
    each does, and by Pearson's chi-square whether any of them leans, though others lean the other way. Draws that expect
    fewer than ``LEAST_EXPECTED`` in an arm are one draw (W. G. Cochran, Biometrics 10 (1954) 417–451).
    """
    judged = [draw for draw in draws if sum(draw[:2]) and 0.0 < draw[2] < 1.0]
    if not judged:
        return None
    enough, few = list[_Surplus](), list[_Surplus]()
    for treated, control, share in judged:
        drawn = treated + control
        expected = drawn * min(share, 1.0 - share)
        (enough if expected >= LEAST_EXPECTED else few).append(
            (control - drawn * share, drawn * share * (1.0 - share))
        )
    apart = [*enough, _together(few)] if few else enough
    surplus, variance = _together(apart)
    whole = erfc(abs(surplus / sqrt(variance)) / sqrt(2.0))
    if len(apart) == 1:
        return whole
    each = chi_square_tail(fsum(surplus**2 / variance for surplus, variance in apart), len(apart))
    return min(1.0, 2.0 * min(whole, each))


def chi_square_tail(value: float, freedom: int) -> float:
    """Chance of a chi-square at least as large, for 1, 2, … degrees of freedom: the finite sums 26.4.4 and 26.4.5 of
    M. Abramowitz and I. A. Stegun, "Handbook of Mathematical Functions" (1964)."""
    if value <= 0.0:
        return 1.0
    half, odd = value / 2.0, freedom % 2
    powers = (odd / 2.0 + place for place in range(freedom // 2))
    terms = fsum(exp(power * log(half) - half - lgamma(power + 1.0)) for power in powers)
    return min(1.0, terms + (erfc(sqrt(half)) if odd else 0.0))


def _together(draws: Iterable[_Surplus]) -> _Surplus:
    """Several independent draws as one."""
    surpluses, variances = zip(*draws, strict=True)
    return fsum(surpluses), fsum(variances)


@dataclass(frozen=True, slots=True)
class MeanEffect:
    """Mean of one arm minus mean of control, with its interval."""

    mean: float
    control_mean: float
    difference: float
    low: float
    high: float


def mean_effect(treated: Sequence[float], control: Sequence[float]) -> MeanEffect | None:
    """The difference of two means with Welch's 95 % interval (B. L. Welch, Biometrika 34 (1947) 28–35).

    None where an arm has fewer than three values.
    """
    if min(len(treated), len(control)) < 3:
        return None
    (m1, v1), (m2, v2) = _mean_and_error(treated), _mean_and_error(control)
    difference, variance = m1 - m2, v1 + v2
    if not variance:
        return MeanEffect(m1, m2, difference, difference, difference)
    freedom = variance**2 / (v1**2 / (len(treated) - 1) + v2**2 / (len(control) - 1))
    reach = _t_95(freedom) * sqrt(variance)
    return MeanEffect(m1, m2, difference, difference - reach, difference + reach)


def _mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """The mean and its squared standard error."""
    n = len(values)
    mean = fsum(values) / n
    return mean, fsum((value - mean) ** 2 for value in values) / (n - 1) / n


def _t_95(freedom: float) -> float:
    """Student's 97.5 % point from the normal's: M. Abramowitz and I. A. Stegun, 26.7.5; within 1 % from 2 degrees on."""
    z, v = Z_95, freedom
    return (
        z
        + (z**3 + z) / 4 / v
        + (5 * z**5 + 16 * z**3 + 3 * z) / 96 / v**2
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384 / v**3
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160 / v**4
    )
