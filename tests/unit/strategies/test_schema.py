"""The schema that editors get: it takes what the loader takes, and knows exactly the keys that readers know."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from strategies.compiling.compile import compile_playbook
from strategies.documents.reading import Reading, Section
from strategies.schema.files import kind_of, schemas
from strategies.texts.source import Node, parse_yaml
from tests.unit.strategies.small import AROUND, small_texts
from tests.unit.strategies.test_broken_files import BROKEN, announced

ROOT = Path(__file__).parents[3]
FOLDERS = [ROOT / "config", AROUND, *sorted((ROOT / "docs" / "examples").glob("*/config"))]
UNKNOWN_KEYS = [path for path in BROKEN if "key.unknown" in path.read_text("utf-8")]
SCHEMAS = schemas()


def refusals(path: str, text: str) -> list[str]:
    """What the schema has against a text; nothing where it is no tree."""
    kind, node = kind_of(path), parse_yaml(text, path, [])
    assert kind is not None, path
    return (
        []
        if node is None
        else [each.message for each in Draft202012Validator(SCHEMAS[kind]).iter_errors(node.plain())]
    )


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.parent.name + "/" + path.name)
def test_the_schema_takes_every_file_that_we_ship(folder: Path) -> None:
    """The demonstration, the examples of the pages and the small playbook of the tests."""
    for path in sorted(folder.rglob("*.yaml")):
        assert refusals(str(path.relative_to(folder)), path.read_text("utf-8")) == [], path


@pytest.mark.parametrize("path", UNKNOWN_KEYS, ids=lambda path: path.stem)
def test_the_schema_refuses_every_unknown_key(path: Path) -> None:
    """What the loader does not know an editor underlines too."""
    texts, _ = announced(path)
    changed = {
        name: text for name, text in texts.items() if small_texts().get(name) != text and kind_of(name)
    }
    assert any(refusals(name, text) for name, text in changed.items())


@pytest.mark.parametrize("kind", SCHEMAS)
def test_each_schema_is_one(kind: str) -> None:
    """By the dialect it names."""
    Draft202012Validator.check_schema(SCHEMAS[kind])


class Noting(Reading):
    """A reading that notes which keys each of its sections knows."""

    seen: set[frozenset[str]]

    def section(self, node: Node, what: str, allowed: Collection[str]) -> Section | None:
        self.seen.add(frozenset(allowed))
        return super().section(node, what, allowed)


def objects(schema: Any) -> Iterator[frozenset[str]]:
    """The keys of every mapping that a schema describes."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield frozenset(schema["properties"])
        for value in schema.values():
            yield from objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects(value)


def test_every_mapping_that_is_read_has_its_keys_in_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that a reader learns and the schema does not fails here."""
    Noting.seen = set()
    monkeypatch.setattr("strategies.compiling.compile.Reading", Noting)
    for folder in FOLDERS:
        compile_playbook(
            {str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*.yaml")}
        )
    described = {found for schema in SCHEMAS.values() for found in objects(schema)}
    assert Noting.seen - described == set()
    assert len(Noting.seen) > 25


def test_files_and_their_schemas() -> None:
    """By path, as the loader sorts them."""
    assert [kind_of(path) for path in ("operator.yaml", "policies/legal/x.yaml", "strategies/a.yaml", "notes.md")] == [
        "operator", "policies", "strategies", None,
    ]  # fmt: skip
