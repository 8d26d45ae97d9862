"""Opens the stores: migrates the database, checks its durability, and hands out what keeps each port."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from contact.faults import StoreUnavailable
from contact.settings import Settings
from contact.storage.access.exports import Exports
from contact.storage.access.keys import Keys
from contact.storage.access.logins import Logins
from contact.storage.audits.anchors import Anchors
from contact.storage.audits.audit import Audit
from contact.storage.calls.answers import ReadyAnswers
from contact.storage.calls.calls import Calls
from contact.storage.calls.journeys import Journeys
from contact.storage.databases.database import Database
from contact.storage.databases.idempotency import Idempotency
from contact.storage.databases.opt_out_journal import OptOutJournal
from contact.storage.databases.revision import is_newest
from contact.storage.databases.sqlite import SQLite
from contact.storage.databases.store_clock import StoreClock
from contact.storage.generations.files import Generations
from contact.storage.imports.importing import Imports
from contact.storage.keys.links import Links
from contact.storage.keys.numbers import NumberHasher, derived_key, open_hasher, secret_fingerprint
from contact.storage.keys.sealing import Sealer
from contact.storage.keys.sealing_standing import require_no_lost_secret, require_secret, seal_standing
from contact.storage.learning.learnt import Learning
from contact.storage.learning.models import Models
from contact.storage.ledger.events import Events
from contact.storage.ledger.halts import Halts
from contact.storage.ledger.lawful import Lawful
from contact.storage.ledger.ledger import Ledger
from contact.storage.ledger.plans import Plans
from contact.storage.ledger.tasks import Tasks
from contact.storage.people.customers import Customers
from contact.storage.people.decisions import Decisions
from contact.storage.people.profiles import Profiles
from contact.storage.people.reports import Reports
from contact.storage.playbooks.drafts import Drafts
from contact.storage.playbooks.jobs import Jobs
from contact.storage.playbooks.published import Playbooks
from contact.storage.playbooks.simulations import Simulations
from contact.storage.privacy.merging_people import People


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
            from contact.storage.databases.migrate import migrate_sqlite

            migrate_sqlite(path)
        return SQLite(path)
    if url.startswith(("postgresql://", "postgres://")):
        return _open_postgresql(url.replace("postgres://", "postgresql://", 1))
    raise ValueError("CONTACT_DATABASE_URL must begin with sqlite:/// or postgresql://")


def stands(url: str) -> bool:
    """Whether a store was ever begun at this URL; makes nothing.

    Raises StoreUnavailable where nobody can tell, ValueError for a URL that cannot be read.
    """
    if url.startswith("sqlite:///"):
        return Path(url.removeprefix("sqlite:///")).exists()
    import psycopg

    from contact.storage.databases.postgresql import READING, why

    _require_readable(url)
    try:
        with psycopg.connect(url, application_name=READING, connect_timeout=5) as connection:
            row = connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone()
    except psycopg.OperationalError as error:
        raise StoreUnavailable(f"PostgreSQL: {why(error)}") from error
    return row is not None and bool(row[0])


def _require_readable(url: str) -> None:
    """Raises ValueError that repeats nothing of the URL: a password may stand in it."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        port = conninfo_to_dict(url).get("port")
        if port is None or str(port).isdigit():
            return
    except ProgrammingError:
        pass
    raise ValueError(
        "CONTACT_DATABASE_URL cannot be read: write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with @, : and % of a"
        " password as %40, %3A and %25"
    )


def _open_postgresql(url: str) -> Database:
    import psycopg
    from sqlalchemy.exc import DBAPIError, OperationalError

    from contact.storage.databases.migrate import migrate_postgresql
    from contact.storage.databases.postgresql import PostgreSQL, why

    _require_readable(url)
    try:
        migrate_postgresql(url)
    except OperationalError as error:
        raise StoreUnavailable(f"PostgreSQL: {why(error.orig)}") from error
    except DBAPIError as error:
        said = f"PostgreSQL could not be brought to this release and was left as it was: {why(error.orig)}"
        raise StoreUnavailable(said) from error
    except psycopg.OperationalError as error:
        raise StoreUnavailable(f"PostgreSQL: {why(error)}") from error
    return PostgreSQL(url)


def open_stores(settings: Settings) -> Stores:
    """All stores of these settings, migrated and ready. Raises ValueError for a home that cannot be used."""
    settings.make_home()
    database = open_database(settings.database_url)
    try:
        require_no_lost_secret(database, settings.home)
        hasher = open_hasher(settings.home)
        sealer = Sealer(derived_key(settings.home, "names and numbers of people"))
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
