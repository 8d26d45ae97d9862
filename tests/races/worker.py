"""One racing process: concurrent clients reserve, hand over and opt out, and write down what was acknowledged."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from contact.ports import Permit, Reserved, Wish
from contact.settings import Settings
from contact.storage.ledger import history
from contact.wiring import House, join
from strategies.candidate import Candidate
from strategies.declared.playbook import Playbook
from strategies.instants import SECOND, Instant
from strategies.profile import Consent, Profile
from strategies.verdict import Verdict
from tests.contracts.situations import wish
from tests.faults.line_gateway import Line
from tests.faults.tally import Tally
from tests.races import mutants
from tests.races.people import members, turn
from tests.races.playbooks import DAILY, HOT

CLIENTS = {"caps": 12, "opt_outs": 36}
WITHDRAWING = 1 / 12
"""Of all steps in a race against opt-outs."""
NEIGHBOURHOOD, AHEAD = 24, 12
"""These parts of all accounts are reserved for in one commit, and it begins so far ahead of the one whose turn it is."""
SLOTS_PER_SECOND = {"caps": 16, "opt_outs": 48}
HOT_ACCOUNTS = 13
"""With four members each: the fifty customers everybody is after."""
VALID = 20 * SECOND
SWEEP_SECONDS = 0.5


@dataclass
class Racer:
    """What one process races with."""

    house: House
    rules: Playbook
    tally: Tally
    line: Line
    began: int
    accounts: int
    slots_per_second: int

    @property
    def slot(self) -> int:
        """The same in every process at the same moment."""
        return (time.monotonic_ns() - self.began) * self.slots_per_second // 1_000_000_000

    async def seen(self, who: Profile) -> Profile:
        """The profile as a gather would bring it, a moment before it is used."""
        database = self.house.stores.database
        return await database.read(lambda tx: history.gathered(tx, who, self.rules, tx.now()))

    async def reserve(self, who: Profile, category: str) -> str | None:
        """Take a place; the contact's id where one was given."""
        wanted = self._wish(who, category, (await self.house.ports.clock.now()).at)
        answer = await self.house.ports.ledger.reserve(wanted)
        self.tally.note("attempt")
        return self._granted(who, category, answer)

    async def reserve_many(self, people: Sequence[Profile], category: str) -> list[tuple[str, Profile]]:
        """Take a place for each in one commit; the contacts that were given, and whose they are."""
        now = (await self.house.ports.clock.now()).at
        wanted = [self._wish(who, category, now) for who in people]
        answers = await self.house.ports.ledger.reserve_many(wanted)
        self.tally.note_all("attempt" for _ in answers)
        given = [
            (self._granted(who, category, answer), who) for who, answer in zip(people, answers, strict=True)
        ]
        return [(contact, who) for contact, who in given if contact is not None]

    def _wish(self, who: Profile, category: str, now: Instant) -> Wish:
        candidate = Candidate(channel="sms", category=category)
        wanted = wish(self.rules, who, now, candidate, valid_until=Instant(now + VALID))
        return replace(wanted, priority=random.random())

    def _granted(self, who: Profile, category: str, answer: Reserved | Verdict) -> str | None:
        if not isinstance(answer, Reserved):
            return None
        self.tally.note("grant", answer.contact, category, who.customer, who.account, who.number_hash)
        return answer.contact

    async def hand_over(self, contact: str, who: Profile, category: str) -> None:
        """Ask for the permit, give the message to the gateway, confirm."""
        ledger = self.house.ports.ledger
        self.tally.note("asking", contact, who.customer)
        permit = await ledger.permit(contact, who, self.rules)  # type: ignore[arg-type]
        if not isinstance(permit, Permit):
            self.tally.note("refused", contact)
            return
        await asyncio.sleep(random.random() * 0.05)  # whoever is killed here leaves unknown
        await self.line.submit(contact, category, who.customer, who.account, str(who.number_hash))
        await ledger.confirm(permit.contact, permit.fence, "gateway")


async def for_caps(racer: Racer) -> None:
    """Gather, reserve, dawdle, hand over: most for the account whose turn it is, some for the hot ones."""
    if random.random() < 0.8:
        who = random.choice(members(turn(racer.slot, racer.accounts), racer.accounts))
        category = DAILY
    else:
        who = random.choice(members(random.randrange(HOT_ACCOUNTS), HOT_ACCOUNTS, "H"))
        category = HOT
    known = await racer.seen(who)
    contact = await racer.reserve(known, category)
    if contact is not None:
        await asyncio.sleep(random.random() * 0.02)
        await racer.hand_over(contact, known, category)


async def for_caps_in_bulk(racer: Racer) -> None:
    """Whole neighbourhoods in one commit, as a plan: nobody's past is read before, so that the ledger's reading decides.

    Of accounts with an even number only that whose turn it is: if all were full before their turn, nobody would race alone.
    """
    accounts = racer.accounts
    here = turn(racer.slot, accounts)
    first = (here + random.randrange(accounts // AHEAD)) | 1
    chosen = [here, *(first + 2 * n for n in range(accounts // NEIGHBOURHOOD))]
    people = [who for account in chosen for who in members(account % accounts, accounts)]
    random.shuffle(people)
    given = await racer.reserve_many(people, DAILY)
    await asyncio.gather(*(racer.hand_over(contact, who, DAILY) for contact, who in given))


async def against_opt_outs(racer: Racer) -> None:
    """Everybody queues tasks for one customer and hands them over, while now and then somebody withdraws."""
    slot = racer.slot
    who = members(slot % racer.accounts, racer.accounts)[0]
    who = replace(who, number_hash=f"own-{who.customer}")
    if random.random() < WITHDRAWING:
        await asyncio.sleep(random.random() / racer.slots_per_second)
        now = (await racer.house.ports.clock.now()).at
        consent = Consent(False, now, "sms", "marketing", customer=who.customer, source="race")
        await racer.house.ports.ledger.record_consent(consent)
        racer.tally.note("opt_out", who.customer)
        return
    known = await racer.seen(who)
    contact = await racer.reserve(known, "marketing")
    if contact is not None:
        await asyncio.sleep(random.random() * 2 / racer.slots_per_second)
        await racer.hand_over(contact, known, "marketing")


async def client(racer: Racer, step: Callable[[Racer], Awaitable[None]]) -> None:
    """One after the other, until killed."""
    while True:
        try:
            await step(racer)
        except Exception as error:
            racer.tally.note(f"error:{type(error).__name__}")
            await asyncio.sleep(0.05)


async def sweeping(racer: Racer) -> None:
    """As every worker of the service does."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        try:
            await racer.house.ports.tasks.sweep()
        except Exception as error:
            racer.tally.note(f"error:{type(error).__name__}")


async def _joined(tries: int = 5) -> House:
    """Over a line that is cut now and then the first try may fail."""
    try:
        return await join(Settings.from_environment())
    except Exception:
        if not tries:
            raise
        await asyncio.sleep(0.2)
        return await _joined(tries - 1)


async def race(
    mode: str, folder: Path, port: int, began: int, accounts: int, planners: int, mutant: str
) -> None:
    """Until killed."""
    house = await _joined()
    if mutant != "-":
        mutants.switch_on(mutant, house.stores)
    rules, pace = await house.ports.playbooks.current(), SLOTS_PER_SECOND[mode]
    racer = Racer(house, rules, Tally(folder), Line(port), began, accounts, pace)
    step = {"caps": for_caps, "opt_outs": against_opt_outs}[mode]
    racer.tally.note("ready")
    steps = [step] * CLIENTS[mode] + [for_caps_in_bulk] * planners
    await asyncio.gather(sweeping(racer), *(client(racer, each) for each in steps))


def run(mode: str, folder: Path, port: int, began: int, accounts: int, planners: int, mutant: str) -> None:
    """In a process of its own."""
    asyncio.run(race(mode, folder, port, began, accounts, planners, mutant))
