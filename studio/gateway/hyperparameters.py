"""OpenAI's hyperparameters and ours: one flat table from a client, one config for the trainer, and back.

| a client says             | the trainer takes                                                       |
|---------------------------|-------------------------------------------------------------------------|
| `n_epochs`                | `epochs`                                                                |
| `learning_rate_multiplier`| `learning_rate`: our default times this                                 |
| `batch_size` (rows)       | `batch_tokens`: rows are packed by tokens here, a row counts as 128     |
| any field of the config   | that field: `rank`, `learning_rate`, `layers`, `kl_weight` ...          |

`"auto"` is our default. A name given twice or unknown is refused.
"""

from collections.abc import Mapping
from typing import Any, Literal

from ninja import Schema
from pydantic import ValidationError

from protocol.training import LoraConfig
from studio.errors import InvalidRequest

DEFAULT = LoraConfig()
#: What a row of a chat dataset is taken to have, for clients that count a batch in rows.
TOKENS_PER_ROW = 128
SMALLEST_BATCH, LARGEST_BATCH = 64, 65536
AUTO = "auto"
#: Set by the method and the class, not by a client.
FIXED = frozenset({"version", "method"})
OURS = frozenset(LoraConfig.model_fields) - FIXED
#: OpenAI's name -> ours.
THEIRS = {"n_epochs": "epochs", "learning_rate_multiplier": "learning_rate", "batch_size": "batch_tokens"}


class Hyperparameters(Schema):
    """As OpenAI's job object shows them."""

    n_epochs: int
    batch_size: int
    learning_rate_multiplier: float


def config_of(given: Mapping[str, Any], *, place: str) -> LoraConfig:
    """The config a client's table means; `place` is where the table stands in the body. Raises InvalidRequest."""
    values: dict[str, Any] = {}
    for name, value in given.items():
        param = f"{place}.{name}"
        if name not in OURS and name not in THEIRS:
            raise InvalidRequest(f"There is no hyperparameter {name!r}; there are {known_names()}.", param)
        ours = THEIRS.get(name, name)
        if value is None or value == AUTO:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidRequest(f"{name} must be a number or 'auto', not {value!r}.", param)
        if ours in values:
            raise InvalidRequest(f"{name} says again what {ours} is; give one of them.", param)
        values[ours] = _converted(name, value, param)
    try:
        return LoraConfig(**values)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        named = next((name for name in given if THEIRS.get(name, name) == field), field)
        raise InvalidRequest(f"{named}: {first['msg']}.", f"{place}.{named}") from error


def known_names() -> str:
    """Every name a client may use."""
    return ", ".join([*THEIRS, *sorted(OURS)])


def _converted(name: str, value: float, param: str) -> float:
    match name:
        case "n_epochs" | "batch_size" if value != int(value):
            raise InvalidRequest(f"{name} is a whole number; parts of an epoch are said by `epochs`.", param)
        case "batch_size" if value < 1:
            raise InvalidRequest("batch_size must be at least 1.", param)
        case "batch_size":
            return min(LARGEST_BATCH, max(SMALLEST_BATCH, int(value) * TOKENS_PER_ROW))
        case "learning_rate_multiplier":
            return value * DEFAULT.learning_rate
        case _:
            return value


def shown(config: LoraConfig) -> Hyperparameters:
    """What a config is in OpenAI's words: whole epochs, rows in a batch, share of our default rate."""
    return Hyperparameters(
        n_epochs=max(1, round(config.epochs)),
        batch_size=max(1, config.batch_tokens // TOKENS_PER_ROW),
        learning_rate_multiplier=config.learning_rate / DEFAULT.learning_rate,
    )


def method_of(config: LoraConfig) -> dict[str, Any]:
    """OpenAI's method object for a run that was started without one."""
    kind: Literal["supervised"] = "supervised"
    return {"type": kind, kind: {"hyperparameters": shown(config).model_dump()}}
