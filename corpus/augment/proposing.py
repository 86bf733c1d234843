"""Every row of a split with what is proposed for it, by the list of synonyms, an endpoint, or what an endpoint once said."""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from corpus.augment.endpoint import Budget, Endpoint, masked, unmasked
from corpus.augment.protect import Protector
from corpus.augment.rows import FromSynonyms, Parent, parent_of
from corpus.augment.synonyms import Synonyms
from corpus.languages.shares import language_of
from corpus.mix.rows import RawRow, raw_rows
from corpus.output import Output
from corpus.progress import Progress
from corpus.source import verified
from protocol import secrets
from protocol.errors import SpecInvalid
from protocol.specs.datasets import GENERATOR_KEY, AugmentDatasetSpec

#: Parents that are asked about at the same time.
_CHUNK = 32

Proposed = tuple[RawRow, Parent | None, Iterator[dict[int, str]]]


def proposed(
    spec: AugmentDatasetSpec,
    train: Path,
    protector: Protector,
    synonyms: Synonyms,
    budget: Budget,
    output: Output,
    reading: Progress,
) -> Iterator[Proposed]:
    """Every row with what is proposed for it; a row that is to have no children has no parent's part."""
    rows = ((raw, _as_parent(spec, raw, protector)) for raw in raw_rows(train, reading))
    if spec.method == "synonyms":
        source = FromSynonyms(synonyms, seed=spec.seed, per_row=spec.per_row, share=spec.swap_share)
        for raw, parent in rows:
            yield raw, parent, source.proposals(parent) if parent else iter(())
    elif spec.proposals is not None:
        known = _kept_proposals(verified(spec.proposals))
        for raw, parent in rows:
            said = known.get(parent.sha256, []) if parent else []
            yield raw, parent, iter([_unmasked(parent, each) for each in said] if parent else ())
    else:
        yield from _asked(spec, rows, budget, output)


def _as_parent(spec: AugmentDatasetSpec, raw: RawRow, protector: Protector) -> Parent | None:
    """The row as a parent, where it is among the share that gets children and has a text to change."""
    rank = hashlib.sha256(f"{spec.seed}\n".encode() + raw.line.rstrip(b"\r\n")).digest()[:8]
    if int.from_bytes(rank, "big") >= spec.share * 2**64:
        return None
    provenance = raw.row.extra.get("provenance")
    if isinstance(provenance, dict) and "parent" in provenance and not spec.of_augmented:
        return None
    parent = parent_of(raw, spec.fields, protector)
    return parent if parent.texts else None


def _asked(
    spec: AugmentDatasetSpec,
    rows: Iterator[tuple[RawRow, Parent | None]],
    budget: Budget,
    output: Output,
) -> Iterator[Proposed]:
    """Every row with what the endpoint answers, which is kept so that the recipe can be done without it."""
    if spec.generator is None:
        raise SpecInvalid(reason=f"the method {spec.method} needs a generator")
    output.write("proposals.jsonl", "")
    endpoint = Endpoint(spec.generator, budget, secrets.take(GENERATOR_KEY))
    asked = 0
    try:
        with ThreadPoolExecutor(max_workers=spec.generator.parallel) as pool:
            while chunk := list(islice(rows, _CHUNK)):
                limit = spec.preview if spec.preview is not None else spec.max_rows
                open_ = [parent for _, parent in chunk if parent]
                if limit is not None:
                    open_ = open_[: max(0, limit * _OVERSHOOT - asked)]
                asked += len(open_)
                said = dict(
                    zip(
                        (parent.sha256 for parent in open_),
                        pool.map(lambda parent: _ask(spec, endpoint, parent), open_),
                        strict=True,
                    )
                )
                for raw, parent in chunk:
                    answers = said.get(parent.sha256, []) if parent else []
                    if parent and answers:
                        line = json.dumps({"parent": parent.sha256, "said": answers}, ensure_ascii=False)
                        output.write("proposals.jsonl", line + "\n")
                    yield raw, parent, iter([_unmasked(parent, each) for each in answers] if parent else ())
    finally:
        endpoint.close()


#: Parents asked about for each row that is wanted, since some answers are refused.
_OVERSHOOT = 3


def _ask(spec: AugmentDatasetSpec, endpoint: Endpoint, parent: Parent) -> list[dict[str, str]]:
    """What the endpoint says for a row, still with markers, one mapping a proposed row."""
    found = []
    for number in range(spec.per_row):
        said = {}
        for text in parent.texts:
            seed = spec.seed + number
            sent = masked(text.text, text.spans)
            if spec.method == "paraphrase":
                answer = endpoint.paraphrase(sent, seed)
            else:
                answer = endpoint.back_translate(sent, language_of(text.text), spec.pivot, seed)
            if answer is not None:
                said[str(text.place)] = answer
        if said:
            found.append(said)
    return found


def _unmasked(parent: Parent, said: dict[str, str]) -> dict[int, str]:
    texts = {text.place: text for text in parent.texts}
    return {
        int(place): unmasked(answer, texts[int(place)].text, texts[int(place)].spans)
        for place, answer in said.items()
        if int(place) in texts
    }


def _kept_proposals(path: Path) -> dict[str, list[dict[str, str]]]:
    """Parent -> what an endpoint once said."""
    found: dict[str, list[dict[str, str]]] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                value = json.loads(line)
                found[value["parent"]] = value["said"]
    return found
