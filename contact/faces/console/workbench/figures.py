"""The figures of a simulation: a sentence with the finding, what the chart draws, the same as a table and as CSV."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from contact.domain.workbench_answers import LoadAnswer, RefusedAnswer, SimulationAnswer
from contact.faces.console.shared.figures import Row
from contact.faces.console.shared.formats import MINUS
from contact.faces.console.shared.pages import Look

MOST_RULES = 12
"""Rules drawn as bars; the table and the CSV hold all of them."""


def figures(look: Look, found: SimulationAnswer) -> list[dict[str, Any]]:
    """Refusals by rule, then the load of each channel by hour of the day."""
    return [refusals_figure(look, found), *(load_figure(look, found, each) for each in channels(found))]


def channels(found: SimulationAnswer) -> list[str]:
    """Channels with any contact, busiest first."""
    total = {each.channel: 0 for each in found.load}
    for each in found.load:
        total[each.channel] += max(each.before, each.after)
    return sorted((channel for channel in total if total[channel]), key=lambda channel: -total[channel])


def sorted_refusals(found: SimulationAnswer) -> list[RefusedAnswer]:
    """Largest change first, whichever way it goes."""
    return sorted(found.refusals, key=lambda each: (-abs(each.after - each.before), each.rule))


def refusals_figure(look: Look, found: SimulationAnswer) -> dict[str, Any]:
    """Paired bars of refusals by rule, sorted by change."""
    say, number = look.formats.words.gettext, look.formats.number
    rules = sorted_refusals(found)
    finding = say("No rule refuses more or less often than before.")
    if rules and rules[0].after != rules[0].before:
        text = say("%(rule)s changes most: %(before)s refusals before, %(after)s after (%(change)s).")
        finding = text % {
            "rule": look.reason(rules[0].rule), "before": number(rules[0].before), "after": number(rules[0].after),
            "change": signed(look, rules[0].after - rules[0].before),
        }  # fmt: skip
    drawn = [each for each in rules if each.after != each.before][:MOST_RULES] or rules[:MOST_RULES]
    return {
        "name": "refusals",
        "title": say("Which rules refuse more"),
        "finding": finding,
        "size": "tall" if len(drawn) > 5 else "short",
        "chart": _chart(
            "pairs", look, [look.reason(each.rule) for each in drawn], [each.before for each in drawn],
            [each.after for each in drawn],
        ),
        "heads": [say("Rule"), say("Before"), say("After"), say("Change")],
        "rows": [
            (look.reason(each.rule), number(each.before), number(each.after), signed(look, each.after - each.before))
            for each in rules
        ],
    }  # fmt: skip


def load_figure(look: Look, found: SimulationAnswer, channel: str) -> dict[str, Any]:
    """Contacts of one channel by hour of the day, before and after, against what it can do."""
    say, number = look.formats.words.gettext, look.formats.number
    hours = hours_of(found, channel)
    over = [each for each in hours if each.after > each.capacity]
    peak = max(hours, key=lambda each: each.after)
    values = {"hour": f"{peak.hour:02}:00", "after": number(peak.after), "before": number(peak.before),
              "capacity": number(peak.capacity)}  # fmt: skip
    if over:
        worst = max(over, key=lambda each: each.after - each.capacity)
        text = say("At %(hour)s the load of %(after)s exceeds the capacity of %(capacity)s by %(excess)s.")
        values = {"hour": f"{worst.hour:02}:00", "after": number(worst.after), "capacity": number(worst.capacity),
                  "excess": number(worst.after - worst.capacity)}  # fmt: skip
    else:
        text = say(
            "The load fits: the busiest hour is %(hour)s with %(after)s of %(capacity)s, %(before)s before."
        )
    title = say("Load by hour: %(channel)s") % {"channel": look.channel(channel)}
    return {
        "name": f"load-{channel}",
        "title": title,
        "finding": text % values,
        "size": "flat",
        "chart": _chart(
            "load", look, [f"{each.hour:02}" for each in hours], [each.before for each in hours],
            [each.after for each in hours], [each.capacity for each in hours],
        ),
        "heads": [say("Hour"), say("Before"), say("After"), say("Capacity")],
        "rows": [(f"{each.hour:02}:00", number(each.before), number(each.after), number(each.capacity))
                 for each in hours],
    }  # fmt: skip


def hours_of(found: SimulationAnswer, channel: str) -> list[LoadAnswer]:
    """Every hour of one channel, in order."""
    return sorted((each for each in found.load if each.channel == channel), key=lambda each: each.hour)


def _chart(
    kind: str, look: Look, labels: Sequence[str], before: Sequence[int], after: Sequence[int],
    limit: Sequence[int] = (),
) -> str:  # fmt: skip
    say = look.formats.words.gettext
    given: dict[str, Any] = {
        "kind": kind, "labels": labels, "before": {"name": say("Before"), "values": before},
        "after": {"name": say("After"), "values": after},
    }  # fmt: skip
    if kind == "load":
        given["limit"] = {"name": say("Capacity"), "values": limit}
    return json.dumps(given, ensure_ascii=False)


def signed(look: Look, value: float) -> str:
    """A difference with its sign, also where it is more."""
    text = look.formats.number(abs(value))
    return f"+{text}" if value > 0 else f"{MINUS}{text}" if value < 0 else text


def csv_rows(found: SimulationAnswer, name: str) -> list[Row] | None:
    """The figures behind one chart as flat rows; None for a chart there is not."""
    if name == "refusals":
        return [
            {"rule": each.rule, "before": each.before, "after": each.after} for each in sorted_refusals(found)
        ]
    channel = name.removeprefix("load-")
    if channel == name or not (hours := hours_of(found, channel)):
        return None
    return [{"hour": each.hour, "before": each.before, "after": each.after, "capacity": each.capacity}
            for each in hours]  # fmt: skip


def radius_words(look: Look, summary: Mapping[str, Any]) -> str:
    """The blast radius in one line: contacts more or fewer, and the value of them."""
    say, formats = look.formats.words.gettext, look.formats
    text = say("%(contacts)s contacts, %(value)s, over %(days)s days")
    return text % {
        "contacts": signed(look, summary["after"] - summary["before"]),
        "value": formats.change(summary["value_after_minor"] - summary["value_before_minor"]),
        "days": summary["days"],
    }
