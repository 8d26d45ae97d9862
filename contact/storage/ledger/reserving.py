"""Reserve many wishes under one set of locks: read together, judged one after the other, inserted at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from uuid_utils import uuid7

from contact.domain.contact import ContactId
from contact.domain.halt import halt_refusals
from contact.domain.task import TaskId
from contact.faults import Conflict
from contact.ports import Reserved, Wish
from contact.storage.databases.transaction import Transaction
from contact.storage.ledger.entering import Values, contact_row, first_moves, task_row
from contact.storage.ledger.ground import Ground, Subjects, subjects_held
from contact.storage.ledger.placing import Placed, expired, placed
from strategies.candidate import reserved_contact
from strategies.instants import Instant
from strategies.profile import PastContact, Profile
from strategies.verdict import Refusal, Verdict

Answer = Reserved | Verdict | Conflict
GONE = Refusal("forbidden", "customer.gone", detail="erased, or merged into another customer, meanwhile")


class Entries:
    """Rows that wait to go in together."""

    def __init__(self) -> None:
        self.tasks: list[Values] = []
        self.contacts: list[Values] = []
        self.moves: list[Values] = []

    def enter(self, tx: Transaction) -> None:
        """All of them, one statement a table."""
        tx.put("insert_task", self.tasks)
        tx.put("insert_contact", self.contacts)
        tx.put("insert_move", self.moves)


def reserve_together(
    tx: Transaction, wishes: Sequence[Wish], held: Sequence[Subjects] | None = None
) -> list[Answer]:
    """As if each were reserved alone, in their order, inside a transaction that holds the subjects of all.

    ``held``: the subjects of each, where they were listed already to be locked.
    """
    now, halted = tx.now(), tx.halted()
    taken = _ranks_taken(tx, wishes)
    held = held or [subjects_held(each) for each in wishes]
    ground, entries = Ground.read(tx, wishes, held, now), Entries()
    answers: list[Answer] = []
    for wish in wishes:
        halts = halt_refusals(halted, wish.candidate) if halted else ()
        rank = (wish.day, wish.profile.customer, wish.rank)
        if wish.day is not None and rank in taken:
            answers.append(Conflict(f"{wish.profile.customer} already has rank {wish.rank} on {wish.day}"))
            continue
        answer = Verdict(halts) if halts else _reserve(wish, ground, entries, now)
        if isinstance(answer, Reserved):
            taken.add(rank)
        answers.append(answer)
    entries.enter(tx)
    return answers


def _reserve(wish: Wish, ground: Ground, entries: Entries, now: Instant) -> Reserved | Verdict:
    at = Instant(max(now, wish.planned_at or now))
    profile = wish.profile
    stands = ground.stands(wish)
    if not stands:
        if ground.is_gone(wish):
            return Verdict((GONE,))
        profile = ground.profile_of(wish)
    if stands and wish.judged and at == wish.planned_at:
        place: Placed | Verdict = Placed(at) if at < wish.valid_until else expired(Verdict())
    else:
        place = placed(wish, profile, at)
    if isinstance(place, Verdict):
        return place
    return _enter(wish, profile, place, ground, entries, now)


def _enter(
    wish: Wish, profile: Profile, place: Placed, ground: Ground, entries: Entries, now: Instant
) -> Reserved:
    contact, task = ContactId(str(uuid7())), TaskId(str(uuid7()))
    at, handed_over = place.at, wish.permit and not place.deferred_by
    channel = wish.playbook.channels[wish.candidate.channel]
    held_by = place.deferred_by[0].rule if place.deferred_by else None
    entries.tasks.append(task_row(wish, task, contact, at, now, started=handed_over, held_by=held_by))
    entries.contacts.append(
        contact_row(wish, profile.epochs, contact, task, at, now, channel, handed_over=handed_over)
    )
    entries.moves += first_moves(contact, now, handed_over=handed_over)
    if ground.is_shared(wish):
        ground.add(_as_counted(wish, profile, contact, at, handed_over=handed_over))
    return Reserved(contact, task, at, bool(place.deferred_by), 1 if handed_over else 0, place.deferred_by)


def _as_counted(
    wish: Wish, profile: Profile, contact: ContactId, at: Instant, *, handed_over: bool
) -> PastContact:
    """The new contact as the wishes after it see it."""
    number_hash = wish.candidate.number_hash or profile.number_hash
    made = reserved_contact(contact, wish.candidate, profile, at, number_hash)
    if not handed_over:
        return made
    wait = wish.playbook.channels[wish.candidate.channel].receipt_wait
    return replace(made, state="sending", moments={"attempt": at}, receipt_until=Instant(at + wait))


def _ranks_taken(tx: Transaction, wishes: Sequence[Wish]) -> set[tuple[str | None, str, int]]:
    """Day, customer and rank of living tasks that wishes of a plan would collide with."""
    found: set[tuple[str | None, str, int]] = set()
    for day in sorted({wish.day for wish in wishes if wish.day is not None}):
        customers = tx.batch(sorted({wish.profile.customer for wish in wishes if wish.day == day}))
        rows = tx.rows("planned_ranks", day=day, customers=customers)
        found |= {(day, row["customer_id"], row["rank"]) for row in rows}
    return found
