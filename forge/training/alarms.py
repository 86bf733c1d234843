"""What becomes of an alarm: how it is said, and the error that a run ends with where nothing helps."""

import math

from forge.errors import LossExploded, LossNotFinite, LossZero
from forge.training.sentinels import Alarm
from protocol.process import Report


def say_sentinel(
    report: Report,
    kind: str,
    step: int,
    watched: str,
    value: float,
    limit: float | None,
    action: str,
    **facts: int | float,
) -> None:
    """Say what was watched, what it was, and what was done about it; a number that is none is said as nothing."""
    report.say(
        "sentinel",
        kind=kind,
        step=step,
        watched=watched,
        value=value if math.isfinite(value) else None,
        limit=limit,
        action=action,
        facts=facts,
    )


def error_of(alarm: Alarm, step: int) -> LossNotFinite | LossExploded | LossZero:
    """The error that an alarm ends a run with."""
    match alarm.kind:
        case "not_finite":
            what = {"loss": "loss", "grad_norm": "gradient norm", "valid_loss": "validation loss"}[
                alarm.watched
            ]
            return LossNotFinite(what=what, step=step, value=alarm.value)
        case "exploding":
            return LossExploded(step=step, value=alarm.value, limit=alarm.limit)
        case _:
            return LossZero(step=step, value=alarm.value)
