"""Opens the stores: migrates the database, checks its durability, and hands out what keeps each port."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from contact.faults import StoreUnavailable
from contact.settings import Settings
from contact.storage.access import Keys
from contact.storage.anchors import Anchors
from contact.storage.answers import ReadyAnswers
from contact.storage.audit import Audit
from contact.storage.calls import Calls
from contact.storage.customers import Customers
from contact.storage.database import Database
from contact.storage.decisions import Decisions
from contact.storage.drafts import Drafts
from contact.storage.events import Events
from contact.storage.exports import Exports
from contact.storage.generations import Generations
from contact.storage.halts import Halts
from contact.storage.idempotency import Idempotency
from contact.storage.importing import Imports
from contact.storage.jobs import Jobs
from contact.storage.journeys import Journeys
from contact.storage.lawful import Lawful
from contact.storage.learning import Learning
from contact.storage.ledger import Ledger
from contact.storage.links import Links
from contact.storage.logins import Logins
from contact.storage.merging_people import People
from contact.storage.models import Models
from contact.storage.numbers import NumberHasher, derived_key, open_hasher, secret_fingerprint
from contact.storage.opt_out_journal import OptOutJournal
from contact.storage.plans import Plans
from contact.storage.playbooks import Playbooks
from contact.storage.profiles import Profiles
from contact.storage.reports import Reports
from contact.storage.revision import is_newest
from contact.storage.sealing import Sealer
from contact.storage.sealing_standing import require_secret, seal_standing
from contact.storage.simulations import Simulations
from contact.storage.sqlite import SQLite
from contact.storage.store_clock import StoreClock
from contact.storage.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Stores:
    """Everything that lives in the database, on one pool of connections."""

    database: Database
    hasher: NumberHasher
    sealer: Sealer
    clock: StoreClock
    profiles: Profiles
    imports: Imports
    ledger: Ledger
    tasks: Tasks
    plans: Plans
    playbooks: Playbooks
    keys: Keys
    events: Events
    decisions: Decisions
    customers: Customers
    jobs: Jobs
    reports: Reports
    idempotency: Idempotency
    models: Models
    learning: Learning
    drafts: Drafts
    lawful: Lawful
    simulations: Simulations
    links: Links
    audit: Audit
    logins: Logins
    exports: Exports
    halts: Halts
    people: People
    calls: Calls
    answers: ReadyAnswers
    journeys: Journeys

    async def close(self) -> None:
        """Write what waits and let go of every connection."""
        await self.calls.close()
        await self.decisions.close()
        self.database.close()


def open_database(url: str) -> Database:
    """The migrated database of a URL. Raises StoreUnavailable, or ValueError for a URL of another kind.

    Migration tools and PostgreSQL's driver are loaded only where they are needed: they cost a command half a second.
    """
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        if not is_newest(path):
            from contact.storage.migrate import migrate_sqlite

            migrate_sqlite(path)
        return SQLite(path)
    if url.startswith(("postgresql://", "postgres://")):
        return _open_postgresql(url.replace("postgres://", "postgresql://", 1))
    raise ValueError("CONTACT_DATABASE_URL must begin with sqlite:/// or postgresql://")


def _open_postgresql(url: str) -> Database:
    import psycopg
    from sqlalchemy.exc import OperationalError

    from contact.storage.migrate import migrate_postgresql
    from contact.storage.postgresql import PostgreSQL

    try:
        migrate_postgresql(url)
    except (OperationalError, psycopg.OperationalError) as error:
        raise StoreUnavailable("PostgreSQL does not answer; look at CONTACT_DATABASE_URL") from error
    return PostgreSQL(url)


def open_stores(settings: Settings) -> Stores:
    """All stores of these settings, migrated and ready. Raises ValueError for a home that cannot be used."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"CONTACT_HOME cannot be made at {settings.home} ({error.strerror})") from None
    database, hasher = open_database(settings.database_url), open_hasher(settings.home)
    sealer = Sealer(derived_key(settings.home, "names and numbers of people"))
    try:
        require_secret(database, secret_fingerprint(settings.home))
    except ValueError:
        database.close()
        raise
    seal_standing(database, sealer)
    database.journal = OptOutJournal(settings.journal_folder)
    generations = Generations(settings.home / "generations")
    playbooks = Playbooks(database)
    ledger = Ledger(database, playbooks)
    calls = Calls(database)
    return Stores(
        database=database,
        hasher=hasher,
        sealer=sealer,
        clock=StoreClock(database, movable=settings.demo),
        profiles=Profiles(database, generations),
        imports=Imports(database, generations, hasher, sealer, settings.home, calls),
        ledger=ledger,
        tasks=Tasks(database, playbooks),
        plans=Plans(database),
        playbooks=playbooks,
        keys=Keys(database),
        events=Events(database),
        decisions=Decisions(database),
        customers=Customers(database, hasher, sealer),
        jobs=Jobs(database),
        reports=Reports(database, playbooks),
        idempotency=Idempotency(database),
        models=Models(database, settings.home / "models", derived_key(settings.home, "model files")),
        learning=Learning(database, generations),
        drafts=Drafts(database),
        lawful=Lawful(database),
        links=Links(derived_key(settings.home, "addresses without a key")),
        simulations=Simulations(database, settings.home),
        logins=Logins(database),
        exports=Exports(database),
        audit=Audit(database, Anchors(settings.anchor_target)),
        halts=Halts(database),
        people=People(database, hasher),
        calls=calls,
        answers=ReadyAnswers(database),
        journeys=Journeys(database),
    )
