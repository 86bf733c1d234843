"""The differences of two versions as a file one can page through."""

import json
from collections import Counter
from pathlib import Path

from corpus.diff.rows import KINDS, Change, Version, changes
from corpus.output import Output
from corpus.progress import Progress
from corpus.source import verified
from protocol.errors import SpecInvalid
from protocol.jobs import Envelope
from protocol.process import Report, StopFlag
from protocol.specs.datasets import DiffVersionsSpec
from protocol.specs.files import VersionFiles

#: A line of the index: the offset of a difference, in digits, and a line feed.
INDEX_DIGITS = 19


def diff_versions(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """changes.jsonl, index.txt with the offset of each line, and diff.json with the counts."""
    spec = envelope.spec
    if not isinstance(spec, DiffVersionsSpec):
        raise SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")
    report.say("started", facts={})
    reading = Progress(report, stop, stage="read", total=0, unit="rows")
    before, after = (Version(_splits(files), reading) for files in (spec.before, spec.after))
    counts: Counter[str] = Counter()
    writing = Progress(report, stop, stage="compare", total=len(after), unit="rows")
    at = 0
    with Output(Path(envelope.workdir), report) as output:
        output.write("changes.jsonl", "")
        output.write("index.txt", "")
        for change in changes(before, after):
            counts[change.kind] += 1
            writing(counts.total())
            line = json.dumps(_as_json(change, before, after), ensure_ascii=False) + "\n"
            output.write("changes.jsonl", line)
            output.write("index.txt", f"{at:0{INDEX_DIGITS}d}\n")
            at += len(line.encode())
        said = {kind: counts[kind] for kind in KINDS} | {"before": len(before), "after": len(after)}
        output.write_json("diff.json", said)
        output.finish({"diff.json": said})
    report.say("finished", summary=said)


def _splits(files: VersionFiles) -> list[tuple[str, Path]]:
    named = {"train": files.train, "validation": files.validation}
    return [(name, verified(ref)) for name, ref in named.items() if ref]


def _as_json(change: Change, before: Version, after: Version) -> dict[str, object]:
    old, new = change.before, change.after
    return {
        "kind": change.kind,
        "before": {"split": old.split, "line": old.line, "row": before.row(old)} if old else None,
        "after": {"split": new.split, "line": new.line, "row": after.row(new)} if new else None,
    }
