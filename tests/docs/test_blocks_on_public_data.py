"""The blocks that need the public data beside this repository, typed one after the other into one shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.blocks import BLOCKS
from tests.docs.running import shell
from tests.servers import free_port

pytestmark = pytest.mark.processes

NEED_DATA = [block for block in BLOCKS if block.mark == "public data"]
STOP = "trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n"
"""The service that the first block leaves in the background ends with the shell."""


@pytest.fixture(scope="module")
def printed(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a reader sees who pastes the blocks of docs/ibm-telco.md in order."""
    code = "".join(block.code for block in NEED_DATA)
    home = tmp_path_factory.mktemp("ibm") / "home"
    code = code.replace("var/ibm", str(home)).replace("8081", str(free_port()))
    return shell(STOP + code.replace("../shared", str(shared_folder)))


@pytest.mark.parametrize(
    "answer",
    [
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
    ],
)
def test_the_page_s_commands_answer_as_it_says(printed: str, answer: str) -> None:
    """Every step from the file to the evaluation."""
    assert answer in printed
