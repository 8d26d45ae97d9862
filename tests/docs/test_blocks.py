"""Every block of code in README and docs/ runs, or is what it says it is."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from contact.flow.publishing.publish import publishable
from strategies.cases.files import read_cases
from strategies.cases.run import check_cases
from strategies.texts.source import read_yaml
from tests.docs.blocks import BLOCKS, LANGUAGES, ROOT, Block
from tests.docs.running import environment, run_console, run_sh

ALONE = [block for block in BLOCKS if not block.shown and block.mark not in ("demo", "public data", "story")]


def of(*languages: str) -> list[Block]:
    return [block for block in ALONE if block.language in languages]


@pytest.mark.parametrize("block", of("sh"), ids=str)
def test_shell_blocks_run(block: Block) -> None:
    """What a reader pastes into a shell works from the repository's folder."""
    run_sh(block, block.code)


@pytest.mark.parametrize("block", of("console"), ids=str)
def test_console_blocks_print_what_they_show(block: Block) -> None:
    """Commands answer as printed."""
    run_console(block, block.code)


@pytest.mark.parametrize("block", of("python"), ids=str)
def test_python_blocks_run(block: Block) -> None:
    """Examples in Python work as they stand."""
    command = [sys.executable, "-c", block.code]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", of("yaml"), ids=str)
def test_yaml_blocks_are_what_they_say(block: Block) -> None:
    """What can be added to config/ can be added, all examples included; cases come out as written."""
    texts = {
        path.relative_to(ROOT / "config").as_posix(): path.read_text(encoding="utf-8")
        for path in (ROOT / "config").rglob("*.yaml")
    }
    if block.mark == "strategy":
        publishable({**texts, "strategies/of-the-docs.yaml": block.code})
    elif block.mark == "policy":
        publishable({**texts, "policies/company/of-the-docs.yaml": block.code})
    elif block.mark in ("tariff", "model"):
        publishable({**texts, f"{block.mark}s/of-the-docs.yaml": block.code})
    elif block.mark == "menu":
        publishable({**texts, "ivr/of-the-docs.yaml": block.code})
    elif block.mark == "case":
        assert check_cases(read_cases(block.code, str(block))) == []
    elif block.mark == "mapping":
        from contact.storage.imports.mapping import read_mapping

        read_mapping(block.code, str(block))
    else:
        read_yaml(block.code, str(block))


def test_every_block_says_its_language_and_marks_are_known() -> None:
    """A block without a language would never be run and nobody would notice."""
    known = re.compile(
        r"^(|demo|public data|story|strategy|policy|tariff|model|menu|mapping|case|shown, because .+)$"
    )
    assert [str(block) for block in BLOCKS if not known.match(block.mark)] == []
    assert [str(block) for block in BLOCKS if block.language not in (*LANGUAGES, "text", "json")] == []
