"""The glossary job."""

import json
from pathlib import Path

from corpus.glossary.terms import Concept
from protocol.jobs import ExitCode
from tests.corpus.jobs import run_job

SAMPLE = Path("samples/finance.tbx")


def test_the_sample_glossary_becomes_concepts_in_its_order(tmp_path: Path) -> None:
    job = run_job(tmp_path, "prepare_glossary", file=("finance.tbx", SAMPLE.read_bytes()))

    assert job.exit_code == ExitCode.OK
    rows = job.rows("concepts.jsonl")
    concepts = [Concept.model_validate_json(json.dumps(row)) for row in rows]
    assert [concept.uid for concept in concepts] == [f"c{n:03}" for n in range(1, len(concepts) + 1)]
    assert [row["content_hash"] for row in rows] == [concept.content_hash for concept in concepts]
    counts = job.json("stats.json")
    assert counts["concepts"] == len(concepts) >= 100
    assert set(counts["languages"]) == {"en", "zh-Hans"}
    assert counts["languages"]["en"]["preferred"] == len(concepts)
    assert counts["terms"] == sum(len(concept.terms) for concept in concepts)
    assert job.events[-1]["summary"] == counts
    assert {event["name"] for event in job.of_type("artifact")} == {"concepts", "stats"}


def test_soft_findings_stop_nothing(tmp_path: Path) -> None:
    data = b"concept,term,lang,status,owner\nc,a b,en,,ann\nc,A b,en,,ann\n"

    job = run_job(tmp_path, "prepare_glossary", file=("g.csv", data))

    assert [(event["code"], event["data"]) for event in job.of_type("warned")] == [
        ("terms_repeated", {"terms": ["c: A b"]}),
    ]
    assert job.events[-1]["summary"]["terms"] == 1
