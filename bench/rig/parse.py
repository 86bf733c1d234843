"""Parse, validate and count a million rows of JSON lines, each reader in a process of its own on the same file.

    .venv/bin/python bench/data.py parse --rows 1000000

The rows are chats of three turns of about a kilobyte, a third of them Chinese. Ours does what a validation job does: strict
JSON (no key twice, no NaN, no half surrogate), the layout guessed, every row typed and its turns checked, characters, lengths
and scripts counted. The peers do less: `json.loads` of each line with a look at its roles, and pyarrow.json's typed table, block
by block; neither names a fault or checks a chat.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.rig import report

_ZH = "净利润同比增长百分之十二主要由于贷款利息收入增加公司将继续控制成本并改善资产质量"
_EN = [
    "The",
    "net",
    "profit",
    "of",
    "the",
    "group",
    "rose",
    "by",
    "twelve",
    "percent",
    "on",
    "higher",
    "interest",
    "income",
    "while",
    "costs",
    "stayed",
    "flat",
]
_TEXTS = 4000


def write_rows(path: Path, rows: int) -> None:
    """The file: the same for the same number of rows."""
    rng = random.Random(7)
    pools = (
        [[json.dumps(" ".join(rng.choices(_EN, k=k))) for _ in range(_TEXTS)] for k in (45, 110)],
        [
            [json.dumps("".join(rng.choices(_ZH, k=k)), ensure_ascii=False) for _ in range(_TEXTS)]
            for k in (85, 165)
        ],
    )
    head = '{"messages": [{"role": "system", "content": "You are a careful assistant."}, {"role": "user", "content": '
    with path.open("w", encoding="utf-8") as out:
        for number in range(rows):
            questions, answers = pools[number % 3 == 0]
            out.write(
                f'{head}{rng.choice(questions)}}}, {{"role": "assistant", "content": {rng.choice(answers)}}}], "id": {number}}}\n'
            )


def ours(path: Path) -> dict[str, int]:
    """What `python -m corpus validate` does with the rows."""
    from corpus.reading import reading
    from corpus.stats import RowStats
    from corpus.validation import Problems
    from protocol.specs.datasets import ValidateDatasetSpec
    from protocol.specs.files import FileRef

    spec = ValidateDatasetSpec(file=FileRef(path=str(path), filename="rows.jsonl", sha256=""))
    problems, stats = Problems(), RowStats()
    with reading(path, spec, problems, path.parent) as dataset:
        for _, row in dataset.rows():
            stats.add(row)
    # The statistics count a line feed between two turns.
    characters = stats.characters - (stats.turns - stats.rows)
    return {"rows": stats.rows, "characters": characters, "problems": problems.total}


def json_loads(path: Path) -> dict[str, int]:
    """The usual loop: decode, look at the roles, count characters."""
    rows = characters = problems = 0
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            turns = json.loads(line)["messages"]
            problems += not any(turn["role"] == "assistant" for turn in turns)
            characters += sum(len(turn["content"]) for turn in turns)
            rows += 1
    return {"rows": rows, "characters": characters, "problems": problems}


def pyarrow_json(path: Path) -> dict[str, int]:
    """pyarrow's reader of JSON lines, block by block, on one thread; rows and characters counted in the columns."""
    import pyarrow.compute as pc
    from pyarrow import json as pa_json

    rows = characters = 0
    options = pa_json.ReadOptions(use_threads=False, block_size=4 * 1024**2)
    for batch in pa_json.open_json(path, read_options=options):
        rows += batch.num_rows
        content = batch.column("messages").flatten().field("content")
        characters += pc.sum(pc.utf8_length(content)).as_py()
    return {"rows": rows, "characters": characters, "problems": 0}


READERS: dict[str, Callable[[Path], dict[str, int]]] = {
    "ours": ours,
    "json.loads": json_loads,
    "pyarrow.json": pyarrow_json,
}


def measured(name: str, path: Path) -> dict[str, float]:
    """A reader in a process of its own: what it counted, seconds by the clock and of the processor, peak memory."""
    read_end, write_end = os.pipe()
    os.set_inheritable(write_end, True)  # noqa: FBT003 - the parameter has no name
    began = time.monotonic()
    code = f"from bench.rig.parse import child; child({name!r}, {str(path)!r}, {write_end})"
    process = os.posix_spawn(
        sys.executable, [sys.executable, "-c", code], os.environ | {"PYTHONPATH": str(report.ROOT)}
    )
    os.close(write_end)
    with os.fdopen(read_end) as told:
        counted: dict[str, float] = json.loads(told.read() or "{}")
    _, status, usage = os.wait4(process, 0)
    if status:
        raise SystemExit(f"{name} failed")
    return counted | {
        "wall_s": round(time.monotonic() - began, 1),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_rss_mb": round(usage.ru_maxrss / 1024),
    }


def child(name: str, path: str, write_end: int) -> None:
    """In the process: read, and say what was counted."""
    with os.fdopen(write_end, "w") as out:
        json.dump(READERS[name](Path(path)), out)


def main(arguments: list[str]) -> None:
    """Write the file, run the readers in turn, show the figures."""
    parser = argparse.ArgumentParser(prog="bench/data.py parse", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=None, help="where the file is written")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        path = Path(folder) / "rows.jsonl"
        write_rows(path, asked.rows)
        size_mb = path.stat().st_size / 1e6
        figures = {name: measured(name, path) for name in READERS}
    counts = {name: (found["rows"], found["characters"]) for name, found in figures.items()}
    if set(counts.values()) != {counts["ours"]}:
        raise SystemExit(f"the readers do not agree: {counts}")
    rows = [
        (
            name,
            f"{found['wall_s']} s ({found['cpu_s']} s of the processor), {asked.rows / found['wall_s']:,.0f} rows/s, "
            f"{size_mb / found['wall_s']:.0f} MB/s, peak {found['peak_rss_mb']} MB",
        )
        for name, found in figures.items()
    ]
    title = f"{asked.rows:,} rows of JSON lines, {size_mb:.0f} MB: parse, validate, count"
    report.show(title, rows, {"rows": asked.rows, "size_mb": round(size_mb), "readers": figures})
