"""Conditions: one checked tree, and every reading of it: row, trace, columns, many at once, DuckDB."""
