"""Checks the ledger by SQL of its own, never by the code that wrote it: violations, stuck states, orphans."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from contact.clock import real_now
from contact.domain.contact import MOVES
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Row, Transaction
from strategies.declared.playbook import Operator, Playbook, Rule
from strategies.declared.rule import Window
from strategies.instants import DAY, HOUR, SECOND

LONGEST = {"day": DAY + 2 * HOUR, "week": 7 * DAY + 2 * HOUR, "month": 31 * DAY + 2 * HOUR}
"""No calendar window is longer, whatever clocks do in it."""

PLAIN = (
    "handed_over_after_withdrawal", "handed_over_too_late", "moves_astray", "broken_moves", "contacts_without_moves",
    "attempts_astray", "crowded_tasks", "orphaned_reservations", "tasks_without_contact", "started_without_contact",
    "consents_without_epoch", "orphans",
)  # fmt: skip
"""Checks that are one statement without parameters."""

MEANINGS = {
    "handed_over_after_withdrawal": "handed over after the person or the number had withdrawn",
    "handed_over_too_late": "handed over when the task was no longer valid",
    "moves_astray": "the contact's state is not where its last move led",
    "broken_moves": "a move does not begin where the one before it ended",
    "contacts_without_moves": "nobody wrote down how the contact came about",
    "attempts_astray": "handed over at no instant, or not handed over and with one",
    "crowded_tasks": "more than one open contact of one task",
    "orphaned_reservations": "reserved for a task that is over or missing: nobody will hand it over",
    "tasks_without_contact": "queued without a reservation",
    "started_without_contact": "under way, and its contact is over or missing: nothing will end it",
    "consents_without_epoch": "a verdict taken before this consent would not notice it",
    "orphans": "points to what is not there",
    "unlawful_moves": "a move that the table of moves does not know",
    "epochs_ahead": "its verdict saw a later consent than there is: somebody took consents back",
    "unswept_reservations": "past its validity for ten minutes: no worker sweeps",
    "unlapsed_leases": "its lease ended ten minutes ago: no worker sweeps",
    "unsettled_hand_overs": "nobody confirmed the hand-over, ten minutes too long: no worker sweeps",
    "unsettled_receipts": "still waits for a report that can no longer come: no worker sweeps",
    "unapplied_reports": "a gateway's report had no effect",
}
"""Check → what is wrong with each contact or task it finds; caps say their rule instead."""


def meaning(check: str) -> str:
    """What is wrong with whatever this check finds."""
    return MEANINGS.get(check, "more contacts in the window than the rule allows")


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """What was checked and found: check → ids of contacts or tasks; rules that plain SQL cannot hold, by name."""

    found: Mapping[str, tuple[str, ...]]
    not_checked: tuple[str, ...]

    @property
    def violations(self) -> int:
        """How many contacts and tasks are not as promised."""
        return sum(len(ids) for ids in self.found.values())


async def check_ledger(database: Database, playbook: Playbook) -> LedgerReport:
    """One snapshot, every check."""
    return await database.read(lambda tx: check_in(tx, playbook))


def check_in(tx: Transaction, playbook: Playbook) -> LedgerReport:
    """Every check in one transaction."""
    caps = [rule for rule in playbook.rules if rule.effect == "cap" and rule.max is not None]
    held = [rule for rule in caps if _in_plain_sql(rule)]
    found = {f"cap {rule.id}": _overshoots(tx, rule, playbook.operator) for rule in held}
    found |= {name: _ids(tx.rows(name)) for name in PLAIN}
    lawful = sorted(f"{old}>{new}" for old, following in MOVES.items() for new in following)
    found["unlawful_moves"] = _ids(tx.rows("unlawful_moves", lawful=lawful))
    found["epochs_ahead"] = _epochs_ahead(tx)
    found |= stuck(tx, playbook)
    return LedgerReport(found, tuple(rule.id for rule in caps if not _in_plain_sql(rule)))


def stuck(tx: Transaction, playbook: Playbook) -> dict[str, tuple[str, ...]]:
    """What time should have ended by itself and has not, by indexes of few rows: cheap enough to ask every minute."""
    now = tx.now()
    late = {
        channel.name: now - channel.stale_after
        for channel in playbook.channels.values()
        if channel.stale_after is not None
    }
    hand_overs = [
        row
        for channel, before in late.items()
        for row in tx.rows("unsettled_hand_overs", channel=channel, before_us=before)
    ]
    return {
        "unswept_reservations": _ids(tx.rows("unswept_reservations", now_us=now)),
        "unlapsed_leases": _ids(tx.rows("unlapsed_leases", real_us=real_now())),
        "unsettled_hand_overs": _ids(hand_overs),
        "unsettled_receipts": _ids(tx.rows("unsettled_receipts", now_us=now)),
        "unapplied_reports": _ids(tx.rows("unapplied_reports", now_us=now)),
    }


def _epochs_ahead(tx: Transaction) -> tuple[str, ...]:
    """Open contacts whose verdict saw a later consent epoch than there is: somebody reset it."""
    known = {f"{row['kind']}:{row['key']}": row["epoch"] for row in tx.rows("standing_epochs")}
    return tuple(
        str(row["id"])
        for row in tx.rows("open_epochs")
        if any(epoch > known.get(subject, 0) for subject, epoch in json.loads(row["epochs"]).items())
    )


def _overshoots(tx: Transaction, rule: Rule, operator: Operator) -> tuple[str, ...]:
    """Contacts over a cap. A day is shared where it is in every zone the customer may be in: none is accused of a border."""
    window = rule.window
    assert window is not None
    if window.kind == "sliding":
        return _ids(tx.rows("overshoots", closed=int(window.closed), length_us=window.length, **_scope(rule)))
    pairs = tx.rows("calendar_overshoots", length_us=LONGEST[window.period], **_scope(rule))
    return tuple(
        str(contact)
        for contact, rows in groupby(pairs, key=itemgetter("contact"))
        if _share_too_much(list(rows), rule.max or 0, window, operator)
    )


def _share_too_much(rows: list[Row], most: int, window: Window, operator: Operator) -> bool:
    if all(row["playbook"] == "" for row in rows):
        return False
    zones = {operator.zone if window.zone == "operator" else window.zone}
    if window.zone == "customer":
        zones = {operator.zone, *operator.plausible_zones, rows[0]["zone"] or operator.zone}
    return all(
        sum(_period(row["other_us"], zone, window) == _period(row["last_us"], zone, window) for row in rows)
        > most
        for zone in zones
    )


def _period(at_us: int, zone: str, window: Window) -> date:
    """The first day of the day, week or month an instant lies in, by the wall clock of a zone."""
    day = datetime.fromtimestamp(at_us // SECOND, ZoneInfo(zone)).date()
    if window.period == "week":
        return day - timedelta(days=(day.isoweekday() - window.week_start) % 7)
    return day.replace(day=1) if window.period == "month" else day


def _in_plain_sql(rule: Rule) -> bool:
    """Sliding and calendar caps over attempts whose scope stands in the ledger's own columns."""
    window = rule.window
    match = rule.match
    of_customers = match.units is not None or match.jurisdictions is not None or rule.segment is not None
    dated = rule.valid_from is not None or rule.valid_until is not None
    in_columns = rule.when is None and not of_customers and not dated and not rule.counts_even_if_exempt
    return (
        in_columns
        and rule.same == "any"
        and rule.count == "attempt"
        and window is not None
        and window.kind in ("sliding", "calendar")
    )


def _scope(rule: Rule) -> dict[str, Any]:
    """What of the ledger a rule counts, as both statements take it."""
    match = rule.match
    named = {
        "channel": match.channels, "category": match.categories, "strategy": match.strategies,
        "offer": match.offers, "family": match.families,
    }  # fmt: skip
    plural = {"category": "categories", "strategy": "strategies", "family": "families"}
    scope: dict[str, Any] = {}
    for name, values in named.items():
        scope[f"every_{name}"] = int(values is None)
        scope[plural.get(name, f"{name}s")] = sorted(values or ())
    return scope | {
        "subject": rule.subject, "max": rule.max,
        "not_counted": sorted(rule.not_counted) or ["-"], "exempt": sorted(rule.exempt) or ["-"],
        "every_direction": int(match.direction is None), "direction": match.direction or "",
        "any_promotional": int(match.promotional is None), "promotional": int(bool(match.promotional)),
    }  # fmt: skip


def _ids(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(str(row.get("contact") or row.get("task")) for row in rows)
