"""The contact ledger: lock every subject, count, then insert; permit before each hand-over; confirm after it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from contact.domain.acts import Act
from contact.domain.contact import ContactId
from contact.domain.halt import halt_refusals
from contact.domain.task import TaskId
from contact.faults import Conflict, LeaseLost, NotFound
from contact.ports import DueContact, Job, Permit, Receipt, Reserved, Wish
from contact.ports.corrections import ContactRow, Correction
from contact.storage.databases import rows
from contact.storage.databases.chaining import record_in
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Row, Transaction
from contact.storage.ledger import consents, history
from contact.storage.ledger.correcting import correct, reconcile, subjects_of
from contact.storage.ledger.due import due_contacts
from contact.storage.ledger.entering import epochs_text
from contact.storage.ledger.ground import subjects_held
from contact.storage.ledger.moves import (
    RECYCLED,
    cancel,
    end_task,
    is_recycled,
    move,
    not_taken,
    number_of,
    return_task,
)
from contact.storage.ledger.placing import expired
from contact.storage.ledger.receipts import apply_early, receive
from contact.storage.ledger.reserving import Answer, reserve_together
from contact.storage.playbooks.jobs import hold_run
from contact.storage.playbooks.published import Playbooks
from contact.telemetry import RECEIPTS_OF_NOBODY, SaidSeldom
from strategies.declared.playbook import Playbook
from strategies.instants import MINUTE, SECOND, Instant
from strategies.judging.judge import judge
from strategies.offering.rerouting import ways_round
from strategies.problems import ProblemsFound
from strategies.profile import Consent, CustomerId, Profile, Subject
from strategies.verdict import Refusal, Verdict

PASSING_REFUSAL_WAIT = MINUTE
_ASTRAY = SaidSeldom("receipts", "receipts of contacts that nobody has")


class Ledger:
    """Keeps LedgerPort on either database."""

    def __init__(self, database: Database, playbooks: Playbooks) -> None:
        self.database = database
        self.playbooks = playbooks

    async def reserve(self, wish: Wish) -> Reserved | Verdict:
        """Take a place, durably, or say every reason why not."""
        answer: Reserved | Verdict = await self.database.write_together(
            reserve_together, wish, subjects_held(wish)
        )
        return answer

    async def reserve_many(self, wishes: Sequence[Wish], run: Job | None = None) -> list[Reserved | Verdict]:
        """Each wish on its own, all in one commit. Raises Conflict, and then takes no place at all."""
        held = [subjects_held(wish) for wish in wishes]
        subjects = list({subject for each in held for subject in each})

        def work(tx: Transaction) -> list[Reserved | Verdict]:
            hold_run(tx, run)
            return _granted(reserve_together(tx, wishes, held))

        return await self.database.write(work, subjects)

    async def permit(
        self, contact: ContactId, profile: Profile, playbook: Playbook,
        *, fence: int | None = None, person: str | None = None, rate: float | None = None,
    ) -> Permit | Verdict:  # fmt: skip
        """Ask all rules again at this instant and commit ``sending``, or defer or cancel the contact.

        With a ``rate`` a second only as fast: a contact beyond it stays as it is, refused by ``channel.rate``.
        """
        row = await self.database.read(lambda tx: tx.row("peek_contact", id=contact))
        if row is None:
            raise NotFound(f"there is no contact {contact}")
        subjects = history.subjects(profile, row["number_hash"])
        if rate is not None:  # whoever hands over in this channel counts after everybody before
            subjects = tuple(sorted((*subjects, Subject("channel", row["channel"]))))

        def work(tx: Transaction) -> Permit | Verdict:
            if rate is not None and _room(tx, row["channel"], rate) <= 0:
                return Verdict((Refusal("no_capacity", "channel.rate", detail=f"{rate:g} a second"),))
            return self.permit_in(tx, contact, profile, playbook, fence, person)

        return await self.database.write(work, subjects)

    async def confirm(self, contact: ContactId, fence: int, reference: str) -> None:
        """The gateway took it; receipts that overtook us are applied now."""

        def work(tx: Transaction) -> None:
            row = self._sending(tx, contact, fence)
            if row is not None:
                tx.run("confirm_contact", id=contact, reference=reference)
                move(tx, row, "sent", "handed over")
                apply_early(tx, contact)

        await self.database.write(work)

    async def refused(self, contact: ContactId, fence: int, *, passing: bool, why: str) -> None:
        """The gateway provably did not take it: back to reserved, or released for good.

        Never back where the number is somebody else's by now: its task would wait unseen by what they say of it.
        """

        def work(tx: Transaction) -> None:
            row = self._sending(tx, contact, fence)
            if row is None:
                return
            recycled = is_recycled(row)
            if passing and not recycled:
                planned = tx.now() + PASSING_REFUSAL_WAIT
                tx.run("release_attempt", id=contact, planned_us=planned)
                not_taken(tx, row, "reserved", why)
                return_task(tx, row["task_id"], Instant(planned), "gateway", contact, undone=1)
            else:
                tx.run("move_contact", id=contact, state="released", final=1)
                not_taken(tx, row, "released", why)
                end_task(tx, row["task_id"], "cancelled", RECYCLED if recycled else f"gateway: {why}")

        await self.database.write(work)

    async def ambiguous(self, contact: ContactId, fence: int, why: str) -> None:
        """Nobody can say: it counts, and is never sent again by itself."""

        def work(tx: Transaction) -> None:
            row = self._sending(tx, contact, fence)
            if row is not None:
                tx.run("move_contact", id=contact, state="unknown", final=0)
                not_taken(tx, row, "unknown", why)
                apply_early(tx, contact)

        await self.database.write(work)

    async def due(self, channel: str, limit: int, rate: float | None = None) -> list[DueContact]:
        """Reserved contacts whose time has come, most valuable first; with a ``rate`` a second, as many as it leaves."""

        def work(tx: Transaction) -> list[DueContact]:
            room = limit if rate is None else min(limit, _room(tx, channel, rate))
            found = due_contacts(tx, channel, room)
            return [
                DueContact(
                    ContactId(row["id"]),
                    TaskId(row["task_id"]),
                    CustomerId(row["customer_id"]),
                    rows.candidate(row),
                    json.loads(row["reasons"]),
                )
                for row in found
            ]

        return await self.database.read(work)

    async def receive(self, receipt: Receipt) -> bool:
        """Apply a report once; early ones wait in the inbox for the hand-over to be confirmed.

        What it is of may be nobody's, as after a restore: it is accepted, or its gateway would bring it for ever, and told.
        """
        heard = await self.database.write(lambda tx: receive(tx, receipt))
        if heard == "of_nobody":
            RECEIPTS_OF_NOBODY.inc()
            _ASTRAY.say()
        return heard != "known"

    async def get(self, contact: ContactId) -> ContactRow:
        """One contact with its moves and corrections. Raises NotFound."""

        def work(tx: Transaction) -> ContactRow:
            row = tx.row("peek_contact", id=contact)
            if row is None:
                raise NotFound(f"there is no contact {contact}")
            moves = tx.rows("moves_of_contacts", contacts=[contact])
            return rows.contact(row, moves, tx.rows("corrections_of_contact", contact=contact))

        return await self.database.read(work)

    async def unknown(self, limit: int = 100) -> list[ContactRow]:
        """Contacts of which nobody knows whether they went out, the oldest of each channel first."""

        def work(tx: Transaction) -> list[ContactRow]:
            channels = [row["channel"] for row in tx.rows("channels_with_contacts")]
            found = [
                row for each in channels for row in tx.rows("unknown_contacts", channel=each, limit=limit)
            ]
            return [rows.contact(row) for row in found[:limit]]

        return await self.database.read(work)

    async def correct(self, correction: Correction, playbook: Playbook) -> ContactRow:
        """Put another outcome in place of the one reported. Raises NotFound, Conflict, Forbidden."""
        row = await self.database.read(lambda tx: tx.row("peek_contact", id=correction.contact))
        if row is None or correction.profile is None:
            raise NotFound(f"there is no contact {correction.contact}")
        own = history.subjects(correction.profile, number_of(row))
        subjects = await self.database.read(lambda tx: subjects_of(tx, correction, row, own))
        await self.database.write(lambda tx: correct(tx, correction, playbook.at(tx.now())), subjects)
        return await self.get(correction.contact)

    async def reconcile(self, contact: ContactId, state: str, act: Act) -> ContactRow:
        """Say what became of an unknown contact. Raises NotFound, Conflict."""
        await self.get(contact)
        await self.database.write(lambda tx: reconcile(tx, contact, state, act))
        return await self.get(contact)

    async def record_consent(self, consent: Consent, *, idempotency: str | None = None) -> int:
        """Store it, raise the epochs, cancel the queued tasks a withdrawal forbids; how many."""
        return await self.record_consents([consent], idempotency=idempotency)

    async def record_consents(
        self, told: Sequence[Consent], *, idempotency: str | None = None, by: Act | None = None,
        said_since: Instant | None = None,
    ) -> int:  # fmt: skip
        """The same for several that are one act, in one commit, with the record of who did it.

        A withdrawal by a number binds, as persons, also those who gave the number up since it may have been said.
        A playbook that is missing or that this release no longer understands keeps no opt-out from being stored: what
        waits is then refused when it asks for its permit.
        """
        try:
            playbook = await self.playbooks.current()
        except (NotFound, ProblemsFound):
            playbook = None
        subjects = sorted({subject for each in told for subject in consents.subjects(each)})

        def work(tx: Transaction) -> int:
            if by is not None:
                record_in(tx, by)
            return consents.record_all(tx, told, playbook, idempotency, said_since)

        return await self.database.write(work, subjects)

    def reserve_in(self, tx: Transaction, wish: Wish) -> Reserved | Verdict:
        """Reserve inside a transaction that holds the wish's subjects."""
        return _granted(reserve_together(tx, [wish]))[0]

    def permit_in(
        self,
        tx: Transaction,
        contact: ContactId,
        profile: Profile,
        playbook: Playbook,
        fence: int | None,
        person: str | None,
    ) -> Permit | Verdict:
        """Permit inside a transaction that holds the contact's subjects."""
        row = tx.row("read_contact", id=contact)
        if row is None or row["state"] != "reserved":
            raise Conflict("this contact is no longer reserved")
        if row["customer_id"] != profile.customer:
            raise Conflict("two customers became one meanwhile: whoever asks reads them again")
        task = tx.row("read_task", id=row["task_id"])
        if task is None or (person is not None and not _holds(task, fence, person)):
            raise LeaseLost()
        now = tx.now()
        if now >= row["valid_until_us"]:
            verdict = expired(Verdict())
            cancel(tx, row, "expired", "task.expired", task_reason="expired")
            return verdict
        candidate = rows.candidate(row)
        halts = halt_refusals(tx.halted(), candidate)
        if halts:
            return _wait(tx, row, task, Verdict(halts))
        fresh = history.refreshed(tx, profile, playbook, candidate.number_hash, now)
        verdict = judge(playbook, candidate, fresh, now, excluding=contact)
        if not verdict.allowed:
            answer = self._refuse(tx, row, verdict)
            self._reroute(tx, row, task, fresh, playbook.at(now), verdict)
            return answer
        wait = (
            playbook.channels[candidate.channel].receipt_wait if candidate.channel in playbook.channels else 0
        )
        tx.run(
            "send_contact",
            id=contact,
            at_us=now,
            receipt_until_us=now + wait,
            epochs=epochs_text(fresh.epochs),
            person=person,
        )
        tx.run("start_task", id=task["id"])
        move(tx, row, "sending", "permit")
        return Permit(contact, TaskId(task["id"]), row["fence"] + 1, now)

    def _refuse(self, tx: Transaction, row: Row, verdict: Verdict) -> Verdict:
        """A refusal that may wait defers an outgoing contact; any other cancels it, with its reason."""
        rule = verdict.refusals[0].rule
        waits = verdict.on_hit == "defer" and verdict.until is not None and row["direction"] == "outgoing"
        if waits and verdict.until is not None and verdict.until < row["valid_until_us"]:
            tx.run("defer_contact", id=row["id"], planned_us=verdict.until)
            move(tx, row, "reserved", f"deferred by {', '.join(verdict.rules)}")
            return_task(tx, row["task_id"], verdict.until, rule, row["id"])
            return verdict
        reason = "expired" if waits else verdict.refusals[0].reason
        cancel(
            tx,
            row,
            "cancelled",
            ", ".join(verdict.rules),
            task_reason=f"{reason} {rule}",
        )
        return expired(verdict) if waits else verdict

    def _reroute(
        self, tx: Transaction, row: Row, task: Row, profile: Profile, playbook: Playbook, verdict: Verdict
    ) -> None:
        """Where a rule reroutes, the offer's place in another channel, as a task of its own: allowed now, else deferred."""
        ways = ways_round(playbook, profile, rows.candidate(row), verdict)
        for may_defer in (False, True):
            for candidate in ways:
                wish = Wish(
                    profile=profile, candidate=candidate, priority=task["priority"], playbook=playbook,
                    valid_until=row["valid_until_us"], rank=task["rank"], reasons=json.loads(task["reasons"]),
                    may_defer=may_defer,
                )  # fmt: skip
                if isinstance(self.reserve_in(tx, wish), Reserved):
                    return

    def _sending(self, tx: Transaction, contact: ContactId, fence: int) -> Row | None:
        """The contact, if it is still the hand-over of this fence."""
        row = tx.row("read_contact", id=contact)
        return row if row is not None and row["state"] == "sending" and row["fence"] == fence else None


def _granted(answers: Sequence[Answer]) -> list[Reserved | Verdict]:
    granted = [each for each in answers if not isinstance(each, Conflict)]
    if len(granted) < len(answers):
        raise next(each for each in answers if isinstance(each, Conflict))
    return granted


def _wait(tx: Transaction, row: Row, task: Row, verdict: Verdict) -> Verdict:
    """Halted: the reservation stays where it is, and whoever held its task no longer does."""
    rule = verdict.refusals[0].rule
    move(tx, row, "reserved", ", ".join(verdict.rules))
    return_task(tx, task["id"], Instant(task["not_before_us"]), rule, row["id"])
    return verdict


def _room(tx: Transaction, channel: str, rate: float) -> int:
    """How many more a channel may hand over now: at most ``rate`` in any second, or one in as long as one takes."""
    most = max(1, int(rate))
    since = tx.now() - round(most / rate * SECOND)
    found = tx.row("handed_over_since", channel=channel, since_us=since)
    return most - (int(found["contacts"]) if found else 0)


def _holds(task: Row, fence: int | None, person: str) -> bool:
    return bool(task["state"] == "leased" and task["leased_to"] == person and task["fence"] == fence)
