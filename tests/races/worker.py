"""One racing process: concurrent clients reserve, hand over and opt out, and write down what was acknowledged."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from dataclasses import replace
from pathlib import Path

from contact.ports import Permit, Reserved
from contact.storage import history
from contact.storage.open import Stores, open_stores
from strategies.candidate import Candidate
from strategies.instants import SECOND, Instant
from strategies.playbook import Playbook
from strategies.profile import Consent, Profile
from tests.contracts.conftest import settings
from tests.contracts.situations import playbook, wish
from tests.contracts.situations import profile as person
from tests.races import mutants

CLIENTS = 12
ACCOUNTS = 12
MEMBERS = 4
SLOTS_PER_SECOND = 4
SMS = Candidate(channel="sms", category="marketing")
RULES = """
  - {rule: customer, effect: cap, match: {channels: [sms]}, window: {sliding: PT2S}, max: 2}
  - {rule: account, effect: cap, subject: account, match: {channels: [sms]}, window: {sliding: PT2S}, max: 2}
  - {rule: number, effect: cap, subject: number, match: {channels: [sms]}, window: {sliding: PT2S}, max: 2}
"""


def people() -> list[Profile]:
    """Four customers an account, and numbers that customers of neighbouring accounts share."""
    made = []
    for n in range(ACCOUNTS):
        for member in range(MEMBERS):
            number = f"n{(n + member % 2) % ACCOUNTS}.{member // 2}"
            made.append(person(f"C{n}.{member}", account=f"A{n}", number=number))
    return made


class Tally:
    """What this process was told, in a file that survives its death."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(self, what: str, contact: str = "-") -> None:
        os.write(self.descriptor, f"{what} {contact}\n".encode())


async def seen(stores: Stores, rules: Playbook, who: Profile) -> Profile:
    """The profile as a gather would bring it, a moment before it is used."""
    return await stores.database.read(lambda tx: history.gathered(tx, who, rules, tx.now()))


async def contact_once(stores: Stores, rules: Playbook, who: Profile, tally: Tally) -> None:
    """Gather, dawdle, reserve, dawdle, hand over, confirm."""
    known = await seen(stores, rules, who)
    tally.note("attempt")
    now = (await stores.clock.now()).at
    wanted = wish(rules, known, now, SMS, valid_until=Instant(now + 5 * SECOND))
    answer = await stores.ledger.reserve(replace(wanted, priority=random.random()))
    if not isinstance(answer, Reserved):
        return
    tally.note("grant", answer.contact)
    await asyncio.sleep(random.random() * 0.02)
    permit = await stores.ledger.permit(answer.contact, known, rules)
    if isinstance(permit, Permit):
        await asyncio.sleep(
            random.random() * 0.05
        )  # the gateway takes its time; whoever is killed here leaves unknown
        tally.note("handed_over", answer.contact)
        await stores.ledger.confirm(permit.contact, permit.fence, "gateway")


async def change_mind(stores: Stores, who: Profile, tally: Tally) -> None:
    """Withdraw, and a moment later allow again in so many words."""
    now = (await stores.clock.now()).at
    await stores.ledger.record_consent(
        Consent(False, now, "sms", "marketing", customer=who.customer, source="race")
    )
    tally.note("opt_out")
    await asyncio.sleep(0.1 + random.random() * 0.2)
    later = (await stores.clock.now()).at
    await stores.ledger.record_consent(
        Consent(True, later, "sms", "marketing", customer=who.customer, source="race")
    )


async def client(stores: Stores, rules: Playbook, tally: Tally) -> None:
    everybody = people()
    while True:
        # Every client of every process turns to the same account in the same quarter of a second, when its places are free.
        account = int(time.time() * SLOTS_PER_SECOND) % ACCOUNTS
        who = everybody[MEMBERS * account + random.randrange(MEMBERS)]
        try:
            await (
                change_mind(stores, who, tally)
                if random.random() < 0.05
                else contact_once(stores, rules, who, tally)
            )
        except Exception as error:
            tally.note(f"error:{type(error).__name__}")


async def race(url: str, folder: Path, mutant: str) -> None:
    stores = open_stores(settings(folder, url))
    if mutant != "-":
        mutants.switch_on(mutant, stores)
    rules, tally = playbook(RULES), Tally(folder / f"tally-{os.getpid()}")
    await asyncio.gather(*(client(stores, rules, tally) for _ in range(CLIENTS)))


if __name__ == "__main__":
    asyncio.run(race(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
