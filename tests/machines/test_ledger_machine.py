"""The ledger one step after the other, against the sequential model of docs/promises.md."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, invariant, rule

from contact.faults import Conflict
from contact.ports import Permit, Receipt, Reserved
from contact.storage.ledger.sweeping import sweep
from strategies.candidate import Candidate
from strategies.instants import HOUR, MINUTE, SECOND, Instant
from strategies.profile import Consent, CustomerId
from tests.contracts.situations import playbook, profile, wish
from tests.machines.on_store import OnStore, Place, run
from tests.machines.states import COUNTED, MOVES, REPORTS, after_report

MAX = 2
SMS = Candidate(channel="sms", category="marketing")
RULES = playbook(f"""
  - {{rule: account, effect: cap, subject: account, match: {{channels: [sms]}}, window: {{sliding: P7D}}, max: {MAX}}}
""")
VALID = HOUR
STALE = 2 * MINUTE
CUSTOMERS = ("C1", "C2")
"""Two customers of one account share its cap."""


class LedgerMachine(OnStore):
    """Reserve, hand over, confirm, lose, report, withdraw and let time pass, in any order."""

    contacts = Bundle("contacts")

    @initialize()
    def open(self) -> None:
        self.open_store()
        self.do(self.stores.playbooks.publish(RULES, base=None, author="test", why="machine"))
        self.now: int = self.do(self.stores.clock.now()).at
        self.state: dict[str, str] = {}
        self.customer: dict[str, str] = {}
        self.until: dict[str, int] = {}
        self.sent_at: dict[str, int] = {}
        self.fence: dict[str, int] = {}
        self.early: dict[str, list[str]] = {}
        self.seen: set[str] = set()
        self.withdrawn: set[str] = set()

    @rule(target=contacts, customer=st.sampled_from(CUSTOMERS))
    def reserve(self, customer: str) -> str:
        who = profile(customer, account="A1")
        wanted = wish(RULES, who, Instant(self.now), SMS, valid_until=Instant(self.now + VALID))
        answer = self.do(self.stores.ledger.reserve(wanted))
        full = sum(state in COUNTED for state in self.state.values()) >= MAX
        assert isinstance(answer, Reserved) == (not full and customer not in self.withdrawn)
        if not isinstance(answer, Reserved):
            return ""
        id = str(answer.contact)
        self.state[id], self.customer[id], self.until[id] = "reserved", customer, self.now + VALID
        return id

    @rule(contact=contacts)
    def permit(self, contact: str) -> None:
        if not contact:
            return
        who = profile(self.customer[contact], account="A1")
        try:
            answer = self.do(self.stores.ledger.permit(contact, who, RULES))
        except Conflict:
            assert self.state[contact] != "reserved"
            return
        assert self.state[contact] == "reserved"
        assert isinstance(answer, Permit), answer  # an opt-out would have cancelled it, time the sweep
        self.state[contact], self.sent_at[contact] = "sending", self.now
        self.fence[contact] = answer.fence

    @rule(contact=contacts, how=st.sampled_from(["confirm", "ambiguous", "refused", "old fence"]))
    def answered(self, contact: str, how: str) -> None:
        if contact not in self.fence:
            return
        ledger, fence = self.stores.ledger, self.fence[contact]
        match how:
            case "confirm":
                self.do(ledger.confirm(contact, fence, "r"))
                self._past_sending(contact, "sent")
            case "ambiguous":
                self.do(ledger.ambiguous(contact, fence, "lost"))
                self._past_sending(contact, "unknown")
            case "refused":
                self.do(ledger.refused(contact, fence, passing=False, why="no"))
                if self.state[contact] == "sending":
                    self.state[contact] = "released"
            case _:
                self.do(ledger.confirm(contact, fence - 1, "r"))

    def _past_sending(self, contact: str, state: str) -> None:
        """A confirmation counts only while it is awaited; then what came early is applied."""
        if self.state[contact] == "sending":
            self.state[contact] = state
            for report in self.early.pop(contact, []):
                self.state[contact] = after_report(self.state[contact], report)

    @rule(contact=contacts, report=st.sampled_from(REPORTS), id=st.integers(1, 3))
    def reported(self, contact: str, report: str, id: int) -> None:
        if not contact:
            return
        name = f"{contact}-{report}-{id}"
        fresh = self.do(
            self.stores.ledger.receive(Receipt(name, contact, report, Instant(self.now)))  # type: ignore[arg-type]
        )
        assert fresh == (name not in self.seen)
        if fresh:
            self.seen.add(name)
            if self.state[contact] == "sending":
                self.early.setdefault(contact, []).append(report)
            else:
                self.state[contact] = after_report(self.state[contact], report)

    @rule(customer=st.sampled_from(CUSTOMERS))
    def withdraw(self, customer: str) -> None:
        consent = Consent(False, Instant(self.now), "sms", "marketing", customer=CustomerId(customer))
        self.do(self.stores.ledger.record_consent(consent))
        self.withdrawn.add(customer)
        queued = [
            id for id, state in self.state.items() if state == "reserved" and self.customer[id] == customer
        ]
        self.state |= dict.fromkeys(queued, "cancelled")

    @rule(seconds=st.sampled_from([31, 157, 2411]))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds * SECOND
        self.do(self.stores.clock.move_to(Instant(self.now)))
        self.do(self.stores.database.write(lambda tx: sweep(tx, RULES)))
        for contact, state in list(self.state.items()):
            if state == "reserved" and self.until[contact] <= self.now:
                self.state[contact] = "expired"
            if state == "sending" and self.sent_at[contact] <= self.now - STALE:
                self._past_sending(contact, "unknown")

    @invariant()
    def as_the_model_says(self) -> None:
        if not hasattr(self, "stores"):
            return
        rows = self.do(
            self.stores.database.read(
                lambda tx: tx.connection.execute("SELECT id, state FROM contact").fetchall()
            )
        )
        assert {row["id"]: row["state"] for row in rows} == self.state

    @invariant()
    def only_lawful_moves(self) -> None:
        if not hasattr(self, "stores"):
            return
        rows = self.do(
            self.stores.database.read(
                lambda tx: tx.connection.execute("SELECT from_state, to_state FROM contact_move").fetchall()
            )
        )
        proven = {("unknown", "delivered"), ("unknown", "undelivered")}  # over ``sent``
        for row in rows:
            old, new = row["from_state"], row["to_state"]
            assert old is None or new in MOVES.get(old, set()) or (old, new) in proven, (old, new)


def test_the_ledger_in_every_order(place: Place) -> None:
    """On either database each contact is where the model says after each step."""
    run(LedgerMachine, place, examples=25 if place.server is None else 6, steps=25)
