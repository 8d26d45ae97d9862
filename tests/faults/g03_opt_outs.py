"""G3: once an opt-out is acknowledged no new hand-over starts, for queued tasks too.

Attempts are asks for a reservation that were answered, grants messages that reached the gateway. Judges: the instant at
which a process was told that the opt-out stands, the instant at which another first asked for the permit, and the
gateway's log. A message asked for after the acknowledgement is a violation, and so is one that still waits in a queue
when all is over.
"""

from __future__ import annotations

from tests.faults.place import Place
from tests.faults.row import Row
from tests.races.driving import Plan, run
from tests.races.judging import judge

MUTANT = "epoch_not_compared"
MUTANT_SECONDS = 20.0


def prove(place: Place) -> Row:
    """Three processes queue, hand over and withdraw for the same customers; then the build that trusts what it once read."""
    row = Row("G3", place.kind)
    plan = Plan(
        "opt_outs",
        place.size(7.0, 400.0),
        kills=place.count(1, 10),
        stops=0,
        accounts=100_000,
        least={"opt_out": place.count(30, 10_000), "asking": place.count(60, 100_000)},
    )
    with place.spot("opt_outs") as spot:
        race = run(plan, spot, caught=lambda race: False)
        found = judge(race, over=True)
        row.attempts, row.grants = found.attempts, found.handed_over
        row.unknown = sum(state == "unknown" for state in race.kept.values())
        row.kills, row.violations, row.lost = race.kills, len(found.violations), len(found.lost)
        row.remarks += [f"{found.opt_outs} opt-outs acknowledged", *sorted(found.violations)[:5]]
        row.need("opt-outs", found.opt_outs, place.count(20, 10_000))
        row.need("hand-overs", found.handed_over, place.count(20, 20_000))
    with place.spot("mutant") as spot:
        plan = Plan("opt_outs", MUTANT_SECONDS, kills=0, stops=0, accounts=100_000, mutant=MUTANT)
        race = run(plan, spot, caught=lambda race: bool(judge(race, over=False).violations))
        row.try_mutant(MUTANT, caught=bool(judge(race, over=True).violations))
    return row
