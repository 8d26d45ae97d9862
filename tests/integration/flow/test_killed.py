"""A dispatcher that dies in the middle of a hand-over."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from aiohttp import web

from contact.flow.hearing.receive import ReceiptBody, receipt
from contact.flow.planning.plan import plan
from contact.flow.working.dispatch import dispatch_due
from contact.flow.working.show_customer import timeline
from contact.flow.working.sweep import sweep
from contact.settings import Settings
from contact.wiring import join
from strategies.instants import parse_instant, to_datetime
from tests.integration.flow.stage import customer, open_for_business

DISPATCHER = """
import asyncio
from contact.flow.working.dispatch import dispatch_due
from contact.settings import Settings
from contact.wiring import join

async def main():
    house = await join(Settings.from_environment())
    await dispatch_due(house.ports, "sms")

asyncio.run(main())
"""


class HangingGateway:
    """Takes each message and never answers."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.arrived = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        """Write the message down, say so, and hang."""
        self.taken.append((await request.json())["contact"])
        self.arrived.set()
        await asyncio.sleep(60)
        return web.Response(status=500)


@pytest.mark.processes
async def test_a_killed_dispatcher_leaves_unknown_and_never_a_second_message(
    tmp_path: Path, database_url: str
) -> None:
    """kill -9 between permit and confirm: the contact becomes unknown, counts, and is not sent again."""
    gateway = HangingGateway()
    application = web.Application()
    application.router.add_post("/", gateway.take)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    outside = {
        "CONTACT_HOME": str(tmp_path / "home"),
        "CONTACT_DATABASE_URL": database_url,
        "CONTACT_SMS_URL": f"http://127.0.0.1:{runner.addresses[0][1]}/",
        "CONTACT_DEMO": "1",
    }
    house = await join(Settings.from_environment(outside))
    await open_for_business(house, tmp_path, [customer(1, p_sms="0.9")])
    await plan(house.ports, "2030-03-05")
    await house.ports.clock.move_to(parse_instant("2030-03-05T10:05+08:00"))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DISPATCHER, env={**os.environ, **outside}, cwd=Path(__file__).parents[3]
    )
    try:
        await asyncio.wait_for(gateway.arrived.wait(), 60)
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()
    assert (await timeline(house.ports, "C1"))[0].state == "sending"
    await house.ports.clock.move_to(parse_instant("2030-03-05T10:15+08:00"))
    assert (await sweep(house.ports))["became_unknown"] == 1
    assert await dispatch_due(house.ports, "sms") == 0
    assert len(gateway.taken) == 1
    at = to_datetime(parse_instant("2030-03-05T10:06+08:00"))
    await receipt(house.ports, ReceiptBody("r1", gateway.taken[0], "delivered", at))
    assert (await timeline(house.ports, "C1"))[0].state == "delivered"
    await house.close()
    await runner.cleanup()
