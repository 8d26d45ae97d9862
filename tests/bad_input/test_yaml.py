"""Wrong playbooks, over HTTP and from a folder: the same code at the same place, and nothing is published."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from strategies.compiling.compile import compile_playbook
from tests.bad_input.world import Said, World, in_business, named, said
from tests.integration.http_story import PLAYBOOK

pytestmark = pytest.mark.asyncio(loop_scope="module")

OPERATOR = "operator.yaml"
CHANNELS = "channels.yaml"
LAW = "policies/legal/law.yaml"
CAPS = "policies/company/caps.yaml"
STRATEGY = "strategies/more-data.yaml"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with in_business(tmp_path_factory.mktemp("yaml") / "home") as started:
        yield started


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\npolicy: caps\nlayer: company\n"
MERGES = "policy: caps\nlayer: company\n<<: {rules: []}\n"
MISTAKES: list[tuple[str, str, str, str, Said]] = [
    # name, file, what stands there ("" for all of it), what is put in its place, first problem
    ("25 o'clock", LAW, '"21:00"', '"25:00"', ("value.time", 10, 32)),
    ("an hour of one digit", LAW, '"09:00"', '"9:00"', ("value.time", 10, 19)),
    ("Arabic digits in an hour", LAW, '"09:00"', '"٠٩:00"', ("value.time", 10, 19)),
    ("a duplicate key", CAPS, "max: 1", "max: 1\n    max: 2", ("yaml.duplicate_key", 11, 5)),
    ("an anchor", CAPS, "window: {", "window: &w {", ("yaml.anchor", 9, 13)),
    ("an alias", CAPS, "max: 1", "max: *w", ("yaml.anchor", 10, 10)),
    ("a bomb of aliases", CAPS, "", BOMB, ("key.unknown", 1, 1)),
    ("a merge key", CAPS, "", MERGES, ("key.missing", 1, 1)),
    ("a tag of Python", CAPS, "max: 1", "max: !!python/object/apply:os.system [id]", ("yaml.tag", 10, 10)),
    ("a tag of our own", CAPS, "max: 1", "max: !int 1", ("yaml.tag", 10, 10)),
    ("5,000 brackets", CAPS, "", "policy: " + "[" * 5000, ("yaml.depth", 1, 40)),
    ("5,000 braces", CAPS, "", "policy: " + "{a: " * 5000, ("yaml.depth", 1, 133)),
    ("two documents", CAPS, "", "policy: caps\n---\npolicy: more\n", ("key.missing", 1, 1)),
    ("an empty file", CAPS, "", "", ("yaml.empty", 1, 1)),
    ("a comment alone", CAPS, "", "# nothing\n", ("yaml.empty", 1, 1)),
    ("a tab", CAPS, "    max: 1", "\tmax: 1", ("yaml.tab", 10, 1)),
    ("an invisible character", CAPS, "layer: company", "layer: com\u200bpany", ("yaml.character", 3, 11)),
    ("NEL behind a value", CAPS, "max: 1", "max: 1\x85    x: 2", ("yaml.character", 10, 11)),
    ("a line separator in a comment", CAPS, "max: 1", "max: 1 # a\u2028b", ("yaml.character", 10, 15)),
    ("a tab in braces", CAPS, "window: {", "window: {\t", ("yaml.tab", 9, 14)),
    ("NUL escaped", STRATEGY, "Good day {name}", "Good\\0day {name}", ("yaml.character", 17, 23)),
    ("an escape there is not", STRATEGY, "Good day {name}", "Good\\qday {name}", ("yaml.syntax", 17, 28)),
    ("half a character escaped", STRATEGY, "Good day {name}", "\\ud800 {name}", ("yaml.syntax", 17, 26)),
    ("a tilde", CAPS, "max: 1", "max: ~", ("yaml.word", 10, 10)),
    ("nothing", CAPS, "max: 1", "max:", ("yaml.no_value", 10, 9)),
    ("a quoted key twice", CAPS, "max: 1", 'max: 1\n    "max": 2', ("yaml.duplicate_key", 11, 5)),
    ("3,000 lists in a line", CAPS, "", "- " * 3000 + "a", ("yaml.depth", 1, 65)),
    ("a cap in hexadecimal", CAPS, "max: 1", "max: 0x1", ("yaml.number", 10, 10)),
    ("a cap with a plus", CAPS, "max: 1", "max: +1", ("yaml.number", 10, 10)),
    ("too long a file", CAPS, "", "#" * 1_000_001, ("yaml.too_long", 0, 0)),
    ("a cap in quotes", CAPS, "max: 1", 'max: "3"', ("value.type", 10, 10)),
    ("a cap with decimals", CAPS, "max: 1", "max: 3.0", ("value.type", 10, 10)),
    ("a cap below nothing", CAPS, "max: 1", "max: -1", ("value.range", 10, 10)),
    ("a cap without end", CAPS, "max: 1", "max: .inf", ("yaml.number", 10, 10)),
    ("a cap that is no number", CAPS, "max: 1", "max: .nan", ("yaml.number", 10, 10)),
    ("a cap that is true", CAPS, "max: 1", "max: true", ("value.type", 10, 10)),
    ("a cap in Arabic digits", CAPS, "max: 1", "max: ٣", ("yaml.number", 10, 10)),
    ("a percentage in Arabic digits", STRATEGY, "percentage: 0", "percentage: ٣", ("yaml.number", 6, 23)),
    ("a minute in Arabic digits", LAW, '"09:00"', '"1٩:00"', ("value.time", 10, 19)),
    ("a duration in Arabic digits", STRATEGY, "task_valid: P3D", "task_valid: P٣D", ("value.duration", 8, 13)),
    ("a cap of 1e3", CAPS, "max: 1", "max: 1e3", ("value.type", 10, 10)),
    ("a cap of 5,000 digits", CAPS, "max: 1", "max: " + "9" * 5000, ("yaml.number", 10, 10)),
    ("a cap with an underscore", CAPS, "max: 1", "max: 1_0", ("yaml.number", 10, 10)),
    ("an octal cap", CAPS, "max: 1", "max: 010", ("yaml.number", 10, 10)),
    ("an unknown key", CAPS, "max: 1", "maxx: 1", ("key.unknown", 10, 5)),
    ("an unquoted no", STRATEGY, "category: marketing", "category: no", ("yaml.word", 4, 11)),
    ("a missing reference", STRATEGY, "category: marketing", "category: marketin", ("reference.unknown", 4, 11)),
    ("a missing event", STRATEGY, "event: ordered", "event: orderd", ("reference.unknown", 9, 15)),
    ("a call that is not listed", STRATEGY, "arpu >= 50", "system(arpu) = 1", ("condition.not_available", 5, 11)),
    ("an attribute", STRATEGY, "arpu >= 50", "arpu.__class__ = 1", ("condition.syntax", 5, 15)),
    ("an alias of SQL", STRATEGY, "arpu >= 50", "arpu AS a", ("condition.syntax", 5, 16)),
    ("a second statement", STRATEGY, "arpu >= 50", "arpu >= 50; DROP TABLE contact", ("condition.syntax", 5, 21)),
    ("a query within", STRATEGY, "arpu >= 50", "arpu >= (SELECT 1)", ("condition.not_available", 5, 27)),
    ("a rule nothing can reach", STRATEGY, "arpu >= 50", "arpu >= 50 and arpu < 40", ("condition.impossible", 5, 11)),
    ("a placeholder not on the list", STRATEGY, "Good day {name}", "Good day {nam}", ("placeholder.unknown", 17, 33)),
    ("an attribute in a placeholder", STRATEGY, "day {name}", "day {name.__class__}", ("placeholder.unknown", 17, 33)),
    ("a zone that is a path", OPERATOR, "zone: Asia/Shanghai", "zone: ../../etc/passwd", ("value.zone", 4, 7)),
    ("a file nothing reads", "outside.yaml", "", "a: 1", ("file.unknown", 0, 0)),
    ("a duration in months", STRATEGY, "task_valid: P3D", "task_valid: P1M", ("value.duration", 8, 13)),
    ("a percentage above 100", STRATEGY, "percentage: 0", "percentage: 101", ("value.percent", 6, 23)),
    ("a list for a text", STRATEGY, "category: marketing", "category: [marketing]", ("value.type", 4, 11)),
]  # fmt: skip


def with_mistake(path: str, was: str, wrong: str) -> dict[str, str]:
    """The sound playbook with one mistake."""
    text = PLAYBOOK.get(path, "")
    assert not was or text.count(was) == 1, (path, was)
    return {**PLAYBOOK, path: text.replace(was, wrong) if was else wrong}


def written(folder: Path, texts: dict[str, str]) -> Path:
    """The texts as files of a folder."""
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    return folder


@pytest.mark.parametrize(("name", "path", "was", "wrong", "first"), MISTAKES, ids=named(MISTAKES))
async def test_a_wrong_playbook_is_refused_at_its_place(
    world: World, tmp_path: Path, name: str, path: str, was: str, wrong: str, first: Said
) -> None:
    """Over HTTP a 422 with code, line and column, from a folder the same line; no version, draft or file is left."""
    texts = with_mistake(path, was, wrong)
    base = (await world.server.get("/v1/playbooks")).json["items"][0]["version"]
    async with world.unchanged():
        answer = await world.server.post("/v1/playbooks", {"texts": texts, "base": base, "why": "try"})
        complained = await world.command("publish", written(tmp_path / "config", texts), "--why", "try")
    assert (answer.status, answer.code) == (422, "problems_found"), answer.raw
    problem = answer.json["problems"][0]
    assert (said(problem), problem["path"]) == (first, path), answer.json["problems"]
    assert complained[0] == first


@pytest.mark.parametrize("hour", ["21:00", "'21:00'"])
async def test_an_hour_without_quotes_is_the_text_it_looks_like(hour: str) -> None:
    """``21:00`` is nine in the evening however it is quoted, never 1,260 of something."""
    sound = compile_playbook(PLAYBOOK)
    assert compile_playbook(with_mistake(LAW, '"21:00"', hour)).rules == sound.rules


async def test_a_nul_never_gets_as_far_as_yaml(world: World, tmp_path: Path) -> None:
    """In a body it is a broken text, in a file a character that cannot stand there."""
    texts = with_mistake(CAPS, "max: 1", "max: 1 \0")
    async with world.unchanged():
        answer = await world.server.post("/v1/playbooks", {"texts": texts, "base": None, "why": "try"})
        complained = await world.command("publish", written(tmp_path / "config", texts), "--why", "try")
    assert (answer.status, answer.code) == (400, "bad_text")
    assert complained == [("yaml.character", 10, 12)]


@pytest.mark.parametrize(
    "path", ["../outside.yaml", "/etc/passwd", "policies/../x.yaml", "a\\b.yaml", "", "."]
)
async def test_a_path_that_leaves_the_playbook_is_a_file_nothing_reads(world: World, path: str) -> None:
    """Texts are named, never looked up: a path leads nowhere."""
    base = (await world.server.get("/v1/playbooks")).json["items"][0]["version"]
    async with world.unchanged():
        answer = await world.server.post(
            "/v1/playbooks", {"texts": {**PLAYBOOK, path: "a: 1"}, "base": base, "why": "try"}
        )
    assert (answer.status, answer.code) == (422, "problems_found")
    assert answer.json["problems"][0]["code"] == "file.unknown"


async def test_a_stale_version_is_a_conflict(world: World, tmp_path: Path) -> None:
    """What was made from another version than the one in force is not published, whoever sends it."""
    changed = with_mistake(CAPS, "max: 1", "max: 2")
    stale = "0" * 64
    async with world.unchanged():
        answer = await world.server.post("/v1/playbooks", {"texts": changed, "base": stale, "why": "try"})
        with pytest.raises(AssertionError, match="another version is in force"):
            await world.command(
                "publish", written(tmp_path / "config", changed), "--why", "try", "--base", stale
            )
    assert (answer.status, answer.code) == (409, "conflict")


async def test_bytes_that_are_no_text_are_refused(world: World, tmp_path: Path) -> None:
    """A file in another encoding is told with the place of its first byte that is none of UTF-8."""
    folder = written(tmp_path / "config", PLAYBOOK)
    (folder / CAPS).write_bytes(PLAYBOOK[CAPS].encode("utf-16"))
    async with world.unchanged():
        assert await world.command("publish", folder, "--why", "try") == [("yaml.character", 1, 1)]
