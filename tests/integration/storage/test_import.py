"""Importing: all or nothing, one pointer, and what each mode does to what was there."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import textwrap
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from contact.faults import NotFound
from strategies.problems import ProblemsFound
from tests.integration.storage.operator import CUSTOMERS, LINES, Desk, stores
from tests.servers import ROOT


async def test_customers_become_profiles_and_identities(desk: Desk) -> None:
    """Facts come back typed, names and numbers only from the identity table, and the name NA stays a name."""
    answer = await desk.deliver("customers", CUSTOMERS)
    assert (answer.generation, answer.rows, answer.accepted, answer.set_aside) == (1, 3, 3, 0)
    first = await desk.profile("C1")
    assert first.facts["arpu"] == 12050 and first.facts["arpu_number"] == 120.5
    assert first.facts["birthday"] == "1980-02-29" and first.facts["tags"] == ("b", "a")
    assert (first.account, first.zone, first.unit, first.generation) == ("A1", "Asia/Shanghai", "G1", 1)
    assert first.number_hash == desk.stores.customers.number_hash("+8613800000001")
    third = await desk.profile("C3")
    assert (third.account, third.number_hash, third.facts["arpu"]) == ("C3", None, None)
    identity = await desk.stores.customers.identity(third.customer)
    assert identity.name == "李雷"
    assert (await desk.stores.customers.identity((await desk.profile("C2")).customer)).name == "NA"
    assert await desk.stores.customers.find_by_number("+8613800000001") == ["C1"]


async def test_no_name_and_no_number_is_in_a_generation(filled: Desk) -> None:
    """Parquet files hold hashes of numbers and nothing that says who somebody is; the hash's secret is private."""
    home = filled.folder / "home"
    files = list((home / "generations").glob("*.parquet"))
    assert files
    for file in files:
        text = str(pq.read_table(file).to_pylist())
        assert "1380000" not in text and "王芳" not in text and "李雷" not in text
    assert (home / "secret").stat().st_mode & 0o777 == 0o600


async def test_a_refused_file_changes_nothing(filled: Desk) -> None:
    """Faults of structure, too many faulty rows, a header alone and a wrong mapping leave every table as it was."""
    before = await filled.state()
    refused = [
        ("customers", CUSTOMERS + "C4,too,few\n"),
        ("customers", CUSTOMERS.replace("120.50", "oops")),
        ("customers", CUSTOMERS.splitlines()[0] + "\n"),
        ("customers", CUSTOMERS.replace("tier", "level")),
        ("consents", "customer,number,given,channel,category,at\nC1,,maybe,sms,all,2026-01-01T00:00Z\n"),
        ("usage", "line,month,gb\nL9,2026-01,1\n"),
        ("staff", "id,name,role,languages,channels\n,Ann,agent,en,sms\n"),
    ]
    for mapping, content in refused:
        with pytest.raises(ProblemsFound):
            await filled.deliver(mapping, content)
    assert await filled.state() == before


async def test_a_second_snapshot_switches_the_generation(filled: Desk) -> None:
    """What is not in the new snapshot is gone, what is in it is new, and the other kinds keep their files."""
    await filled.deliver(
        "customers", CUSTOMERS.replace("120.50", "99").replace("C3,,李雷,,Asia/Urumqi,,,silver,,,\n", "")
    )
    first = await filled.profile("C1")
    assert (first.generation, first.facts["arpu"], first.facts["data_last"]) == (4, 9900, 3.0)
    with pytest.raises(NotFound):
        await filled.profile("C3")
    assert "C3" not in await filled.everybody()
    with pytest.raises(NotFound):
        await filled.stores.customers.identity(first.customer.__class__("C3"))


async def test_a_snapshot_that_shrinks_much_needs_a_word(filled: Desk) -> None:
    """A third of the customers is refused, and taken when the shrinking is confirmed; the others' lines go too."""
    small = "\n".join(CUSTOMERS.splitlines()[:2]) + "\n"
    with pytest.raises(ProblemsFound, match="1 row where 3 are in force, more than 50 % fewer"):
        await filled.deliver("customers", small)
    await filled.deliver("customers", small, confirm_shrink=True)
    assert list(await filled.everybody()) == ["C1"]
    assert await filled.stores.customers.find_by_number("+8613800000002") == []


async def test_an_upsert_adds_a_column_and_leaves_the_rest(filled: Desk) -> None:
    """Scores delivered for some customers join what is known; names, numbers and other facts stay."""
    await filled.deliver("scores", "id,score\nC1,0.25\nC9,0.5\n")
    first, new = await filled.profile("C1"), await filled.profile("C9")
    assert (first.facts["score"], first.facts["arpu"], first.facts["tier"]) == (0.25, 12050, "gold")
    assert (await filled.profile("C2")).facts["score"] is None
    assert (new.facts["score"], new.facts["arpu"]) == (0.5, None)
    assert (await filled.stores.customers.identity(first.customer)).name == "王芳"
    assert first.number_hash is not None and first.account == "A1"


async def test_an_upsert_keeps_the_types_that_are_there(filled: Desk) -> None:
    """A column cannot change its type under those who read it."""
    with pytest.raises(ProblemsFound, match=r"import.type_changed: 'arpu' is text here and money"):
        await filled.deliver(
            "scores",
            "id,score\nC1,x\n",
            changes={"score: {from: score, type: number, range: [0, 1]}": "arpu: score"},
        )


async def test_rows_follow_a_customer_into_another_account(filled: Desk) -> None:
    """When the payer changes, lines and usage are found under the new one."""
    before = await filled.profile("C1")
    await filled.deliver("customers", CUSTOMERS.replace("C1,A1", "C1,A77"))
    after = await filled.profile("C1")
    assert after.bucket != before.bucket
    assert (after.lines, after.facts["data_peak"]) == (before.lines, before.facts["data_peak"])
    assert (await filled.everybody())["C1"] == after


async def test_usage_follows_a_line_to_another_customer(filled: Desk) -> None:
    """When a line changes hands, so does its usage."""
    await filled.deliver("lines", LINES.replace("L2,C1", "L2,C3"))
    assert (await filled.profile("C3")).facts["data_last"] == 4.0
    assert (await filled.profile("C1")).facts["data_last"] == 3.0
    assert [line.id for line in (await filled.profile("C1")).lines] == ["L1"]


async def test_rows_that_belong_to_nobody_are_set_aside(filled: Desk) -> None:
    """A line of an unknown customer, and a bill of one that is not the line's, are told with their reasons."""
    answer = await filled.deliver(
        "bills",
        "line,customer,month,total\nL1,,2026-01,10\n,C3,2026-01,5\nL1,C2,2026-02,7\n,C9,2026-01,5\n",
        changes={"mode: snapshot": "mode: snapshot\nmax_faulty: 50"},
    )
    assert (answer.accepted, answer.set_aside) == (2, 2)
    assert answer.set_aside_file is not None
    told = Path(answer.set_aside_file).read_text(encoding="utf-8")
    assert "4,customer,customer is not the customer of the line" in told
    assert "5,customer,customer belongs to no imported customer" in told
    assert (await filled.profile("C1")).facts["bill_sum"] == 1000


async def test_rows_before_their_customers_are_refused(desk: Desk) -> None:
    """Lines without customers say what to import first."""
    with pytest.raises(ProblemsFound, match="import customers first"):
        await desk.deliver("lines", LINES)


async def test_of_imports_at_once_none_is_lost(filled: Desk) -> None:
    """Imports that start on one generation are built on one another; all are in force in the end."""
    await asyncio.gather(
        filled.deliver("scores", "id,score\nC1,0.1\n"),
        filled.deliver("products", "customer,product,from\nC1,cloud,2026-01-01\n"),
        filled.deliver("bills", "line,customer,month,total\nL1,,2026-01,10\n"),
    )
    profile = await filled.profile("C1")
    assert profile.generation == 6
    assert (profile.facts["score"], profile.facts["products"], profile.facts["bill_sum"]) == (0.1, 1, 1000)


async def test_killed_between_file_and_pointer_the_old_stays(tmp_path: Path) -> None:
    """A process that dies after writing the files leaves the old generation in force, and the import can be repeated."""
    home = tmp_path / "home"
    desk = Desk(stores(home), tmp_path)
    await desk.deliver("customers", CUSTOMERS)
    await desk.stores.close()
    script = textwrap.dedent("""
        import asyncio, os, signal, sys
        from pathlib import Path
        from contact.storage.imports.building import Builder
        from contact.storage.imports.checking import Progress, check_file
        from contact.storage.generations.files import Generations
        from contact.storage.imports.mapping import read_mapping
        from contact.storage.keys.numbers import open_hasher
        from contact.storage.people.profiles import current_generation
        from tests.integration.storage.operator import MAPPINGS, stores
        home, path = Path(sys.argv[1]), Path(sys.argv[2])
        opened, hasher = stores(home), open_hasher(home)
        base = asyncio.run(opened.database.read(current_generation))
        checked = check_file(path, read_mapping(MAPPINGS["customers"], "m.yaml"), 100, hasher, Progress())
        Builder(Generations(home / "generations"), hasher, base, confirm_shrink=False).build(checked)
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    changed = CUSTOMERS.replace("120.50", "1")
    (tmp_path / "new.csv").write_text(changed, encoding="utf-8")
    arguments = [sys.executable, "-c", script, str(home), str(tmp_path / "new.csv")]
    ended = await asyncio.create_subprocess_exec(*arguments, cwd=ROOT, env={**os.environ, "PYTHONPATH": "."})
    assert await ended.wait() == -signal.SIGKILL
    assert len(list((home / "generations").glob("customers-*.parquet"))) == 2
    again = Desk(stores(home), tmp_path)
    assert (await again.profile("C1")).facts["arpu"] == 12050
    await again.deliver("customers", changed)
    assert (await again.profile("C1")).facts["arpu"] == 100
    await again.stores.close()
