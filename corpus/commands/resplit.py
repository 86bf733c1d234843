"""A dataset parted anew into training and validation, so that nothing of the one is known from the other.

Rows stay together that have one group, one prompt, one parent (augmented rows and the row they came from), or that are
near-duplicates; what hangs together in a chain is one family. A family goes where a seeded hash of its first member puts it.
"""

import hashlib
from array import array
from collections.abc import Iterator
from pathlib import Path

from corpus.carried import carried_prompts
from corpus.families import Families, family_keys
from corpus.mix.rows import RawRow, raw_rows
from corpus.output import Output
from corpus.parallel import usable_cpus
from corpus.progress import Progress
from corpus.source import verified
from corpus.stats import RowStats
from protocol.errors import SpecInvalid
from protocol.jobs import Envelope
from protocol.process import Report, StopFlag
from protocol.specs.datasets import ResplitDatasetSpec

_PREVIEW_ROWS = 50
#: Up to so many rows, other processes take longer to start than to help.
_ALONE = 20_000


def resplit_dataset(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """train.jsonl and validation.jsonl of the same rows, parted by families; prompts.jsonl as it was."""
    spec = envelope.spec
    if not isinstance(spec, ResplitDatasetSpec):
        raise SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")
    paths = [verified(ref) for ref in (spec.train, spec.validation) if ref]
    report.say("started", facts={"bytes": sum(path.stat().st_size for path in paths)})
    progress = Progress(report, stop, stage="families", total=0, unit="rows")
    families, was_validation, ranks = Families(), bytearray(), array("Q")
    for number, (which, raw) in enumerate(_all(paths)):
        progress(number)
        families.add(family_keys(raw))
        was_validation.append(which)
        digest = hashlib.sha256(f"{spec.seed}\n".encode() + raw.line.rstrip(b"\r\n")).digest()
        ranks.append(int.from_bytes(digest[:8], "big"))
    if spec.near_duplicates:
        told = Progress(report, stop, stage="near_duplicates", total=len(ranks), unit="rows")
        families.join_near(
            (raw.row for _, raw in _all(paths)),
            Path(envelope.workdir) / "near",
            workers=usable_cpus() if len(ranks) > _ALONE else 1,
            on_rows=told,
        )
    roots = families.roots()
    chosen = _validation_families(roots, ranks, spec.validation_share)
    leaks = _leaks(roots, was_validation)
    stats = {"train.jsonl": RowStats(), "validation.jsonl": RowStats()}
    written = 0
    with Output(Path(envelope.workdir), report) as output:
        for name in (*stats, "preview.jsonl"):
            output.write(name, "")
        for number, (_, raw) in enumerate(_all(paths)):
            name = "validation.jsonl" if roots[number] in chosen else "train.jsonl"
            line = raw.line.decode().rstrip("\r\n") + "\n"
            output.write(name, line)
            stats[name].add(raw.row)
            if written < _PREVIEW_ROWS:
                output.write("preview.jsonl", line)
            written += 1
        prompts = list(carried_prompts([verified(spec.prompts)] if spec.prompts else []))
        output.write_lines("prompts.jsonl", prompts)
        facts = {name: counts.as_dict() for name, counts in stats.items()}
        split = {
            "rows": len(roots),
            "families": len(set(roots)),
            "near_duplicates": spec.near_duplicates,
            "validation_share": spec.validation_share,
            # Validation rows of the old split that had a relative in training; of the new one there is none.
            "leaks_before": leaks,
            "leaks_after": 0,
        }
        output.write_json(
            "stats.json",
            {
                "train": facts["train.jsonl"],
                "validation": facts["validation.jsonl"],
                "prompts": {"rows": len(prompts), "prompts": len(prompts)},
                "split": split,
            },
        )
        output.finish(facts)
    report.say("finished", summary=split)


def _all(paths: list[Path]) -> Iterator[tuple[int, RawRow]]:
    """All rows, each with the number of its file."""
    for number, path in enumerate(paths):
        for raw in raw_rows(path):
            yield number, raw


def _validation_families(roots: list[int], ranks: "array[int]", share: float) -> set[int]:
    """Families for validation, by the rank of their lowest row, until they have the share of the rows."""
    sizes: dict[int, int] = {}
    rank: dict[int, int] = {}
    for root, own in zip(roots, ranks, strict=True):
        sizes[root] = sizes.get(root, 0) + 1
        rank[root] = min(rank.get(root, own), own)
    wanted, chosen, have = round(share * len(roots)), set(), 0
    for root in sorted(rank, key=lambda each: (rank[each], each)):
        # A family too large for what is left stays in training.
        if have + sizes[root] <= wanted:
            chosen.add(root)
            have += sizes[root]
        if have == wanted:
            break
    return chosen


def _leaks(roots: list[int], was_validation: bytearray) -> int:
    """Validation rows of the old split whose family has a training row."""
    trained = {root for root, held in zip(roots, was_validation, strict=True) if not held}
    return sum(1 for root, held in zip(roots, was_validation, strict=True) if held and root in trained)
