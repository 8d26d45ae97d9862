"""Trained models on both databases: signed files, and the history of what was in force."""

from __future__ import annotations

import asyncio
import hashlib
import stat
from pathlib import Path

import pytest

from contact.faults import Conflict, ModelBroken, NotFound
from contact.storage.keys.numbers import derived_key
from contact.storage.learning.models import Models
from contact.storage.open import Stores

REPORT = {"auc": 0.84, "promoted": True}


async def saved(stores: Stores, *contents: bytes, model: str = "churn") -> list[str]:
    """Ids of models with these contents."""
    return [(await stores.models.save(model, content, REPORT)).id for content in contents]


async def test_each_model_is_numbered_by_itself_and_begins_as_a_candidate(stores: Stores) -> None:
    """``churn-2`` is the second churn model whatever else was trained; the list is newest first."""
    assert await saved(stores, b"one", b"two") == ["churn-1", "churn-2"]
    assert await saved(stores, b"other", model="deposit") == ["deposit-1"]
    listed = await stores.models.list("churn")
    assert [(row.id, row.number, row.state, row.report) for row in listed] == [
        ("churn-2", 2, "candidate", REPORT),
        ("churn-1", 1, "candidate", REPORT),
    ]
    assert {row.id for row in await stores.models.list()} == {"churn-1", "churn-2", "deposit-1"}
    assert await stores.models.in_force("churn") is None
    assert listed[0].hash == hashlib.sha256(b"two").hexdigest()


async def test_models_trained_at_once_keep_a_number_and_a_file_each(stores: Stores) -> None:
    """Two workers that save together do not overwrite each other."""
    contents = [f"model {place}".encode() for place in range(8)]
    rows = await asyncio.gather(*(stores.models.save("churn", content, REPORT) for content in contents))
    assert sorted(row.number for row in rows) == list(range(1, 9))
    assert [await stores.models.content(row.id) for row in rows] == contents


async def test_a_model_that_was_compared_with_another_is_not_put_over_a_third(stores: Stores) -> None:
    """Of two that began when nothing was in force only the first comes in force; a person's word needs no comparison."""
    one, two = await saved(stores, b"one", b"two")
    await stores.models.promote(one, author="li", why="better", over="")
    with pytest.raises(Conflict, match="train model churn again"):
        await stores.models.promote(two, author="li", why="better", over="")
    assert (await stores.models.promote(two, author="li", why="better", over=one)).state == "in_force"
    assert (await stores.models.promote(one, author="li", why="my word")).state == "in_force"


async def test_a_file_is_read_as_it_was_written_and_by_nobody_else(stores: Stores, tmp_path: Path) -> None:
    """The bytes come back; the file is the service's alone, and no draft stays behind."""
    (id,) = await saved(stores, b'{"trees": []}')
    assert await stores.models.content(id) == b'{"trees": []}'
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["churn-1.json"]
    assert stat.S_IMODE((tmp_path / "models" / "churn-1.json").stat().st_mode) == 0o600


async def test_a_missing_file_is_told_apart_from_a_changed_one(stores: Stores, tmp_path: Path) -> None:
    """Either says which file, what is wrong with it and what to do."""
    one, two = await saved(stores, b"one", b"two")
    (tmp_path / "models" / "churn-1.json").unlink()
    (tmp_path / "models" / "churn-2.json").write_bytes(b"tw0")
    with pytest.raises(ModelBroken, match=r"models/churn-1\.json is missing.*contact train churn"):
        await stores.models.content(one)
    with pytest.raises(ModelBroken, match=r"models/churn-2\.json was changed.*hash"):
        await stores.models.content(two)
    with pytest.raises(NotFound):
        await stores.models.content("churn-3")


async def test_whoever_changes_file_and_hash_cannot_sign(stores: Stores, tmp_path: Path) -> None:
    """A forged file with a fitting hash in the table is still refused, by its signature."""
    (id,) = await saved(stores, b"one")
    (tmp_path / "models" / "churn-1.json").write_bytes(b"forged")
    forged = hashlib.sha256(b"forged").hexdigest()
    await stores.database.write(
        lambda tx: tx.connection.execute(f"UPDATE model SET hash = '{forged}' WHERE id = '{id}'")
    )
    with pytest.raises(ModelBroken, match="not signed by this installation"):
        await stores.models.content(id)


async def test_a_file_of_one_model_cannot_stand_in_for_another(stores: Stores, tmp_path: Path) -> None:
    """The signature is of the id too: a weaker model that was once signed is not put in the place of a better one."""
    one, two = await saved(stores, b"weak", b"good")
    weak = await stores.models.get(one)
    (tmp_path / "models" / "churn-2.json").write_bytes(b"weak")
    row = await stores.database.read(lambda tx: tx.row("read_model", id=one))
    assert row is not None
    await stores.database.write(
        lambda tx: tx.connection.execute(
            f"UPDATE model SET hash = '{weak.hash}', signature = '{row['signature']}' WHERE id = '{two}'"
        )
    )
    with pytest.raises(ModelBroken, match="not signed"):
        await stores.models.content(two)


async def test_another_installations_secret_reads_no_model(stores: Stores, tmp_path: Path) -> None:
    """A home whose secret was lost says so, instead of running what it cannot vouch for."""
    (id,) = await saved(stores, b"one")
    elsewhere = Models(stores.database, tmp_path / "models", derived_key(tmp_path / "other", "model files"))
    with pytest.raises(ModelBroken, match="secret"):
        await elsewhere.content(id)


async def test_promoting_puts_one_in_force_and_retires_the_one_before(stores: Stores) -> None:
    """Author, reason and instant stay with the promotion; a second one of the same is refused."""
    one, two = await saved(stores, b"one", b"two")
    first = await stores.models.promote(one, author="ann", why="first")
    assert (first.state, first.author, first.why) == ("in_force", "ann", "first") and first.promoted
    second = await stores.models.promote(two, author="bo", why="better")
    assert second.state == "in_force" and await stores.models.in_force("churn") == second
    assert (await stores.models.get(one)).state == "retired"
    with pytest.raises(Conflict):
        await stores.models.promote(two, author="bo", why="again")
    with pytest.raises(NotFound):
        await stores.models.promote("churn-9", author="bo", why="")


async def test_a_broken_file_is_never_put_in_force(stores: Stores, tmp_path: Path) -> None:
    """Neither by a promotion nor by going back; what is in force stays."""
    one, two, three = await saved(stores, b"one", b"two", b"three")
    await stores.models.promote(one, author="a", why="")
    await stores.models.promote(two, author="a", why="")
    for broken in (one, three):
        (tmp_path / "models" / f"{broken}.json").write_bytes(b"")
    with pytest.raises(ModelBroken):
        await stores.models.promote(three, author="a", why="")
    with pytest.raises(ModelBroken):
        await stores.models.roll_back("churn", author="a", why="")
    in_force = await stores.models.in_force("churn")
    assert in_force is not None and in_force.id == two


async def test_going_back_walks_the_history_and_ends_at_its_beginning(stores: Stores) -> None:
    """Twice back is two steps back, not there and back again; before the first there is nothing."""
    one, two, three = await saved(stores, b"one", b"two", b"three")
    with pytest.raises(NotFound):
        await stores.models.roll_back("churn", author="a", why="")
    for id in (one, two, three):
        await stores.models.promote(id, author="a", why=id)
    back = await stores.models.roll_back("churn", author="b", why="worse on the desk")
    assert (back.id, back.state, back.why) == (two, "in_force", "worse on the desk")
    assert (await stores.models.roll_back("churn", author="b", why="")).id == one
    with pytest.raises(Conflict):
        await stores.models.roll_back("churn", author="b", why="")
    assert [(row.id, row.state) for row in await stores.models.list()] == [
        (three, "retired"),
        (two, "retired"),
        (one, "in_force"),
    ]
    await stores.models.promote(three, author="b", why="after all")
    assert (await stores.models.roll_back("churn", author="b", why="")).id == one


async def test_of_two_promotions_at_once_both_stand_in_the_history(stores: Stores) -> None:
    """The later is in force and the earlier is what one goes back to; the same one twice is promoted once."""
    one, two = await saved(stores, b"one", b"two")
    await asyncio.gather(*(stores.models.promote(id, author=id, why="") for id in (one, two)))
    in_force = await stores.models.in_force("churn")
    assert in_force is not None
    assert {in_force.id, (await stores.models.roll_back("churn", author="", why="")).id} == {one, two}
    (id,) = await saved(stores, b"three")
    twice = await asyncio.gather(
        *(stores.models.promote(id, author="", why="") for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in twice) == ["Conflict", "ModelRow"]


async def test_a_file_left_by_a_save_that_was_never_committed_is_written_over(
    stores: Stores, tmp_path: Path
) -> None:
    """A worker that died between file and row leaves a file without a row; the number is given again."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "churn-1.json").write_bytes(b"left behind")
    assert await saved(stores, b"whole") == ["churn-1"]
    assert await stores.models.content("churn-1") == b"whole"
