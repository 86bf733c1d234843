"""The tokens of a file of rows under a model, counted: totals, and an index of its rows."""

import hashlib
import json
from pathlib import Path

from corpus.errors import TokenizerInvalid
from corpus.output import Output
from corpus.progress import Progress
from corpus.source import verified
from corpus.tokens.count import Totals, count
from corpus.tokens.model import FILES, ModelTokens
from protocol.errors import SpecInvalid
from protocol.jobs import Envelope
from protocol.process import Report, StopFlag
from protocol.specs.models import BaseModelRef, CountTokensSpec


def count_tokens(envelope: Envelope, report: Report, stop: StopFlag) -> None:
    """stats.json and index.bin of a file of chat rows."""
    spec = envelope.spec
    if not isinstance(spec, CountTokensSpec):
        raise SpecInvalid(reason=f"the kind {spec.kind!r} is not for this command")
    tokens = ModelTokens.load(verified_model(spec.base))
    path = verified(spec.rows)
    report.say("started", facts={"file": spec.rows.filename, "model": spec.base.model_id})
    reading = Progress(report, stop, stage="tokens", total=path.stat().st_size, unit="bytes")
    totals = Totals(spec.max_length)
    with Output(Path(envelope.workdir), report) as output:
        output.write("index.bin", "")
        for done, entry in count(path, tokens, totals):
            output.write_bytes("index.bin", entry)
            reading(done)
        reading.finish()
        stats = totals.as_dict()
        output.write_json("stats.json", stats)
        output.finish({"stats.json": stats})
    report.say("finished", summary={name: value for name, value in stats.items() if isinstance(value, int)})


def verified_model(ref: BaseModelRef) -> Path:
    """The folder of a model whose manifest, and whose files that tokens depend on, are the ones that were meant.

    Raises TokenizerInvalid.
    """
    folder = Path(ref.path)
    manifest = folder / "manifest.json"
    if not manifest.is_file() or _sha256(manifest) != ref.revision:
        raise TokenizerInvalid(file="manifest.json", reason="it is not the one that was meant")
    known = {file["path"]: file["sha256"] for file in json.loads(manifest.read_bytes())["files"]}
    for name in FILES:
        if name in known and (not (folder / name).is_file() or _sha256(folder / name) != known[name]):
            raise TokenizerInvalid(file=name, reason="it is not the file that the manifest names")
    return folder


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
