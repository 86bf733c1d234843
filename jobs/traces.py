"""Traces from a request to its job to the job's process, by OpenTelemetry.

Only where OTEL_EXPORTER_OTLP_ENDPOINT is set and the packages of the extra `otel` are installed; else no
tracer is loaded and every span here is a span of nothing. A span's name goes along as a W3C traceparent: in a job's payload from
whoever enqueued it to whoever runs it, and in the environment of the process.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span as OtelSpan

logger = logging.getLogger(__name__)
SERVICE = "deepseek-studio"
#: Key of a job's payload, and name of a variable of its process.
CARRIED, VARIABLE = "traceparent", "TRACEPARENT"


class Here:
    """The span one is in, or none."""

    def __init__(self, span: "OtelSpan | None" = None) -> None:
        self._span = span

    def rename(self, name: str) -> None:
        """Call it something better, now that more is known."""
        if self._span is not None:
            self._span.update_name(name)

    def note(self, **attributes: str | int | float | bool) -> None:
        """Say more of it; `_` in a name becomes `.`, as OpenTelemetry's names have it."""
        if self._span is not None:
            self._span.set_attributes({name.replace("_", "."): value for name, value in attributes.items()})


@cache
def provider() -> "TracerProvider | None":
    """What makes spans and sends them, from the first span on; nothing where traces are not wanted."""
    if not settings.OTLP_ENDPOINT:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as missing:
        logger.warning("no traces: install deepseek-studio[otel] (%s)", missing)
        return None
    made = TracerProvider(resource=Resource.create({"service.name": SERVICE}))
    endpoint = f"{settings.OTLP_ENDPOINT.rstrip('/')}/v1/traces"
    made.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    return made


@contextmanager
def span(name: str, *, parent: str = "", **attributes: str | int | float | bool) -> Iterator[Here]:
    """Within it something is done, below `parent` (a traceparent) or below the span one is in."""
    made = provider()
    if made is None:
        yield Here()
        return
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    above = TraceContextTextMapPropagator().extract({CARRIED: parent}) if parent else None
    with made.get_tracer(SERVICE).start_as_current_span(name, context=above) as current:
        here = Here(current)
        here.note(**attributes)
        yield here


def traceparent() -> str:
    """The name of the span one is in; nothing outside of any."""
    if provider() is None:
        return ""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get(CARRIED, "")


def carried() -> dict[str, Any]:
    """What a job's payload takes along."""
    found = traceparent()
    return {CARRIED: found} if found else {}


def environment() -> dict[str, str]:
    """What a process is told."""
    found = traceparent()
    return {VARIABLE: found} if found else {}
