"""Alembic's revisions, oldest first; ``databases/schema.py`` is where they lead."""
