"""Reads the trail as an auditor would: every hash again, every place in its chain, every head."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from contact.domain.acts import CHAINS, LEDGER_CHAIN, canonical, genesis, linked
from contact.storage.audits.anchors import Binding
from contact.storage.audits.ledger_digests import content_of, digest_of, kept
from contact.storage.databases.transaction import Row, Transaction
from strategies.instants import MINUTE, Instant, format_instant

PAGE = 5_000


@dataclass(slots=True)
class Walked:
    """What a walk along chains has seen and found wrong."""

    entries: int = 0
    minutes: int = 0
    found: list[str] = field(default_factory=list)
    hashes: dict[tuple[int, int], str] = field(default_factory=dict)
    """(chain, seq) → hash, of the places somebody outside asks about."""


def walk(tx: Transaction, binding: Binding) -> Walked:
    """Every chain from its first entry to its head, every closed minute, and all of it against the anchors."""
    walked = Walked(found=list(binding.found))
    wanted = frozenset(binding.must)
    heads = {row["chain"]: row for row in tx.rows("audit_heads")}
    for chain in range(CHAINS):
        _walk(tx, chain, heads.get(chain), wanted, walked)
    strangers = tx.rows("audit_strangers", chains=list(range(CHAINS)))
    walked.found += [f"entries in chain {row['chain']}, which does not exist" for row in strangers]
    _walk_minutes(tx, heads.get(LEDGER_CHAIN), wanted, walked)
    for (chain, seq), (hash, line) in binding.must.items():
        if walked.hashes.get((chain, seq)) != hash:
            walked.found.append(
                f"{_named(chain)}, entry {seq}: it is not what the anchor in line {line} says it was"
            )
    return walked


def _named(chain: int) -> str:
    return "the ledger's chain" if chain == LEDGER_CHAIN else f"chain {chain}"


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
    _hold_to_head(chain, head, seq, hash, walked)


def _hold_to_head(chain: int, head: Row | None, seq: int, hash: str, walked: Walked) -> None:
    if head is None:
        walked.found.append(f"{_named(chain)}: its head is missing")
    elif (head["seq"], head["hash"]) != (seq, hash):
        walked.found.append(f"{_named(chain)}: it ends at entry {seq}, its head says {head['seq']}")


def _walk_minutes(
    tx: Transaction, head: Row | None, wanted: frozenset[tuple[int, int]], walked: Walked
) -> None:
    """The ledger's chain, and each of its minutes added up again, but for those whose contacts were kept long enough."""
    seq, hash, minute, moves = 0, genesis(LEDGER_CHAIN), -1, 0
    deleted, deleting = _retention(tx)
    for row in _digests(tx):
        walked.minutes += 1
        place = f"the ledger's chain, entry {row['seq']}"
        if row["seq"] != seq + 1 or row["previous"] != hash or row["minute"] <= minute:
            walked.found.append(f"{place}: it does not follow the entry before it")
        if row["hash"] != linked(row["previous"], content_of(kept(row), row["seq"])):
            walked.found.append(f"{place}: it was changed after it was written")
        if row["minute"] * MINUTE >= deleted:
            again = digest_of(tx, row["minute"])
            moves += again.moves
            if again != kept(row):
                walked.found.append(_changed(row["minute"], deleting))
        seq, hash, minute = row["seq"], row["hash"], row["minute"]
        if (LEDGER_CHAIN, seq) in wanted:
            walked.hashes[LEDGER_CHAIN, seq] = hash
    _hold_to_head(LEDGER_CHAIN, head, seq, hash, walked)
    since = -(-deleted // MINUTE) * MINUTE
    counted = tx.row("count_moves_before", from_us=since, until_us=(minute + 1) * MINUTE)
    if counted is not None and counted["moves"] != moves:
        walked.found.append(
            f"{counted['moves'] - moves} moves lie in closed minutes that had none when they were closed"
        )
    walked.found += _given_away(tx)


def _given_away(tx: Transaction) -> list[str]:
    """Contacts that are another customer's than mergers on record have made them."""
    acts = [json.loads(row["content"]) for row in tx.rows("merger_acts")]
    into = {act["details"].get("old"): act["about"] for act in acts}
    found = []
    for row in tx.rows("first_owners"):
        owner, steps = row["old"], 0
        while owner in into and steps <= len(into):
            owner, steps = into[owner], steps + 1
        if owner != row["now"] or not steps:
            found.append(f"contact {row['contact_id']}: it was given another customer without a merger")
    return found


def _retention(tx: Transaction) -> tuple[int, int]:
    """Before which instant retention has deleted, as it is on record, and before which it may be deleting now."""
    runs = [json.loads(row["content"])["details"].get("moves_before", 0) for row in tx.rows("retention_acts")]
    begun = tx.row("retention_begun")
    return max(runs, default=0), int(begun["value"]) if begun else 0


def _changed(minute: int, deleting: int) -> str:
    text = f"minute {minute_text(minute)}: contacts or their moves were changed after it was closed"
    if minute * MINUTE < deleting:
        text += (
            "; a run of `contact retention` has begun and not ended on record: let it end and verify again"
        )
    return text


def minute_text(minute: int) -> str:
    """A minute of the store's clock, as people read it."""
    return format_instant(Instant(minute * MINUTE))


def _digests(tx: Transaction) -> Iterator[Row]:
    after = -(2**62)
    while page := tx.rows("digests_after", after=after, limit=PAGE):
        yield from page
        after = page[-1]["seq"]


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
