"""The page of files knows every key that a reader knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from strategies.declared.results import RESULTS
from strategies.schema.files import schemas

PAGES = [
    Path(__file__).parents[2] / "docs" / f"{name}.md"
    for name in ("files", "rules", "tariffs", "models", "menus")
]


def keys_of(schema: Any) -> Iterator[str]:
    """The keys of every mapping that a schema describes."""
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
        for value in schema.values():
            yield from keys_of(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from keys_of(value)


def test_every_key_stands_on_a_page() -> None:
    """As code, on the page of files or on that of rules, tariffs, models or menus."""
    text = "\n".join(page.read_text("utf-8") for page in PAGES)
    missing = {key for kind, schema in schemas().items() for key in keys_of(schema) if f"`{key}" not in text}
    assert {key for key in missing if f"{key}:" not in text} - {*RESULTS} == set()


def test_every_key_of_a_menu_has_its_heading() -> None:
    """Whoever writes a menu finds each of its keys by its name, and none that is not one."""
    text = (Path(__file__).parents[2] / "docs" / "menus.md").read_text("utf-8")
    headings = {line.removeprefix("### ") for line in text.splitlines() if line.startswith("### ")}
    assert headings == set(keys_of(schemas()["ivr"]))
