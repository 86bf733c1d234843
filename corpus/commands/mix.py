"""A dataset whose rows have a composition: 65 % Chinese, 25 % English, 10 % other; or shares of several datasets."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.carried import carried_prompts, carried_validation, prompt_key, prompt_keys
from corpus.errors import FileEmpty
from corpus.mix.draw import Drawn, draw
from corpus.mix.measure import Measured, classes_in, measure, parts_of, sizer
from corpus.mix.plan import Wish, plan
from corpus.mix.rows import raw_rows
from corpus.output import Output
from corpus.progress import Progress
from corpus.rowfile import row_of
from corpus.source import verified
from corpus.stats import RowStats
from protocol.errors import SpecInvalid
from protocol.jobs import Envelope
from protocol.process import Report, StopFlag
from protocol.specs.datasets import MeasureMixSpec, MixDatasetsSpec

_PREVIEW_ROWS = 50


def mix_datasets(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """train.jsonl at the target, validation.jsonl and prompts.jsonl carried along, preview.jsonl, stats.json."""
    spec = envelope.spec
    if not isinstance(spec, MixDatasetsSpec):
        raise SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")
    paths = [verified(source.train) for source in spec.sources]
    validations = [verified(source.validation) for source in spec.sources if source.validation]
    report.say("started", facts={"sources": len(paths), "bytes": sum(p.stat().st_size for p in paths)})
    target = {name: percent / 100 for name, percent in spec.target.items()} if spec.target else None
    classes = classes_in(paths, spec.by, tuple(target or ()))
    size = sizer(spec.measure, verified(spec.tokenizer) if spec.tokenizer else None)
    held_out = prompt_keys(validations)
    measured = []
    for source, path in zip(spec.sources, paths, strict=True):
        reading = Progress(
            report, stop, stage=f"measure {source.name}"[:60], total=path.stat().st_size, unit="bytes"
        )
        found = measure(
            path,
            by=spec.by,
            classes=classes,
            size=size,
            is_held_out=lambda row: prompt_key(row) in held_out,
            on_bytes=reading,
        )
        measured.append(found)
    weights = [source.weight for source in spec.sources]
    whole = sum(weight or 0.0 for weight in weights)
    wish = Wish(target, spec.max_repeats, spec.tolerance / 100)
    parts = [(weight or 0.0) / whole for weight in weights] if whole else None
    drawn = draw(measured, plan(measured, wish, weights=parts, total=spec.total), wish, seed=spec.seed)
    if not drawn.order:
        raise FileEmpty(reason="no row was drawn")
    _write(spec, paths, validations, measured, drawn, Path(envelope.workdir), report, stop)


def _write(
    spec: MixDatasetsSpec,
    paths: list[Path],
    validations: list[Path],
    measured: list[Measured],
    drawn: Drawn,
    workdir: Path,
    report: Report,
    stop: StopFlag,
) -> None:
    stats = {"train.jsonl": RowStats(), "validation.jsonl": RowStats()}
    writing = Progress(report, stop, stage="write", total=len(drawn.order), unit="rows")
    with Output(workdir, report) as output:
        for name in (*stats, "prompts.jsonl", "preview.jsonl"):
            output.write(name, "")
        for number, line in enumerate(_lines(paths, drawn)):
            writing(number)
            text = line.decode()
            output.write("train.jsonl", text)
            if number < _PREVIEW_ROWS:
                output.write("preview.jsonl", text)
            stats["train.jsonl"].add(row_of_line(text))
        for text in carried_validation(validations):
            output.write("validation.jsonl", text)
            stats["validation.jsonl"].add(row_of_line(text))
        prompts = list(carried_prompts(verified(s.prompts) for s in spec.sources if s.prompts))
        output.write_lines("prompts.jsonl", prompts)
        writing.finish()
        summary = _summary(spec, measured, drawn)
        facts: dict[str, dict[str, Any]] = {name: counts.as_dict() for name, counts in stats.items()}
        output.write_json(
            "stats.json",
            {
                "train": facts["train.jsonl"],
                "validation": facts["validation.jsonl"],
                "prompts": {"rows": len(prompts), "prompts": len(prompts)},
                "mix": summary,
            },
        )
        output.finish(facts)
    held_out = sum(found.held_out for found in measured)
    if held_out:
        message = f"{held_out} rows were left out: their prompts are in a validation split of the sources."
        report.say("warned", code="rows_held_out", message=message, data={"rows": held_out})
    if drawn.repeated:
        message = f"{drawn.repeated} rows stand more than once, at most {spec.max_repeats} times each."
        report.say("warned", code="rows_repeated", message=message, data={"rows": drawn.repeated})
    report.say("finished", summary={"train_rows": len(drawn.order), "composition": summary["reached"]})


def row_of_line(text: str) -> Any:
    """The row a line of a split holds."""
    return row_of(json.loads(text))


def _lines(paths: list[Path], drawn: Drawn) -> Iterator[bytes]:
    """The drawn rows as they stand in their files."""
    files = [path.open("rb") for path in paths]
    try:
        for source, offset in drawn.order:
            files[source].seek(offset)
            line = files[source].readline()
            yield line if line.endswith(b"\n") else line + b"\n"
    finally:
        for file in files:
            file.close()


def _summary(spec: MixDatasetsSpec, measured: list[Measured], drawn: Drawn) -> dict[str, Any]:
    """What was asked for, what was there, and what came out, in percent."""
    whole = sum(drawn.sizes)
    return {
        "by": spec.by,
        "measure": spec.measure,
        "target": spec.target or None,
        "reached": percents(drawn.composition),
        "tolerance": spec.tolerance,
        "max_repeats": spec.max_repeats,
        "rows": len(drawn.order),
        "repeated": drawn.repeated,
        "held_out": sum(found.held_out for found in measured),
        "sources": [
            {
                "name": source.name,
                "rows": found.rows,
                "mixed_rows": found.mixed,
                "composition": percents(found.composition()),
                "weight": source.weight,
                "share": round(100 * size / whole, 2),
                # Above 1, rows of the source are seen more than once in a pass.
                "epochs": round(size / max(1, sum(p.size for p in found.piles.values())), 3),
            }
            for source, found, size in zip(spec.sources, measured, drawn.sizes, strict=True)
        ],
    }


def percents(composition: dict[str, float]) -> dict[str, float]:
    """Shares as percents with two digits."""
    return {name: round(100 * share, 2) for name, share in composition.items()}


def measure_mix(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """composition.json: what a split is made of by rows and by characters."""
    spec = envelope.spec
    if not isinstance(spec, MeasureMixSpec):
        raise SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")
    path = verified(spec.train)
    report.say("started", facts={"bytes": path.stat().st_size})
    reading = Progress(report, stop, stage="measure", total=path.stat().st_size, unit="bytes")
    composition = composition_of(path, spec.by, reading)
    reading.finish()
    with Output(Path(envelope.workdir), report) as output:
        output.write_json("composition.json", composition)
        output.finish({"composition.json": composition})
    report.say("finished", summary={"rows": composition["rows"]})


def composition_of(path: Path, by: str, reading: Progress) -> dict[str, Any]:
    """Class -> percents, by rows and by characters; a row of two classes counts for both by its share."""
    classes = classes_in([path], by)
    by_rows, by_characters = dict.fromkeys(classes, 0.0), dict.fromkeys(classes, 0.0)
    rows = mixed = 0
    for raw in raw_rows(path, reading):
        size = sum(map(len, raw.row.texts()))
        parts = parts_of(raw.row, by)
        rows += 1
        mixed += max(parts.values()) < 0.9
        for name, share in parts.items():
            name = name if name in by_rows else classes[-1]
            by_rows[name] += share
            by_characters[name] += share * size
    measures = {"by_rows": by_rows, "by_characters": by_characters}
    return {"by": by, "rows": rows, "mixed_rows": mixed} | {
        measure: percents({name: n / (sum(counts.values()) or 1) for name, n in counts.items()})
        for measure, counts in measures.items()
    }
