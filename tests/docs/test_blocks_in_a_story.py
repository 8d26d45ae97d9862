"""The blocks of a page that tells a story: each finds what the ones before it left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.blocks import BLOCKS
from tests.docs.running import run_console, run_sh

pytestmark = pytest.mark.processes

STORY = [block for block in BLOCKS if block.mark == "story"]
HOMES = {
    "journeys.md": "var/journeys",
    "ivr.md": "var/ivr",
    "ivr-telephony.md": "var/telephony",
    "operating.md": "var/operating",
    "publishing.md": "var/publishing",
    "security.md": "var/security",
    "selection.md": "var/selection",
    "strategists-guide.md": "var/guide",
}


@pytest.mark.parametrize("page", sorted(HOMES))
def test_a_story_goes_as_it_is_told(page: str, tmp_path: Path) -> None:
    """Every command answers as printed, one after the other in one folder."""
    home = tmp_path / "guide"
    told = [block for block in STORY if block.page.name == page]
    assert told, f"{page} tells no story"
    for block in told:
        run = run_sh if block.language == "sh" else run_console
        run(block, block.code.replace(HOMES[page], str(home)), {"CONTACT_HOME": str(home)})


def test_every_story_has_a_folder() -> None:
    """A page with such blocks says where they may work."""
    assert {block.page.name for block in STORY} == set(HOMES)
