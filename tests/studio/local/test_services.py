"""The embedded servers: start, stop, and come back after everything was killed."""

from django.conf import settings


def test_the_run_has_services_of_its_own() -> None:
    assert str(settings.HOME).startswith("/tmp/st-")
