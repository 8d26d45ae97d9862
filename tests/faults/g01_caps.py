"""G1: no task and no outbound contact exceeds a cap, under any concurrency or crash.

Attempts are asks for a reservation that were answered, grants those that were acknowledged. Judges: the tallies of the
racing processes (who held how many places at one moment), the gateway's log (how many messages reached one subject), and the
ledger's check by SQL of its own for caps whose window moves.
"""

from __future__ import annotations

from tests.faults.place import Place
from tests.faults.row import Row
from tests.races.driving import Plan, Race, run
from tests.races.judging import Found, judge
from tests.races.mutants import IN_BULK, ON_POSTGRESQL, ON_SQLITE

MUTANT_SECONDS = 25.0
"""At most so long: a run ends when its mutant is caught."""
RACES = 3
"""At most so many: whether somebody dies in the very moment that a mutant gets wrong is a matter of luck."""


def prove(place: Place) -> Row:
    """The shipped build, then each mutant on the same race."""
    row = Row("G1", place.kind)
    plan = Plan(
        "caps", place.size(9.0, 400.0), kills=place.count(2, 20), stops=place.count(1, 10),
        accounts=place.count(240, 2500), locked_seconds=place.size(1.5, 25.0),
        steps=place.count(2, 20), planners=1, crossed=place.kind == "postgresql",
        least={"asking": place.count(60, 6_000), "attempt": place.count(400, 1_000_000)},
    )  # fmt: skip
    with place.spot("caps") as spot:
        race = run(plan, spot, caught=lambda race: False)
        tell(row, race, judge(race, over=True))
    row.need("attempts", row.attempts, place.count(200, 1_000_000))
    row.need("hand-overs", len(race.gateway.log), place.count(20, 5000))
    if plan.crossed:
        row.need("deadlocks", race.deadlocks, place.count(1, 20))
    for mutant in ON_POSTGRESQL if place.kind == "postgresql" else ON_SQLITE:
        row.try_mutant(mutant, caught=is_caught(place, mutant))
    return row


def is_caught(place: Place, mutant: str) -> bool:
    """Whether the judges notice this mutant; to free a hand-over, somebody must have died in one."""
    dying = mutant == "expiry_frees_sending"
    hurts, planners = 5 if dying else 0, 1 if mutant == IN_BULK else 0
    plan = Plan("caps", MUTANT_SECONDS, hurts, hurts, accounts=48, mutant=mutant, planners=planners)
    for number in range(RACES):
        with place.spot(f"mutant_{number}") as spot:
            race = run(plan, spot, lambda race: bool(judge(race, over=False).violations))
            if judge(race, over=True).violations:
                return True
    return False


def tell(row: Row, race: Race, found: Found) -> None:
    """Into the row what a race showed."""
    row.attempts += found.attempts
    row.grants += found.grants
    row.unknown += sum(state == "unknown" for state in race.kept.values())
    row.kills += race.kills + race.stops + race.steps + race.deadlocks
    row.violations += len(found.violations)
    row.lost += len(found.lost)
    row.remarks += [
        f"{found.handed_over} handed over",
        f"{race.kills} kill -9 or locks, {race.stops} SIGSTOP, {race.steps} steps of the clock, "
        f"{race.deadlocks} deadlocks",
    ]
    if race.line is not None:
        cuts = race.line.done["drop"] + race.line.done["half"]
        row.kills += cuts
        row.remarks.append(f"{cuts} cuts of a line to the database")
    row.remarks += sorted(found.violations)[:5]
    row.remarks += [f"refused by the store meanwhile: {dict(found.errors)}"] if found.errors else []
