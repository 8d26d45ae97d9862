"""What the service tells its operators: one JSON log line per event and the numbers behind ``/metrics``.

A log line holds only fields from ``FIELDS``; whatever else a caller passes is dropped and its name is listed, so that
a name, a number or a note cannot slip into a log by a careless line. A request's id stands on every line that is
written for it: by the server, by the worker of its job and by whoever hands its contacts to a gateway.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import time
import traceback
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, TextIO, cast

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

FIELDS = frozenset({
    "event", "level", "at", "part", "dropped",
    "attempts", "channel", "code", "contact", "count", "day", "done", "error", "fault", "frames", "generation",
    "host",
    "id", "job", "kind", "method", "pid", "playbook", "port", "problems", "reason", "request", "role", "route", "rule",
    "seconds", "simulated", "state", "status", "store", "strategy", "task", "total", "version", "worker",
})  # fmt: skip
LONGEST_VALUE = 200
SELDOM_SECONDS = 60.0
_ENCODER = json.JSONEncoder(ensure_ascii=False, default=repr)
_PLAIN = (int, float, list)
REQUEST_HEADER = "X-Request-Id"
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_request: ContextVar[str] = ContextVar("request", default="")

_Event = MutableMapping[str, Any]


def is_request_id(given: str) -> bool:
    """Whether a caller's id may be taken over: short, plain, and nothing that could be a phone number, grouped or not."""
    return _REQUEST_ID.fullmatch(given) is not None and not given.replace("-", "").isdigit()


def request_id() -> str:
    """The id of the request for which this is done; empty where nobody asked, as in the sweeper."""
    return _request.get()


@contextmanager
def done_for(request: str) -> Iterator[None]:
    """What runs within is done for the request of this id."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def request_headers() -> dict[str, str]:
    """The id as a header, for those the service calls; nothing where there is none."""
    return {REQUEST_HEADER: _request.get()} if _request.get() else {}


def _of_request(_logger: Any, _method: str, event: _Event) -> _Event:
    if _request.get():
        event.setdefault("request", _request.get())
    return event


def _only_allowed(_logger: Any, _method: str, event: _Event) -> _Event:
    if event.keys() <= FIELDS:
        return {name: _short(value) for name, value in event.items()}
    kept = {name: _short(value) for name, value in event.items() if name in FIELDS}
    kept["dropped"] = sorted(event.keys() - FIELDS)
    return kept


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "…"
    return value if value is None or isinstance(value, _PLAIN) else type(value).__name__


def _exception_without_words(_logger: Any, _method: str, event: _Event) -> _Event:
    """An exception's class and frames; its message may quote data and stays out."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-6:]
        event["error"] = type(error).__name__
        event["frames"] = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames]
    return event


def _as_json(_logger: Any, _method: str, event: _Event) -> str:
    return _ENCODER.encode(event)


class _OfLibraries(logging.Handler):
    """What libraries log becomes a line of ours: whose, how grave, and an exception's class; their words stay out."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        say = _libraries.error if record.levelno >= logging.ERROR else _libraries.warning
        say("a library speaks", kind=record.name, exc_info=error)


def _take_in_libraries() -> None:
    root = logging.getLogger()
    if not any(isinstance(each, _OfLibraries) for each in root.handlers):
        root.addHandler(_OfLibraries(logging.WARNING))


def tell_of_crashes() -> None:
    """What nothing caught, in whatever thread, is a log line with its class and frames; its words stay out."""

    def crashed(error: BaseException | None) -> None:
        if not isinstance(error, KeyboardInterrupt | SystemExit):
            _libraries.error("nothing caught this", exc_info=error)

    sys.excepthook = lambda _kind, error, _frames: crashed(error)
    threading.excepthook = lambda told: crashed(told.exc_value)
    sys.unraisablehook = lambda told: crashed(told.exc_value)


class _OnADisk:
    """A stream whose disk may be full: a line that cannot be written is lost and counted, and what it tells of goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            FAULTS.labels("log", "unwritten").inc()


def start_logging(stream: TextIO = sys.stderr, *, level: int = logging.INFO) -> None:
    """Send JSON lines to the stream from now on; call once in each process."""
    _take_in_libraries()
    writer = structlog.WriteLogger(cast(TextIO, _OnADisk(stream)))
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _exception_without_words,
            _of_request,
            _only_allowed,
            _as_json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_names: writer,
        cache_logger_on_first_use=False,
    )


def log(part: str) -> structlog.typing.FilteringBoundLogger:
    """A logger whose lines say which part of the service wrote them: ``log("dispatch").info("claimed", count=3)``."""
    return cast(structlog.typing.FilteringBoundLogger, structlog.get_logger(part=part))


class SaidSeldom:
    """A warning that is written at most once a minute, with how often what it warns of happened since the last."""

    def __init__(self, part: str, event: str) -> None:
        self._log, self._event = log(part), event
        self._count, self._next = 0, 0.0

    def say(self) -> None:
        """It happened once more."""
        self._count += 1
        if time.monotonic() >= self._next:
            self._log.warning(self._event, count=self._count)
            self._count, self._next = 0, time.monotonic() + SELDOM_SECONDS


_libraries = log("library")
REGISTRY = CollectorRegistry()

REQUESTS = Counter(
    "contact_http_requests", "Requests answered.", ["route", "method", "status"], registry=REGISTRY
)
REQUEST_SECONDS = Histogram(
    "contact_http_request_seconds", "Time to answer, by route template.", ["route"], registry=REGISTRY,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)  # fmt: skip
HANDED_OVER = Counter(
    "contact_handed_over", "Contacts given to a gateway, by channel.", ["channel"], registry=REGISTRY
)
CUT_OFF = Counter(
    "contact_connections_cut_off",
    "Connections ended because no more may be open, by port: requests or calls; the one silent longest, or the new one.",
    ["port", "which"],
    registry=REGISTRY,
)
AGI_CALLS = Gauge("contact_agi_calls", "Calls that FastAGI holds now.", registry=REGISTRY)
AGI_RECORDINGS_MISSING = Counter(
    "contact_agi_recordings_missing",
    "Recordings that Asterisk did not have, spoken as text where speech is set.",
    registry=REGISTRY,
)
LIKELY_TOPICS = Counter(
    "contact_likely_topics",
    "Likely topics shown to agents, by answer: fetched before, said by the menu, or not known.",
    ["answer"],
    registry=REGISTRY,
)
SWEPT = Counter(
    "contact_swept",
    "Contacts, tasks and calls the sweeper moved, by what was done.",
    ["done"],
    registry=REGISTRY,
)
AUDITED_MINUTES = Counter(
    "contact_audited_minutes", "Minutes of the ledger closed into the audit trail.", registry=REGISTRY
)
FAULTS = Counter("contact_faults", "Faults met, by part and code.", ["part", "code"], registry=REGISTRY)
CARD_VIEWS = Counter(
    "contact_card_views", "Cards looked at and refused, by role.", ["role", "outcome"], registry=REGISTRY
)
RECEIPTS_OF_NOBODY = Counter(
    "contact_receipts_of_nobody", "Receipts of contacts that nobody has.", registry=REGISTRY
)
BELL_UP = Gauge("contact_bell_up", "1 while Redis or Valkey answers.", registry=REGISTRY)


def exposition() -> bytes:
    """All numbers of this process in Prometheus' text format."""
    return generate_latest(REGISTRY)
