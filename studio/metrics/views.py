"""/metrics, for Prometheus alone: from this machine, or with a token."""

import ipaddress
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from studio.metrics import live
from studio.metrics.rows import Rows

#: A proxy on this machine is no caller from this machine.
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")
REFUSED = "Metrics are told to this machine, or to who shows STUDIO_METRICS_TOKEN as a bearer token.\n"

rows = CollectorRegistry()
rows.register(Rows())


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """The rows' figures and this process's own, as Prometheus reads them."""
    if not may_read(request):
        return HttpResponse(REFUSED, status=403, content_type="text/plain; charset=utf-8")
    return HttpResponse(
        generate_latest(rows) + generate_latest(live.registry), content_type=CONTENT_TYPE_LATEST
    )


def may_read(request: HttpRequest) -> bool:
    """Where a token is set, only who shows it; else only this very machine, without a proxy between."""
    if settings.METRICS_TOKEN:
        scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
        is_right = secrets.compare_digest(shown.strip().encode(), settings.METRICS_TOKEN.encode())
        return scheme.lower() == "bearer" and is_right
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
