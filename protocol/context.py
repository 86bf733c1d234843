"""What this thread or task works for: a request, a job. Logs and errors name it; nothing decides by it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
job_id: ContextVar[str] = ContextVar("job_id", default="")


@contextmanager
def working_on(job: str) -> Iterator[None]:
    """Within it everything is done for this job."""
    token = job_id.set(job)
    try:
        yield
    finally:
        job_id.reset(token)


@contextmanager
def asked_by(request: str) -> Iterator[None]:
    """Within it everything is done for this request."""
    token = request_id.set(request)
    try:
        yield
    finally:
        request_id.reset(token)
