"""Rings whose requests are given up while Redis's reply is on its way: nobody is told what was meant for somebody else."""

from __future__ import annotations

import asyncio
import json
import random
import zlib
from concurrent.futures import ThreadPoolExecutor

import redis

from contact.faces.worker.bell import QUEUE, Bell
from tests.faults.row import Row
from tests.proxy import Proxy, Weather

AT_ONCE = 32
DELAY_SECONDS = 0.004
AFTERWARDS = 20


async def cancel_rings(row: Row, url: str, rings: int) -> int:
    """So many, over a line that is slow to answer; how many were cut off. What rings afterwards is heard as it was meant."""
    url = url.rsplit("/", 1)[0] + "/1"  # where no worker listens
    line, cut = Proxy.before(url, Weather(delay=DELAY_SECONDS)), 0
    bell, pool = Bell(line.url(url)), ThreadPoolExecutor(AT_ONCE)
    asyncio.get_running_loop().set_default_executor(pool)
    try:
        while cut < rings:
            under_way = [asyncio.create_task(bell.ring(f"cut-{cut + n}")) for n in range(AT_ONCE)]
            await asyncio.sleep(random.random() * 8 * DELAY_SECONDS)
            cut += sum(each.cancel() for each in under_way)
            await asyncio.gather(*under_way, return_exceptions=True)
        line.weather = Weather()
        names = [f"afterwards-{n}" for n in range(AFTERWARDS)]
        rung = await asyncio.gather(*(bell.ring(name) for name in names))
        pool.shutdown()  # what was cut off has come to its end too
    finally:
        bell.close()
        line.stop()
    heard = _heard(url)
    wrong = [name for name, known in zip(names, rung, strict=True) if not known or heard.count(name) != 1]
    row.violations += len(wrong)
    row.remarks.append(
        f"{cut} rings cancelled; afterwards {AFTERWARDS - len(wrong)} of {AFTERWARDS} heard as meant"
    )
    return cut


def _heard(url: str) -> list[str]:
    """For which jobs the rings in the queue are, read without the code that rang."""
    with redis.Redis.from_url(url) as plain:
        ids = [each.decode() for each in plain.lrange(f"rq:queue:{QUEUE}", 0, -1)]
        found = [plain.hget(f"rq:job:{id}", "data") for id in ids]
    return [json.loads(zlib.decompress(data))[2][0] for data in found if data]
