"""The tabs of the inspector: what each shows of where the person stands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contact.domain.answers import ExplanationAnswer
from contact.domain.workbench_answers import VersionAnswer
from contact.faces.console.desk.customer import count_look
from contact.faces.console.shared.guard import Turn
from contact.faces.console.shared.pages import Look
from contact.faces.console.workbench.changes import MARKS, diff_view
from contact.faces.console.workbench.explain import explain_view
from contact.faces.console.workbench.simulate import simulate_view
from contact.faces.console.workbench.texts import instant_of, may_edit
from contact.faces.console.workbench.view import Bench
from contact.faults import NotFound, TooManyCards
from contact.flow.deciding.explain import explain, explain_decision
from contact.flow.publishing.tell_changes import diff
from contact.flow.publishing.versions import versions
from strategies.instants import to_datetime
from strategies.problems import ProblemsFound

SHOWN_VERSIONS, MOST_RULES = 50, 3
View = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Shown:
    """Where a person stands, and the texts that stand there."""

    turn: Turn
    bench: Bench
    texts: Mapping[str, str]

    def asked(self, name: str, limit: int = 64) -> str:
        """One word of the query, trimmed and bounded."""
        return self.turn.visit.request.query.get(name, "").strip()[:limit]


async def explain_tab(shown: Shown) -> View:
    """A customer, or a past decision, through every gate."""
    asked = {name: shown.asked(name) for name in ("customer", "decision", "at", "channel")}
    playbook = shown.turn.look.playbook
    channels = sorted(playbook.channels) if playbook is not None else []
    found: ExplanationAnswer | None = None
    problem = ""
    if asked["customer"] or asked["decision"]:
        try:
            found = await explained(shown, asked)
        except NotFound:
            problem = shown.turn.visit.words.gettext("There is no customer or decision of this id.")
        except ProblemsFound as wrong:
            problem = wrong.problems[0].message
        except TooManyCards:
            problem = shown.turn.visit.words.gettext(
                "As many cards were opened today as one person may; a supervisor can allow more for today."
            )
    return "workbench_explain.html", {
        **explain_view(found, **asked),
        "problem": problem,
        "channels": channels,
    }


async def explained(shown: Shown, asked: Mapping[str, str]) -> ExplanationAnswer:
    """The explanation asked for, by the draft as it stands; a past decision by its own playbook. A look at the customer.

    Raises NotFound, ProblemsFound, TooManyCards.
    """
    found = await _explained(shown, asked)
    await count_look(shown.turn, found.customer)
    return found


async def _explained(shown: Shown, asked: Mapping[str, str]) -> ExplanationAnswer:
    ports, channel = shown.turn.ports, asked["channel"] or None
    if asked["decision"]:
        return await explain_decision(ports, asked["decision"], asked["customer"] or None, channel=channel)
    at = instant_of(shown.turn.look.formats, asked["at"])
    draft = shown.bench.id if shown.bench.draft is not None else None
    return await explain(ports, asked["customer"], None, channel, at, draft)


async def changes_tab(shown: Shown) -> View:
    """What the draft changes of the live version, in words, then in text."""
    bench, ports = shown.bench, shown.turn.ports
    found = await diff(ports, None, bench.id) if bench.draft is not None and bench.changed else None
    return "workbench_changes.html", diff_view(
        found, bench.id, whole=shown.asked("path", 200), sides=bool(shown.asked("sides"))
    )


async def history_tab(shown: Shown) -> View:
    """Every version with its reason, its words, and what was predicted against what came."""
    found = (await versions(shown.turn.ports))[:SHOWN_VERSIONS]
    now = to_datetime((await shown.turn.ports.clock.now()).at)
    return "workbench_history.html", history_view(shown.turn.look, found, may_edit(shown.turn), now)


async def roll_back_tab(shown: Shown) -> View:
    """What going back to a version would change of what is live. Raises NotFound."""
    target = shown.asked("version")
    found = await diff(shown.turn.ports, None, target)
    why = shown.turn.visit.words.gettext("Back to %(version)s") % {"version": Bench.short(target)}
    return "workbench_roll_back.html", {"diff": found, "marks": MARKS, "version": found.new, "why": why}


def history_view(
    look: Look, found: list[VersionAnswer], may_roll_back: bool, now: datetime
) -> dict[str, Any]:
    """What the history needs; a prediction and what came are both given a day, since they rarely cover as many."""
    return {
        "versions": found,
        "may_roll_back": may_roll_back,
        "facts": [facts_of(look, each, now) for each in found],
    }


def facts_of(look: Look, version: VersionAnswer, now: datetime) -> list[tuple[str, str, str]]:
    """Figure, predicted, actual: contacts, then refusals of the rules the prediction moves most, each a day."""
    say, number = look.formats.words.gettext, look.formats.number
    expected, came = version.predicted or {}, version.actual or {}
    days = expected.get("days") or 0
    lasted = ((version.until or now) - version.published) / timedelta(days=1)
    if not days and not came.get("contacts"):
        return []

    def daily(total: float | None, over: float) -> str:
        return number(round(total / over, 1)) if total is not None and over > 0 else "–"

    contacts = came.get("contacts")
    rows = [(say("Contacts a day"), daily(expected.get("after"), days), daily(contacts, max(lasted, 1.0)))]
    moved = sorted(expected.get("refusals", {}).items(), key=lambda each: -abs(each[1][1] - each[1][0]))
    for rule, (_, after) in moved[:MOST_RULES]:
        title = say("Refusals a day: %(rule)s") % {"rule": look.reason(rule)}
        refused = came.get("refusals", {}).get(rule, 0) if came else None
        rows.append((title, daily(after, days), daily(refused, max(lasted, 1.0))))
    return rows


async def simulate_tab(shown: Shown) -> View:
    """The newest simulation of this draft, or of the job that the address names."""
    return "workbench_simulate.html", await simulate_view(shown.turn, shown.bench, shown.asked("job"))


PANES: Mapping[str, Callable[[Shown], Awaitable[View]]] = {
    "explain": explain_tab,
    "simulate": simulate_tab,
    "changes": changes_tab,
    "history": history_tab,
    "roll-back": roll_back_tab,
}
