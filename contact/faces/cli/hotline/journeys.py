"""``contact ivr import-log`` and ``contact ivr journeys``: calls taken in, and what all calls say of a menu."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from contact.faces.cli.contacts.data import take_file
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint
from contact.faces.cli.terminal.instants import typed_instant_or_none
from contact.faces.cli.terminal.joined import with_standing_ports
from contact.faces.cli.terminal.options import AsJson, Here
from contact.faults import NotFound
from contact.ports import Ports
from ivr.call import Source

if TYPE_CHECKING:
    from contact.domain.journey_answers import JourneysAnswer
    from ivr.journeys import Measures, Rate, Spread
    from ivr.journeys_compared import Comparison, RateChange
    from scoring.effects import MeanEffect

KIND = "calls"
SHOWN = 20
SOURCES: tuple[str, ...] = get_args(Source)
GROUPS = ("segment", "unit", "version", "arm", "source")


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.command("import-log")(import_log)
    app.command("journeys")(journeys)


def import_log(
    file: Annotated[Path, typer.Argument(help="A .csv, .parquet or .xlsx file of keys, calls or enquiries.")],
    mapping: Annotated[
        Path, typer.Option("--mapping", "-m", help="YAML that says which of its columns is which of ours.")
    ],
    here: Here = False,
    as_json: AsJson = False,
) -> None:
    """Take in the log of a voice menu, or what agents of the hotline were asked: each call once.

    Rows with a faulty value are set aside with all rows of their call, in a file with line, column and reason.

        contact ivr import-log keys.csv --mapping keys.yaml

    A mapping:

        kind: calls
        mode: upsert
        columns:
          call: session
          number: {from: msisdn, type: phone, region: CN}
          at: reached_at
          node: prompt
          key: {from: dtmf, empty: ["", T]}
          outcome: {from: result, codes: {OK: reached, AGENT: agent, HUNG: abandoned}}
          menu: {value: main}
    """
    take_file(KIND, file, mapping, here=here, as_json=as_json)


def journeys(
    menu: Annotated[str | None, typer.Option(help="Which menu; the usual one if left out.")] = None,
    since: Annotated[
        str | None, typer.Option(help="From this instant on; thirty days back if left out.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="To before this instant; now if left out.")] = None,
    unit: Annotated[str | None, typer.Option(help="Only calls of this unit and those below it.")] = None,
    segment: Annotated[str | None, typer.Option(help="Only calls of this segment.")] = None,
    version: Annotated[
        str | None, typer.Option(help="Only calls under this version of the playbook.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help=f"Only calls of one source: {', '.join(SOURCES)}.")
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="Compare calls from this instant on with those before.")
    ] = None,
    language: Annotated[str, typer.Option(help="Of titles, like zh-CN.")] = "en",
    as_json: AsJson = False,
) -> None:
    """What journeys through a voice menu say: who reaches what they came for, how fast, and where they give up.

    contact ivr journeys
    contact ivr journeys --since 2026-03-01T00:00+08:00 --split 2026-03-15T00:00+08:00 --json
    """
    if source is not None and source not in SOURCES:
        raise Complaint(f"there is no source {source!r}: choose one of {', '.join(SOURCES)}")
    times = [typed_instant_or_none(each) for each in (since, until, split)]

    async def work(ports: Ports) -> tuple[JourneysAnswer, str]:
        from contact.flow.calls.journeys import JourneysQuestion
        from contact.flow.calls.journeys import journeys as measured

        asked = JourneysQuestion(menu, times[0], times[1], unit, segment, version, source, times[2])
        answer, zone = await measured(ports, asked, language), "UTC"
        with suppress(NotFound):
            zone = (await ports.playbooks.current()).operator.zone
        return answer, zone

    answer, zone = with_standing_ports(work)
    if as_json:
        printing.as_json(answer)
    else:
        _tell(answer, zone)


def _tell(answer: JourneysAnswer, zone: str) -> None:
    clock = " (simulated time)" if answer.simulated_time else ""
    span = f"{printing.local_moment(answer.since, zone)} to {printing.local_moment(answer.until, zone)}"
    typer.echo(f"menu {answer.menu or '-'}, {span}{clock}: {answer.calls} ended calls, {answer.open} open")
    if answer.more:
        typer.echo("NOTE: there are more calls than are read at once; these are of the newest days")
    if not answer.calls:
        typer.echo(
            "nothing to measure: take a log in with `contact ivr import-log`, or call with `contact ivr call`"
        )
    else:
        _tell_all(answer)
    if answer.topics:
        typer.echo()
        rows = [(each.title, each.calls, each.callers) for each in answer.topics[:SHOWN]]
        printing.table(("asked of agents", "calls", "callers"), rows)


def _tell_all(answer: JourneysAnswer) -> None:
    found = answer.measures
    rates = {
        "reached": found.reached, "contained": found.contained, "to an agent": found.agent,
        "abandoned": found.abandoned, "again in 24 h": found.repeated_day, "again in 7 days": found.repeated_week,
    }  # fmt: skip
    printing.table(
        ("of calls", "share", "95 % interval", "of"),
        [(name, _share(each), _interval(each), each.of) for name, each in rates.items()],
    )
    typer.echo()
    spreads = {
        "seconds to the goal": found.seconds,
        "keys to the goal": found.keys,
        "seconds of the call": found.whole_seconds,
    }
    spreads |= {answer.goal_titles.get(goal, goal): each for goal, each in list(answer.goals.items())[:SHOWN]}
    printing.table(
        ("", "calls", "mean", "5 %", "quartile", "median", "quartile", "95 %"),
        [_spread(name, each) for name, each in spreads.items() if each is not None],
    )
    for group in GROUPS:
        measured: Mapping[str, Measures] = getattr(answer, f"by_{group}")
        if len(measured) > 1:
            typer.echo()
            _tell_groups(group, measured)
    typer.echo()
    printing.table(
        ("node", "calls", "stays", "median s", "all s", "silent", "hung up", "to an agent"),
        [
            (n.node, n.calls, n.stays, f"{n.seconds.median:.1f}", f"{n.total_seconds:.0f}", _share(n.silent),
             _share(n.abandoned), _share(n.agent))
            for n in answer.nodes[:SHOWN]
        ],
    )  # fmt: skip
    typer.echo()
    printing.table(
        ("path", "end", "calls", "share", "median s"),
        [(" > ".join(p.nodes), p.end, p.calls, f"{p.share:.1%}", f"{p.seconds:.1f}") for p in answer.paths],
    )
    _tell_comparisons(answer)


def _tell_groups(name: str, groups: Mapping[str, Measures]) -> None:
    printing.table(
        (name, "calls", "reached", "to an agent", "abandoned", "again in 24 h", "median s to the goal"),
        [
            (_short(key) or "-", m.calls, _share(m.reached), _share(m.agent), _share(m.abandoned), _share(m.repeated_day),
             "-" if m.seconds is None else f"{m.seconds.median:.1f}")
            for key, m in list(groups.items())[:SHOWN]
        ],
    )  # fmt: skip


def _short(key: str) -> str:
    """A playbook's version as far as people need it; whatever else a log or a playbook calls a group, as it is."""
    return key[:12] if re.fullmatch(r"[0-9a-f]{64}", key) else key


def _tell_comparisons(answer: JourneysAnswer) -> None:
    against = answer.against_static
    if against is not None:
        typer.echo()
        _tell_comparison("personal", "static", against.comparison)
        if against.alarm:
            chance = f"p = {against.sample_ratio_p:.2g}"
            typer.echo(
                f"WARNING: the arms are too unequal to be an honest draw ({chance}); do not believe them"
            )
    if answer.before_after is not None:
        typer.echo()
        _tell_comparison("after", "before", answer.before_after)


def _tell_comparison(name: str, control: str, found: Comparison) -> None:
    rates = {
        "reached": found.reached, "contained": found.contained, "to an agent": found.agent,
        "abandoned": found.abandoned, "again in 24 h": found.repeated_day,
    }  # fmt: skip
    means = {
        "seconds to the goal": found.seconds, "keys to the goal": found.keys, "seconds of the call": found.whole_seconds,
    }  # fmt: skip
    printing.table(
        ("", name, control, "difference", "95 % interval"),
        [
            ("callers", found.callers, found.control_callers, "", ""),
            *(_rate_change(title, each) for title, each in rates.items()),
            *(_mean_change(title, each) for title, each in means.items() if each is not None),
        ],
    )


def _rate_change(name: str, found: RateChange) -> tuple[object, ...]:
    if found.low is None or found.high is None:
        return name, _share(found.rate), _share(found.control), "-", "-"
    ends = f"{printing.points(found.low)} to {printing.points(found.high)}"
    return name, _share(found.rate), _share(found.control), printing.points(found.difference), ends


def _mean_change(name: str, found: MeanEffect) -> tuple[object, ...]:
    ends = f"{found.low:+.2f} to {found.high:+.2f}"
    return name, f"{found.mean:.2f}", f"{found.control_mean:.2f}", f"{found.difference:+.2f}", ends


def _spread(name: str, found: Spread) -> tuple[object, ...]:
    values = (found.mean, found.low, found.q1, found.median, found.q3, found.high)
    return name, found.count, *(f"{value:.1f}" for value in values)


def _share(found: Rate) -> str:
    return "-" if found.rate is None else f"{found.rate:.1%}"


def _interval(found: Rate) -> str:
    return "-" if found.low is None or found.high is None else f"{found.low:.1%} to {found.high:.1%}"
