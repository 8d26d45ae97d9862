"""How Alembic reaches the database: on the connection it is given, in a transaction begun explicitly."""

from __future__ import annotations

from alembic import context

from contact.storage.databases.schema import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=True
)
with context.begin_transaction():
    context.run_migrations()
