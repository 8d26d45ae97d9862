"""The journal of opt-outs: written before what it tells of is acknowledged, and played back without doubling anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from contact.faults import JournalUnavailable
from contact.storage.backups.journal_replay import Replayed, replay
from contact.storage.databases.opt_out_journal import OptOutJournal
from contact.storage.open import Stores
from strategies.instants import SECOND, Instant
from strategies.profile import Consent

NOW = Instant(1_900_000_000 * SECOND)
WITHDRAWN = Consent(False, NOW, "sms", "promotional", customer="C1", source="reply", evidence="she said no")
OF_NUMBER = Consent(False, NOW, "all", "all", number_hash="f" * 32, source="link")
GIVEN = Consent(True, NOW, "sms", "promotional", customer="C1", source="portal", until=Instant(NOW + SECOND))


def journal(stores: Stores) -> OptOutJournal:
    assert stores.database.journal is not None
    return stores.database.journal


async def forget(stores: Stores) -> None:
    """As after a restore of a backup that is older than every consent."""

    def work(tx: object) -> None:
        tx.connection.execute("DELETE FROM consent")  # type: ignore[attr-defined]

    await stores.database.write(work)


async def consents(stores: Stores) -> int:
    def work(tx: object) -> int:
        rows = tx.connection.execute("SELECT count(*) AS many FROM consent").fetchall()  # type: ignore[attr-defined]
        return int(rows[0]["many"])

    return await stores.database.read(work)


async def test_what_is_withdrawn_and_given_stands_in_the_journal(stores: Stores) -> None:
    """A line each, in order, with ids and hashes; what somebody noted about the person is left out."""
    await stores.ledger.record_consents([WITHDRAWN, OF_NUMBER], idempotency="reply:1")
    await stores.ledger.record_consent(GIVEN)
    read = journal(stores).read()
    assert [each.consent.given for each in read.entries] == [False, False, True]
    assert [(each.consent.customer, each.consent.number_hash) for each in read.entries[:2]] == [
        ("C1", None), (None, "f" * 32),
    ]  # fmt: skip
    assert read.entries[2].consent.until == GIVEN.until
    assert read.damaged == 0
    assert "she said" not in journal(stores).path.read_text(encoding="utf-8")
    assert journal(stores).path.stat().st_mode & 0o077 == 0


async def test_the_journal_is_played_back_once(stores: Stores) -> None:
    """A store that forgot is told everything recorded since, and nothing that it knows."""
    await stores.ledger.record_consents([WITHDRAWN, OF_NUMBER], idempotency="reply:1")
    await stores.ledger.record_consent(GIVEN)
    later = journal(stores).read().entries[-1].recorded
    assert await replay(stores.database, journal(stores)) == Replayed(3, 0, 0)
    await forget(stores)
    assert await replay(stores.database, journal(stores), later) == Replayed(1, 1, 0)
    assert await replay(stores.database, journal(stores)) == Replayed(3, 2, 0)
    assert await consents(stores) == 3
    assert len(journal(stores).read().entries) == 3


async def test_a_line_cut_short_hides_no_other(stores: Stores) -> None:
    """A process that died amid a line costs that line, which nobody was told of; what follows is whole."""
    await stores.ledger.record_consent(WITHDRAWN)
    with journal(stores).path.open("ab") as file:
        file.write(b'[123, "{\\"id\\": \\"half')
    await stores.ledger.record_consent(OF_NUMBER)
    with journal(stores).path.open("ab") as file:
        file.write(b'[1, "{\\"id\\": \\"changed\\"}"]\n')
    read = journal(stores).read()
    assert ([each.consent.number_hash for each in read.entries], read.damaged) == ([None, "f" * 32], 2)


async def test_an_opt_out_that_cannot_be_written_down_is_not_acknowledged(
    stores: Stores, tmp_path: Path
) -> None:
    """Without its journal the store refuses consents rather than keep one that a restore would forget."""
    (tmp_path / "taken").write_text("a file where the folder should be")
    stores.database.journal = OptOutJournal(tmp_path / "taken")
    with pytest.raises(JournalUnavailable):
        await stores.ledger.record_consent(WITHDRAWN)
    assert await consents(stores) == 0
    stores.database.journal = OptOutJournal(tmp_path / "journal")
    await stores.ledger.record_consent(WITHDRAWN)
    assert await consents(stores) == 1


async def test_a_repeated_opt_out_is_one_line(stores: Stores) -> None:
    """What was recorded already is neither stored nor written down again."""
    for _ in range(3):
        await stores.ledger.record_consent(WITHDRAWN, idempotency="reply:7")
    assert len(journal(stores).read().entries) == 1
