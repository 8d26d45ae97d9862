"""A few customers, two of one account, and one agent: what the machine knows of them, and how they are contacted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from contact.domain.acts import Act
from contact.domain.contact import ContactId
from contact.faults import Conflict
from contact.ports import Permit, Person, Reserved
from contact.storage.generations.files import Generations
from contact.storage.privacy.erasing import Erasures
from strategies.candidate import Candidate
from strategies.hashing import bucket, hash64
from strategies.instants import DAY, Instant
from strategies.profile import Consent, CustomerId, Profile
from tests.contracts.situations import playbook, wish
from tests.machines.on_store import OnStore
from tests.machines.states import COUNTED
from tests.machines.words import CHANNELS, Words

CAPS = {"account": ("sms", 3), "number": ("sms", 2), "customer": ("outbound_call", 2)}
RULES = playbook(
    "".join(
        f"  - {{rule: {subject}, effect: cap, subject: {subject}, match: {{channels: [{channel}]}}, "
        f"window: {{sliding: P30D}}, max: {most}}}\n"
        for subject, (channel, most) in CAPS.items()
    )
)
ACCOUNTS = {"C1": "A1", "C2": "A1", "C3": "C3", "C4": "C4"}
CANDIDATES = [Candidate(channel=each, category="marketing") for each in sorted(CHANNELS)]
AGENT = Person("a1", "Agent One", "agent", None, channels=("outbound_call",))
ACT = Act("boss", "admin", "customers.merged", why="machine")


@dataclass
class Made:
    """A contact as the model knows it; ``number`` None once it is another's."""

    person: str
    account: str
    number: str | None
    channel: str
    task: str
    told: bool = False
    """Whether an agent reported an outcome."""


@dataclass
class Held:
    """The task an agent has begun."""

    contact: str
    fence: int
    number: str


class People(OnStore):
    """The model beside the store, and the verbs that rules are made of."""

    def begin_with_all(self) -> None:
        """An empty store with everybody in it."""
        self.open_store()
        self.do(self.stores.playbooks.publish(RULES, base=None, author="test", why="machine"))
        generations = Generations(self.home)
        self.erasures = Erasures(self.stores.database, generations, self.stores.hasher, self.home)
        self.now: int = self.do(self.stores.clock.now()).at
        self.words, self.made = Words(), dict[str, Made]()
        self.into: dict[str, str] = {}
        self.gone: set[str] = set()
        self.account, self.numbers, self.held = dict(ACCOUNTS), dict[str, str](), None
        self.given_out = 0
        for person in ACCOUNTS:
            number = self.hashed(self.fresh_number())
            self.numbers[person] = number
            self.sql(
                "INSERT INTO identity (customer_id, customer_hash, bucket, account_id, number_hash) "
                f"VALUES ('{person}', 1, 1, '{ACCOUNTS[person]}', '{number}')"
            )

    held: Held | None

    def fresh_number(self) -> str:
        self.given_out += 1
        return f"+8613800138{self.given_out:03}"

    def hashed(self, number: str) -> str:
        hashed = self.stores.hasher(number)
        self.clear = {**getattr(self, "clear", {}), hashed: number}
        return hashed

    def sql(self, text: str) -> Any:
        return self.do(self.stores.database.write(lambda tx: tx.connection.execute(text)))

    def who(self, person: str) -> Profile:
        """As a profile read just now."""
        return Profile(
            CustomerId(person), hash64(person), bucket(self.account[person]), self.account[person],
            number_hash=self.numbers[person],
        )  # fmt: skip

    def states(self) -> dict[str, Any]:
        rows = self.do(
            self.stores.database.read(
                lambda tx: tx.connection.execute("SELECT * FROM contact ORDER BY seq").fetchall()
            )
        )
        return {row["id"]: row for row in rows}

    def is_full(self, person: str, channel: str) -> bool:
        """Whether a cap of the person, of their account or of their number is used up, by what the model knows was sent."""
        states = self.states()
        counted = [made for id, made in self.made.items() if states[id]["state"] in COUNTED]
        used = {
            "customer": sum(made.person == person and made.channel == "outbound_call" for made in counted),
            "account": sum(
                made.account == self.account[person] and made.channel == "sms" for made in counted
            ),
            "number": sum(made.number == self.numbers[person] and made.channel == "sms" for made in counted),
        }
        return any(capped == channel and used[subject] >= most for subject, (capped, most) in CAPS.items())

    def reserved(self, person: str, channel: str) -> str | None:
        """Ask for a place: refused to whom the model forbids, and granted where nobody ever said no."""
        candidate = Candidate(channel=channel, category="marketing")
        wanted = wish(
            RULES, self.who(person), Instant(self.now), candidate, valid_until=Instant(self.now + DAY)
        )
        answer = self.do(self.stores.ledger.reserve(wanted))
        no = self.words.forbid(person, self.numbers[person], channel)
        if person in self.gone or no or self.is_full(person, channel):
            assert not isinstance(answer, Reserved), (person, channel)
        elif not self.words.said:
            assert isinstance(answer, Reserved), answer
        if not isinstance(answer, Reserved):
            return None
        number, account = self.numbers[person], self.account[person]
        self.made[answer.contact] = Made(person, account, number, channel, answer.task)
        return answer.contact

    def send(self, contact: str, certain: bool) -> None:
        """With a gateway that takes it, or says nothing."""
        permit, ledger = self.permitted(contact), self.stores.ledger
        if permit is not None and certain:
            self.do(ledger.confirm(contact, permit.fence, "r"))
        elif permit is not None:
            self.do(ledger.ambiguous(contact, permit.fence, "lost"))

    def permitted(self, contact: str, fence: int | None = None) -> Permit | None:
        made, person = self.made[contact], AGENT.id if fence is not None else None
        profile = self.who(made.person)
        try:
            answer = self.do(
                self.stores.ledger.permit(ContactId(contact), profile, RULES, fence=fence, person=person)
            )
        except Conflict:
            return None
        if not isinstance(answer, Permit):
            return None
        assert made.person not in self.gone
        assert not self.words.forbid(made.person, str(made.number), made.channel)
        return answer

    def begin(self) -> None:
        if self.held is not None:
            return
        task = self.do(self.stores.tasks.next(AGENT, "outbound_call", 3600.0))
        if task is not None and self.permitted(task.contact, task.fence) is not None:
            self.held = Held(task.contact, task.fence, str(self.made[task.contact].number))

    def said(self, contact: str, everything: bool) -> Consent:
        made = self.made[contact]
        evidence = f"task {made.task} by a1"
        scope = ("all", "all") if everything else ("outbound_call", "promotional")
        number = self.numbers[made.person] if everything else None
        person = None if everything else CustomerId(made.person)
        return Consent(
            False,
            Instant(self.now),
            *scope,
            number_hash=number,
            customer=person,
            source="agent",
            evidence=evidence,
        )

    def heard(self, contact: str, said: Consent | None) -> None:
        made = self.made[contact]
        if said is not None and said.number_hash is not None and made.number is not None:
            self.words.withdraw(None, made.number, CHANNELS, made.task)
        elif said is not None:  # by a number that is another's meanwhile: the word of who was called
            channels = CHANNELS if said.number_hash is not None else {"outbound_call"}
            self.words.withdraw(made.person, None, channels, made.task)

    def found_retry(self, contact: str) -> None:
        """A next attempt is a contact of the same task."""
        before = self.made[contact]
        for id, row in self.states().items():
            if id not in self.made:
                self.made[id] = replace(before, number=row["number_hash"], told=False)
