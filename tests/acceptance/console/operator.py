"""A small operator in real stores: 220 customers with scores and tariff advice, the demonstration's playbook, one planned
day, its clock at 18:30, and three trained models on file."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pandas as pd

from contact.flow.planning.plan import plan
from contact.flow.publishing.publish import publish
from contact.flow.selecting.import_file import import_file
from contact.flow.tariffs.match_tariffs import match_tariffs
from contact.ports import Ports
from contact.settings import Settings
from contact.wiring import join
from demo.files import deliver
from demo.intents import ring
from demo.menu import read_menu
from demo.past_calls import call_columns
from demo.population import populate
from demo.stage import next_monday
from demo.truth import plant
from strategies.instants import to_instant
from tests.acceptance.console import model_samples

CUSTOMERS = 220
CALL_DAYS = 3
"""Days to come for which callers' wishes are drawn; only those of the year before are kept on file."""
CONFIG = Path(__file__).parents[3] / "config"
AGENTS = ("a01", "a02", "a03", "a04")


@dataclass(frozen=True)
class Canaries:
    """Every name and number of the operator's customers, none of which may be found where it does not belong."""

    names: frozenset[str]
    numbers: frozenset[str]


async def furnish(home: Path, folder: Path) -> Canaries:
    """Fill a home before its service starts; what must not leak from it."""
    settings = Settings.from_environment({"CONTACT_HOME": str(home), "CONTACT_DEMO": "1"})
    start = next_monday(datetime.now(UTC))
    population = populate(7, CUSTOMERS, start)
    house = await join(settings)
    try:
        ports = house.ports
        texts = {
            each.relative_to(CONFIG).as_posix(): each.read_text("utf-8") for each in CONFIG.rglob("*.yaml")
        }
        await publish(ports, texts, None, "test", "the first")
        hotline = read_menu()
        calls = call_columns(population, hotline, ring(population, hotline, CALL_DAYS))
        for delivery in deliver(population, plant(population), calls, folder):
            mapping = delivery.mapping.read_text("utf-8")
            await import_file(
                ports, delivery.kind, str(delivery.path), mapping, mapping_path=delivery.mapping.name
            )
        await score(ports)
        await match_tariffs(ports)
        await keep_models(ports)
        await ports.clock.move_to(_at(start, 8))
        await plan(ports, start.isoformat())
        await ports.clock.move_to(_at(start, 18, 30))
    finally:
        await house.close()
    return Canaries(
        frozenset(each.name for each in population.customers),
        frozenset(line.number for each in population.customers for line in each.lines),
    )


async def score(ports: Ports) -> None:
    """Scores for every customer without a training: a spread of risks and chances, every hour of the day's work."""
    playbook = await ports.playbooks.current()
    customers = list((await ports.learning.table(playbook, ["tenure_months"])).index)
    columns: dict[str, list[Any]] = {"customer": customers}
    types: dict[str, str] = {}
    for field in playbook.fields.values():
        source = field.source.removeprefix("scores.")
        if source != field.source:
            columns[source] = [_score(source, place) for place in range(len(customers))]
            types[source] = field.type
    await ports.learning.write("scores", pd.DataFrame(columns), types)


def _score(column: str, place: int) -> Any:
    if column.endswith("_reasons"):
        return ("bill_mean", "contract_left", "complaint_count")
    if column.startswith("best_hour"):
        return 9.0 + place % 9
    return (0.05 if place % 3 else 0.45) if column == "churn_risk" else 0.05 + place % 20 / 100


async def keep_models(ports: Ports) -> None:
    """Three models of one kind: the second in force, the third not promoted."""
    for promoted in (True, True, False):
        report = msgspec.to_builtins(model_samples.report(promoted=promoted))
        row = await ports.models.save("churn", json.dumps(report).encode(), report)
        if promoted:
            await ports.models.promote(row.id, author="", why=report["verdict"])


def _at(day: date, hour: int, minute: int = 0) -> int:
    return to_instant(datetime.combine(day, time(hour, minute), ZoneInfo("Asia/Shanghai")))


if __name__ == "__main__":
    found = asyncio.run(furnish(Path(sys.argv[1]), Path(sys.argv[2])))
    json.dump({"names": sorted(found.names), "numbers": sorted(found.numbers)}, sys.stdout)
