"""Drafts: what was typed is what is kept, nobody's work is lost, and nobody approves their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import pytest

from contact.faults import Conflict, Forbidden, NotFound
from contact.flow.publishing.drafts import (
    approve,
    check_draft,
    create_draft,
    diff,
    discard_draft,
    draft_file,
    get_draft,
    list_drafts,
    merge_draft,
    publish_draft,
    save_file,
)
from contact.flow.publishing.publish import publish
from contact.flow.starter.first_strategy import add_first_strategy
from contact.ports import PlaybookPort
from contact.wiring import House
from strategies.problems import ProblemsFound
from tests.integration.flow.stage import CAPS, texts

CAPS_FILE = "policies/caps.yaml"


async def in_force(house: House, **changes: str) -> str:
    """The version of the small playbook, published."""
    return (await publish(house.ports, texts(**changes), None, "lin", "first")).version


async def edited(house: House, draft: str, text: str | None, author: str = "mei") -> None:
    """The caps of a draft, written over whatever stands there."""
    _, seen = await draft_file(house.ports, draft, CAPS_FILE)
    await save_file(house.ports, draft, CAPS_FILE, text, seen, author)


@pytest.mark.parametrize("typed", ["a: 1\r\nb: 2", "\ufeff# 汉字 \u0000 \ud800\n", "", "\t x\n\n\n"])
async def test_saved_bytes_are_typed_bytes(house: House, typed: str) -> None:
    """Line ends, blanks, a zero byte, half a surrogate: nothing is mended on the way."""
    await in_force(house)
    draft = (await create_draft(house.ports, "mei")).draft
    await edited(house, draft, typed)
    assert (await draft_file(house.ports, draft, CAPS_FILE))[0] == typed


async def test_a_draft_begins_as_what_is_in_force(house: House) -> None:
    """All files of the version in force, none of them changed, and it stands on that version."""
    version = await in_force(house)
    begun = await create_draft(house.ports, "mei", "fewer calls")
    assert (begun.base, begun.live, begun.hash, begun.state) == (version, version, version, "open")
    assert begun.files == sorted(texts()) and begun.changed == []
    assert [each.draft for each in await list_drafts(house.ports)] == [begun.draft]


class Overtaken:
    """The published playbooks, to one of which another is published just when its texts were read."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.playbooks = house.ports.playbooks

    def __getattr__(self, name: str) -> object:
        return getattr(self.playbooks, name)

    async def texts(self, version: str) -> Mapping[str, str]:
        read = await self.playbooks.texts(version)
        if version == await self.playbooks.in_force():
            await publish(self.house.ports, texts(caps=CAPS + "# newer\n"), version, "lin", "second")
        return read


async def test_a_first_strategy_takes_nothing_back_that_is_published_meanwhile(house: House) -> None:
    """Its draft stands on the version whose texts it holds: to be merged first, where another is in force by then."""
    version = await in_force(house)
    slow = replace(house.ports, playbooks=cast(PlaybookPort, Overtaken(house)))
    draft, path = await add_first_strategy(slow, None, "mei")
    begun = await get_draft(house.ports, draft)
    assert begun.base == version != begun.live and begun.changed == [path]
    with pytest.raises(Conflict, match="merge it in"):
        await publish_draft(house.ports, draft, "mei", "ours")


async def test_two_writers_of_one_file_do_not_lose_each_others_work(house: House) -> None:
    """The second, who did not see what the first wrote, is told; another file is saved meanwhile."""
    await in_force(house)
    draft = (await create_draft(house.ports, "mei")).draft
    text, seen = await draft_file(house.ports, draft, CAPS_FILE)
    other, other_seen = await draft_file(house.ports, draft, "operator.yaml")
    await save_file(house.ports, draft, CAPS_FILE, text + "# one\n", seen, "mei")
    with pytest.raises(Conflict):
        await save_file(house.ports, draft, CAPS_FILE, text + "# two\n", seen, "tao")
    saved = await save_file(house.ports, draft, "operator.yaml", other + "# three\n", other_seen, "tao")
    assert saved.changed == ["operator.yaml", CAPS_FILE] and saved.authors == ["mei", "tao"]
    assert (await draft_file(house.ports, draft, CAPS_FILE))[0].endswith("# one\n")


async def test_a_file_is_added_and_removed(house: House) -> None:
    """A new file is seen by nobody before; a removed one is gone."""
    await in_force(house)
    draft = (await create_draft(house.ports, "mei")).draft
    await save_file(house.ports, draft, "policies/new.yaml", "policy: new\nlayer: company\n", None, "mei")
    with pytest.raises(Conflict):
        await save_file(house.ports, draft, "policies/new.yaml", "policy: newer\n", None, "tao")
    await edited(house, draft, None)
    assert (await get_draft(house.ports, draft)).changed == [CAPS_FILE, "policies/new.yaml"]
    with pytest.raises(NotFound):
        await draft_file(house.ports, draft, CAPS_FILE)


@pytest.mark.parametrize("path", ["../outside.yaml", "/etc/passwd", "policies/../../x.yaml", "a b.yaml", ""])
async def test_a_file_name_leads_nowhere_else(house: House, path: str) -> None:
    """What is published is written to folders by `contact pull`: a name must stay below them."""
    await in_force(house)
    draft = (await create_draft(house.ports, "mei")).draft
    with pytest.raises(ProblemsFound):
        await save_file(house.ports, draft, path, "x: 1\n", None, "mei")


async def test_what_is_typed_is_checked_without_being_saved(house: House) -> None:
    """The same opinion as `contact check`, at the line where it stands, over the draft's other files."""
    await in_force(house)
    draft = (await create_draft(house.ports, "mei")).draft
    typed = {CAPS_FILE: CAPS.replace("max: 1", "max: 0")}
    found = await check_draft(house.ports, draft, CAPS_FILE, typed)
    assert [each["code"] for each in found.problems if each["severity"] == "error"] == ["rule.max_zero"]
    assert all(each["severity"] == "warning" for each in (await check_draft(house.ports, draft)).problems)


async def test_an_edit_removes_every_approval(house: House) -> None:
    """Also one that is undone again: whoever approved did not see what came between."""
    operator = texts()["operator.yaml"] + "approvals: 1\n"
    await publish(house.ports, texts() | {"operator.yaml": operator}, None, "lin", "first")
    draft = (await create_draft(house.ports, "mei")).draft
    await edited(house, draft, CAPS.replace("max: 1", "max: 2"))
    assert [each.person for each in (await approve(house.ports, draft, "tao")).approvals] == ["tao"]
    await edited(house, draft, CAPS)
    await edited(house, draft, CAPS.replace("max: 1", "max: 2"))
    assert (await get_draft(house.ports, draft)).approvals == []
    with pytest.raises(Forbidden):
        await publish_draft(house.ports, draft, "mei", "more messages")


async def test_a_second_person_approves_and_authors_do_not(house: House) -> None:
    """Everybody who wrote a part of a draft is an author; with another's approval it takes force."""
    operator = texts()["operator.yaml"] + "approvals: 1\n"
    await publish(house.ports, texts() | {"operator.yaml": operator}, None, "lin", "first")
    draft = (await create_draft(house.ports, "mei")).draft
    await edited(house, draft, CAPS.replace("max: 1", "max: 2"), "tao")
    for author in ("mei", "tao"):
        with pytest.raises(Forbidden):
            await approve(house.ports, draft, author)
    with pytest.raises(Forbidden):
        await publish(house.ports, texts(), (await get_draft(house.ports, draft)).base, "mei", "round about")
    await approve(house.ports, draft, "yun")
    published = await publish_draft(house.ports, draft, "mei", "more messages")
    assert (published.version, published.approved_by) == (
        (await house.ports.playbooks.current()).version,
        ("yun",),
    )
    assert (await get_draft(house.ports, draft)).state == "published"


async def test_whoever_approves_must_have_seen_what_stands(house: House) -> None:
    """An approval of an earlier state is refused."""
    await in_force(house)
    seen = await create_draft(house.ports, "mei")
    await edited(house, seen.draft, CAPS + "# later\n")
    with pytest.raises(Conflict):
        await approve(house.ports, seen.draft, "tao", seen.hash)


async def test_a_draft_on_an_older_version_is_merged_first(house: House) -> None:
    """Changes in other lines are joined; the draft then stands on the version in force and can be published."""
    first = await in_force(house)
    draft = (await create_draft(house.ports, "mei")).draft
    await edited(house, draft, CAPS.replace("max: 1", "max: 2"))
    live = (await publish(house.ports, texts(control="10"), first, "tao", "a control group")).version
    with pytest.raises(Conflict):
        await publish_draft(house.ports, draft, "mei", "more messages")
    merged = await merge_draft(house.ports, draft, "mei")
    assert (merged.conflicts, merged.draft.base, merged.draft.changed) == ([], live, [CAPS_FILE])
    await publish_draft(house.ports, draft, "mei", "more messages")
    current = (await house.ports.playbooks.current()).texts
    assert current == texts(control="10", caps=CAPS.replace("max: 1", "max: 2"))


async def test_a_conflict_shows_both_sides_and_changes_nothing(house: House) -> None:
    """Until somebody says what the file shall be."""
    first = await in_force(house)
    draft = (await create_draft(house.ports, "mei")).draft
    await edited(house, draft, CAPS.replace("max: 1", "max: 2"))
    mine = (await get_draft(house.ports, draft)).hash
    await publish(house.ports, texts(caps=CAPS.replace("max: 1", "max: 3")), first, "tao", "three")
    assert (await get_draft(house.ports, draft)).conflicts == [CAPS_FILE]
    merged = await merge_draft(house.ports, draft, "mei")
    assert [(each.path, each.draft, each.live) for each in merged.conflicts] == [
        (CAPS_FILE, ["    max: 2"], ["    max: 3"])
    ]
    assert merged.draft.hash == mine
    decided = CAPS.replace("max: 1", "max: 3")
    assert (await merge_draft(house.ports, draft, "mei", {CAPS_FILE: decided})).draft.conflicts == []
    assert (await draft_file(house.ports, draft, CAPS_FILE))[0] == decided


async def test_a_draft_is_told_in_words_and_in_lines(house: House) -> None:
    """Against what is in force, and against any version by its beginning."""
    version = await in_force(house)
    draft = (await create_draft(house.ports, "mei")).draft
    await edited(house, draft, CAPS.replace("max: 1", "max: 2"))
    told = await diff(house.ports, None, draft)
    assert [(each.words, each.kind) for each in told.changes] == [
        ("rule caps.weekly: at most 1 → 2", "loosened")
    ]
    lines = [line for hunk in told.texts[0].hunks for line in hunk["lines"] if line[0] != " "]
    assert lines == [("-", "    max: 1"), ("+", "    max: 2")]
    assert (await diff(house.ports, draft, version[:8])).changes[0].kind == "tightened"


async def test_a_discarded_draft_is_closed(house: House) -> None:
    """Nothing is written to it or published from it any more, and it leaves the list."""
    await in_force(house)
    draft = (await create_draft(house.ports, "mei")).draft
    assert (await discard_draft(house.ports, draft, "mei")).state == "discarded"
    with pytest.raises(Conflict):
        await edited(house, draft, CAPS + "#\n")
    with pytest.raises(Conflict):
        await publish_draft(house.ports, draft, "mei", "why")
    assert await list_drafts(house.ports) == []
    assert [each.draft for each in await list_drafts(house.ports, closed=True)] == [draft]
