"""A receiver on loopback, which the operator of these tests allows."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from studio.projects.models import Project
from studio.webhooks import services
from studio.webhooks.models import Endpoint
from tests.studio.webhooks.receiver import Receiver


@pytest.fixture
def receiver(settings: LazySettings) -> Iterator[Receiver]:
    settings.WEBHOOKS_PRIVATE = True
    made = Receiver()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def endpoint(project: Project, receiver: Receiver) -> Endpoint:
    """Hears of everything."""
    return services.create(project, name="builds", url=receiver.url, event_types=services.TYPES, by="alice")
