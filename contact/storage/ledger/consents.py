"""Consents: stored first, then the epochs rise and what a withdrawal forbids leaves the queues, in one commit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from uuid_utils import uuid7

from contact.storage.databases import rows
from contact.storage.databases.opt_out_journal import Entry
from contact.storage.databases.transaction import Row, Transaction
from contact.storage.ledger import history
from contact.storage.ledger.moves import cancel
from contact.storage.ledger.owners import as_person, owners_since
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.judging.consents import consent_refusal
from strategies.judging.told_consents import told_last
from strategies.profile import Consent, CustomerId, Profile, Subject


def subjects(consent: Consent) -> tuple[Subject, ...]:
    """The person and the number a consent binds."""
    pairs = (("customer", consent.customer), ("number", consent.number_hash))
    return tuple(Subject(kind, key) for kind, key in pairs if key)


def record(
    tx: Transaction, consent: Consent, playbook: Playbook | None, idempotency: str | None = None
) -> int:
    """Store a consent told now inside a transaction that holds its subjects; how many queued tasks it cancelled.

    It stands in the journal before the transaction is committed, under the id it came with. Where that customer was
    merged into another it binds that one, whose subject is held from then on. It counts after what was told before it,
    also where the store's clock was set back in between.
    """
    binding = _of_whom_they_are_now(tx, consent)
    numbers = [binding.number_hash] if binding.number_hash else []
    last = told_last(binding, history.consents(tx, binding.customer or "", numbers), tx.now())
    return _keep(tx, replace(consent, at=last.at), last, playbook, idempotency)


def record_as_dated(
    tx: Transaction, consent: Consent, playbook: Playbook | None, idempotency: str | None = None
) -> int:
    """The same for one whose instant is not ours to choose: a file's, or one that was kept."""
    return _keep(tx, consent, _of_whom_they_are_now(tx, consent), playbook, idempotency)


def _keep(
    tx: Transaction, consent: Consent, binding: Consent, playbook: Playbook | None, idempotency: str | None
) -> int:
    entry = Entry(idempotency or f"consent:{uuid7()}", tx.now(), consent)
    if not _insert(tx, entry, binding):
        return 0
    tx.journal.append(entry)
    return 0 if consent.given or playbook is None else _cancel_forbidden(tx, binding, playbook)


def restore(tx: Transaction, entry: Entry) -> bool:
    """Store what the journal holds, as it was recorded; False where it stands already, or was set right since."""
    binding = _of_whom_they_are_now(tx, entry.consent)
    annulled = tx.row(
        "was_annulled", customer=binding.customer, number=binding.number_hash, channel=binding.channel,
        category=binding.category, at_us=binding.at, recorded_us=entry.recorded,
    )  # fmt: skip
    return annulled is None and _insert(tx, entry, binding)


def _of_whom_they_are_now(tx: Transaction, consent: Consent) -> Consent:
    found = tx.row("merged_into", customer=consent.customer) if consent.customer else None
    return consent if found is None else replace(consent, customer=CustomerId(found["into_id"]))


def _insert(tx: Transaction, entry: Entry, consent: Consent) -> bool:
    fresh = tx.run(
        "insert_consent", customer_id=consent.customer, number_hash=consent.number_hash, channel=consent.channel,
        category=consent.category, given=int(consent.given), at_us=consent.at, source=consent.source,
        evidence=consent.evidence, until_us=consent.until, idempotency=entry.id, recorded_us=entry.recorded,
    )  # fmt: skip
    if fresh:
        for subject in subjects(consent):
            tx.run("raise_epoch", kind=subject.kind, key=subject.key)
    return bool(fresh)


def record_all(
    tx: Transaction,
    told: Sequence[Consent],
    playbook: Playbook | None,
    idempotency: str | None = None,
    said_since: Instant | None = None,
) -> int:
    """Store several consents that are one act, such as a number's and its customers'; how many tasks they cancelled."""
    every = [*told, *_of_former_owners(tx, told, said_since)]
    return sum(
        record(tx, each, playbook, idempotency and f"{idempotency}:{each.customer or 'number'}")
        for each in every
    )


def _of_former_owners(
    tx: Transaction, told: Sequence[Consent], said_since: Instant | None
) -> Iterator[Consent]:
    """What is told by a number that changed hands meanwhile may be the word of whoever had it."""
    known = {each.customer for each in told}
    for each in told:
        if each.number_hash is not None and not each.given:
            since = each.at if said_since is None else said_since
            owners = owners_since(tx, each.number_hash, since)
            yield from (as_person(each, owner) for owner in owners if owner not in known)


def keep_for_person(
    tx: Transaction, numbers: Sequence[str], person: CustomerId, before: Instant | None = None
) -> int:
    """What somebody withdrew for numbers that are theirs no more goes on binding them; how many records that makes.

    Dated as it was told: what they gave since, as this person, stays given. Since ``before`` another speaks.
    """
    own = history.consents(tx, person, [])
    kept = 0
    for told in _standing_withdrawals(history.consents(tx, "", numbers), before, tx.now()):
        scope = as_person(told, person)
        if not any(_says_more(each, scope) for each in own):
            record_as_dated(tx, scope, None)
            kept += 1
    return kept


def _standing_withdrawals(records: Sequence[Consent], before: Instant | None, now: Instant) -> list[Consent]:
    """The last word of each number on each channel and category where that is a withdrawal that has not run out."""
    latest: dict[tuple[str | None, str, str], Consent] = {}
    for each in sorted(records, key=lambda record: (record.at, not record.given)):
        ours = before is None or each.at < before
        if ours and (each.until is None or each.until > (before or now)):
            latest[each.number_hash, each.channel, each.category] = each
    return [each for each in latest.values() if not each.given]


def _says_more(said: Consent, told: Consent) -> bool:
    """Whether a person said something of the very same scope at that instant or later."""
    return (said.channel, said.category) == (told.channel, told.category) and said.at >= told.at


def _cancel_forbidden(tx: Transaction, consent: Consent, playbook: Playbook) -> int:
    numbers = [consent.number_hash] if consent.number_hash else []
    cancelled = 0
    for task in tx.rows("queued_tasks_of_person", customer=consent.customer, numbers=numbers):
        rule = _refused_now(tx, task, playbook)
        contact = tx.row("read_contact", id=task["contact_id"]) if task["contact_id"] else None
        if rule is not None and contact is not None and contact["state"] == "reserved":
            cancel(tx, contact, "cancelled", rule, task_reason=f"opted_out {rule}")
            cancelled += 1
    return cancelled


def _refused_now(tx: Transaction, task: Row, playbook: Playbook) -> str | None:
    """The built-in name under which consent now refuses the task, None where it does not."""
    numbers = [task["number_hash"]] if task["number_hash"] else []
    known = history.consents(tx, task["customer_id"], numbers)
    profile = Profile(CustomerId(task["customer_id"]), 0, 0, task["account_id"], consents=known)
    refusal = consent_refusal(playbook, rows.candidate(task), profile, tx.now())
    return refusal.rule if refusal is not None else None
