"""A dictionary's worth of terms through the real jobs: every concept gets its contexts, and every row is right."""

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from corpus.commands.concepts import read_concepts
from corpus.glossary.check import Checker
from corpus.glossary.phrasings import Generator
from corpus.shapes.conversations import read_row
from protocol.jobs import ExitCode
from tests.corpus.jobs import JobRun, run_job
from tests.data.dictionary import entries, tbx

N_CONCEPTS = 300
ALL = list(Generator)


@pytest.fixture(scope="module")
def concepts(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    job = run_job(
        tmp_path_factory.mktemp("glossary"), "prepare_glossary", file=("dictionary.tbx", tbx(N_CONCEPTS))
    )
    assert job.exit_code == ExitCode.OK, job.events[-1]
    return (job.workdir / "output" / "concepts.jsonl").read_bytes()


@cache
def text() -> bytes:
    """A company's text: every third entry in a sentence that no template has."""
    lines = []
    for number, entry in enumerate(entries()[:N_CONCEPTS:3]):
        lines.append(
            f"In {2000 + number % 25} the auditors at Example Ltd. looked into the {entry.english} again."
        )
        lines.append(f"去年审计组在第{number}号文件中又谈到{entry.chinese}。")
    return "\n".join(lines).encode()


def make(folder: Path, concepts: bytes, **spec: Any) -> JobRun:
    job = run_job(
        folder,
        "generate_rows",
        concepts=("concepts.jsonl", concepts),
        text=("report.txt", text()),
        **{"generators": ALL, "budget": 3000} | spec,
    )
    assert job.exit_code == ExitCode.OK, job.events[-1]
    return job


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_concept_has_five_contexts_and_the_checker_passes_every_row(
    tmp_path: Path, concepts: bytes, lang: str
) -> None:
    job = make(tmp_path, concepts, lang=lang)

    rows = job.rows("train.jsonl")
    known = read_concepts(job.workdir.parent / Path(job_file(job, "concepts")).name)
    checker = Checker(known, lang)
    faults = Counter(checker.fault_of(read_row(row, 1)) for row in [*rows, *job.rows("validation.jsonl")])
    contexts = Counter(row["concept"] for row in rows)
    assert faults == {None: len(rows) + len(job.rows("validation.jsonl"))}
    assert len(contexts) == N_CONCEPTS
    assert min(contexts.values()) >= 5
    assert len({(row["messages"][0]["content"]) for row in rows}) == len(rows) == 3000
    assert job.json("stats.json")["contexts"]["least"] == min(contexts.values())


def job_file(job: JobRun, name: str) -> str:
    spec = json.loads((job.workdir / "spec.json").read_text())["spec"]
    return str(spec[name]["path"])


def test_the_budget_is_kept_and_generators_and_sentences_are_balanced(
    tmp_path: Path, concepts: bytes
) -> None:
    stats = make(tmp_path, concepts).json("stats.json")

    sentences = stats["sentences"]
    assert 0.3 <= sentences["kept"] / (sentences["kept"] + sentences["corrected"]) <= 0.5
    assert sentences["mined"] >= 100
    made = stats["generators"]["train"]
    assert set(made) == set(Generator)
    assert sum(made.values()) == stats["train_rows"] == 3000


def test_a_budget_below_the_contexts_is_refused(tmp_path: Path, concepts: bytes) -> None:
    job = run_job(tmp_path, "generate_rows", concepts=("c.jsonl", concepts), budget=1499)

    assert job.exit_code == ExitCode.FAILED
    assert job.events[-1]["code"] == "budget_too_small"
    assert "5 contexts for every concept are 1500 rows" in job.events[-1]["message"]


def test_held_out_concepts_are_asked_about_and_never_taught(tmp_path: Path, concepts: bytes) -> None:
    job = make(tmp_path, concepts, hold_out_share=0.2, budget=1500)

    prompts = job.rows("prompts.jsonl")
    unseen = {prompt["concept"] for prompt in prompts if prompt["unseen"]}
    rows = [*job.rows("train.jsonl"), *job.rows("validation.jsonl")]
    assert len(unseen) == job.json("stats.json")["held_out_concepts"] == N_CONCEPTS // 5
    assert not unseen & {row["concept"] for row in rows}
    by_uid = {f"d{number:03}": entry for number, entry in enumerate(entries()[:N_CONCEPTS])}
    names = {by_uid[uid].english for uid in unseen}
    answers = {row["messages"][-1]["content"] for row in rows}
    assert not names & answers


def test_the_same_spec_gives_the_same_bytes(tmp_path: Path, concepts: bytes) -> None:
    first, second = (make(tmp_path, concepts, budget=1600) for _ in range(2))

    hashes = [[event["sha256"] for event in job.of_type("artifact")] for job in (first, second)]
    assert hashes[0] == hashes[1]


def test_pairs_prefer_the_house_term_in_the_same_sentence(tmp_path: Path, concepts: bytes) -> None:
    job = run_job(
        tmp_path,
        "generate_pairs",
        concepts=("c.jsonl", concepts),
        text=("r.txt", text()),
        pairs_per_concept=3,
    )

    assert job.exit_code == ExitCode.OK, job.events[-1]
    pairs = job.rows("train.jsonl")
    known = read_concepts(job.workdir.parent / Path(job_file(job, "concepts")).name)
    checker = Checker(known, "en")
    for pair in pairs:
        (preferred,), (other,) = pair["preferred_output"], pair["non_preferred_output"]
        uid = pair["provenance"]["concept"]
        assert checker.fault_of_pair(uid, preferred["content"], other["content"]) is None
        assert checker.fault(uid, "", "", preferred["content"]) is None
        assert checker.fault(uid, "", "", other["content"]) is not None
    assert set(pairs[0]) == {"input", "preferred_output", "non_preferred_output", "provenance"}
    assert job.json("stats.json")["concepts"] > 200
