"""Re-rated bills as a .csv file, with nothing in it that a spreadsheet would run."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from contact.domain.answers import Answer
from contact.faces.cli.terminal.printing import money
from contact.faces.cli.terminal.workbook import defused
from contact.flow.tariffs.rate_bills import RatedBill
from strategies.declared.playbook import Operator

HEAD = ("customer", "line", "month", "tariff", "addons", "present", "bill", "issued")


class PresentTariff(Answer, frozen=True, kw_only=True):
    """Line-months on one present tariff: their mean bill in major units, and in what share another would be cheaper."""

    tariff: str
    line_months: int
    mean: float
    cheaper_elsewhere: float


class Written(Answer, frozen=True, kw_only=True):
    """What is in a file of bills."""

    bills: int
    line_months: int
    tariffs: list[PresentTariff]
    unexplained_minor: int | None
    """Mean absolute difference between issued and re-rated bills; None where no bill is on file."""


def write_bills(rated: Iterable[RatedBill], path: Path, operator: Operator) -> Written:
    """A row a line, month and tariff; the file appears whole or not at all. Raises OSError."""
    count = _Count(operator.minor_per_major)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            sheet = csv.writer(file)
            sheet.writerow(HEAD)
            for bill in count.looking_at(rated):
                cells = (bill.customer, bill.line, bill.month, bill.tariff, "+".join(bill.addons))
                amounts = (money(bill.bill_minor, operator), _issued(bill, operator))
                sheet.writerow([*map(defused, cells), "yes" if bill.present else "no", *amounts])
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return count.written()


def _issued(bill: RatedBill, operator: Operator) -> str:
    return "" if bill.issued_minor is None else money(bill.issued_minor, operator)


class _Count:
    """Counts bills on their way to the file."""

    def __init__(self, minor_per_major: int) -> None:
        self._minor_per_major = minor_per_major
        self._bills = 0
        self._line_months = 0
        self._present: defaultdict[str, list[int]] = defaultdict(list)
        self._cheaper: defaultdict[str, int] = defaultdict(int)
        self._unexplained: list[int] = []

    def looking_at(self, rated: Iterable[RatedBill]) -> Iterator[RatedBill]:
        """The same bills, one line-month after the other."""
        for _, group in groupby(rated, key=lambda bill: (bill.line, bill.month)):
            bills = list(group)
            self._bills += len(bills)
            self._line_months += 1
            if bills[0].present:
                self._compare(bills[0], bills[1:])
            yield from bills

    def _compare(self, present: RatedBill, others: Iterable[RatedBill]) -> None:
        self._present[present.tariff].append(present.bill_minor)
        self._cheaper[present.tariff] += any(
            other.bill_minor < present.bill_minor for other in others if other.tariff != present.tariff
        )
        if present.issued_minor is not None:
            self._unexplained.append(abs(present.issued_minor - present.bill_minor))

    def written(self) -> Written:
        """What was counted."""
        return Written(
            bills=self._bills,
            line_months=self._line_months,
            tariffs=[
                PresentTariff(
                    tariff=tariff,
                    line_months=len(bills),
                    mean=sum(bills) / len(bills) / self._minor_per_major,
                    cheaper_elsewhere=self._cheaper[tariff] / len(bills),
                )
                for tariff, bills in sorted(self._present.items())
            ],
            unexplained_minor=round(sum(self._unexplained) / len(self._unexplained))
            if self._unexplained
            else None,
        )
