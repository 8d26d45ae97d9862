"""The routes of a process that is only watched: a worker's own port serves these and nothing else."""

from __future__ import annotations

from contact.faces.http.edge import shapes
from contact.faces.http.edge.row import OPEN, Route
from contact.faces.http.routes import process

METRICS_MEDIA = "text/plain; version=0.0.4; charset=utf-8"

# fmt: off
LIVE = Route("GET", "/livez", OPEN, process.get_live, "Does the process answer", shapes.HealthAnswer, "operations",
             urgent=True)
ROUTES: tuple[Route, ...] = (
    LIVE,
    Route("GET", "/metrics", OPEN, process.get_own_metrics, "Numbers for Prometheus", None, "operations",
          media=METRICS_MEDIA, urgent=True),
)
# fmt: on
