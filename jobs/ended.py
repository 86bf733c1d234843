"""Who wants to know that a job is over: called in the transaction that ends it (settings.JOB_ENDED)."""

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)


def tell(job: Any) -> None:
    """Tell each of a jobs.models.Job; what one writes is kept with the end of the job, or not at all. Nobody may keep a job from ending."""
    for path in settings.JOB_ENDED:
        listener: Callable[[Any], None] = import_string(path)
        try:
            with transaction.atomic():
                listener(job)
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # the boundary to other people's code
            logger.exception("%s failed for job %s", path, job.id)
