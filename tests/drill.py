"""The restore drill: a backup, much that happens after it, the loss of the store, a restore, and a gateway that judges.

The gateway's own log says who was sent a message twice; nothing the product says of itself is believed.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from contact.domain.acts import Act
from contact.domain.halt import QUARANTINE
from contact.ports import Permit, Wish
from contact.settings import Settings
from contact.storage.backups.backup import make_backup
from contact.storage.backups.restore import Restored, restore
from contact.storage.open import Stores, open_stores
from strategies.candidate import Candidate
from strategies.declared.playbook import Playbook
from strategies.instants import DAY, HOUR, MINUTE, Instant
from strategies.profile import Consent, Profile
from strategies.verdict import Verdict
from tests.contracts import situations

SMS = Candidate(channel="sms", category="marketing")
TOGETHER = 250
_T = TypeVar("_T")


@dataclass(slots=True)
class Drilled:
    """What came of a drill."""

    sends: int = 0
    """Hand-overs after the backup, by the gateway's log."""
    in_quarantine: int = 0
    """Hand-overs, pulls and reservations between the restore and the end of the quarantine."""
    resent: int = 0
    """Customers whom the gateway was handed a contact of theirs a second time."""
    opt_outs: int = 0
    known: int = 0
    """Of these, how many refuse a reservation after the restore."""
    untouched: bool = False
    """Whether the audit trail verifies after it all."""
    moves_astray: int = 0
    log: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Store:
    """A store, the people in it, and the gateway's log."""

    settings: Settings
    playbook: Playbook
    people: Sequence[Profile]
    done: Drilled

    def open(self) -> Stores:
        return open_stores(self.settings)

    async def reserve(self, stores: Stores, people: Sequence[Profile], at: Instant) -> dict[str, Profile]:
        """A message to each of them at the instant; contact → whose it is."""
        found: dict[str, Profile] = {}
        for some in _parts(people):
            wishes = [self.wish(each, at) for each in some]
            answers = await stores.ledger.reserve_many(wishes)
            for each, answer in zip(some, answers, strict=True):
                assert not isinstance(answer, Verdict), answer
                found[answer.contact] = each
        return found

    def wish(self, who: Profile, at: Instant) -> Wish:
        wish = situations.wish(self.playbook, who, at, replace(SMS, number_hash=who.number_hash))
        return replace(wish, valid_until=Instant(at + 2 * DAY))

    async def hand_over(self, stores: Stores, contact: str, who: Profile, *, confirm: bool = True) -> bool:
        """Ask for the permit and hand the message to the gateway, which writes down whose it was."""
        answer = await stores.ledger.permit(contact, who, self.playbook)  # type: ignore[arg-type]
        if not isinstance(answer, Permit):
            return False
        self.done.log[who.customer] += 1
        if confirm:
            await stores.ledger.confirm(answer.contact, answer.fence, f"ref {contact}")
        return True

    async def opt_out(self, stores: Stores, who: Profile) -> None:
        at = (await stores.clock.now()).at
        gone = Consent(
            False, at, "all", "promotional", customer=who.customer, number_hash=who.number_hash, source="test"
        )
        await stores.ledger.record_consent(gone)

    async def drain(self, stores: Stores) -> int:
        """Hand over whatever is due, as the dispatcher would."""
        whose = {each.customer: each for each in self.people}
        count = 0
        while due := await stores.ledger.due("sms", TOGETHER):
            handed = await asyncio.gather(
                *(self.hand_over(stores, each.contact, whose[each.customer]) for each in due)
            )
            count += sum(handed)
            if not any(handed):
                break
        return count


async def drill(settings: Settings, home: Path, sends: int, opt_outs: int) -> Drilled:
    """Back up at t, send and withdraw after it, lose the store, restore into another home; what the judge saw.

    SQLite's file is a new one there, PostgreSQL's database the same one, replaced.
    """
    url = settings.database_url
    fresh = replace(
        settings, home=home, database_url=f"sqlite:///{home}/contact.db" if "sqlite" in url else url
    )
    done = Drilled(opt_outs=opt_outs)
    under_way, later = max(1, sends // 20), min(sends, 200)
    people = [
        situations.profile(f"C{n}", number=f"n{n}") for n in range(sends + opt_outs + under_way + later)
    ]
    store = _Store(settings, situations.playbook(), people, done)
    folder = settings.home.parent / "backup"
    leaving = people[sends : sends + opt_outs]
    await _live(store, folder, people[:sends], leaving, people[sends + opt_outs : -later], people[-later:])
    _lose(settings, fresh)
    await asyncio.to_thread(restore, fresh, folder, "drill", quietly, into=True)
    store.settings = fresh
    await _judge(store, leaving)
    return done


async def _live(
    store: _Store,
    folder: Path,
    sent: Sequence[Profile],
    leaving: Sequence[Profile],
    under_way: Sequence[Profile],
    later: Sequence[Profile],
) -> None:
    """Before the backup: everybody is reserved, some are under way. After it: messages go out, people withdraw."""
    stores = store.open()
    try:
        await stores.playbooks.publish(store.playbook, base=None, author="drill", why="drill")
        at = (await stores.clock.now()).at
        waiting = await store.reserve(stores, [*sent, *leaving], at)
        await store.reserve(stores, later, Instant(at + HOUR))
        for contact, who in (await store.reserve(stores, under_way, at)).items():
            await store.hand_over(
                stores, contact, who, confirm=False
            )  # the gateway has it, nobody has told us
        await asyncio.to_thread(make_backup, store.settings, folder, quietly)
        gone = {each.customer for each in leaving}
        rest = [(contact, who) for contact, who in waiting.items() if who.customer not in gone]
        for some in _parts(rest):
            handed = await asyncio.gather(*(store.hand_over(stores, contact, who) for contact, who in some))
            store.done.sends += sum(handed)
        for part in _parts(leaving):
            await asyncio.gather(*(store.opt_out(stores, each) for each in part))
        await stores.audit.close_minutes()
        await stores.audit.anchor()
    finally:
        await stores.close()


def _parts(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(items), TOGETHER):
        yield items[start : start + TOGETHER]


def _lose(settings: Settings, fresh: Settings) -> None:
    """All of the home is gone but for what is kept elsewhere: the secret, the journals and the anchors."""
    fresh.home.mkdir(parents=True)
    shutil.copy(settings.home / "secret", fresh.home / "secret")
    for name in ("journal", "anchors"):
        if (settings.home / name).exists():
            shutil.copytree(settings.home / name, fresh.home / name)
    shutil.rmtree(settings.home)


async def _judge(store: _Store, withdrawn: Sequence[Profile]) -> None:
    """Nothing moves in quarantine; after it nothing goes out twice, days later neither, and whoever left stays away."""
    done, stores = store.done, store.open()
    try:
        done.in_quarantine += await store.drain(stores)
        at = (await stores.clock.now()).at
        some = [store.wish(each, at) for each in store.people[:20]]
        answers = await stores.ledger.reserve_many(some)
        done.in_quarantine += sum(not isinstance(each, Verdict) for each in answers)
        await stores.halts.lift(*QUARANTINE, Act("drill", "test", "quarantine.ended", why="drill"))
        for later in (MINUTE, 2 * HOUR, 3 * DAY):
            await stores.clock.move_to(Instant(at + later))
            await stores.tasks.sweep()
            await store.drain(stores)
        done.resent = sum(count - 1 for count in done.log.values() if count > 1)
        at = (await stores.clock.now()).at
        for part in _parts(withdrawn):
            refused = await stores.ledger.reserve_many([store.wish(each, at) for each in part])
            done.known += sum(
                isinstance(each, Verdict) and "consent.opted_out" in each.rules for each in refused
            )
        done.moves_astray = len(await stores.database.read(lambda tx: tx.rows("moves_astray")))
        while await stores.audit.close_minutes():
            pass
        done.untouched = (await stores.audit.verify()).untouched
    finally:
        await stores.close()


def quietly(_done: int, _total: int, _what: str) -> None:
    """Progress that nobody watches."""


def restored(settings: Settings, folder: Path, **said: Any) -> Restored:
    """A restore without its progress."""
    return restore(settings, folder, "test", quietly, **said)
