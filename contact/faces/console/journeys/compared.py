"""Two groups of calls side by side: each measure with its difference, its interval and where it lies about nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contact.faces.console.shared.charts import scale_of
from contact.faces.console.shared.formats import MINUS
from contact.faces.console.shared.labels import N_
from contact.faces.console.shared.pages import Look
from ivr.journeys_compared import Comparison, RateChange
from scoring.effects import MeanEffect

RATES = ("reached", "contained", "agent", "abandoned", "repeated_day")
MEANS = ("seconds", "keys", "whole_seconds")
MEASURES = {
    "reached": N_("Reached their goal"),
    "contained": N_("Contained"),
    "agent": N_("To an agent"),
    "abandoned": N_("Hung up before"),
    "repeated_day": N_("Called again in 24 h"),
    "seconds": N_("Seconds to the goal"),
    "keys": N_("Keys to the goal"),
    "whole_seconds": N_("Seconds of the call"),
}
"""What calls are measured by."""


@dataclass(frozen=True)
class Line:
    """One measure: what it was with and without, the difference as a share, and its interval where one is known."""

    measure: str
    treated: str
    control: str
    difference: str = "–"
    interval: str = ""
    ends: tuple[float, float, float] | None = None
    """Low, value and high, as shares: of calls, or of the control's mean."""


def comparison_table(look: Look, found: Comparison) -> dict[str, Any]:
    """Rows with their drawings: shares of calls on one scale, relative changes of means on another, both about zero."""
    rows: list[dict[str, Any]] = []
    groups = (
        [_rate_line(look, name, getattr(found, name)) for name in RATES],
        [line for name in MEANS if (line := _mean_line(look, name, getattr(found, name))) is not None],
    )
    for lines in groups:
        known = [each.ends for each in lines if each.ends is not None]
        most = max((abs(end) for ends in known for end in ends), default=0.0) or 1.0
        scale = scale_of([-most, most], 3, 97)
        for line in lines:
            drawn = tuple(scale.at(end) for end in line.ends) if line.ends is not None else None
            rows.append(
                {"line": line, "title": _title(look, line.measure), "drawn": drawn, "zero": scale.at(0.0)}
            )
    return {"rows": rows, "finding": finding(look, found)}


def finding(look: Look, found: Comparison) -> str:
    """What became of the seconds to the goal, and whether it is more than chance."""
    say, formats = look.formats.words.gettext, look.formats
    seconds = found.seconds
    if seconds is None:
        return say("Too few callers reached a goal on both sides to compare their seconds.")
    values = {
        "treated": formats.decimal(seconds.mean, 1), "control": formats.decimal(seconds.control_mean, 1),
        "change": _signed(look, seconds.difference / seconds.control_mean) if seconds.control_mean else "–",
        "low": formats.decimal(seconds.low, 1), "high": formats.decimal(seconds.high, 1),
    }  # fmt: skip
    if seconds.low <= 0.0 <= seconds.high:
        text = say(
            "%(treated)s s to the goal against %(control)s s; the difference [%(low)s, %(high)s] s may be chance."
        )
    else:
        text = say(
            "%(treated)s s to the goal against %(control)s s: %(change)s, difference [%(low)s, %(high)s] s."
        )
    return text % values


def _rate_line(look: Look, name: str, found: RateChange) -> Line:
    shown, control = _share(look, found.rate.rate), _share(look, found.control.rate)
    if found.difference is None or found.low is None or found.high is None:
        return Line(name, shown, control)
    ends = (found.low, found.difference, found.high)
    return Line(name, shown, control, _points(look, found.difference), _between(look, ends), ends)


def _mean_line(look: Look, name: str, found: MeanEffect | None) -> Line | None:
    if found is None:
        return None
    formats = look.formats
    shown, control = formats.decimal(found.mean, 1), formats.decimal(found.control_mean, 1)
    if not found.control_mean:
        return Line(name, shown, control)
    low, value, high = (each / found.control_mean for each in (found.low, found.difference, found.high))
    ends = (low, value, high)
    return Line(
        name, shown, control, _signed(look, value), f"[{_signed(look, low)}, {_signed(look, high)}]", ends
    )


def _title(look: Look, measure: str) -> str:
    return look.formats.words.gettext(MEASURES[measure])


def _share(look: Look, rate: float | None) -> str:
    return "–" if rate is None else look.formats.rate(rate)


def _between(look: Look, ends: Sequence[float]) -> str:
    return f"[{_points(look, ends[0])}, {_points(look, ends[2])}]"


def _points(look: Look, share: float) -> str:
    """A difference of shares in percentage points, with its sign."""
    text = look.formats.decimal(abs(100 * share), 1)
    return f"+{text}" if share > 0 else f"{MINUS}{text}" if share < 0 else text


def _signed(look: Look, share: float) -> str:
    text = look.formats.rate(abs(share))
    return f"+{text}" if share > 0 else f"{MINUS}{text}" if share < 0 else text
