"""One JSON line per event, with the trace that leads to it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from opentelemetry import trace

from shared.platform.logging import configure


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    before = structlog.get_config()
    file = tmp_path / "service.log"
    with configure(file):
        yield file
    structlog.configure(**before)


def test_line_is_json_with_its_fields_when_something_is_logged(log_file: Path) -> None:
    structlog.get_logger().info("tender.published", tender="1")
    structlog.get_logger().debug("not.written")
    (line,) = log_file.read_text("utf-8").splitlines()
    logged = json.loads(line)
    assert (logged["event"], logged["tender"], logged["level"]) == ("tender.published", "1", "info")
    assert logged["timestamp"].endswith("Z")
    assert "trace_id" not in logged


def test_line_names_its_trace_when_something_is_logged_inside_one(log_file: Path) -> None:
    # The example of the W3C recommendation "Trace Context", section 3.2.
    context = trace.SpanContext(0x4BF92F3577B34DA6A3CE929D0E0E4736, 0x00F067AA0BA902B7, is_remote=True)
    with trace.use_span(trace.NonRecordingSpan(context)):
        structlog.get_logger().info("tender.published")
    assert json.loads(log_file.read_text("utf-8"))["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"
