"""Files that are to go by themselves: OpenAI's `expires_after`, counted from when the file was there."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone

from studio.datasets import services
from studio.datasets.errors import FileInUse
from studio.datasets.models import DatasetVersion, RecipeInput, StoredFile
from studio.errors import NotFound

LEAST_S, MOST_S = 3600, 30 * 24 * 3600

log = logging.getLogger(__name__)


def moment(seconds: int | None) -> datetime | None:
    """When a file that is stored now is to go; nothing: it stays."""
    return timezone.now() + timedelta(seconds=seconds) if seconds is not None else None


def forget_expired() -> int:
    """Delete the files whose time is over and that nothing needs; one that is needed stays until it no longer is. How many went."""
    made_of_it = DatasetVersion.objects.filter(source=OuterRef("pk"))
    read_by_a_recipe = RecipeInput.objects.filter(file=OuterRef("pk"))
    due = StoredFile.objects.filter(expires_at__lte=timezone.now())
    free = due.exclude(Exists(made_of_it)).exclude(Exists(read_by_a_recipe))
    return sum(_forget(id_) for id_ in free.values_list("id", flat=True))


def _forget(file_id: UUID) -> bool:
    row = StoredFile.objects.filter(id=file_id).first()
    if row is None:
        return False
    try:
        services.delete(row)
    except NotFound:
        return False
    except FileInUse as error:
        # Something began to need it, or it is being read; it is asked for again.
        log.info("an expired file stays", extra={"file": services.public_id(row), "reason": error.message})
        return False
    return True
