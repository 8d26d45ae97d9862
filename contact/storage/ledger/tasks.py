"""Queues of tasks, the leases people hold on them, and what they report."""

from __future__ import annotations

from collections.abc import Mapping

from contact.clock import real_now
from contact.domain.halt import halt_refusals
from contact.domain.outcome import disposition
from contact.domain.task import TaskId
from contact.faults import Conflict, LeaseLost, NotFound
from contact.ports import Blocked, Completion, Job, Person, TaskRow
from contact.storage.databases import rows
from contact.storage.databases.database import Database
from contact.storage.databases.scope import Scoped, scope_values
from contact.storage.databases.transaction import Row, Transaction
from contact.storage.ledger import consents, history, sweeping
from contact.storage.ledger.due import halted_here, next_due
from contact.storage.ledger.moves import cancel, end_task, is_recycled, move, return_task
from contact.storage.ledger.owners import told_in
from contact.storage.ledger.retries import reserve_retry
from contact.storage.playbooks.jobs import hold_run
from contact.storage.playbooks.published import Playbooks
from strategies.declared.playbook import Playbook
from strategies.instants import SECOND, Instant
from strategies.profile import Profile, Subject

CANCELLED_AT_ONCE = 200


class Tasks(Scoped):
    """Keeps TaskPort on either database."""

    def __init__(self, database: Database, playbooks: Playbooks) -> None:
        self.database = database
        self.playbooks = playbooks

    async def next(self, person: Person, channel: str, lease_seconds: float) -> TaskRow | None:
        """Lease the most valuable due task; the same again while the person still holds one."""
        scope = await self._scope(person)

        def work(tx: Transaction) -> TaskRow | None:
            until = real_now() + round(lease_seconds * SECOND)
            held = tx.row("held_task", person=person.id, channel=channel)
            if (
                held is not None
                and held["state"] == "leased"
                and halt_refusals(tx.halted(), rows.candidate(held))
            ):
                return_task(
                    tx, held["id"], Instant(held["not_before_us"]), held["held_by"], held["contact_id"]
                )
                held = None
            if held is not None:
                if held["state"] == "leased":
                    tx.run("extend_lease", id=held["id"], lease_until_us=until)
                return rows.task(held)
            row = next_due(tx, channel, scope)
            if row is None:
                return None
            tx.run("lease_task", id=row["id"], person=person.id, lease_until_us=until)
            return rows.task({**row, "state": "leased", "fence": row["fence"] + 1, "leased_to": person.id})

        # whoever asks twice at once must find the first answer's lease, so a person's pulls queue up
        return await self.database.write(work, (Subject("person", person.id),))

    async def waiting(self, person: Person, channel: str) -> tuple[int, list[Blocked]]:
        """Tasks this person could take, now or later, and what holds back the rest."""
        scope = await self._scope(person)

        def work(tx: Transaction) -> tuple[int, list[Blocked]]:
            found = tx.rows("waiting_tasks", channel=channel, now_us=tx.now(), **scope)
            blocked = [
                Blocked(
                    row["held_by"] or "plan.hour",
                    _reason(row["held_by"]),
                    row["tasks"],
                    Instant(row["first_us"]),
                )
                for row in found
                if not row["due"]
            ]
            blocked += halted_here(tx, channel, scope)
            if person.languages:
                foreign = tx.rows(
                    "foreign_language_tasks", channel=channel, now_us=tx.now(), **_without_any(scope)
                )
                blocked += [
                    Blocked(f"language.{row['language']}", "language", row["tasks"], None) for row in foreign
                ]
            return sum(row["tasks"] for row in found), blocked

        return await self.database.read(work)

    async def get(self, task: TaskId) -> TaskRow:
        """One task. Raises NotFound."""
        row = await self.database.read(lambda tx: tx.row("peek_task", id=task, **scope_values(self.scope)))
        if row is None:
            raise NotFound(f"there is no task {task}")
        return rows.task(row)

    async def held(self, task: TaskId, fence: int, person: str) -> TaskRow:
        """The task, if this person still holds it under this fence. Raises LeaseLost, NotFound."""
        row = await self.get(task)
        if row.leased_to != person or row.fence != fence or row.state not in ("leased", "started"):
            raise LeaseLost()
        return row

    async def complete(self, completion: Completion, playbook: Playbook) -> TaskRow:
        """Outcome, contact, task, retry and opt-out in one transaction. Raises LeaseLost."""
        task = await self.held(completion.task, completion.fence, completion.person)
        if task.state != "started":
            raise Conflict("start the task before you complete it, or give it back")

        def work(tx: Transaction) -> TaskRow:
            return self._complete(tx, completion, playbook)

        return await self.database.write(work, _subjects(task, completion))

    def _complete(self, tx: Transaction, completion: Completion, playbook: Playbook) -> TaskRow:
        row = tx.row("read_task", id=completion.task)
        if (
            row is None
            or row["state"] != "started"
            or row["leased_to"] != completion.person
            or row["fence"] != completion.fence
        ):
            raise LeaseLost()
        contact = tx.row("read_contact", id=row["contact_id"])
        assert contact is not None
        playbook = playbook.at(tx.now())
        _finish_contact(tx, contact, completion, playbook)
        if completion.withdraw is not None:
            for told in told_in(tx, contact, completion.withdraw):
                consents.record(tx, told, playbook)
        over = completion.withdraw is not None or is_recycled(contact)
        if over or not reserve_retry(tx, row, completion, playbook):
            end_task(tx, row["id"], "done", completion.result)
        after = tx.row("read_task", id=row["id"])
        assert after is not None
        return rows.task(after)

    async def give_back(self, task: TaskId, fence: int, person: str, reason: str) -> TaskRow:
        """Back to the queue before it was started; no attempt is counted. Raises LeaseLost."""
        await self.held(task, fence, person)

        def work(tx: Transaction) -> TaskRow:
            row = tx.row("read_task", id=task)
            if row is None or row["state"] != "leased" or row["leased_to"] != person or row["fence"] != fence:
                raise LeaseLost(
                    "a started task is completed, not given back" if row and row["state"] == "started" else ""
                )
            return_task(
                tx, row["id"], Instant(row["not_before_us"]), f"given_back {reason}"[:200], row["contact_id"]
            )
            return rows.task({**row, "state": "waiting", "leased_to": None})

        return await self.database.write(work)

    async def list(
        self, *, channel: str | None = None, state: str | None = None, customer: str | None = None,
        day: str | None = None, after: str | None = None, limit: int = 50,
    ) -> list[TaskRow]:  # fmt: skip
        """A page of tasks in order of id, after the given one."""
        filters = {"channel": channel, "state": state, "day": day, "after": after, "limit": limit}
        values = filters | scope_values(self.scope)
        found = await self.database.read(
            lambda tx: (
                tx.rows("list_tasks", **values)
                if customer is None
                else tx.rows("list_tasks_of_customer", customer=customer, **values)
            )
        )
        return [rows.task(row) for row in found]

    async def cancel_untouched(self, day: str, run: Job | None = None) -> int:
        """Cancel that day's planned tasks nobody has taken; how many. A page a commit, so that nobody waits for all."""
        cancelled, last = 0, ("", "")
        while True:

            def work(tx: Transaction, after: tuple[str, str] = last) -> tuple[int, Row | None]:
                hold_run(tx, run)
                found = tx.rows(
                    "untouched_tasks", day=day, customer=after[0], after=after[1], limit=CANCELLED_AT_ONCE
                )
                return sum(_cancel_planned(tx, row) for row in found), found[-1] if found else None

            count, end = await self.database.write(work)
            cancelled += count
            if end is None:
                return cancelled
            last = (end["customer_id"], end["id"])

    async def sweep(self) -> Mapping[str, int]:
        """Lapse leases, expire reservations, turn stale ``sending`` unknown, close what no receipt came for."""
        playbook = await self.playbooks.current()
        return await self.database.write(lambda tx: sweeping.sweep(tx, playbook))

    async def _scope(self, person: Person) -> dict[str, object]:
        """The units below the person's own and the languages they speak, as the queries take them."""
        playbook = await self.playbooks.current()
        units = playbook_units_below(playbook, person.unit)
        if self.scope.units is not None:  # a key may be narrower than the person who uses it
            units = [each for each in self.scope.units if units is None or each in units]
        return {
            "everywhere": int(units is None),
            "units": units or [],
            "any_language": int(not person.languages),
            "languages": list(person.languages),
        }


def playbook_units_below(playbook: Playbook, unit: str | None) -> list[str] | None:
    """The unit and all below it; None where the person's work knows no bounds (no unit, or the head office)."""
    node = playbook.units.get(unit) if unit else None
    if node is None or node.parent is None:
        return None
    below = {node.id}
    for each in playbook.units.values():
        path, at = [], each
        while at.parent is not None and at.id not in below:
            path.append(at.id)
            at = playbook.units[at.parent]
        if at.id in below:
            below.update(path)
    return sorted(below)


def _cancel_planned(tx: Transaction, task: Row) -> int:
    contact = tx.row("read_contact", id=task["contact_id"])
    if contact is None or contact["state"] != "reserved":
        return 0
    cancel(tx, contact, "cancelled", "planned again", task_reason="planned again")
    return 1


def _finish_contact(tx: Transaction, contact: Row, completion: Completion, playbook: Playbook) -> None:
    now = tx.now()
    proven = disposition(completion.result, playbook.operator).moments
    instants = {
        f"{name}_us": now if name in proven else None for name in ("connected", "accepted", "rejected")
    }
    tx.run(
        "finish_contact",
        id=contact["id"],
        state="sent",
        result=completion.result,
        note=completion.note or None,
        **instants,
    )
    if (
        contact["state"] != "sent"
    ):  # somebody who reconciled it, or a report, may have said so before the person did
        move(tx, contact, "sent", completion.result)


def _subjects(task: TaskRow, completion: Completion) -> tuple[Subject, ...]:
    """Everybody the task and an opt-out concern."""
    profile: Profile | None = completion.profile
    number = task.candidate.number_hash
    own = history.subjects(profile, number) if profile else (Subject("customer", task.customer),)
    withdrawn = consents.subjects(completion.withdraw) if completion.withdraw else ()
    return tuple(sorted({*own, *withdrawn}))


def _without_any(scope: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in scope.items() if name != "any_language"}


def _reason(held_by: str | None) -> str:
    return "not_before" if held_by in (None, "plan.hour") else "retry" if held_by == "retry" else "deferred"
