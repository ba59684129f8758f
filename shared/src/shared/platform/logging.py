"""Structured logs: the event's name first, ids as fields, never a value of a request."""

import logging
import sys
from pathlib import Path
from typing import Any, TextIO

import structlog
from opentelemetry import trace


def configure(file: Path | None = None) -> TextIO:
    """Send one JSON line per event to a file, or to standard error."""
    stream = file.open("a", encoding="utf-8", buffering=1) if file else sys.stderr
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _trace,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    return stream


def _trace(_: Any, __: str, fields: structlog.typing.EventDict) -> structlog.typing.EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        fields["trace_id"] = trace.format_trace_id(context.trace_id)
    return fields
