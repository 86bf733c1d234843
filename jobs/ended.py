"""Who wants to know that a job is over: called in the transaction that ends it (settings.JOB_ENDED)."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)


def tell(job: Any) -> None:
    """Tell each of a jobs.models.Job; what one writes is kept with the end of the job, or not at all. Nobody may keep a job from ending."""
    for path in settings.JOB_ENDED:
        listener: Callable[[Any], None] = import_string(path)
        contained(f"{path} for job {job.id}", partial(listener, job))


def contained(what: str, hook: Callable[[], None]) -> None:
    """Call somebody else's code: what it wrote is undone where it breaks, and its error is logged and not raised."""
    try:
        with transaction.atomic():
            hook()
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # the boundary to the owners' code: nobody may keep a job from ending
        logger.exception("%s failed", what)
