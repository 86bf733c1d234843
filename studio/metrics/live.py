"""What this web process counts by itself. Several web processes are several targets; Prometheus adds them up."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

registry = CollectorRegistry()
ProcessCollector(registry=registry)

REQUESTS = Counter(
    "studio_http_requests", "Requests answered.", ["method", "route", "status"], registry=registry
)
SECONDS = Histogram(
    "studio_http_request_seconds",
    "Time until the answer began, in seconds.",
    ["method"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=registry,
)
SOCKETS = Gauge("studio_websocket_clients", "WebSockets that follow something now.", registry=registry)
#: Any other method is somebody's invention and would be a series of its own.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def count(method: str, route: str, status: int, seconds: float) -> None:
    """A request was answered; `route` is the pattern, never the address."""
    method = method if method in METHODS else "other"
    REQUESTS.labels(method, route, status).inc()
    SECONDS.labels(method).observe(seconds)
