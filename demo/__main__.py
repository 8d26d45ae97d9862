"""The demonstration: one command from a customer file to an evaluated outcome.

python -m demo [--once] [--customers 20000] [--seed 1] [--port 8080] [--home var/demo]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console

from demo.calling import CallFailed
from demo.judging import judge_gateway
from demo.processes import ProcessFailed
from demo.staff import OUTBOUND_AGENTS
from demo.stage import Plot, Stage, StageProblem, free_port, next_monday
from demo.story import Story, last_line
from demo.summary import effects_of, print_summary, print_what_to_open

FEWEST = 300
DESK = OUTBOUND_AGENTS[0]
SEED = 1
_WIDE = 120
"""Columns where the output is no terminal."""


def plot_from(arguments: list[str]) -> Plot:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m demo", description="Run the demonstration operator.")
    once = os.environ.get("ONCE", "") == "1"
    parser.add_argument("--once", action="store_true", default=once, help="end after the summary (or ONCE=1)")
    parser.add_argument("--customers", type=int, default=20000, help=f"how many, at least {FEWEST}")
    parser.add_argument("--seed", type=int, default=SEED, help="another seed is another operator")
    parser.add_argument("--port", type=int, default=8080, help="where the service answers; 0: any free port")
    parser.add_argument(
        "--home", type=Path, default=Path("var/demo"), help="folder that is emptied at each start"
    )
    parser.add_argument(
        "--start", type=date.fromisoformat, default=next_monday(datetime.now(UTC)),
        help="a Monday in the future (default: the next); the simulated clock starts there",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    if options.customers < FEWEST:
        parser.error(f"--customers must be at least {FEWEST}, so that there is enough to learn from")
    if options.start.weekday() != 0:
        parser.error(f"--start must be a Monday; {options.start} is a {options.start:%A}")
    return Plot(
        options.customers, options.seed, options.port, options.home.absolute(), options.start, options.once
    )


async def main(plot: Plot, console: Console) -> int:
    """Run the loop, print the summary; then wait for Ctrl-C unless asked once. Leaves no process behind."""
    interrupted, told = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, interrupted.set)
    running = asyncio.create_task(_run(plot, console, interrupted, told))
    waiting = asyncio.create_task(interrupted.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if running.done() or told.is_set():
        return await running
    console.print("interrupted; stopping what was started …")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return 130


async def _run(plot: Plot, console: Console, interrupted: asyncio.Event, told: asyncio.Event) -> int:
    stage = Stage(plot, 0)
    await stage.clear()
    stage = Stage(
        Plot(plot.customers, plot.seed, free_port(plot.port), plot.home, plot.start, plot.once), free_port(0)
    )
    try:
        story = Story(stage, console)
        record = await story.tell()
        judged, gateway = effects_of(record), judge_gateway(stage.gateway_log)
        print_summary(console, record, judged, gateway)
        if plot.once:
            console.print(f"the service ends with this run; its files are in {plot.home}", soft_wrap=True)
            console.print("to look around: make demo, which starts over and then serves until Ctrl-C")
            return 1 if gateway.broken or record.faults else 0
        await story.plan_ahead()
        links = {
            "overview": last_line(await stage.contact("console", "link")),
            f"desk of agent {DESK}": last_line(
                await stage.contact("console", "link", "--role", "agent", "--person", DESK)
            ),
        }
        print_what_to_open(console, stage, links)
        told.set()
        console.print("Ctrl-C ends it.")
        await interrupted.wait()
        return 1 if gateway.broken or record.faults else 0
    finally:
        await asyncio.shield(stage.crew.stop())


def run() -> int:
    """The exit code."""
    console = Console() if sys.stdout.isatty() else Console(width=_WIDE)
    try:
        return asyncio.run(main(plot_from(sys.argv[1:]), console))
    except (StageProblem, CallFailed, ProcessFailed) as problem:
        Console(stderr=True).print(f"demo: {problem}", style="red", markup=False, soft_wrap=True)
        return 1


if __name__ == "__main__":
    sys.exit(run())
