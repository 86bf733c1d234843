"""Traces: one from the request to the job to its process, and nothing at all where they are not wanted."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from django.conf import LazySettings
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from jobs import queue, traces
from jobs.models import Job
from jobs.supervisor import Attempt
from studio.projects.models import Project
from tests import factories

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"


@pytest.fixture
def collector(settings: LazySettings) -> Iterator[Callable[[], list[Span]]]:
    """A collector on this machine; gives the spans it got, after everything was sent."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    settings.OTLP_ENDPOINT = f"http://127.0.0.1:{server.server_port}"
    # The exporter asks for a compression of none by default, so the bodies are the messages.
    traces.provider.cache_clear()
    made = traces.provider()
    assert made is not None

    def spans() -> list[Span]:
        made.force_flush()
        requests = [ExportTraceServiceRequest.FromString(body) for body in bodies]
        scopes = [
            scope for each in requests for resource in each.resource_spans for scope in resource.scope_spans
        ]
        return [span for scope in scopes for span in scope.spans]

    yield spans
    made.shutdown()
    traces.provider.cache_clear()
    server.shutdown()
    server.server_close()
    thread.join()


def test_request_job_and_process_are_one_trace(
    collector: Callable[[], list[Span]],
    project: Project,
    key: str,
    api_client: Callable[..., httpx.Client],
    work: Callable[[], list[Job]],
) -> None:
    upload = {"file": ("rows.jsonl", factories.chat_lines(), "application/jsonl")}
    headers = {"traceparent": f"00-{TRACE}-{CALLER}-01"}

    answer = api_client(key).post("/v1/files", files=upload, data={"purpose": "fine-tune"}, headers=headers)
    work()

    assert answer.status_code == 200
    request, job, process = sorted(collector(), key=lambda span: span.start_time_unix_nano)
    assert [request.name, job.name] == ["POST v1/files", "job prepare_dataset"]
    assert process.name == "process corpus prepare"
    assert {span.trace_id.hex() for span in (request, job, process)} == {TRACE}
    assert request.parent_span_id.hex() == CALLER
    assert job.parent_span_id == request.span_id
    assert process.parent_span_id == job.span_id


def test_the_process_is_told_its_span(collector: Callable[[], list[Span]]) -> None:
    with traces.span("outer"), traces.span("inner"):
        told = traces.environment()
    assert traces.environment() == {}

    inner = next(span for span in collector() if span.name == "inner")
    # The last part are flags, of which OpenTelemetry sets more than the one for "sampled".
    assert told["TRACEPARENT"].startswith(f"00-{inner.trace_id.hex()}-{inner.span_id.hex()}-")


def test_a_traceparent_that_is_none_begins_a_trace_of_its_own(collector: Callable[[], list[Span]]) -> None:
    with traces.span("alone", parent="nonsense"):
        pass

    (span,) = collector()
    assert (span.parent_span_id, len(span.trace_id)) == (b"", 16)


def test_an_attempt_that_breaks_is_an_error_in_the_trace(
    collector: Callable[[], list[Span]], project: Project
) -> None:
    job = queue.enqueue("train", scope=project.id, payload={"run": "none"})
    Job.objects.filter(id=job.id).update(state="starting", attempt=1, lease_expires_at=job.created_at)
    job.refresh_from_db()

    Attempt(job).supervise()

    (span,) = collector()
    assert span.name == "job train"
    assert span.status.code == span.status.STATUS_CODE_ERROR


def test_without_an_endpoint_no_payload_and_no_process_hears_of_it(project: Project) -> None:
    with traces.span("request"):
        job = queue.enqueue("train", scope=project.id, payload={"run": "r"})
        told = traces.environment()

    assert job.payload == {"run": "r"}
    assert told == {}


def test_without_an_endpoint_nothing_is_loaded() -> None:
    program = (
        "import sys, django, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'studio.settings'; django.setup()\n"
        "from jobs import traces\n"
        "with traces.span('x'): traces.traceparent()\n"
        "print([name for name in sys.modules if name.startswith(('opentelemetry.sdk.trace', 'opentelemetry.exporter'))])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"


def test_an_endpoint_without_the_packages_is_said_once(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.OTLP_ENDPOINT = "http://127.0.0.1:1"
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    traces.provider.cache_clear()

    with traces.span("a"), traces.span("b"):
        found = traces.traceparent()

    traces.provider.cache_clear()
    assert found == ""
    assert [record.getMessage()[:45] for record in caplog.records] == [
        "no traces: install deepseek-studio[otel] (imp"
    ]
