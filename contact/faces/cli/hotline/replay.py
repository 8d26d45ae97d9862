"""``contact ivr replay``: held-out calls played against the static and the personal menu."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contact.faces.cli.contacts.data import readable
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint
from contact.faces.cli.terminal.joined import playbook_of, with_standing_ports
from contact.faces.cli.terminal.options import AsJson
from contact.ports import Ports

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contact.domain.replay_answers import FigureAnswer, MenuReplayAnswer, PlayedAnswer
    from ivr.call import Journey

TITLES = {
    "static": "everybody's menu", "declared": "personal, as declared", "personal": "personal, as learnt",
    "truth": "knowing the planted truth",
}  # fmt: skip


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.command("replay")(replay)


def replay(
    log: Annotated[
        Path | None, typer.Argument(help="A log as import-log takes it in; the calls on file if left out.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", "-m", help="YAML that says which column of the log is which of ours.")
    ] = None,
    menu: Annotated[str | None, typer.Option(help="Which menu; the usual one if left out.")] = None,
    share: Annotated[
        float, typer.Option(help="Of the calls, oldest first, that are learnt from.", min=0.1, max=0.95)
    ] = 0.8,
    truth: Annotated[
        Path | None, typer.Option(help='A line a call: {"call": …, "chance": {GOAL: …}}, where the truth is known.')
    ] = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Play calls that nothing was learnt from against everybody's menu and the personal one: seconds and keys to the goal.

    The older calls are learnt from, the later ones played, in order of time: what a caller heard binds what they may hear
    next. Nothing is kept.

        contact ivr replay
        contact ivr replay keys.csv --mapping keys.yaml --json
    """
    if (log is None) != (mapping is None):
        raise Complaint("a log needs its mapping: contact ivr replay LOG --mapping MAPPING")
    chances = None if truth is None else _chances(truth)

    async def work(ports: Ports) -> MenuReplayAnswer:
        from contact.flow.calls.replay_calls import replay_calls

        await playbook_of(ports)
        calls = None if log is None or mapping is None else await _calls(ports, log, mapping)
        return await replay_calls(ports, menu, calls, share=share, truth=chances)

    answer = with_standing_ports(work)
    if as_json:
        printing.as_json(answer)
    else:
        _tell(answer)


async def _calls(ports: Ports, log: Path, mapping: Path) -> Sequence[Journey]:
    if not log.is_file():
        raise Complaint(f"there is no file {log}: check the path")
    text, playbook = readable(mapping, "mapping"), await ports.playbooks.current()
    return await ports.imports.read_calls(str(log), text, mapping_path=str(mapping), playbook=playbook)


def _chances(path: Path) -> dict[str, dict[str, float]]:
    """Call → goal → chance; a call goes by the log's name and by the one it is kept under."""
    found: dict[str, dict[str, float]] = {}
    for number, line in enumerate(readable(path, "truth").splitlines(), start=1):
        try:
            told: Any = json.loads(line)
            chance = {str(goal): float(each) for goal, each in told["chance"].items()}
            found[str(told["call"])] = found[f"log-{told['call']}"] = chance
        except (ValueError, TypeError, KeyError, AttributeError):
            raise Complaint(
                f'{path}:{number}: not of the form {{"call": …, "chance": {{GOAL: …}}}}'
            ) from None
    return found


def _tell(answer: MenuReplayAnswer) -> None:
    held = f"{answer.held_out} later ones of {answer.callers} callers played"
    typer.echo(
        f"menu {answer.menu}: {answer.learnt_from} calls learnt from, {held}, {answer.left_out} left out"
    )
    typer.echo(f"from {printing.moment(answer.since)}, split at {printing.moment(answer.split)}")
    printing.table(
        ("menu", "seconds to the goal", "95 % interval", "keys", "of the static", "95 % interval", "asked", "rightly"),
        [_row(each) for each in answer.menus],
    )  # fmt: skip
    for each in answer.menus:
        if each.name == "personal":
            _tell_stability(each)
    over = answer.over_truth
    if over is not None:
        typer.echo(f"personal over planted truth: {over.value:.3f} ({_ends(over, 3)})")
    losses = {
        "as declared": answer.declared_loss,
        "as learnt": answer.learnt_loss,
        "planted": answer.true_loss,
    }
    words = ", ".join(f"{name} {loss:.3f}" for name, loss in losses.items() if loss is not None)
    typer.echo(f"mean logarithmic loss of the chances: {words}")


def _row(each: PlayedAnswer) -> tuple[object, ...]:
    against = each.against_static
    share = ("", "") if each.name == "static" else (f"{against.value:.1%}", _percent_ends(against))
    return (
        TITLES[each.name], f"{each.seconds.value:.2f}", _ends(each.seconds, 2), f"{each.keys.value:.2f}", *share,
        each.asked, each.asked_rightly,
    )  # fmt: skip


def _tell_stability(each: PlayedAnswer) -> None:
    told = each.stability
    typer.echo(
        f"familiar layout: {told.changed} of {told.hearings} levels heard again had a key that leads elsewhere, "
        f"{told.most_changed} keys at most; beyond the menu's limits: {told.over_limit} levels, "
        f"{told.moved_too_often} keys moved too often"
    )


def _ends(figure: FigureAnswer, digits: int) -> str:
    if figure.low is None or figure.high is None:
        return "-"
    return f"{figure.low:.{digits}f} to {figure.high:.{digits}f}"


def _percent_ends(figure: FigureAnswer) -> str:
    return "-" if figure.low is None or figure.high is None else f"{figure.low:.1%} to {figure.high:.1%}"
