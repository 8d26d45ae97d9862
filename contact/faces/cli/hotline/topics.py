"""``contact ivr topics`` and ``contact ivr prefetch``: what the hotline is asked, and its answers fetched beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from contact.domain.topic_answers import PrefetchAnswer
from contact.faces.cli.learning.training import followed
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.joined import playbook_of, with_standing_ports
from contact.faces.cli.terminal.options import AsJson, Here
from contact.ports import Job, Ports

if TYPE_CHECKING:
    from contact.domain.topic_answers import TopicForecastAnswer, TopicsAnswer


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.command()(topics)
    app.command()(prefetch)


def topics(
    month: Annotated[str | None, typer.Option(help="Like 2026-03; the running month if left out.")] = None,
    language: Annotated[str, typer.Option(help="Of titles, like zh-CN.")] = "en",
    as_json: AsJson = False,
) -> None:
    """What high-value, frequent and complaining customers ask the hotline, and what will be asked in the days ahead.

    Each segment of the playbook is a group; so are those who called three times or more.

        contact ivr topics
        contact ivr topics --month 2026-03 --json
    """

    async def work(ports: Ports) -> TopicsAnswer:
        from contact.flow.calls.topics import topics as asked

        return await asked(ports, month, language)

    answer = with_standing_ports(work)
    if as_json:
        printing.as_json(answer)
    else:
        _tell(answer)


def prefetch(
    most: Annotated[int, typer.Option(min=1, max=1_000_000, help="Answers to fetch at most.")] = 20_000,
    here: Here = False,
    as_json: AsJson = False,
) -> None:
    """Fetch the answers that callers of tomorrow will most likely ask for, before the peak.

    Agents see them on the customer's card. They come from CONTACT_ANSWERS_URL where it is set, else from the menu's texts.

        contact ivr prefetch --most 50000
    """

    async def queue(ports: Ports) -> Job:
        from contact.flow.calls.prefetch_answers import queue_prefetch

        await playbook_of(ports)
        return await queue_prefetch(ports, most)

    answer = followed(queue, "fetching answers", PrefetchAnswer, quiet=as_json, here=here)
    if as_json:
        printing.as_json(answer)
        return
    typer.echo(
        f"for {answer.day}: {answer.kept} answers kept of {answer.questions} questions ({answer.callers} callers)"
    )
    typer.echo(
        f"{answer.from_provider} from the provider, {answer.from_menu} from menus, {answer.unknown} not known"
    )
    if answer.refused:
        typer.echo(f"WARNING: {answer.refused}")
    elif answer.unknown and not answer.from_provider:
        typer.echo("to know more: set CONTACT_ANSWERS_URL, or import the fields that the menu's answers say")


def _tell(answer: TopicsAnswer) -> None:
    clock = " (simulated time)" if answer.simulated_time else ""
    typer.echo(f"{answer.month}{clock}: {answer.calls} calls")
    if answer.more:
        typer.echo("NOTE: there are more calls than are read at once; these are of the newest days")
    if not answer.calls:
        typer.echo(
            "nothing was asked: take a log in with `contact ivr import-log`, or look at another --month"
        )
    for group in answer.groups:
        if group.topics:
            typer.echo()
            typer.echo(f"{group.title} ({group.callers} callers, {group.calls} calls with a topic)")
            printing.table(
                ("topic", "calls", "callers", "share", "against everybody"),
                [
                    (each.title, each.calls, each.callers, f"{each.share:.1%}", f"× {each.times:.2f}")
                    for each in group.topics
                ],
            )
    if answer.forecast:
        typer.echo()
        printing.table(
            ("ahead", "a day", "next 7 days", "peak", "on", "error", "of the mean of weekdays"),
            [_ahead(each) for each in answer.forecast],
        )
    ready = answer.answers
    typer.echo()
    rate = (
        ""
        if ready.hit_rate is None
        else f"; ready for {ready.hit_rate:.1%} of {ready.calls} calls since then"
    )
    typer.echo(f"answers ready: {ready.ready}{rate}")


def _ahead(found: TopicForecastAnswer) -> tuple[object, ...]:
    highest = max(found.days, key=lambda each: each.expected)
    week = sum(each.expected for each in found.days[:7])
    errors = ("-" if each is None else f"{each:.1%}" for each in (found.error, found.naive_error))
    return found.title, f"{found.usual:.1f}", f"{week:.0f}", f"{highest.expected:.1f}", highest.day, *errors
