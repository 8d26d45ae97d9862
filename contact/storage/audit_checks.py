"""Reads the trail as an auditor would: every hash again, every place in its chain, every head."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from contact.domain.acts import CHAINS, canonical, genesis, linked
from contact.storage.transaction import Row, Transaction

PAGE = 5_000


@dataclass(slots=True)
class Walked:
    """What a walk along chains has seen and found wrong."""

    entries: int = 0
    found: list[str] = field(default_factory=list)
    hashes: dict[tuple[int, int], str] = field(default_factory=dict)
    """(chain, seq) → hash, of the places somebody outside asks about."""


def walk_acts(tx: Transaction, wanted: frozenset[tuple[int, int]]) -> Walked:
    """Every chain from its first entry to its head; hashes of the ``wanted`` places are kept."""
    walked = Walked()
    heads = {row["chain"]: row for row in tx.rows("audit_heads")}
    for chain in range(CHAINS):
        _walk(tx, chain, heads.get(chain), wanted, walked)
    strangers = tx.rows("audit_strangers", chains=list(range(CHAINS)))
    walked.found += [f"entries in chain {row['chain']}, which does not exist" for row in strangers]
    return walked


def _walk(
    tx: Transaction, chain: int, head: Row | None, wanted: frozenset[tuple[int, int]], walked: Walked
) -> None:
    seq, hash = 0, genesis(chain)
    for row in _entries(tx, chain):
        walked.entries += 1
        place = f"chain {chain}, entry {row['seq']}"
        if row["seq"] != seq + 1:
            walked.found.append(f"{place}: entry {seq + 1} is missing")
        elif row["previous"] != hash:
            walked.found.append(f"{place}: it does not follow the entry before it")
        if row["hash"] != linked(row["previous"], row["content"]):
            walked.found.append(f"{place}: it was changed after it was written")
        elif not _tells_the_same(row):
            walked.found.append(f"{place}: its columns say other things than its content")
        seq, hash = row["seq"], row["hash"]
        if (chain, seq) in wanted:
            walked.hashes[chain, seq] = hash
    if head is None:
        walked.found.append(f"chain {chain}: its head is missing")
    elif (head["seq"], head["hash"]) != (seq, hash):
        walked.found.append(f"chain {chain}: it ends at entry {seq}, its head says {head['seq']}")


def _entries(tx: Transaction, chain: int) -> Iterator[Row]:
    after = -(2**62)
    while page := tx.rows("audit_after", chain=chain, after=after, limit=PAGE):
        yield from page
        after = page[-1]["seq"]


def _tells_the_same(row: Row) -> bool:
    """Columns are there to search by; the content is what the hash covers."""
    try:
        kept = json.loads(row["content"])
    except ValueError:
        return False
    if not isinstance(kept, Mapping) or canonical(kept) != row["content"]:
        return False
    columns = {
        "at": "at_us",
        "chain": "chain",
        "seq": "seq",
        "actor": "actor",
        "act": "act",
        "about": "about",
    }
    return all(kept.get(name) == row[column] for name, column in columns.items())
