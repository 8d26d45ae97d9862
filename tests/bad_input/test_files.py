"""Wrong deliveries, over HTTP and by command: the same code at the same place, and nothing is taken in."""

from __future__ import annotations

import gzip
import io
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
import pytest_asyncio

from contact.storage.imports.mapping_nodes import column_meant
from tests.bad_input.world import Said, World, in_business, named

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEADER = "id,name,msisdn,zone,unit,arpu,since"
SOUND = [f"C{n},Li {n},1380000000{n},Asia/Shanghai,G1,{40 + n},2026-01-0{n}" for n in range(1, 10)]
CUSTOMERS = """kind: customers
mode: snapshot
max_faulty: 1
columns:
  id: id
  name: name
  number: {from: msisdn, type: phone, region: CN}
  zone: zone
  unit: unit
  arpu: {from: arpu, type: money}
  since: {from: since, type: date}
"""
CONSENTS = """kind: consents
mode: upsert
columns:
  customer: customer
  number: {from: number, type: phone, region: CN}
  given: {from: given, type: boolean}
  at: at
"""
SOUND_CONSENTS = ["C1,,no,2026-01-01T00:00:00Z", "C2,,no,2026-01-01T00:00:00Z"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with in_business(tmp_path_factory.mktemp("files") / "home") as started:
        yield started


def csv(*rows: str, header: str = HEADER) -> bytes:
    """Nine sound customers, or other rows, as CSV."""
    return "\n".join([header, *(rows or SOUND), ""]).encode()


def second(row: str) -> bytes:
    """Sound customers but for the second."""
    return csv(SOUND[0], row, *SOUND[2:])


def cell(column: int, text: str) -> bytes:
    """Sound customers but for one cell of the second."""
    cells = SOUND[1].split(",")
    cells[column - 1] = text
    return second(",".join(cells))


def consents(*rows: str) -> bytes:
    """A file of consents with these rows behind two sound ones."""
    return csv(*SOUND_CONSENTS, *rows, header="customer,number,given,at")


def workbook(*rows: list[object]) -> bytes:
    """A workbook of the customers' header and these rows behind the first sound ones."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [HEADER.split(","), *(sound.split(",") for sound in SOUND[:2]), *rows]:
        sheet.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


THIRD: list[object] = ["C3", "Li", "13800000003", "Asia/Shanghai", "G1", 42, "2026-01-03"]
SHEET, STYLES, BOOK = "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml"
LOCKED = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600
ENTITIES = b'<!DOCTYPE x [<!ENTITY h SYSTEM "file:///etc/passwd">]>'


def altered(part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A sound workbook but for one of its parts."""
    held = io.BytesIO()
    with ZipFile(io.BytesIO(workbook(THIRD))) as sound, ZipFile(held, "w") as wrong:
        for name in sound.namelist():
            content = sound.read(name)
            wrong.writestr(name, change(content) if name == part else content)
    return held.getvalue()


def of_two_sheets() -> bytes:
    """A workbook with a second sheet that is hidden."""
    book = openpyxl.load_workbook(io.BytesIO(workbook(THIRD)))
    book.create_sheet("secret").sheet_state = "hidden"
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def document() -> bytes:
    """A text document, which is a zip file too."""
    held = io.BytesIO()
    with ZipFile(held, "w") as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("word/document.xml", "<w/>")
    return held.getvalue()


def half(content: bytes) -> bytes:
    """What is left of a part that was cut."""
    return content[: len(content) // 2]


def blown_up() -> bytes:
    """A small workbook that says it unpacks to three gigabytes."""
    held = io.BytesIO()
    with ZipFile(io.BytesIO(workbook())) as sound, ZipFile(held, "w") as bomb:
        for name in sound.namelist():
            bomb.writestr(name, sound.read(name))
        bomb.infolist()[-1].file_size = 3 << 30
    return held.getvalue()


ROW = "import.faulty_row"
FAULTY = ("import.too_many_faults", 0, 0)
FILES: list[tuple[str, str, bytes, str, Said, Said | None]] = [
    # name, file, content, mapping, first problem, second problem
    ("nothing", "f.csv", b"", CUSTOMERS, ("import.header", 1, 1), None),
    ("header only", "f.csv", csv(header=HEADER)[: len(HEADER) + 1], CUSTOMERS, ("import.empty", 1, 1), None),
    ("a name twice in the header", "f.csv", csv(header=HEADER.replace("unit", "name")),
     CUSTOMERS, ("import.header", 1, 1), None),
    ("a hole in the header", "f.csv", csv(header=HEADER.replace("unit", "")), CUSTOMERS, ("import.header", 1, 1), None),
    ("a column that is not there", "f.csv", csv(header=HEADER.replace("unit", "grid")),
     CUSTOMERS, ("import.column", 9, 3), None),
    ("latin-1", "f.csv", second("C2,Müller,13800000002,Asia/Shanghai,G1,42,2026-01-02").decode().encode("latin-1"),
     CUSTOMERS, ("import.encoding", 3, 5), None),
    ("UTF-16", "f.csv", csv().decode().encode("utf-16"), CUSTOMERS, ("import.encoding", 1, 1), None),
    ("UTF-16 without a mark", "f.csv", csv().decode().encode("utf-16-le"), CUSTOMERS, ("import.nul", 1, 2), None),
    ("NUL", "f.csv", cell(2, "Li\0"), CUSTOMERS, ("import.nul", 3, 6), None),
    ("a field too many", "f.csv", second("C2,Li,13800000002,Asia/Shanghai,G1,42,2026-01-02,x"),
     CUSTOMERS, ("import.fields", 3, 50), None),
    ("a field too few", "f.csv", second("C2,Li,13800000002,Asia/Shanghai,G1,42"),
     CUSTOMERS, ("import.fields", 3, 38), None),
    ("a quote never closed", "f.csv", cell(2, '"Li'), CUSTOMERS, ("import.quoting", 3, 4), None),
    ("a quote inside", "f.csv", cell(2, 'Li "x"'), CUSTOMERS, ("import.quoting", 3, 7), None),
    ("an empty row between", "f.csv", second(""), CUSTOMERS, ("import.blank_row", 3, 1), None),
    ("lone carriage returns", "f.csv", csv().replace(b"\n", b"\r"), CUSTOMERS, ("import.line_end", 1, 36), None),
    ("a line without end", "f.csv", second("C2," + "x" * 3_000_000), CUSTOMERS, ("import.too_long", 3, 1), None),
    ("a workbook named CSV", "f.csv", workbook(), CUSTOMERS, ("import.format", 1, 1), None),
    ("an old workbook named CSV", "f.csv", LOCKED, CUSTOMERS, ("import.format", 1, 1), None),
    ("Parquet named CSV", "f.csv", b"PAR1" + b"\0" * 40 + b"PAR1", CUSTOMERS, ("import.format", 1, 1), None),
    ("gzip named CSV", "f.csv", gzip.compress(csv()), CUSTOMERS, ("import.format", 1, 1), None),
    ("UTF-32", "f.csv", csv().decode().encode("utf-32"), CUSTOMERS, ("import.encoding", 1, 1), None),
    ("a header in capitals", "f.csv", csv(header=HEADER.upper()), CUSTOMERS, ("import.column", 5, 3), None),
    ("a byte order mark twice", "f.csv", b"\xef\xbb\xbf" * 2 + csv(), CUSTOMERS, ("import.column", 5, 3), None),
    ("semicolons for commas", "f.csv", csv().replace(b",", b";"), CUSTOMERS, ("import.column", 5, 3), None),
    ("the header again", "f.csv", csv(SOUND[0], HEADER, *SOUND[2:]), CUSTOMERS, FAULTY, (ROW, 3, 3)),
    ("a last line that broke off", "f.csv", csv()[:-30], CUSTOMERS, ("import.fields", 10, 22), None),
    ("a field of ten megabytes", "f.csv", cell(2, '"' + ("x" * 1000 + "\n") * 10_000 + '"'),
     CUSTOMERS, ("import.quoting", 3, 4), None),
    ("a mark inside an id", "f.csv", cell(1, "\ufeffC2"), CUSTOMERS, FAULTY, (ROW, 3, 1)),
    ("CSV named a workbook", "f.xlsx", csv(), CUSTOMERS, ("import.format", 0, 0), None),
    ("text named Parquet", "f.parquet", csv(), CUSTOMERS, ("import.format", 0, 0), None),
    ("3.8E+11 for a number", "f.csv", cell(3, "3.8E+11"), CUSTOMERS, FAULTY, (ROW, 3, 3)),
    ("1E+5 for an id", "f.csv", cell(1, "1E+5"), CUSTOMERS, FAULTY, (ROW, 3, 1)),
    ("Arabic digits in a number", "f.csv", cell(3, "١٣٨٠٠٠٠٠٠٠٢"), CUSTOMERS, FAULTY, (ROW, 3, 3)),
    ("newline in a number", "f.csv", cell(3, '"13800000002\n"'), CUSTOMERS, FAULTY, (ROW, 3, 3)),
    ("01/02/2026 for a day", "f.csv", cell(7, "01/02/2026"), CUSTOMERS, FAULTY, (ROW, 3, 7)),
    ("30 February", "f.csv", cell(7, "2026-02-30"), CUSTOMERS, FAULTY, (ROW, 3, 7)),
    ("Arabic digits in a day", "f.csv", cell(7, "٢٠٢٦-01-02"), CUSTOMERS, FAULTY, (ROW, 3, 7)),
    ("a path for a zone", "f.csv", cell(4, "../../etc/passwd"), CUSTOMERS, FAULTY, (ROW, 3, 4)),
    ("a path for an id", "f.csv", cell(1, "../x"), CUSTOMERS, FAULTY, (ROW, 3, 1)),
    ("a comma in money", "f.csv", cell(6, '"42,50"'), CUSTOMERS, FAULTY, (ROW, 3, 6)),
    ("NaN for money", "f.csv", cell(6, "NaN"), CUSTOMERS, FAULTY, (ROW, 3, 6)),
    ("Arabic digits in money", "f.csv", cell(6, "٤٢"), CUSTOMERS, FAULTY, (ROW, 3, 6)),
    ("one key twice", "f.csv", second(SOUND[0]), CUSTOMERS, FAULTY, (ROW, 2, 1)),
    ("a formula in a workbook", "f.xlsx", workbook(["C3", "=1+1", *THIRD[2:]]),
     CUSTOMERS,
     FAULTY, (ROW, 4, 2)),
    ("a number as 3.8E+11 in a workbook", "f.xlsx", workbook(["C3", "Li", 3.8e11 + 0.5, *THIRD[3:]]),
     CUSTOMERS, FAULTY, (ROW, 4, 3)),
    ("a cell too many in a workbook", "f.xlsx", workbook([*THIRD, "x"]),
     CUSTOMERS, ("import.fields", 4, 8), None),
    ("an empty row in a workbook", "f.xlsx", workbook([], THIRD),
     CUSTOMERS, ("import.blank_row", 4, 1), None),
    ("merged cells", "f.xlsx", altered(SHEET, lambda held: held.replace(
        b"</sheetData>", b'</sheetData><mergeCells count="1"><mergeCell ref="B3:B4"/></mergeCells>')),
     CUSTOMERS, ("import.fields", 3, 2), None),
    ("a row without end", "f.xlsx", altered(SHEET, lambda held: held.replace(b'<row r="4"', b'<row r="900000000"')),
     CUSTOMERS, ("import.too_long", 1_048_577, 1), None),
    ("a hidden sheet", "f.xlsx", of_two_sheets(), CUSTOMERS, ("import.sheet", 0, 0), None),
    ("a workbook with a password", "f.xlsx", LOCKED, CUSTOMERS, ("import.format", 0, 0), None),
    ("a document named a workbook", "f.xlsx", document(), CUSTOMERS, ("import.format", 0, 0), None),
    ("entities in a workbook", "f.xlsx", altered(SHEET, lambda held: ENTITIES + held.replace(b"Li", b"&h;")),
     CUSTOMERS, ("import.format", 0, 0), None),
    ("half a sheet", "f.xlsx", altered(SHEET, half), CUSTOMERS, ("import.format", 0, 0), None),
    ("half the styles", "f.xlsx", altered(STYLES, half), CUSTOMERS, ("import.format", 0, 0), None),
    ("half a list of sheets", "f.xlsx", altered(BOOK, half), CUSTOMERS, ("import.format", 0, 0), None),
    ("a day as a number", "f.xlsx", workbook(["C3", *THIRD[1:6], 46024]), CUSTOMERS, FAULTY, (ROW, 4, 7)),
    ("truth for money", "f.xlsx", workbook(["C3", *THIRD[1:5], True, THIRD[6]]), CUSTOMERS, FAULTY, (ROW, 4, 6)),
    ("half a workbook", "f.xlsx", workbook()[:3000], CUSTOMERS, ("import.format", 0, 0), None),
    ("a workbook that blows up", "f.xlsx", blown_up(), CUSTOMERS, ("import.too_long", 0, 0), None),
    ("a snapshot that shrinks", "f.csv", csv(*SOUND[:3]), CUSTOMERS, ("import.shrink", 0, 0), None),
    ("a mapping without a mode", "f.csv", csv(), CUSTOMERS.replace("mode: snapshot\n", ""), ("key.missing", 1, 1), None),
    ("a mapping with an alias", "f.csv", csv(), CUSTOMERS.replace("zone: zone", "zone: *z"), ("yaml.anchor", 8, 9), None),
    ("a mapping with a key twice", "f.csv", csv(), CUSTOMERS + "  id: id\n", ("yaml.duplicate_key", 12, 3), None),
    ("a mapping with an unknown key", "f.csv", csv(),
     CUSTOMERS.replace("max_faulty", "max_fault"), ("key.unknown", 3, 1), None),
    ("a mapping that forgives everything", "f.csv", csv(),
     CUSTOMERS.replace("max_faulty: 1", "max_faulty: 101"), ("value.percent", 3, 13), None),
    ("5,000 brackets in a mapping", "f.csv", csv(), "kind: " + "[" * 5000, ("yaml.depth", 1, 38), None),
    ("one faulty consent of many", "f.csv", consents("C3,,perhaps,2026-01-01T00:00:00Z"), CONSENTS, (ROW, 4, 3), None),
    ("a consent of nobody", "f.csv", consents(",,no,2026-01-01T00:00:00Z"), CONSENTS, (ROW, 4, 0), None),
    ("a consent without offset", "f.csv", consents("C3,,no,2026-01-01T00:00:00"), CONSENTS, (ROW, 4, 4), None),
    ("a consent of the year 1", "f.csv", consents("C3,,no,0001-01-01T00:00:00Z"), CONSENTS, (ROW, 4, 4), None),
    ("a snapshot of consents", "f.csv", consents(), CONSENTS.replace("upsert", "snapshot"), ("value.choice", 2, 7), None),
    ("no consents at all", "f.csv", b"customer,number,given,at\n", CONSENTS, ("import.empty", 1, 1), None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "file", "content", "mapping", "first", "then"), FILES, ids=named(FILES))
async def test_a_wrong_file_is_refused_at_its_place(
    world: World, tmp_path: Path, name: str, file: str, content: bytes, mapping: str, first: Said,
    then: Said | None,
) -> None:  # fmt: skip
    """Over HTTP the job fails with code, line and column, the command prints the same, and the store is as before."""
    kind = "consents" if "kind: consents" in mapping else "customers"
    (tmp_path / file).write_bytes(content)
    (tmp_path / "m.yaml").write_bytes(mapping.encode())
    async with world.unchanged(receipts=True):
        found = await world.deliver(kind, file, content, mapping)
        complained = await world.command(
            "import", kind, tmp_path / file, "--mapping", tmp_path / "m.yaml", "--here"
        )
    assert found[0] == first, found
    assert then is None or then in found, found
    assert complained == found


@pytest.mark.parametrize(
    ("wanted", "there", "told"),
    [
        ("id", "ID", "writes it 'ID'"),
        ("id", " id", "writes it ' id'"),
        ("id", "\ufeffid", r"writes it '\ufeffid'"),
        ("unit", "un\nit", r"writes it 'un\nit'"),
        ("unit", "units", "did you mean 'units'?"),
        ("unit", "grid", "check the first row and the delimiter"),
    ],
)
async def test_a_column_that_is_almost_there_is_shown_as_it_is_written(
    wanted: str, there: str, told: str
) -> None:
    """Case, spaces and what nobody sees are told in one line, so that they can be mended."""
    hint = column_meant(wanted, ["name", there])
    assert told in hint
    assert "\n" not in hint and "\ufeff" not in hint


async def test_a_packed_line_without_end_is_refused(world: World, tmp_path: Path) -> None:
    """A gzip file that unpacks to one endless line is not unpacked into memory."""
    path = tmp_path / "f.csv.gz"
    with gzip.open(path, "wb") as packed:
        packed.write(HEADER.encode() + b"\n")
        for _ in range(64):
            packed.write(b"x" * (1 << 20))
    (tmp_path / "m.yaml").write_text(CUSTOMERS, encoding="utf-8")
    async with world.unchanged(receipts=True):
        found = await world.command("import", "customers", path, "--mapping", tmp_path / "m.yaml", "--here")
    assert found == [("import.too_long", 2, 1)]
