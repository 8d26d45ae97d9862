"""Traces for an OpenTelemetry collector, opt-in by ``CONTACT_OTLP_URL``; without it nothing of OpenTelemetry is loaded.

All spans of one request id, in whatever process, share a trace: its id is made from the request's, so that nothing has to
be carried along. A span holds a name, closed words and ids, as a log line does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from hashlib import blake2b
from typing import Any

Attribute = str | int | float | bool
_tracer: Any = None


def start(url: str | None, role: str) -> Callable[[], None]:
    """Send spans to the collector at ``URL/v1/traces`` from now on; the answer ends it and sends what is left.

    Raises ``ValueError`` that names the setting where the packages of the extra ``traces`` are not installed.
    """
    global _tracer
    if not url:
        return _nothing
    if not url.startswith(("http://", "https://")):
        raise ValueError("CONTACT_OTLP_URL must begin with http:// or https://")
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise ValueError("CONTACT_OTLP_URL needs `pip install contact-strategy[traces]`") from None
    provider = TracerProvider(resource=Resource.create({"service.name": "contact", "contact.role": role}))
    exporter = OTLPSpanExporter(endpoint=f"{url.rstrip('/')}/v1/traces", timeout=5)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer = provider.get_tracer("contact")

    def end() -> None:
        global _tracer
        _tracer = None
        provider.shutdown()

    return end


def span(
    name: str, request: str = "", **attributes: Attribute
) -> AbstractContextManager[Callable[..., None]]:
    """What runs within is one span of this request's trace, or of the span around it; call the answer to add to it.

    An exception that leaves it is told by its class, without its words.
    """
    return _NO_SPAN if _tracer is None else _spanned(name, request, **attributes)


@contextmanager
def _spanned(name: str, request: str, **attributes: Attribute) -> Iterator[Callable[..., None]]:
    from opentelemetry.trace import Status, StatusCode

    named = {f"contact.{key}": value for key, value in attributes.items()}
    context = _context_of(request) if request else None
    with _tracer.start_as_current_span(
        name, context, attributes=named, record_exception=False, set_status_on_exception=False
    ) as standing:

        def add(**more: Attribute) -> None:
            for key, value in more.items():
                standing.set_attribute(f"contact.{key}", value)

        try:
            yield add
        except BaseException as error:
            standing.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def trace_id(request: str) -> int:
    """The trace of a request's id."""
    return int.from_bytes(blake2b(request.encode(), digest_size=16).digest(), "big")


def _context_of(request: str) -> Any:
    """A parent nobody sent: the same for everything that is done for this request. Within a span of it, that span."""
    from opentelemetry import trace

    around = trace.get_current_span().get_span_context()
    if around.is_valid and around.trace_id == trace_id(request):
        return None
    parent = int.from_bytes(blake2b(request.encode(), digest_size=8).digest(), "big")
    root = trace.SpanContext(trace_id(request), parent, True, trace.TraceFlags(trace.TraceFlags.SAMPLED))
    return trace.set_span_in_context(trace.NonRecordingSpan(root))


def _nothing(**_more: Attribute) -> None:
    return None


_NO_SPAN = nullcontext(_nothing)
