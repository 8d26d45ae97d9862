"""G9: a crash amid publish or import leaves old or new, never a mix.

Attempts are imports and publishings begun, grants those that were in force afterwards, kills those that were killed -9 at
a random step of their work. The judge reads everything back in a process that nobody kills: all names and all figures of one
delivery, and a pointer that agrees with the record; a mix is a violation, a store that takes no next delivery is lost.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
from pathlib import Path

import pandas  # noqa: F401  the first import of a process loads it, which was half of the steps to be killed at

from contact.flow.gather import gather
from contact.flow.publishing.publish import publish
from contact.flow.selecting.import_file import import_file
from contact.settings import Settings
from contact.wiring import House, join
from strategies.profile import CustomerId
from tests.faults.fuse import Fuse, Step
from tests.faults.place import Place, Spot
from tests.faults.processes import Child
from tests.faults.row import Row
from tests.integration.flow.stage import COLUMNS, CUSTOMERS_MAPPING, customer, texts
from tests.races import mutants

CUSTOMERS = 30
MUTANT = "names_before_the_pointer"
MUTANT_TRIES = 30
AFTER_COMMITS = 0.4
"""Share of the kills that come right after a commit, before anybody was told of it."""


def prove(place: Place) -> Row:
    """Imports and publishings in turn, each killed at some step; then the build that writes names before the pointer."""
    row = Row("G9", place.kind)
    times = place.count(8, 200)
    with place.spot("whole") as spot, Shop(spot) as shop:
        steps = {what: shop.whole(row, what, number) for number, what in enumerate(("import", "publish"), 1)}
        for number in range(3, times + 3):
            what = "import" if number % 3 else "publish"
            shop.interrupt(row, what, number, some_step(steps[what]), "-")
        for number, what in enumerate(("import", "publish"), times + 3):
            shop.whole(row, what, number)
        row.need("kills", row.kills, times // 2)
    mutant = Row("G9", place.kind)
    with place.spot("mutant") as spot, Shop(spot) as shop:
        steps_of_import = shop.whole(mutant, "import", 1, MUTANT)
        for number in range(2, MUTANT_TRIES):
            shop.interrupt(mutant, "import", number, some_step(steps_of_import), MUTANT)
            if mutant.violations:
                break
    row.try_mutant(MUTANT, caught=mutant.violations > 0)
    return row


def some_step(steps: dict[str, int]) -> Step:
    """Any call of a function on the way, or right after any commit."""
    commits = max(1, steps["commit"])
    if random.random() < AFTER_COMMITS:
        return "commit", random.randint(1, commits)
    return "call", random.randint(1, steps["call"])


def run(folder: Path, what: str, number: int, mutant: str, at: Step | None) -> None:
    """Import or publish the given delivery, in a process of its own that ends at the given step."""
    asyncio.run(_change(folder, what, number, mutant, Fuse(at)))


async def _change(folder: Path, what: str, number: int, mutant: str, fuse: Fuse) -> None:
    house = await join(Settings.from_environment())
    if mutant != "-":
        mutants.switch_on(mutant, house.stores)
    fuse.lay()
    if what == "import":
        await _deliver(house, folder, number)
    else:
        in_force = (await house.ports.playbooks.current()).version
        await publish(house.ports, _texts(number), in_force, "faults", f"delivery {number}")
    fuse.take_up()
    (folder / f"steps-{number}").write_text(json.dumps(fuse.counts))
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

    def _change(self, what: str, number: int, mutant: str, at: Step | None) -> int | None:
        """A delivery in a process of its own; its exit code."""
        child = Child(
            "tests.faults.g09_whole:run", self.spot.folder, what, number, mutant, at,
            environment=self.spot.environment, log=self.spot.folder / "workers.log",
        )  # fmt: skip
        return child.join(300)

    def whole(self, row: Row, what: str, number: int, mutant: str = "-") -> dict[str, int]:
        """A delivery that nobody disturbs, and how many steps it took; one that does not go through is lost."""
        row.attempts += 1
        row.lost += self._change(what, number, mutant, None) != 0
        self._look(row, what, number)
        steps: dict[str, int] = json.loads((self.spot.folder / f"steps-{number}").read_text())
        return steps

    def interrupt(self, row: Row, what: str, number: int, at: Step, mutant: str) -> None:
        """One that is killed at a step of its work."""
        row.attempts += 1
        row.kills += self._change(what, number, mutant, at) == -signal.SIGKILL
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
