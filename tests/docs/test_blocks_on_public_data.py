"""The blocks that need the public data beside this repository: each page's, typed one after the other into one shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.blocks import BLOCKS
from tests.docs.running import shell
from tests.servers import free_port

pytestmark = pytest.mark.processes

NEED_DATA = [block for block in BLOCKS if block.mark == "public data"]
Typed = tuple[str, str]
STOP = "trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT\n"
"""A service that a block leaves in the background ends with the shell."""
HOMES = ("var/ibm", "var/megaline", "var/bank")
ANSWERS = {
    "ibm-telco.md": (
        "customers: 7043 of 7043 rows taken in, generation 1",
        "staff: 3 of 3 rows taken in",
        "reserved 800,",
        '"state":"started"',
        '"state":"done"',
        '{"cancelled":1}',
        '"reason":"opted_out consent.opted_out"',
        "FAIL  consent",
        "7590-VHVEG at 2030-03-04",
        "one-year/outbound_call",
        "0 violations",
    ),
    "real-data.md": (
        "+0.076590",
        "+0.045233",
        "usage: 137735 of 137735 rows taken in",
        "usage: 104825 of 104825 rows taken in",
        "usage: 76051 of 76051 rows taken in",
        "surf            1573         60.7064    31.2%",
        "ultimate        720          72.3139    66.5%",
        "500 lines under 2 plans",
        "line 1001 has Surf",
        "customers: 41188 of 41188 rows taken in, generation 1",
        "model.leak",
        "refused, as it should be",
    ),
}


@pytest.fixture(scope="module", params=sorted(ANSWERS))
def typed(
    request: pytest.FixtureRequest, shared_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Typed:
    """A page, and what a reader sees who pastes its blocks in order."""
    page = request.param
    code = "".join(block.code for block in NEED_DATA if block.page.name == page)
    folder = tmp_path_factory.mktemp("public")
    for home in HOMES:
        code = code.replace(home, str(folder / home))
    code = code.replace("8081", str(free_port()))
    return page, shell(STOP + code.replace("../shared", str(shared_folder)))


def test_the_page_s_commands_answer_as_it_says(typed: Typed) -> None:
    """Every step from the file to the evaluation."""
    page, printed = typed
    assert [answer for answer in ANSWERS[page] if answer not in printed] == [], printed


def test_every_page_with_public_data_is_looked_at() -> None:
    """A page whose blocks need data has answers to hold."""
    assert {block.page.name for block in NEED_DATA} == set(ANSWERS)
