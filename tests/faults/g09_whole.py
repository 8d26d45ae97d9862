"""G9: a crash amid publish or import leaves old or new, never a mix.

Attempts are imports and publishings begun, grants those that were in force afterwards, kills those that were killed -9 at
a random moment. The judge reads everything back in a process that nobody kills: all names and all figures of one delivery,
and a pointer that agrees with the record; a mix is a violation, a store that takes no next delivery is lost.
"""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

from contact.flow.gather import gather
from contact.flow.import_file import import_file
from contact.flow.publish import publish
from contact.settings import Settings
from contact.wiring import House, join
from strategies.profile import CustomerId
from tests.faults.place import Place, Spot
from tests.faults.processes import Child
from tests.faults.row import Row
from tests.integration.flow.stage import COLUMNS, CUSTOMERS_MAPPING, customer, texts
from tests.races import mutants

CUSTOMERS = 30
MUTANT = "names_before_the_pointer"
MUTANT_TRIES = 30


def prove(place: Place) -> Row:
    """Imports and publishings in turn, each killed at some moment; then the build that writes names before the pointer."""
    row = Row("G9", place.kind)
    times = place.count(10, 200)
    with place.spot("whole") as spot, Shop(spot) as shop:
        usual = {what: shop.whole(row, what, number) for number, what in enumerate(("import", "publish"), 1)}
        for number in range(3, times + 3):
            what = "import" if number % 3 else "publish"
            shop.interrupt(row, what, number, usual[what], "-")
        for number, what in enumerate(("import", "publish"), times + 3):
            shop.whole(row, what, number)
        row.need("kills", row.kills, times // 2)
    mutant = Row("G9", place.kind)
    with place.spot("mutant") as spot, Shop(spot) as shop:
        usual_import = shop.whole(mutant, "import", 1, MUTANT)
        for number in range(2, MUTANT_TRIES):
            shop.interrupt(mutant, "import", number, usual_import, MUTANT)
            if mutant.violations:
                break
    row.try_mutant(MUTANT, caught=mutant.violations > 0)
    return row


def run(folder: Path, what: str, number: int, mutant: str) -> None:
    """Import or publish the given delivery, in a process of its own."""
    asyncio.run(_change(folder, what, number, mutant))


async def _change(folder: Path, what: str, number: int, mutant: str) -> None:
    house = await join(Settings.from_environment())
    if mutant != "-":
        mutants.switch_on(mutant, house.stores)
    (folder / f"began-{number}").touch()
    if what == "import":
        await _deliver(house, folder, number)
    else:
        in_force = (await house.ports.playbooks.current()).version
        await publish(house.ports, _texts(number), in_force, "faults", f"delivery {number}")
    (folder / f"done-{number}").touch()
    await house.close()


def _texts(number: int) -> dict[str, str]:
    found = texts()
    return found | {
        "strategies/data-upgrade.yaml": found["strategies/data-upgrade.yaml"].replace(
            "value: 60", f"value: {60 + number}"
        )
    }


async def _deliver(house: House, folder: Path, number: int) -> None:
    """Everybody's name and figures say of which delivery they are."""
    rows = [customer(n, name=f"Delivery {number}", data_gb=str(number)) for n in range(1, CUSTOMERS + 1)]
    file = folder / f"customers-{number}.csv"
    file.write_text(
        "\n".join([",".join(COLUMNS), *(",".join(str(each[name]) for name in COLUMNS) for each in rows)])
        + "\n"
    )
    await import_file(house.ports, "customers", str(file), CUSTOMERS_MAPPING)


class Shop:
    """A store with a first delivery, and a reader that stays open beside whoever is killed."""

    def __init__(self, spot: Spot) -> None:
        self.spot = spot

    def __enter__(self) -> Shop:
        self._runner = asyncio.Runner()
        self._house = self._runner.run(join(self.spot.settings))
        self._runner.run(publish(self._house.ports, _texts(0), None, "faults", "delivery 0"))
        self._runner.run(_deliver(self._house, self.spot.folder, 0))
        self._before = self.read()
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._house.close())
        self._runner.close()

    def start(self, what: str, number: int, mutant: str) -> Child:
        """A delivery in a process of its own, which has begun when this returns."""
        child = Child(
            "tests.faults.g09_whole:run", self.spot.folder, what, number, mutant,
            environment=self.spot.environment, log=self.spot.folder / "workers.log",
        )  # fmt: skip
        while child.alive and not (self.spot.folder / f"began-{number}").exists():
            time.sleep(0.002)
        return child

    def whole(self, row: Row, what: str, number: int, mutant: str = "-") -> float:
        """A delivery that nobody disturbs, and how many seconds it took; one that does not go through is lost."""
        child = self.start(what, number, mutant)
        row.attempts += 1
        row.lost += child.join(60) != 0
        self._look(row, what, number)
        began, done = (self.spot.folder / f"{name}-{number}" for name in ("began", "done"))
        return done.stat().st_mtime - began.stat().st_mtime if done.exists() else 1.0

    def interrupt(self, row: Row, what: str, number: int, usual: float, mutant: str) -> None:
        """Kill one at a random moment of its work."""
        child = self.start(what, number, mutant)
        time.sleep(random.random() * usual)
        row.kills += child.alive and not (self.spot.folder / f"done-{number}").exists()
        child.kill()
        row.attempts += 1
        self._look(row, what, number)

    def _look(self, row: Row, what: str, number: int) -> None:
        names, figures, versions = after = self.read()
        row.grants += after != self._before
        self._before = after
        if len(names) != 1 or names != figures or len(versions) != 1:
            row.violations += 1
            row.remarks.append(f"{what} {number}: names {names}, figures {figures}, playbooks {versions}")

    def read(self) -> tuple[set[str], set[str], set[str]]:
        """Of which delivery names and figures are, and which playbook the pointer and the record name."""
        return self._runner.run(_read(self._house))


async def _read(house: House) -> tuple[set[str], set[str], set[str]]:
    names, figures = set(), set()
    for n in range(1, CUSTOMERS + 1):
        gathered = await gather(house.ports, CustomerId(f"C{n}"))
        figures.add(str(int(str(gathered.profile.facts["data_gb"]).split(".")[0])))
        identity = await house.ports.customers.identity(CustomerId(f"C{n}"))
        names.add(str(identity.name).removeprefix("Delivery "))
    rows = await house.stores.database.read(
        lambda tx: tx.connection.execute(
            "SELECT value AS version FROM pointer WHERE name = 'playbook' UNION "
            "SELECT version FROM publication WHERE seq = (SELECT max(seq) FROM publication)"
        ).fetchall()
    )
    versions = {str(row["version"]) for row in rows}
    for version in versions:
        await house.ports.playbooks.version(version)  # its texts stand, and compile
    return names, figures, versions
