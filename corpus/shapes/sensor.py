"""Sensor series with text beside them: one or more channels of finite samples at a known rate."""

import math
from typing import Any

from corpus.errors import RowInvalid, SeriesInvalid
from corpus.records import Sensor, Shape
from corpus.shapes.layout import Context, Definition, Layout, named

#: A window shorter than this says nothing of a signal.
MIN_SAMPLES = 8
MAX_SAMPLES = 2**20
MAX_CHANNELS = 64
#: Samples of all channels of one row: they lie in memory.
MAX_IN_ALL = 4 * 2**20


def read_sensor(fields: dict[str, Any], extra: dict[str, Any], line: int, context: Context) -> Sensor:
    """The measurement. Raises SeriesInvalid, RowInvalid."""
    series = fields.get("series")
    if isinstance(series, str):
        series = _from_text(series, line, context)
    channels = channels_of(series, line)
    text, label = fields.get("text"), fields.get("label")
    if text is not None and not isinstance(text, str):
        raise RowInvalid(line=line, field="text", reason=f"is {named(text)}, not text")
    if label is not None and not isinstance(label, str | int):
        raise RowInvalid(line=line, field="label", reason=f"is {named(label)}, not the name of a class")
    return Sensor(
        text=text or "",
        series=channels,
        sampling_rate=_rate(fields.get("sampling_rate"), line),
        label=None if label in (None, "") else str(label),
        extra=extra,
    )


def channels_of(series: Any, line: int, field: str = "series") -> tuple[tuple[float, ...], ...]:
    """Samples as channels; one list is one channel. Raises SeriesInvalid."""
    if not isinstance(series, list) or not series:
        raise SeriesInvalid(line=line, field=field, reason=f"is {named(series)}, not a list of samples")
    channels = series if isinstance(series[0], list) else [series]
    if len(channels) > MAX_CHANNELS:
        raise SeriesInvalid(
            line=line, field=field, reason=f"has {len(channels)} channels; at most {MAX_CHANNELS} are read"
        )
    return tuple(
        _checked(channel, number, line, field) for number, channel in enumerate(_even(channels, line, field))
    )


def _even(channels: list[Any], line: int, field: str) -> list[list[Any]]:
    first = channels[0]
    for number, channel in enumerate(channels):
        if not isinstance(channel, list) or len(channel) != len(first):
            raise SeriesInvalid(
                line=line, field=f"{field}[{number}]", reason="is not as long as the first channel"
            )
    if not MIN_SAMPLES <= len(first) <= MAX_SAMPLES:
        reason = f"has {len(first)} samples; a series has {MIN_SAMPLES} to {MAX_SAMPLES}"
        raise SeriesInvalid(line=line, field=field, reason=reason)
    check_in_all(len(channels) * len(first), line, field)
    return channels


def check_in_all(samples: int, line: int, field: str = "series") -> None:
    """Raise SeriesInvalid where a row has more than can be held."""
    if samples > MAX_IN_ALL:
        reason = f"has {samples} samples in all; at most {MAX_IN_ALL} are read"
        raise SeriesInvalid(line=line, field=field, reason=reason)


def _checked(channel: list[Any], number: int, line: int, field: str) -> tuple[float, ...]:
    for place, sample in enumerate(channel):
        kind = type(sample)
        if (kind is not float and kind is not int) or not math.isfinite(sample):
            shown = sample if kind is float else named(sample)
            reason = f"is {shown}, not a finite number"
            raise SeriesInvalid(line=line, field=f"{field}[{number}][{place}]", reason=reason)
    return tuple(map(float, channel))


def _from_text(text: str, line: int, context: Context) -> Any:
    """Samples in a cell (JSON, or numbers parted by spaces, commas or semicolons), or the name of a file beside."""
    import json

    stripped = text.strip()
    if stripped.startswith("["):
        try:
            return json.loads(stripped)
        except ValueError as error:
            raise SeriesInvalid(
                line=line, field="series", reason=f"is not JSON: {str(error)[:80]}"
            ) from error
    if stripped.lower().endswith((".npy", ".csv", ".txt")):
        if context.assets is None:
            reason = f"names the file {stripped[:80]!r}, and there is none beside the rows"
            raise SeriesInvalid(line=line, field="series", reason=reason)
        return context.assets.series(stripped, line, "series")
    try:
        return [float(number) for number in stripped.replace(";", " ").replace(",", " ").split()]
    except ValueError as error:
        raise SeriesInvalid(line=line, field="series", reason="holds what is no number") from error


def _rate(value: Any, line: int) -> float:
    try:
        rate = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        rate = math.nan
    if not math.isfinite(rate) or rate <= 0:
        raise SeriesInvalid(line=line, field="sampling_rate", reason="is not a number of samples a second")
    return rate


SENSOR = Definition(
    Layout.TEXT_SENSOR,
    Shape.SENSOR,
    read_sensor,
    required=("series", "sampling_rate"),
    optional=("text", "label"),
    names={
        "series": ("sensor_data", "signal", "values", "samples", "waveform"),
        "sampling_rate": ("sample_rate", "fs", "sampling_rate_hz", "采样率"),
        "text": ("description", "log", "note", "文本"),
        "label": ("class", "fault", "state", "标签"),
    },
)
