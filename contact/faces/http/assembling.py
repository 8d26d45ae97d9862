"""From rows to a running application: handlers, middleware, limits."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from aiohttp import web

from contact.faces.http.edge.admission import ADMISSION
from contact.faces.http.edge.callers import KeyRing
from contact.faces.http.edge.reading import BODIES, Coming
from contact.faces.http.edge.row import House, Ring, Route
from contact.faces.http.edge.watching import ROUTES, Watch, harden
from contact.faces.http.edge.wire import LIMITS, MOST_HEADER_BYTES, MOST_HEADERS
from contact.faces.http.openapi import document
from contact.faces.http.serving import serve
from contact.ports import Ports
from contact.settings import Settings
from contact.telemetry import log

HEADER_SECONDS = 20.0
"""A connection that has not sent whole headers by then is closed; also how long an idle one is kept."""


class _Quiet(logging.Filter):
    """Turns aiohttp's own error lines into ours: the error's class stays, what the client sent goes."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        _log.info("not HTTP", error=type(error).__name__)
        return False


_log = log("http")
_wire = logging.getLogger("contact.http.wire")
_wire.addFilter(_Quiet())


def assemble(rows: Sequence[Route], ports: Ports, settings: Settings, ring: Ring) -> web.Application:
    """An application that serves these rows and nothing else. Raises ``ValueError`` where two rows are the same."""
    by_place = {(row.method, row.path): row for row in rows}
    if len(by_place) != len(rows):
        raise ValueError("two rows of the route table have the same method and path")
    limits: Mapping[str, Any] = {
        "keepalive_timeout": HEADER_SECONDS,
        "max_line_size": MOST_HEADER_BYTES,
        "max_field_size": MOST_HEADER_BYTES,
        "max_headers": MOST_HEADERS,
        "lingering_time": 2.0,
        "auto_decompress": False,
        "access_log": None,
        "logger": _wire,
    }
    app = web.Application(middlewares=[Watch().__call__], client_max_size=1 << 20, handler_args=limits)
    app[LIMITS] = limits
    app[ROUTES] = MappingProxyType(by_place)
    app.on_response_prepare.append(harden)
    house = House(ports, settings, ring, document(rows))
    app[ADMISSION] = house.admission
    app[BODIES] = Coming()
    keys = KeyRing(ports.keys)
    for row in rows:
        app.router.add_route(row.method, row.path, serve(row, house, keys))
    return app
