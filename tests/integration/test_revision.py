"""A database that is up to date is opened without the migration tools."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from contact import storage
from contact.storage.databases.migrate import migrate_sqlite
from contact.storage.databases.revision import NEWEST, is_newest


def test_the_newest_revision_is_the_head_of_the_migrations() -> None:
    """A migration whose file is not named by its revision, or not in order, fails here."""
    config = Config()
    config.set_main_option("script_location", str(Path(storage.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == NEWEST


def test_only_a_migrated_file_counts_as_newest(tmp_path: Path) -> None:
    """A missing, an empty and a foreign file are not newest; a migrated one is."""
    path = tmp_path / "contact.db"
    assert not is_newest(path)
    path.touch()
    assert not is_newest(path)
    path.write_text("no database at all")
    assert not is_newest(path)
    path.unlink()
    migrate_sqlite(path)
    assert is_newest(path)


def test_opening_an_up_to_date_file_loads_no_migration_tools(tmp_path: Path) -> None:
    """Neither Alembic nor SQLAlchemy nor PostgreSQL's driver is loaded for a small command on SQLite."""
    path = tmp_path / "contact.db"
    migrate_sqlite(path)
    code = (
        "import sys\n"
        "from contact.storage.open import open_database\n"
        f"open_database('sqlite:///{path}').close()\n"
        "print([name for name in ('alembic', 'sqlalchemy', 'psycopg', 'openpyxl') if name in sys.modules])\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
