"""Profiles as they were: facts of an earlier generation while its files are kept, contacts by their moves."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace

from contact.faults import NotFound
from contact.storage.databases import rows
from contact.storage.databases.scope import require_within
from contact.storage.databases.transaction import Row, Transaction
from contact.storage.generations.files import Generation
from contact.storage.generations.unit_changes import UnitChange, laid_together
from contact.storage.ledger import history
from contact.storage.people.profiles import Profiles, overlaid
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.judging.asking import way_up
from strategies.profile import Consent, CustomerId, PastContact, Profile

_OVER = frozenset({"expired", "cancelled", "released", "not_sent"})


class Past(Profiles):
    """Keeps PastPort on either database; facts are decoded as they are for every other profile."""

    async def facts(
        self, customer: CustomerId, playbook: Playbook, *, generation: int, bucket: int, change: int, unit_change: int,
        at: Instant,
    ) -> Profile | None:  # fmt: skip
        """The customer's facts of a generation with what events had set by then; None where they are gone."""

        def work(tx: Transaction) -> Profile | None:
            require_within(tx, self.scope, customer)
            row = tx.row("generation_by_number", number=generation)
            if row is None or tx.row("read_erased", customer=customer) is not None:
                return None
            files = json.loads(row["manifest"])
            try:
                profile = self._decode_one(playbook, Generation(generation, files), bucket, customer)
            except (FileNotFoundError, NotFound):
                return None
            changes = tx.rows("changes_until", customer=customer, seq=change, at_us=at)
            units = way_up(playbook, profile.unit)
            told = tx.rows("unit_changes_until", units=list(units), seq=unit_change, at_us=at)
            of_units = [UnitChange(each["seq"], each["unit"], json.loads(each["fields"])) for each in told]
            own = [(each["seq"], json.loads(each["fields"])) for each in changes]
            return overlaid(profile, own, laid_together(of_units, units))

        return await self.database.read(work)

    async def as_of(self, customer: CustomerId, playbook: Playbook, at: Instant) -> Profile:
        """Today's facts with contacts, consents and events as of another instant. Raises NotFound."""
        today = await self.gather(customer, playbook)

        def work(tx: Transaction) -> Profile:
            if at >= tx.now():
                return today
            numbers = history.numbers_of(today)
            return replace(
                today,
                consents=_consents(tx, customer, numbers, at),
                contacts=_contacts(tx, today, numbers, history.since(playbook, at), at),
                events=tuple(each for each in history.events(tx, customer, playbook, at) if each.at <= at),
            )

        return await self.database.read(work)


def _consents(tx: Transaction, customer: str, numbers: tuple[str, ...], at: Instant) -> tuple[Consent, ...]:
    found = tx.rows("consents_recorded_by", customer=customer, numbers=list(numbers), at_us=at)
    return tuple(rows.consent(row) for row in found)


def _contacts(
    tx: Transaction, profile: Profile, numbers: tuple[str, ...], since: Instant, at: Instant
) -> tuple[PastContact, ...]:
    """Contacts that were there by then, each in the state its moves had brought it to."""
    found = tx.rows(
        "read_history", customer=profile.customer, account=profile.account, household=profile.household,
        device=profile.device, numbers=list(numbers), since_us=since,
    )  # fmt: skip
    there = [row for row in found if _begun(row) <= at]
    moves: dict[str, list[Row]] = defaultdict(list)
    for move in tx.rows("moves_of_contacts", contacts=[row["id"] for row in there]):
        moves[move["contact_id"]].append(move)
    return tuple(_as_of(rows.past_contact(row), moves[row["id"]], at) for row in there)


def _begun(row: Row) -> int:
    """When the contact came to be; one that was imported happened before it was on file."""
    return int(row["planned_us"] if row["playbook"] == "" else row["created_us"])


def _as_of(contact: PastContact, moves: list[Row], at: Instant) -> PastContact:
    """The contact without what came later: its state is that of the last move by then."""
    reached = [move for move in moves if move["at_us"] <= at]
    moments = {name: moment for name, moment in contact.moments.items() if moment <= at}
    if not reached or (len(reached) == len(moves) and len(moments) == len(contact.moments)):
        return contact
    state = reached[-1]["to_state"]
    return replace(contact, state=state, moments=moments, result=None, final=state in _OVER)
