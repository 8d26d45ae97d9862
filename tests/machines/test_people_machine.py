"""People are contacted, say no, are merged, forgotten, lose their numbers and have outcomes set right, in any order.

After each step the check of the ledger finds nothing, whoever said no is contacted by nobody, and what was sent to somebody
still counts for them.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from contact.domain.contact import ContactId
from contact.faults import Conflict
from contact.ports import Completion, Correction
from contact.storage.audits.ledger_check import check_ledger
from contact.storage.databases.transaction import Transaction
from contact.storage.ledger import history
from contact.storage.ledger.sweeping import sweep
from strategies.instants import SECOND, Instant
from strategies.judging.consents import consent_refusal
from strategies.profile import Consent, CustomerId, Profile
from tests.machines.on_store import Place, run
from tests.machines.people import ACCOUNTS, ACT, AGENT, CANDIDATES, RULES, People
from tests.machines.states import COUNTED
from tests.machines.words import CHANNELS

PEOPLE, OTHERS = st.sampled_from(sorted(ACCOUNTS)), st.sampled_from(sorted(ACCOUNTS))
WORDS = st.sampled_from(["no more", "STOP", "sms again", "outbound_call again"])
RESULTS = st.sampled_from(["accepted", "rejected", "no_answer", "do_not_contact"])


class PeopleMachine(People):
    """What may happen to them, in any order."""

    @initialize(said=st.tuples(*[WORDS] * len(ACCOUNTS)))
    def open(self, said: tuple[str, ...]) -> None:
        """Everybody was sent a message, one is being called, and some have said no."""
        self.begin_with_all()
        for person in ACCOUNTS:
            self.send(str(self.reserved(person, "sms")), certain=True)
        self.call("C3")
        for person, word in zip(ACCOUNTS, said, strict=True):
            self.say(person, word)

    @rule(person=PEOPLE, later=st.booleans())
    def message(self, person: str, later: bool) -> None:
        """Sent at once, or it waits for ``hand_over``."""
        contact = self.reserved(person, "sms")
        if contact is not None and not later:
            self.send(contact, certain=True)

    @precondition(lambda self: any(made.channel == "sms" for made in self.made.values()))
    @rule(data=st.data(), certain=st.booleans())
    def hand_over(self, data: st.DataObject, certain: bool) -> None:
        """Of the messages made so far one is handed over, unless it was."""
        messages = sorted(id for id, made in self.made.items() if made.channel == "sms")
        self.send(data.draw(st.sampled_from(messages)), certain)

    @rule(person=PEOPLE)
    def call(self, person: str) -> None:
        """A call waits, and the agent begins with whichever comes first, unless they are at one."""
        self.reserved(person, "outbound_call")
        self.begin()

    @precondition(lambda self: self.held is not None)
    @rule(result=RESULTS, everything=st.booleans())
    def tell(self, result: str, everything: bool) -> None:
        """How the call went; whoever wants no more says so of the number, or as a person."""
        held, self.held = self.held, None
        if held is None or self.made[held.contact].person in self.gone:
            return
        made = self.made[held.contact]
        said = self.said(held.contact, everything) if result == "do_not_contact" else None
        report = Completion(
            made.task, held.fence, AGENT.id, result, withdraw=said, profile=self.who(made.person)
        )
        self.do(self.stores.tasks.complete(report, RULES))
        made.told = True
        self.heard(held.contact, said)
        self.found_retry(held.contact)

    @precondition(lambda self: any(made.told for made in self.made.values()))
    @rule(data=st.data(), result=RESULTS, everything=st.booleans())
    def correct(self, data: st.DataObject, result: str, everything: bool) -> None:
        """A supervisor sets an outcome right, and takes back what it had brought."""
        told = sorted(id for id, made in self.made.items() if made.told and made.person not in self.gone)
        if not told:
            return
        contact = data.draw(st.sampled_from(told))
        made = self.made[contact]
        said = self.said(contact, everything) if result == "do_not_contact" else None
        setting = Correction(
            ContactId(contact), result, ACT, withdraw=said, may_lift=True, profile=self.who(made.person)
        )
        try:
            self.do(self.stores.ledger.correct(setting, RULES))
        except Conflict:
            return  # this very outcome stands
        self.words.take_back(made.task)
        self.heard(contact, said)
        self.found_retry(contact)

    @rule(person=PEOPLE, word=WORDS)
    def say(self, person: str, word: str) -> None:
        """As a person, or by the number that they have."""
        if person in self.gone:
            return
        number, channel = self.numbers[person], word.partition(" ")[0]
        said = Consent(
            word.endswith("again"), Instant(self.now), channel, "marketing", customer=CustomerId(person)
        )
        if word == "STOP":
            said = replace(said, channel="sms", category="promotional", customer=None, number_hash=number)
            self.words.withdraw(None, number, {"sms"})
        elif word == "no more":
            said = replace(said, channel="all", category="promotional")
            self.words.withdraw(person, None, CHANNELS)
        else:
            self.words.give(person, channel)
        self.do(self.stores.ledger.record_consent(said))

    @rule(person=PEOPLE, into=st.one_of(OTHERS, OTHERS, st.none()))
    def end(self, person: str, into: str | None) -> None:
        """The id is somebody else's from now on, or nobody's."""
        if into is None:
            self.erase(person)
        else:
            self.merge(person, into)

    def merge(self, old: str, new: str) -> None:
        if old == new or {old, new} & self.gone:
            return
        self.do(self.stores.people.merge(CustomerId(old), CustomerId(new), RULES, ACT))
        self.words.bind(old, self.numbers[old])
        self.words.merge(old, new)
        self.gone.add(old)
        self.into[old] = new
        for made in self.made.values():
            if made.person == old:
                made.person = new
                made.account = self.account[new] if made.account == old else made.account

    def erase(self, person: str) -> None:
        if person in self.gone:
            return
        self.do(self.erasures.erase(CustomerId(person), ACT))
        self.words.erase(person, self.numbers[person])
        self.gone.add(person)

    @rule(person=PEOPLE, following=OTHERS)
    def recycle(self, person: str, following: str) -> None:
        """A number goes to somebody else, and who had it gets a new one; of who is forgotten nobody tells that it did."""
        self.pass_time(1)
        if following in self.gone or person == following:
            return
        if person not in self.gone:
            self.changes_hands(person, self.numbers[person])
        self.numbers[following], self.numbers[person] = self.numbers[person], self.hashed(self.fresh_number())
        for each in (person, following):
            self.sql(f"UPDATE identity SET number_hash = '{self.numbers[each]}' WHERE customer_id = '{each}'")

    def changes_hands(self, person: str, number: str) -> None:
        self.do(self.stores.people.recycle(self.clear[number], Instant(self.now), ACT))
        contacts = [made for made in self.made.values() if made.number == number]
        self.words.recycle(number, {made.person for made in contacts} - self.gone)
        for made in contacts:
            made.number = None

    @rule(seconds=st.sampled_from([31, 2411, 8000]))
    def pass_time(self, seconds: int) -> None:
        self.now = max(self.now, self.do(self.stores.clock.now()).at) + seconds * SECOND
        self.do(self.stores.clock.move_to(Instant(self.now)))
        self.do(self.stores.database.write(lambda tx: sweep(tx, RULES)))
        if seconds > 7200:
            self.held = None  # nobody reported on it in time

    @invariant()
    def the_check_finds_nothing(self) -> None:
        if hasattr(self, "stores"):
            report = self.do(check_ledger(self.stores.database, RULES))
            assert report.violations == 0, {name: ids for name, ids in report.found.items() if ids}

    @invariant()
    def whoever_said_no_is_left_alone(self) -> None:
        if not hasattr(self, "stores"):
            return
        living = [self.who(person) for person in ACCOUNTS if person not in self.gone]

        def known(tx: Transaction) -> list[Profile]:
            return [
                replace(each, consents=history.consents(tx, each.customer, [str(each.number_hash)]))
                for each in living
            ]

        for each in self.do(self.stores.database.read(known)):
            for candidate in CANDIDATES:
                if self.words.forbid(each.customer, each.number_hash, candidate.channel):
                    assert consent_refusal(RULES, candidate, each, Instant(self.now)) is not None, (
                        each.customer
                    )

    @invariant()
    def what_was_sent_counts_for_whom_it_was_sent_to(self) -> None:
        for id, row in (self.states() if hasattr(self, "stores") else {}).items():
            made = self.made[id]
            assert (row["customer_id"], row["account_id"]) == (made.person, made.account)
            assert row["attempt_us"] is None or row["state"] in COUNTED


def test_people_in_every_order(place: Place) -> None:
    """No order of merging, forgetting, recycling, correcting and contacting loses a withdrawal or makes room under a cap."""
    run(PeopleMachine, place, examples=20 if place.server is None else 6, steps=20)
