"""The page about mappings knows every word that a mapping may use."""

from __future__ import annotations

from contact.storage.imports.kinds import KINDS, VALUE_TYPES
from contact.storage.imports.mapping import ENCODINGS
from contact.storage.imports.mapping_columns import COLUMN_KEYS
from contact.storage.imports.mapping_events import COUNTER_KEYS
from tests.servers import ROOT


def test_the_page_names_every_kind_column_type_and_key() -> None:
    """What a mapping may say is on the page, in the table where one looks for it."""
    lines = (ROOT / "docs/mappings.md").read_text(encoding="utf-8").splitlines()
    rows = {cells[1].strip(): line for line in lines if line.startswith("|") and (cells := line.split("|"))}
    for kind in KINDS.values():
        for name in kind.columns:
            assert name in rows[kind.name], f"{kind.name}.{name}"
    assert set(VALUE_TYPES) <= set(rows)
    assert set(COLUMN_KEYS) - {"from", "value", "hash_of"} <= set(rows)
    assert {"events", *COUNTER_KEYS} <= set(rows)
    assert all(encoding in "\n".join(lines) for encoding in ENCODINGS)
