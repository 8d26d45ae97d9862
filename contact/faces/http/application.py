"""The HTTP face: everything under ``/v1``, health, metrics and, on the same port, the console."""

from __future__ import annotations

from aiohttp import web

from contact.faces.http.assembling import assemble
from contact.faces.http.edge.freshening import keep_fresh
from contact.faces.http.edge.row import Ring
from contact.faces.http.edge.tidying import keep_tidy
from contact.faces.http.edge.uploads import UPLOADS
from contact.faces.http.table.routes import ROUTES
from contact.ports import Ports
from contact.settings import Settings


def build(ports: Ports, settings: Settings, *, ring: Ring, console: bool = True) -> web.Application:
    """The application, ready for ``web.AppRunner``; all limits are inside.

    ``ring`` is told a job's id once its row is committed. Without ``console`` only the API is served.
    """
    app = assemble(ROUTES, ports, settings, ring)
    app.cleanup_ctx.append(keep_tidy(settings.home / UPLOADS, ports.jobs))
    app.cleanup_ctx.append(keep_fresh(ports.base))
    if console:
        from contact.faces.console.routes import add_console

        add_console(app, ports, settings)
    return app
