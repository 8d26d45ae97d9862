"""Alembic's revisions, oldest first; ``schema.py`` is where they lead."""
