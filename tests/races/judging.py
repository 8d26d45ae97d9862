"""What tallies and the gateway's log say of a race; nothing here asks the ledger's own code."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.faults.tally import Noted, read_tallies
from tests.races.driving import Race
from tests.races.playbooks import DAILY, MAX

SURELY_HELD = 1_000_000_000
"""Nanoseconds after its acknowledgement for which a place is held for certain: it is valid for twenty times as long."""
FREE = frozenset({"reserved", "expired", "cancelled", "released", "not_sent"})
"""States that say a message did not go out."""
BROKEN_CHECKS = ("cap ", "handed_over", "moves", "crowded")


@dataclass
class Found:
    """What the judges saw: a line for each thing that must not be."""

    attempts: int = 0
    grants: int = 0
    handed_over: int = 0
    opt_outs: int = 0
    violations: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    errors: Counter[str] = field(default_factory=Counter)


def judge(race: Race, *, over: bool) -> Found:
    """Everything written down so far; ``over`` also holds it against the ledger as it is left."""
    noted = list(read_tallies(race.tallies))
    counts = Counter(each.what for each in noted)
    found = Found(counts["attempt"], counts["grant"], len(race.gateway.log), counts["opt_out"])
    found.errors = Counter({what: n for what, n in counts.items() if what.startswith("error:")})
    taken = Counter(each.words[0] for each in race.gateway.log)
    found.violations |= {
        f"handed over {times} times: {contact}" for contact, times in taken.items() if times > 1
    }
    found.violations |= overshot(noted, set(taken))
    found.violations |= handed_over_after_opt_out(noted, set(taken))
    if over:
        granted = {each.about[0] for each in noted if each.what == "grant"}
        found.lost = {contact for contact in granted | set(taken) if contact not in race.kept}
        found.violations |= {
            f"handed over and not counted ({race.kept[contact]}): {contact}"
            for contact in taken if race.kept.get(contact) in FREE
        }  # fmt: skip
        found.violations |= still_queued(noted, race) | entered_for_another(noted, race)
        found.violations |= {
            f"{check}: {id}" for report in race.reports for check, ids in report.found.items()
            if check.startswith(BROKEN_CHECKS) for id in ids
        }  # fmt: skip
    return found


def overshot(noted: Iterable[Noted], taken: set[str]) -> set[str]:
    """Subjects that held more places of the day at one moment than the cap allows."""
    until: dict[str, int] = {}
    grants: list[Noted] = []
    for each in noted:
        if each.what == "grant" and each.about[1] == DAILY:
            grants.append(each)
        elif each.what == "asking":
            until[each.about[0]] = each.at
    held: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for grant in grants:
        contact, _, customer, account, number = grant.about
        # Killed before it asked: nothing is known of its place but that it was given.
        end = min(until.get(contact, grant.at), grant.at + SURELY_HELD)
        for subject in (f"customer {customer}", f"account {account}", f"number {number}"):
            held[subject] += [(grant.at, 1), (float("inf") if contact in taken else end, -1)]
    found = set()
    for subject, moments in held.items():
        now = 0
        for _, change in sorted(moments):
            now += change
            if now > MAX:
                found.add(f"more than {MAX} at once: {subject}")
    return found


def handed_over_after_opt_out(noted: Iterable[Noted], taken: set[str]) -> set[str]:
    """Messages that the gateway took although their permit was first asked for after the acknowledgement."""
    withdrawn: dict[str, int] = {}
    asked: list[Noted] = []
    for each in noted:
        if each.what == "opt_out":
            withdrawn[each.about[0]] = min(each.at, withdrawn.get(each.about[0], each.at))
        elif each.what == "asking":
            asked.append(each)
    return {
        f"handed over after the opt-out: {each.about[0]}"
        for each in asked
        if each.about[0] in taken and each.at > withdrawn.get(each.about[1], each.at)
    }


def still_queued(noted: Iterable[Noted], race: Race) -> set[str]:
    """Contacts that still wait to be handed over to somebody who has withdrawn."""
    withdrawn = {each.about[0] for each in noted if each.what == "opt_out"}
    return {
        f"queued after the opt-out: {contact}"
        for contact, state in race.kept.items()
        if state == "reserved" and race.customers[contact] in withdrawn
    }


def entered_for_another(noted: Iterable[Noted], race: Race) -> set[str]:
    """Places that one customer was told of and the ledger holds for another."""
    return {
        f"given to {each.about[2]} and held for {held}: {each.about[0]}"
        for each in noted
        if each.what == "grant"
        and (held := race.customers.get(each.about[0], each.about[2])) != each.about[2]
    }
