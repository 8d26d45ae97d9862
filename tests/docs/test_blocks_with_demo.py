"""The blocks that need a running service, run against the demonstration operator's."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docs.blocks import BLOCKS, ROOT, Block
from tests.docs.running import environment, run_console, run_sh
from tests.servers import end, free_port

pytestmark = pytest.mark.processes
NEED_DEMO = [block for block in BLOCKS if block.mark == "demo"]
START_SECONDS = 900


@dataclass(frozen=True)
class Demo:
    """The running demonstration: where it answers and where its files are."""

    port: int
    home: Path

    def put_into(self, code: str) -> str:
        """The code with this run's port and folder instead of the documented ones."""
        return code.replace("127.0.0.1:8080", f"127.0.0.1:{self.port}").replace("var/demo", str(self.home))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    port, log = free_port(), folder / "demo.log"
    command = [
        sys.executable,
        "-m",
        "demo",
        "--customers",
        "300",
        "--port",
        str(port),
        "--home",
        str(folder / "home"),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdout=output, stderr=output, stdin=subprocess.DEVNULL
        )
    deadline = time.monotonic() + START_SECONDS
    while not re.search(r"^API\s+http", log.read_text(errors="replace"), re.MULTILINE):
        assert process.poll() is None and time.monotonic() < deadline, log.read_text(errors="replace")[-3000:]
        time.sleep(0.5)
    yield Demo(port, folder / "home")
    assert end(process, signal.SIGINT, 60) == 0


@pytest.mark.parametrize("block", NEED_DEMO, ids=str)
def test_blocks_answer_as_printed(block: Block, demo: Demo) -> None:
    """Curls and commands of the docs work on the demonstration as it stands after its summary."""
    run = run_console if block.language == "console" else run_sh
    run(block, demo.put_into(block.code), {"CONTACT_DEMO": "1", "HOME": os.environ["HOME"]})
