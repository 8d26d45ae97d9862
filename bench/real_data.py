"""Four public data sets through the service's own commands, beside the figures others published.

    python -m bench.real_data [FOLDER]     (make real-data, by default ../shared/data)

Each data set gets a store of its own in a temporary folder: files go in by the mappings of docs/examples, models are
trained, bills re-rated and trials judged by ``contact``, and the figures are read from what it printed as JSON.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "docs/examples"
DEFAULT = ROOT.parent / "shared/data"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: ours, what was published, and whether they agree (None: there is nothing to agree with)."""

    data: str
    what: str
    ours: str
    published: str
    same: bool | None


class Store:
    """A fresh store; ``run`` is one ``contact`` command on it."""

    def __init__(self, home: Path, example: str = "") -> None:
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        self.example = EXAMPLES / example
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CONTACT_")}
        self._environment = {**kept, "CONTACT_HOME": str(home / "store"), "PYTHONPATH": str(ROOT)}
        if example:
            self.run("publish", self.example / "config", "--why", "real data")

    def run(self, *words: object, fails: bool = False) -> str:
        """What the command printed on stdout; on stderr where it is meant to fail."""
        print("  $ contact", *words, file=sys.stderr, flush=True)
        command = [sys.executable, "-m", "contact.faces.cli.main", *map(str, words)]
        done = subprocess.run(
            command, cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False
        )
        if (done.returncode != 0) is not fails:
            raise SystemExit(
                f"contact {words[0]} exited with {done.returncode}:\n{done.stdout}\n{done.stderr}"
            )
        return done.stderr if fails else done.stdout

    def take(self, kind: str, file: Path, mapping: str) -> None:
        """Import a file by one of the example's mappings."""
        self.run("import", kind, file, "--mapping", self.example / mapping)

    def report(self, model: str) -> Any:
        """The report of a training."""
        return json.loads(self.run("train", model, "--json"))["report"]


def contender(report: Any, name: str = "candidate") -> Any:
    """One of those a report compares."""
    return next(each for each in report["contenders"] if each["name"] == name)


def ibm_telco(folder: Path, home: Path) -> list[Figure]:
    """Churn: mean AUC of five stratified folds with three seeds, under the settings the service would put in force."""
    store = Store(home, "ibm_telco")
    store.take("customers", folder / "Telco-Customer-Churn.csv", "mapping.yaml")
    report = store.report("churn")
    auc, logistic = contender(report)["auc"]["value"], contender(report, "logistic")["auc"]["value"]
    return [
        Figure("ibm_telco", "churn AUC, 5 folds, 3 seeds", f"{auc:.4f}", "LightGBM .8337; aim >= .848", auc >= 0.848),
        Figure("ibm_telco", "logistic regression, same folds", f"{logistic:.4f}", ".8450", abs(logistic - 0.845) < 0.005),
        Figure("ibm_telco", "put in force", f"{'yes' if report['promoted'] else 'no'} ({report['rule']})", "", None),
    ]  # fmt: skip


def bank_marketing(folder: Path, home: Path) -> list[Figure]:
    """Who takes a deposit on a call: in folds, and on the last fifth in time; with the call's length it is refused."""
    store = Store(home, "bank_marketing")
    store.take("customers", numbered_calls(folder / "bank-additional.zip", home), "mapping.yaml")
    report = store.report("deposit")
    check = report["time_check"]
    folds, last = check["auc_folds"], check["auc_last"]
    rates = f"{check['base_rate_before']:.1%} -> {check['base_rate_last']:.1%}"
    return [
        Figure("bank_marketing", "AUC in folds", f"{folds:.4f}", "about .80", abs(folds - 0.8) < 0.015),
        Figure(
            "bank_marketing", "AUC on the last 20 % in time: it falls",
            f"{last['value']:.4f} ({last['low']:.3f} to {last['high']:.3f})", "default settings .658",
            0.648 < last["value"] < folds - 0.08,
        ),
        Figure("bank_marketing", f"its cause: {check['cause']}", rates, "base rate", check["cause"] == "base_rate"),
        with_the_length(store),
    ]  # fmt: skip


def numbered_calls(archive: Path, home: Path) -> Path:
    """The full file with a row number in front: it has no id, and its rows stand in order of time."""
    target = home / "calls.csv"
    with zipfile.ZipFile(archive) as packed, target.open("w", encoding="utf-8") as file:
        for number, line in enumerate(
            packed.read("bank-additional/bank-additional-full.csv").decode().splitlines()
        ):
            file.write(f"{number or 'row_no'};{line}\n")
    return target


def with_the_length(store: Store) -> Figure:
    """The playbook with ``call_seconds`` among the features: the guard must refuse it."""
    draft = store.home / "leaking"
    shutil.copytree(store.example / "config", draft)
    model = draft / "models/deposit.yaml"
    model.write_text(
        model.read_text(encoding="utf-8").replace("features: [age,", "features: [age, call_seconds,"),
        encoding="utf-8",
    )
    line = store.run("check", draft, fails=True).splitlines()[0].replace(f"{draft}/", "")
    refused = "model.leak" in line and "call_seconds" in line
    return Figure(
        "bank_marketing",
        "with the call's length",
        ":".join(line.split(":")[:4]),
        "above .90 it leaked",
        refused,
    )


def hillstrom(folder: Path, home: Path) -> list[Figure]:
    """A randomised trial of two e-mails: what each added to visits."""
    store = Store(home)
    words = ("--arm", "segment", "--control", "No E-Mail", "--goal", "visit", "--json")
    answer = json.loads(store.run("evaluate", "--trial", folder / "hillstrom.csv.gz", *words))
    effects = {each["arm"]: each["effect"] for each in answer["arms"]}
    figures = []
    for arm, published in (("Womens E-Mail", "+0.045233"), ("Mens E-Mail", "+0.0766")):
        found = effects[arm]
        ours = f"{found['effect']:+.6f} ({found['low']:+.5f} to {found['high']:+.5f})"
        decimals = len(published.split(".")[1])
        same = f"{found['effect']:+.{decimals}f}" == published
        figures.append(Figure("hillstrom", f"visits, {arm} - none", ours, published, same))
    return figures


def megaline(folder: Path, home: Path) -> list[Figure]:
    """Calls, sessions and messages become counters, counters become bills under both tariffs, to the cent."""
    store = Store(home, "megaline")
    users = folder / "megaline_users.csv"
    store.take("customers", users, "users.yaml")
    store.take("lines", users, "lines.yaml")
    for events in ("calls", "internet", "messages"):
        file = home / f"{events}.csv"
        with gzip.open(folder / f"megaline_{events}.csv.gz") as packed, file.open("wb") as unpacked:
            shutil.copyfileobj(packed, unpacked)
        store.take("usage", file, f"{events}.yaml")
    store.run("match-tariffs", "--bills", home / "bills.csv", "--months", 12)
    return of_bills(home / "bills.csv")


def of_bills(file: Path) -> list[Figure]:
    """Mean bills, Welch's t and how often the other tariff would be cheaper, from the file of bills."""
    present: dict[str, list[float]] = {"surf": [], "ultimate": []}
    cheaper = {"surf": 0, "ultimate": 0}
    pairs: dict[tuple[str, str], dict[str, tuple[str, float]]] = {}
    with file.open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            of_month = pairs.setdefault((row["line"], row["month"]), {})
            of_month[row["present"]] = (row["tariff"], float(row["bill"]))
    for of_month in pairs.values():
        tariff, bill = of_month["yes"]
        present[tariff].append(bill)
        cheaper[tariff] += of_month["no"][1] < bill
    expected = {"surf": (1573, "$60.7064", "31.2%"), "ultimate": (720, "$72.3139", "66.5%")}
    figures = []
    for tariff, (months, mean, share) in expected.items():
        bills = present[tariff]
        ours = f"${statistics.fmean(bills):.4f}"
        figures.append(
            Figure(
                "megaline",
                f"mean bill, {len(bills)} months of {tariff}",
                ours,
                f"{mean} over {months}",
                (ours, len(bills)) == (mean, months),
            )
        )
        other = f"{cheaper[tariff] / len(bills):.1%}"
        figures.append(
            Figure("megaline", f"the other would be cheaper than {tariff}", other, share, other == share)
        )
    t = f"{welch_t(present['surf'], present['ultimate']):.6f}"
    figures.append(Figure("megaline", "Welch's t of both", t, "-7.952095", t == "-7.952095"))
    return figures


def welch_t(a: list[float], b: list[float]) -> float:
    """B. L. Welch, Biometrika 34 (1947) 28-35."""
    error = statistics.variance(a) / len(a) + statistics.variance(b) / len(b)
    return (statistics.fmean(a) - statistics.fmean(b)) / math.sqrt(error)


DATA: dict[str, Callable[[Path, Path], list[Figure]]] = {
    "ibm_telco": ibm_telco,
    "bank_marketing": bank_marketing,
    "hillstrom": hillstrom,
    "megaline": megaline,
}


def figures_of(name: str, folder: Path, home: Path) -> list[Figure]:
    """The figures of one data set; ``folder`` holds all four, ``home`` is an empty folder."""
    return DATA[name](folder / name, home)


def main(arguments: list[str]) -> int:
    """Print the table; exit 1 where a figure is not the published one."""
    folder = Path(arguments[0]) if arguments else DEFAULT
    if not folder.is_dir():
        print(f"no real data in {folder}: docs/real-data.md says what belongs there")
        return 1 if arguments else 0
    table = Table("data", "figure", "ours", "published", "same?")
    differ = 0
    with tempfile.TemporaryDirectory(prefix="contact-real-data-") as home:
        for name in DATA:
            began = time.monotonic()
            for each in figures_of(name, folder, Path(home) / name):
                differ += each.same is False
                same = {True: "yes", False: "NO", None: ""}[each.same]
                table.add_row(each.data, each.what, each.ours, each.published, same)
            print(f"  {name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
            table.add_section()
    Console(width=None if sys.stdout.isatty() else 150).print(table)
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
