"""Selections over HTTP: counts, spreads, segments, clusters and lists, as a strategist's tools ask for them."""

from __future__ import annotations

from pathlib import Path

import aiohttp

from tests.integration.http_client import serving
from tests.integration.http_story import PLAYBOOK, open_the_shop


async def test_a_selection_is_made_saved_and_narrowed_over_http(tmp_path: Path) -> None:
    """Fields, spread, count, a segment kept in a draft, an imported list as a condition; problems point at their place."""
    async with serving(tmp_path / "home") as server:
        await open_the_shop(server)
        names = [each["field"] for each in (await server.get("/v1/fields", role="analyst")).json["fields"]]
        assert {"arpu", "lists"} <= set(names)
        arpu = (await server.get("/v1/fields/arpu/spread?language=zh-CN", role="analyst")).json
        assert arpu["title"] == "月均消费" and arpu["total"] == 9 and len(arpu["quantiles"]) == 7
        asked = {"condition": "arpu >= 0", "channel": "outbound_call", "category": "marketing"}
        found = (await server.post("/v1/selections", asked, role="strategist")).json
        assert found["total"] == 9 and found["left"] <= found["found"]
        assert [step["name"] for step in found["exclusions"]] == [
            "state",
            "do_not_disturb",
            "frequency",
            "control",
        ]
        night = {**asked, "at": "2030-03-06T03:00:00+08:00", "without": ["customer = 'C1'"]}
        names = [step["name"] for step in (await server.post("/v1/selections", night)).json["exclusions"]]
        assert names[3:] == ["hours", "control", "customer = 'C1'"]
        wrong = await server.post("/v1/selections", {**asked, "condition": "arpo > 1"})
        assert (wrong.status, wrong.json["problems"][0]["code"]) == (422, "condition.field")
        refused = await server.post("/v1/clusters", {"fields": ["arpu"]}, role="analyst")
        assert (refused.status, refused.json["problems"][0]["code"]) == (422, "cluster.too_few")
        draft = (await server.post("/v1/drafts", {}, role="strategist")).json["draft"]
        segment = {"segment": "rich", "when": "arpu > 100", "title": {"en": "Rich"}}
        saved = await server.post(f"/v1/drafts/{draft}/segments", segment, role="strategist")
        assert saved.json["changed"] == ["segments/rich.yaml"]
        again = await server.post(f"/v1/drafts/{draft}/segments", segment, role="strategist")
        assert again.status == 409
        assert (await server.get("/v1/segments", role="analyst")).json["segments"] == []

        form = aiohttp.FormData()
        form.add_field("name", "vip")
        form.add_field("id_column", "who")
        form.add_field("file", b"who\nC1\nC2\nC77\n", filename="vip.csv")
        before = set((server.house.settings.home / "uploads").iterdir())
        taken = await server.post("/v1/lists", form(), role="analyst")
        assert (taken.status, taken.json["customers"], taken.json["set_aside"]) == (200, 2, 1)
        assert set((server.house.settings.home / "uploads").iterdir()) == before
        assert [
            each["name"] for each in (await server.get("/v1/lists", role="strategist")).json["lists"]
        ] == ["vip"]
        assert (await server.post("/v1/lists/vip/remove", {}, role="analyst")).json["lists"] == []


async def test_what_reaches_nobody_today_is_told_over_http_where_it_is_asked(tmp_path: Path) -> None:
    """Of a set of texts and of a draft; as one types, nobody waits for the base."""
    async with serving(tmp_path / "home") as server:
        await open_the_shop(server)
        draft = (await server.post("/v1/drafts", {}, role="strategist")).json["draft"]
        segment = {"segment": "richest", "when": "arpu > 100000", "title": {"en": "Richest"}}
        await server.post(f"/v1/drafts/{draft}/segments", segment, role="strategist")
        path = "segments/richest.yaml"
        file = await server.get(f"/v1/drafts/{draft}/file?path={path}", role="strategist")
        texts = PLAYBOOK | {path: file.json["text"]}
        for address, asked in ((f"/v1/drafts/{draft}/check", {}), ("/v1/check", {"texts": texts})):
            told = []
            for base in (False, True):
                answer = await server.post(address, {**asked, "only": path, "base": base}, role="analyst")
                told.append([each["code"] for each in answer.json["problems"]])
            assert [("warning.nobody" in codes) for codes in told] == [False, True], (address, told)
