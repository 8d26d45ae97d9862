"""``contact serve``: API, console and worker loops in one process, or one of them, until SIGTERM."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from typing import Any, Literal

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from contact import telemetry, tracing
from contact.faces.cli.keeping.listening import Room, listen, listen_for_calls, room_of
from contact.faces.cli.keeping.living import living
from contact.faces.taking_in import AT_ONCE, BACKLOG
from contact.faces.worker.bell import Bell, bell_url
from contact.faces.worker.children import end_child, start_child
from contact.faces.worker.loops import (
    answers_loop,
    audit_loop,
    check_loop,
    dispatch_loop,
    journeys_loop,
    repeat,
    retention_loop,
    sweep_loop,
)
from contact.faces.worker.rings import Rings, environment
from contact.faces.worker.valkey import BundledValkey
from contact.faults import Fault, StoreUnavailable
from contact.settings import Settings
from contact.wiring import House, join
from strategies.problems import ProblemsFound

Role = Literal["all", "api", "worker"]
WATCH_SECONDS = 2.0
DRAIN_SECONDS = 10.0
PARTING_SECONDS = 20.0
SWITCH_SECONDS = 0.0005
"""How long a thread that could go on waits for one that works. A commit is dozens of statements and waits anew after each:
with Python's own 5 ms it lasted a tenth of a second whenever the loop was busy."""

_log = telemetry.log("serve")


async def serve(
    settings: Settings,
    role: Role,
    say: Callable[[House], Awaitable[None]],
    *,
    numbers_port: int | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; ``say`` is called once all stands. A worker tells its numbers at ``numbers_port``.

    Stopping: not ready → stop claiming → finish or park → close. Raises Complaint for a port somebody else has, and
    where too few files may be open.
    """
    stopping = _stop_on_signals()
    async with AsyncExitStack() as standing:
        room = room_of(settings)
        listening = listen(settings, settings.port) if role != "worker" else None
        calling = listen_for_calls(settings) if role != "worker" else None
        telling = listen(settings, numbers_port) if numbers_port is not None else None
        standing.callback(tracing.start(settings.otlp_url, role))
        valkey = _bundled(settings, standing)
        house = await join(settings)
        standing.push_async_callback(house.close)
        bell = Bell(bell_url(settings))
        standing.callback(bell.close)
        if role != "api":
            _start_worker(standing, house, bell, valkey, stopping)
        else:
            _watch_bell(standing, bell, stopping)
        if telling is not None:
            await _start_telling(standing, house, bell, telling, room)
        if listening is not None:
            await _start_api(standing, house, bell, listening, stopping, room)
        if calling is not None:
            await _start_agi(standing, house, calling, room)
        await standing.enter_async_context(living(house.ports, role))
        await _settle(house)
        _log.info("ready", role=role, port=settings.port, simulated=settings.demo)
        await say(house)
        await stopping.wait()
        _log.info("stopping", role=role)
    _log.info("stopped", role=role)


async def _settle(house: House) -> None:
    """What stands now stands until the end: the collector need not walk through it again and again."""
    sys.setswitchinterval(SWITCH_SECONDS)
    with suppress(Fault, ProblemsFound):  # without a playbook, or the store, much is answered all the same
        await house.ports.playbooks.current()  # its tree of rules is most of what stands
    gc.collect()
    gc.freeze()


def _stop_on_signals() -> asyncio.Event:
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    return stopping


def _bundled(settings: Settings, standing: AsyncExitStack) -> BundledValkey | None:
    if settings.redis_url is not None:
        return None
    settings.make_home()  # before Valkey makes its own folder there, and the home as anybody's
    valkey = BundledValkey(settings.home)
    standing.callback(valkey.stop)
    try:
        valkey.ensure()
    except StoreUnavailable as fault:
        # Jobs are done without a bell, too; the watch goes on trying.
        _log.warning("no bell", exc_info=fault)
    return valkey


async def _start_api(
    standing: AsyncExitStack,
    house: House,
    bell: Bell,
    listening: socket.socket,
    stopping: asyncio.Event,
    room: Room,
) -> None:
    from contact.faces.http.application import build

    app = build(house.ports, house.settings, ring=_ringing(bell))
    app.middlewares.insert(0, _turning_away(stopping))
    await _open(standing, app, listening, room)
    _say_address(standing, house.settings)


async def _start_telling(
    standing: AsyncExitStack, house: House, bell: Bell, listening: socket.socket, room: Room
) -> None:
    """A worker's own numbers, behind the same edge as the API."""
    from contact.faces.http.assembling import assemble
    from contact.faces.http.table.process import ROUTES

    app = assemble(ROUTES, house.ports, house.settings, _ringing(bell))
    await _open(standing, app, listening, room)


def _ringing(bell: Bell) -> Callable[[str], Awaitable[None]]:
    async def ring(job: str) -> None:
        await bell.ring(job)

    return ring


async def _open(standing: AsyncExitStack, app: web.Application, listening: socket.socket, room: Room) -> None:
    """Answer on this socket, within the limits of every connection, until the end."""
    from contact.faces.http.edge.admission import ADMISSION
    from contact.faces.http.edge.crowd import Crowd
    from contact.faces.http.edge.door import doors, resting
    from contact.faces.http.edge.watching import ROUTES
    from contact.faces.http.edge.wire import Runner

    app.middlewares.insert(0, resting)
    runner = Runner(app, access_log=None, shutdown_timeout=DRAIN_SECONDS)
    await runner.setup()
    standing.push_async_callback(runner.cleanup)
    assert runner.server is not None  # it was set up
    opened = await asyncio.get_running_loop().create_server(
        doors(runner.server, app[ADMISSION], app[ROUTES].values(), Crowd(room.requests)),
        sock=listening,
        backlog=AT_ONCE,
    )
    listening.listen(BACKLOG)
    standing.callback(opened.close)  # nobody new comes in while those inside are answered


async def _start_agi(standing: AsyncExitStack, house: House, listening: socket.socket, room: Room) -> None:
    from contact.faces.agi import FastAgi
    from contact.faces.agi_call import Speech

    told = house.settings.telephony
    speech = None if told.agi_speech is None else Speech(*told.agi_speech)
    server = FastAgi(
        house.ports, peers=told.agi_peers, speech=speech, region=told.caller_region, most=room.calls
    )
    await server.start(listening)
    standing.push_async_callback(server.stop)


def _say_address(standing: AsyncExitStack, settings: Settings) -> None:
    """Leave word at which address this service answers, for commands that print links to it."""
    settings.address_file.parent.mkdir(parents=True, exist_ok=True)
    settings.address_file.write_text(settings.own_url)
    standing.callback(settings.address_file.unlink, missing_ok=True)


def _turning_away(stopping: asyncio.Event) -> Middleware:
    async def not_ready_while_stopping(request: web.Request, handler: Handler) -> web.StreamResponse:
        if stopping.is_set() and request.path == "/readyz":
            return web.json_response({"status": "stopping"}, status=503)
        return await handler(request)

    return web.middleware(not_ready_while_stopping)


def _start_worker(
    standing: AsyncExitStack, house: House, bell: Bell, valkey: BundledValkey | None, stopping: asyncio.Event
) -> None:
    watch = _Watch(house.settings, bell, valkey)
    loops: list[Coroutine[Any, Any, None]] = [
        dispatch_loop(house.ports, stopping),
        sweep_loop(house.ports, stopping),
        audit_loop(house.ports, stopping),
        check_loop(house.ports, stopping),
        retention_loop(house.ports, stopping),
        journeys_loop(house.ports, stopping),
        answers_loop(house.ports, stopping),
        Rings(house.ports, house.settings, bell).run(stopping),
        repeat("bell", watch.look, WATCH_SECONDS, stopping),
    ]
    running = [asyncio.create_task(loop) for loop in loops]

    async def finish() -> None:
        stopping.set()
        await asyncio.gather(*running)
        await asyncio.to_thread(watch.end)

    standing.push_async_callback(finish)


def _watch_bell(standing: AsyncExitStack, bell: Bell, stopping: asyncio.Event) -> None:
    """A process without a worker looks for itself whether Redis answers, or its number would say no until it rings."""

    async def look() -> bool:
        telemetry.BELL_UP.set(await bell.answers())
        return False

    looking = asyncio.create_task(repeat("bell", look, WATCH_SECONDS, stopping))

    async def finish() -> None:
        stopping.set()
        await looking

    standing.push_async_callback(finish)


class _Watch:
    """Keeps the RQ worker, and the bundled Valkey where there is one, on their feet."""

    def __init__(self, settings: Settings, bell: Bell, valkey: BundledValkey | None) -> None:
        self._bell = bell
        self._valkey = valkey
        self._environment = environment(settings)
        self._worker = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return start_child([sys.executable, "-m", "contact.faces.worker"], environment=self._environment)

    async def look(self) -> bool:
        up = await self._bell.answers()
        telemetry.BELL_UP.set(up)
        if not up and self._valkey is not None:
            self._valkey.ensure()
            _log.info("the bundled Valkey was started again")
        if up and self._worker.poll() is not None:
            _log.info("the RQ worker was started again", code=self._worker.returncode)
            self._worker = self._start()
        return False

    def end(self) -> None:
        end_child(self._worker, PARTING_SECONDS)
