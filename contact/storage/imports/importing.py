"""Delivered files taken in: parsed whole, checked whole, written as files, then one transaction and one pointer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
from uuid_utils import uuid7

from contact.domain.answers import ImportAnswer
from contact.faults import Conflict
from contact.storage.calls.calls import Calls
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Transaction
from contact.storage.generations.files import Generation, Generations
from contact.storage.generations.switching import TRIES, current_generation, switch
from contact.storage.generations.tombstones import read_tombstones
from contact.storage.imports import calls as import_calls
from contact.storage.imports import rows as import_rows
from contact.storage.imports.building import Builder, Built, check_shrink
from contact.storage.imports.checking import CheckedFile, Progress, check_file
from contact.storage.imports.kinds import KINDS
from contact.storage.imports.mapping import FileMapping, read_mapping
from contact.storage.imports.mapping_nodes import suggestion
from contact.storage.imports.news import News, Parameters
from contact.storage.imports.readers import refuse
from contact.storage.imports.set_aside import write_set_aside
from contact.storage.keys.numbers import NumberHasher
from contact.storage.keys.sealing import Sealer
from contact.storage.ledger import consents
from contact.storage.ledger.moves import cancel
from ivr.call import Journey
from strategies.declared.playbook import Playbook
from strategies.problems import Hint, Problem, ProblemsFound, Where
from strategies.profile import Subject

_T = TypeVar("_T")
Report = Callable[[int, int | None, str], Awaitable[None]]
_REPORT_SECONDS = 0.5
_DEFAULT_MINOR_PER_MAJOR = 100


class Imports:
    """Keeps ImportPort on either database."""

    def __init__(
        self, database: Database, generations: Generations, hasher: NumberHasher, sealer: Sealer, home: Path,
        calls: Calls,
    ) -> None:  # fmt: skip
        self.database, self.generations, self.hasher = database, generations, hasher
        self.news, self.calls = News(database, sealer), calls
        self.set_aside = home / "set-aside"

    async def take(
        self, kind: str, path: str, mapping_text: str, *, mapping_path: str, playbook: Playbook | None,
        confirm_shrink: bool = False, report: Report | None = None,
    ) -> ImportAnswer:  # fmt: skip
        """Take one file in, or nothing of it. Raises ProblemsFound, and Conflict where another import came first."""
        mapping = _mapping_for(kind, mapping_text, mapping_path)
        minor = _DEFAULT_MINOR_PER_MAJOR if playbook is None else playbook.operator.minor_per_major
        step = Progress()
        checked = await _watched(
            lambda: check_file(Path(path), mapping, minor, self.hasher, step), step, report
        )
        step.total, step.message = checked.rows, "writing"
        generation = None
        if mapping.kind.in_generation:
            checked, generation = await self._take_generation(checked, step, report, confirm_shrink)
        else:
            await self._take_rows(checked, playbook, confirm_shrink)
        aside = await asyncio.to_thread(write_set_aside, checked, self.set_aside, f"{kind}-{uuid7()}.csv")
        if report is not None:
            await report(checked.rows, checked.rows, "done")
        return ImportAnswer(
            kind=kind,
            generation=generation,
            rows=checked.rows,
            accepted=checked.rows - len(checked.faults) - checked.dropped,
            erased=checked.dropped,
            set_aside=len(checked.faults),
            set_aside_file=None if aside is None else str(aside),
        )

    async def _take_generation(
        self, checked: CheckedFile, step: Progress, report: Report | None, confirm_shrink: bool
    ) -> tuple[CheckedFile, int]:  # fmt: skip
        """Build on the generation in force; where another import was faster, build again on its."""
        for left in reversed(range(TRIES)):
            trial = checked.copy()
            base, stones = await self.database.read(lambda tx: (current_generation(tx), read_tombstones(tx)))
            builder = Builder(
                self.generations, self.hasher, base, confirm_shrink=confirm_shrink, stones=stones
            )
            built, people = await _watched(partial(self._built, builder, trial), step, report)
            write = partial(_write_identities, kind=trial.mapping.kind.name, built=built, people=people)
            try:
                return trial, await switch(self.database, self.generations, base, built.files, write)
            except Conflict:
                if not left:
                    raise
        raise AssertionError("the last try answers or raises")

    def _built(self, builder: Builder, checked: CheckedFile) -> tuple[Built, list[Parameters]]:
        """The files, and what is new of people and lines, sought and sealed here: the one writer waits for nobody."""
        built, mapping = builder.build(checked), checked.mapping
        match mapping.kind.name:
            case "customers":
                return built, list(self.news.of_customers(import_rows.identities(built.changed, mapping)))
            case "lines":
                return built, list(self.news.of_lines(import_rows.line_identities(built.changed, mapping)))
            case _:
                return built, []

    async def _take_rows(self, checked: CheckedFile, playbook: Playbook | None, confirm_shrink: bool) -> None:
        match checked.mapping.kind.name:
            case "staff":
                await self._take_staff(checked, confirm_shrink)
            case "consents":
                await self._take_consents(checked, playbook)
            case "calls":
                await self._take_calls(checked, playbook)
            case _:
                await self._take_contacts(checked, playbook)

    async def _take_staff(self, checked: CheckedFile, confirm_shrink: bool) -> None:
        checked.settle()
        people = import_rows.staff(checked)

        def write(tx: Transaction) -> None:
            there = {row["id"] for row in tx.rows("list_persons", role=None)}
            check_shrink(checked, len(there), confirmed=confirm_shrink)
            tx.many("write_staff", people)
            if checked.mapping.mode == "snapshot":
                tx.many(
                    "remove_staff", [{"id": each} for each in there - {person["id"] for person in people}]
                )

        await self.database.write(write)

    async def _take_consents(self, checked: CheckedFile, playbook: Playbook | None) -> None:
        if playbook is not None:
            import_rows.scopes_unknown(checked, playbook)
        checked.settle()
        found = import_rows.consents(checked, self.hasher)

        def write(tx: Transaction) -> None:
            for consent in found:
                consents.record_as_dated(tx, consent, playbook, import_rows.natural_key(consent))

        bound = {subject for consent in found for subject in consents.subjects(consent)}
        await self.database.write(write, sorted(bound))

    async def _take_calls(self, checked: CheckedFile, playbook: Playbook | None) -> None:
        """Calls are kept one by one under names of their own: what is on file already stays as it is."""
        for journey in await self._calls_of(checked, playbook):
            await self.calls.record(journey)
        await self.calls.flush()

    async def _calls_of(self, checked: CheckedFile, playbook: Playbook | None) -> list[Journey]:
        base = await self._unburied(checked)
        menus = {} if playbook is None else playbook.menus

        def work() -> list[Journey]:
            customers, lines = self._people(checked, base, ("customer", "unit", "number_hash"))
            callers = import_calls.callers_of(customers, lines, *import_calls.named_in(checked, self.hasher))
            return import_calls.journeys_of(checked, self.hasher, callers, menus)

        found = await asyncio.to_thread(work)
        checked.settle()
        return found

    async def read_calls(
        self, path: str, mapping_text: str, *, mapping_path: str, playbook: Playbook | None
    ) -> list[Journey]:
        """The calls of a log as an import would keep them; nothing is kept. Raises ProblemsFound."""
        mapping = _mapping_for("calls", mapping_text, mapping_path)
        minor = _DEFAULT_MINOR_PER_MAJOR if playbook is None else playbook.operator.minor_per_major
        checked = await asyncio.to_thread(check_file, Path(path), mapping, minor, self.hasher, Progress())
        return await self._calls_of(checked, playbook)

    async def _unburied(self, checked: CheckedFile) -> Generation:
        """The base in force, the rows of who was erased gone from the file."""
        base, stones = await self.database.read(lambda tx: (current_generation(tx), read_tombstones(tx)))
        buried = stones.buried(checked.mapping.kind.name, checked.table, self.hasher)
        if buried is not None:
            checked.drop_where(buried)
        return base

    def _people(
        self, checked: CheckedFile, base: Generation, columns: Collection[str] | None = None
    ) -> tuple[pa.Table, pa.Table | None]:
        """Customers and lines of the base, all columns or these. Raises ProblemsFound where no customers were imported."""
        if "customers" not in base.files:
            raise refuse(
                "import.customers_first",
                "no customers were imported yet",
                checked.path,
                hint=Hint("import customers first"),
            )
        lines = self._table(base, "lines", columns) if "lines" in base.files else None
        return self._table(base, "customers", columns), lines

    def _table(self, base: Generation, kind: str, columns: Collection[str] | None) -> pa.Table:
        name = base.files[kind]
        there = self.generations.file(name).schema.names
        return self.generations.whole(name, [each for each in there if columns is None or each in columns])

    async def _take_contacts(self, checked: CheckedFile, playbook: Playbook | None) -> None:
        base = await self._unburied(checked)
        customers, lines = self._people(checked, base)
        found = await asyncio.to_thread(import_rows.past_contacts, checked, customers, lines, playbook)
        checked.settle()

        def write(tx: Transaction) -> None:
            now = tx.now()
            tx.many("write_past_contact", [{**contact, "created_us": now} for contact in found])
            moves = [{name: contact[name] for name in ("id", "state", "at_us")} for contact in found]
            tx.many("write_past_move", moves)

        pairs = (("account", "account_id"), ("customer", "customer_id"), ("device", "device_id"),
                 ("household", "household_id"), ("number", "number_hash"))  # fmt: skip
        bound = {Subject(kind, contact[name]) for contact in found for kind, name in pairs if contact[name]}
        await self.database.write(write, sorted(bound))


def _mapping_for(kind: str, text: str, path: str) -> FileMapping:
    if kind not in KINDS:
        raise ProblemsFound(
            [Problem("value.choice", f"there is no kind '{kind}'", Where("request"), suggestion(kind, KINDS))]
        )
    mapping = read_mapping(text, path)
    if mapping.kind.name != kind:
        message = f"this mapping is for {mapping.kind.name}, the file was announced as {kind}"
        raise ProblemsFound(
            [
                Problem(
                    "value.choice",
                    message,
                    mapping.place,
                    Hint("import it as %(name)s", name=mapping.kind.name),
                )
            ]
        )
    return mapping


def _write_identities(tx: Transaction, kind: str, built: Built, people: list[Parameters]) -> None:
    if kind == "customers":
        for customer in built.removed:
            _leave_queues(tx, customer)
        gone = [{"customer_id": each} for each in built.removed]
        tx.many("remove_lines_of_customer", gone)
        tx.many("remove_identity", gone)
        tx.many("write_identity", people)
        tx.run("erase_again_identities")
    elif kind == "lines":
        tx.many("remove_line_identity", [{"line_id": each} for each in built.removed])
        tx.many("write_line_identity", people)
        tx.run("erase_again_lines")


def _leave_queues(tx: Transaction, customer: str) -> None:
    """Nobody could hand over the tasks of a customer who left; one already started is reported on or becomes unknown."""
    for task in tx.rows("queued_tasks_of_person", customer=customer, numbers=[]):
        contact = tx.row("read_contact", id=task["contact_id"])
        if contact is not None and contact["state"] == "reserved":
            reason = "customer_gone"
            cancel(tx, contact, "cancelled", reason, task_reason=reason)


async def _watched(work: Callable[[], _T], step: Progress, report: Report | None) -> _T:
    """Run work in a thread and report now and then how far it is."""
    running = asyncio.create_task(asyncio.to_thread(work))
    while not running.done():
        await asyncio.wait({running}, timeout=_REPORT_SECONDS)
        if report is not None and not running.done():
            await report(step.done, step.total, step.message)
    return await running
