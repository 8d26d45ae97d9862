"""Ties acts to their chains: each act in the transaction of what it is about, appended just before the commit.

Acts of a commit are appended together in the order of their chains: heads are held for the shortest time, and two
commits never wait for each other in a ring.
"""

from __future__ import annotations

from collections.abc import Iterable

from contact.domain.acts import Act, chain_of, content_of, linked
from contact.storage.databases.transaction import Transaction
from strategies.instants import Instant


def record_in(tx: Transaction, act: Act) -> None:
    """Write an act down together with what this unit of work changes: both are committed, or neither."""
    tx.acts.append((act, tx.now()))


def append(tx: Transaction, acts: Iterable[tuple[Act, Instant]]) -> None:
    """Tie the acts of a commit to their chains; the last thing a transaction does."""
    noted = sorted(((chain_of(act.actor), act, at) for act, at in acts), key=lambda each: each[0])
    if not noted:
        return
    heads = {row["chain"]: row for row in tx.rows("hold_heads", chains=sorted({each[0] for each in noted}))}
    for chain, act, at in noted:
        head = heads[chain]
        seq, previous = head["seq"] + 1, head["hash"]
        content = content_of(act, chain, seq, at)
        hash = linked(previous, content)
        tx.run(
            "append_act", chain=chain, seq=seq, at_us=at, actor=act.actor, act=act.act, about=act.about,
            content=content, previous=previous, hash=hash,
        )  # fmt: skip
        heads[chain] = {"seq": seq, "hash": hash}
    for chain, head in heads.items():
        tx.run("move_head", chain=chain, seq=head["seq"], hash=head["hash"])
