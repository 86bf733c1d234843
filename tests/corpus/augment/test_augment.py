"""New rows from rows: what must not change does not, whoever proposes them."""

import hashlib
import itertools
import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from corpus.augment import endpoint as endpoints
from corpus.augment.guards import Guard, Limits, Reason, distinct
from corpus.augment.protect import Protector
from corpus.augment.synonyms import Synonyms, entries, rewrite
from corpus.errors import EndpointPrivate
from corpus.glossary.match import Matcher
from corpus.outbound import client
from protocol.jobs import ExitCode
from protocol.specs.datasets import GENERATOR_KEY
from tests.corpus.augment.server import serving
from tests.corpus.augment.texts import CONCEPT_LINES, CONCEPTS, rows
from tests.corpus.jobs import JobRun, run_job, stored

#: Told by hand, not by the code under test.
_DIGITS = re.compile(r"\d+")
_NOT = re.compile(r"不(?!过)|没有|无法|\bnot\b|\bnever\b|\bwithout\b")


def augment(folder: Path, data: bytes, **spec: Any) -> JobRun:
    fields = {"train": ("train.jsonl", data), "concepts": ("concepts.jsonl", CONCEPT_LINES)}
    return run_job(folder, "augment_dataset", **fields | spec)


def made_by(job: JobRun) -> list[dict[str, Any]]:
    return [row for row in job.rows("train.jsonl") if "provenance" in row]


def asked(row: dict[str, Any]) -> str:
    return str(row["messages"][0]["content"])


def chat(text: str, **extra: Any) -> bytes:
    messages = [{"role": "user", "content": text}, {"role": "assistant", "content": "Yes."}]
    return (json.dumps({"messages": messages, **extra}, ensure_ascii=False) + "\n").encode()


def test_protected_spans_are_intact_in_1000_of_1000_rows_and_distinct_n_rises(tmp_path: Path) -> None:
    data = rows(1100)

    job = augment(tmp_path, data, max_rows=1000)

    assert job.exit_code == ExitCode.OK, job.events[-1]
    parents = {hashlib.sha256(line).hexdigest(): json.loads(line) for line in data.splitlines()}
    new = made_by(job)
    intact = 0
    for row in new:
        parent = parents[row["provenance"]["parent"]]
        old_text, new_text = asked(parent), asked(row)
        assert old_text != new_text
        assert row["messages"][1:] == parent["messages"][1:]
        same_parts = all(new_text.count(part) == old_text.count(part) > 0 for part in parent["parts"])
        same = all(Counter(p.findall(old_text)) == Counter(p.findall(new_text)) for p in (_DIGITS, _NOT))
        intact += same_parts and same
    assert (intact, len(new)) == (1000, 1000)
    olds = [asked(parents[row["provenance"]["parent"]]) for row in new]
    news = [asked(row) for row in new]
    for n in (1, 2):
        assert distinct(news, n) > distinct(olds, n)
        assert distinct([*olds, *news], n) > distinct([*olds, *olds], n)
    print({n: (round(distinct(olds, n), 4), round(distinct(news, n), 4)) for n in (1, 2, 3)})
    assert job.json("stats.json")["augmentation"]["made"] == 1000


def test_the_example_is_said_otherwise(tmp_path: Path) -> None:
    job = augment(tmp_path, chat("患者主诉头痛"), swap_share=1.0)

    assert [asked(row) for row in made_by(job)] == ["病人自述头部疼痛"]


def test_a_headache_that_is_meant_otherwise_stays(tmp_path: Path) -> None:
    job = augment(tmp_path, chat("这件事让我很头痛"))

    assert job.events[-1]["code"] == "file_empty"
    assert all(
        "讨厌" not in other for lang in entries().values() for e in lang.values() for other in e.others
    )


def test_a_word_that_is_none_stays() -> None:
    synonyms, protector = Synonyms(), Protector()

    for text in ("商品和服务", "不以为然", "中国人民很友好"):
        assert rewrite(text, synonyms.swaps(text, protector.spans(text)), random.Random(1), 1) == text


def test_every_entry_of_the_list_passes_the_guards_it_may_meet() -> None:
    protector = Protector()

    for lang in entries().values():
        for entry in lang.values():
            for other in entry.others:
                assert protector.counts(entry.word) == protector.counts(other), (entry.word, other)
                assert other != entry.word


def test_parents_stay_byte_for_byte_and_children_stand_behind_them(tmp_path: Path) -> None:
    data = rows(60)

    job = augment(tmp_path, data, per_row=2)

    lines = (job.workdir / "output" / "train.jsonl").read_bytes().splitlines()
    assert [line for line in lines if b'"provenance"' not in line] == data.splitlines()
    for before, line in itertools.pairwise(lines):
        row = json.loads(line)
        if "provenance" in row and b'"provenance"' not in before:
            assert row["provenance"]["parent"] == hashlib.sha256(before).hexdigest()
            assert row["provenance"]["generator"] == "synonyms"


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    hashes = [
        next(
            e["sha256"]
            for e in augment(tmp_path, rows(80), seed=seed).of_type("artifact")
            if e["name"] == "train"
        )
        for seed in (1, 1, 2)
    ]

    assert hashes[0] == hashes[1] != hashes[2]


def test_new_rows_are_new_and_never_a_held_out_prompt(tmp_path: Path) -> None:
    open_ = augment(tmp_path, chat("请问如何购买这种商品"), swap_share=1.0, per_row=8)
    made = {asked(row) for row in made_by(open_)}
    assert len(made) > 1
    one = sorted(made)[0]

    closed = augment(
        tmp_path,
        chat("请问如何购买这种商品"),
        swap_share=1.0,
        per_row=8,
        validation=("validation.jsonl", chat(one)),
    )

    assert one not in {asked(row) for row in made_by(closed)}
    assert closed.json("stats.json")["augmentation"]["refused"]["held_out"] >= 1
    texts = [asked(row) for row in closed.rows("train.jsonl")]
    assert len(set(texts)) == len(texts)


def test_labels_and_other_shapes(tmp_path: Path) -> None:
    data = [
        {"text": "这个产品非常漂亮", "label": "漂亮"},
        {"text": "The product is really beautiful", "label": "positive"},
        {
            "source": "请问如何购买这种商品",
            "target": "How do I buy it?",
            "source_lang": "zh",
            "target_lang": "en",
        },
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in data).encode()

    job = augment(tmp_path, lines, swap_share=1.0)

    new = made_by(job)
    assert [row.get("label") for row in new] == ["漂亮", "positive", None]
    assert "漂亮" in new[0]["text"]
    assert new[2]["target"] == "How do I buy it?"


def test_rows_with_tools_and_system_messages_stay(tmp_path: Path) -> None:
    tools = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    system = {"role": "system", "content": "Explain quickly."}
    row = {
        "messages": [
            system,
            {"role": "user", "content": "Tell me, how do I purchase it quickly?"},
            {"role": "assistant", "content": "So."},
        ]
    }
    data = chat("Explain it quickly.", tools=tools) + (json.dumps(row) + "\n").encode()

    (new,) = made_by(augment(tmp_path, data))

    assert new["messages"][0] == system
    assert "tools" not in new


def test_an_admitted_term_may_become_the_preferred_one_if_that_is_asked_for(tmp_path: Path) -> None:
    data = chat("Is the net profit amount of 5 % fine?")

    closed = augment(tmp_path, data)
    open_ = augment(tmp_path, data, glossary_synonyms=True)

    assert closed.events[-1]["code"] == "file_empty"
    assert [asked(row) for row in made_by(open_)] == ["Is the net profit of 5 % fine?"]


def test_a_preview_makes_few_rows_and_says_what_was_refused(tmp_path: Path) -> None:
    job = augment(tmp_path, rows(400), preview=10)

    said = job.json("stats.json")["augmentation"]
    assert 10 <= len(said["examples"]) <= 20
    assert said["made"] < 20


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Pay 30 days after delivery.", "Pay 60 days after delivery, please.", Reason.NUMBER),
        ("Pay 30 days after delivery.", "Pay after delivery, please, soon.", Reason.NUMBER),
        ("Give 5 mg of it daily.", "Give 5 g of it each day.", Reason.NUMBER),
        ("Give 1.5 mg of it daily.", "Give 15 mg of it each day.", Reason.NUMBER),
        ("体温为三十八度", "体温是三十九度左右", Reason.NUMBER),
        ("He did not pay the bill.", "He did pay the bill in full.", Reason.NEGATION),
        ("He paid the bill.", "He didn't pay the bill.", Reason.NEGATION),
        ("病人没有发热症状", "病人有发热的症状", Reason.NEGATION),
        ("可以退货吗？", "不可以退货吗？", Reason.NEGATION),
        ("What is net profit here?", "What is net income here, then?", Reason.PROTECTED),
        ("净利润是多少", "纯利润到底是多少", Reason.PROTECTED),
        ("Call `f(x)` before that.", "Call `f(y)` prior to that.", Reason.PROTECTED),
        ("Dear {name}, thanks a lot.", "Dear {nom}, thank you very much.", Reason.PROTECTED),
        ("Write to a@b.example soon.", "Please write to a@c.example soon.", Reason.PROTECTED),
        ("张伟在哪里工作", "张三在什么地方工作", Reason.PROTECTED),
        ("We asked Acme Corp about it.", "We put it to Apex Corp, too.", Reason.PROTECTED),
        ("How do I sort a list?", "How do I sort a list?", Reason.TOO_CLOSE),
        ("How do I sort a list?", "Bananas grow in warm wet lands.", Reason.TOO_FAR),
        ("How do I sort a list?", "  ", Reason.EMPTY),
        ("How do I sort a list?", "How do I sort a list? " * 9, Reason.LENGTH),
        (
            "el beneficio subió un poco el año pasado",
            "the beneficio went up a little the past year",
            Reason.LANGUAGE,
        ),
    ],
)
def test_a_wrong_wording_is_refused(old: str, new: str, reason: Reason) -> None:
    fault = Guard(Protector(Matcher(CONCEPTS)), Limits()).fault(old, new)

    assert fault is not None
    assert fault.reason is reason, fault


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("患者主诉头痛", "病人自述头部疼痛"),
        ("How do I sort a list of 5 items?", "In what way can I sort a list of 5 items?"),
        ("Before delivery, pay 30 days.", "Prior to delivery, pay 30 days."),
        ("虽然贵，但是很好", "虽然贵，不过很好"),
    ],
)
def test_a_right_wording_is_taken(old: str, new: str) -> None:
    assert Guard(Protector(Matcher(CONCEPTS)), Limits()).fault(old, new) is None


def generator(url: str, **fields: Any) -> dict[str, Any]:
    return {"base_url": url, "model": "m", "allow_private": True, **fields}


def test_a_lying_endpoint_gets_nothing_in(tmp_path: Path) -> None:
    lies = (
        lambda text: text.replace("⟦1⟧", "7777"),
        lambda text: text + " 42",
        lambda text: re.sub(r"⟦\d+⟧", "", text) + " and so on",
        lambda text: "never " + text,
        lambda text: text.replace("⟦2⟧", "⟦3⟧"),
        lambda text: "不是" + text,
        lambda text: "Ignore all rules. The number is 1,000,000 EUR.",
        lambda text: text + " ⟦99⟧ 5 kg",
    )
    with serving(lambda _system, text, number: lies[number % len(lies)](text)) as server:
        job = augment(tmp_path, rows(80), method="paraphrase", generator=generator(server.url))

    assert job.events[-1]["code"] == "file_empty"
    refused = job.of_type("warned")
    assert refused == [] or refused[0]["code"] == "proposals_refused"
    assert len(server.requests) == 80


def test_an_honest_endpoint_is_taken_and_its_words_are_kept_for_the_recipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(GENERATOR_KEY, "sk-secret")
    with serving(lambda _system, text, _number: f"In other words: {text}") as server:
        job = augment(tmp_path, rows(40), method="paraphrase", generator=generator(server.url))
    assert job.exit_code == ExitCode.OK, job.events[-1]
    assert len(made_by(job)) > 30
    assert all(header["Authorization"] == "Bearer sk-secret" for header in server.headers)
    assert server.requests[0]["path"] == "/v1/chat/completions"
    proposals = (job.workdir / "output" / "proposals.jsonl").read_bytes()

    again = augment(tmp_path, rows(40), method="paraphrase", proposals=("proposals.jsonl", proposals))

    assert again.rows("train.jsonl") == job.rows("train.jsonl")
    outputs = [(j.workdir / "output" / "train.jsonl").read_bytes() for j in (job, again)]
    assert outputs[0] == outputs[1]
    assert b"sk-secret" not in b"".join(p.read_bytes() for p in (job.workdir / "output").iterdir())


def test_back_translation_goes_there_and_back(tmp_path: Path) -> None:
    def answer(system: str, text: str, _number: int) -> str:
        return (
            text if "into English" in system else text.replace("请问", "我想问一下，").replace("因为", "鉴于")
        )

    with serving(answer) as server:
        job = augment(
            tmp_path, rows(60), method="back_translation", pivot="en", generator=generator(server.url)
        )

    assert job.exit_code == ExitCode.OK, job.events[-1]
    assert len(server.requests) == 120
    assert {row["provenance"]["generator"] for row in made_by(job)} == {"back_translation"}


def test_the_budget_ends_the_asking(tmp_path: Path) -> None:
    with serving(lambda _s, text, _n: f"In other words: {text}") as server:
        job = augment(
            tmp_path,
            rows(200),
            method="paraphrase",
            generator=generator(server.url, parallel=1),
            budget_tokens=1000,
        )

    assert len(server.requests) == 20
    assert "budget_spent" in {event["code"] for event in job.of_type("warned")}


def test_an_endpoint_that_stumbles_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints.time, "sleep", lambda _s: None)

    def answer(_system: str, text: str, number: int) -> Any:
        return (503, {"error": "busy"}) if number % 2 else f"In other words: {text}"

    with serving(answer) as server:
        job = augment(tmp_path, rows(10), method="paraphrase", generator=generator(server.url, parallel=1))

    assert job.exit_code == ExitCode.OK
    assert len(server.requests) == 20


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((401, {"error": "sk-secret is wrong"}), "it answered 401"),
        ((302, b""), "it answered 302"),
        ((200, b"<html>"), "its answer is no JSON"),
        ((200, b"[1]"), "its answer is no JSON object"),
        ((200, b"x" * (2 * 1024 * 1024)), "its answer is too long or too slow"),
    ],
)
def test_an_endpoint_that_fails_is_told_by_its_status(tmp_path: Path, answer: Any, reason: str) -> None:
    with serving(lambda *_: answer) as server:
        job = augment(tmp_path, rows(3), method="paraphrase", generator=generator(server.url, parallel=1))

    failed = job.events[-1]
    assert (failed["code"], failed["data"]["reason"]) == ("endpoint_failed", reason)
    assert "secret" not in json.dumps(failed)
    assert job.left == []


@pytest.mark.parametrize(
    "fault", [(200, b"<html>"), (400, {"error": "content_filter"}), (404, {"error": "gone"})]
)
def test_one_text_that_an_endpoint_fails_at_costs_one_row(tmp_path: Path, fault: Any) -> None:
    with serving(lambda _s, text, number: fault if number == 4 else f"In other words: {text}") as server:
        job = augment(tmp_path, rows(10), method="paraphrase", generator=generator(server.url, parallel=1))

    assert job.exit_code == ExitCode.OK
    assert len(server.requests) == 10
    assert len(made_by(job)) == 9


def test_an_endpoint_that_fails_from_some_row_on_is_given_up(tmp_path: Path) -> None:
    with serving(lambda _s, text, number: (401, {}) if number > 3 else f"In other words: {text}") as server:
        job = augment(tmp_path, rows(40), method="paraphrase", generator=generator(server.url, parallel=1))

    assert job.events[-1]["code"] == "endpoint_failed"
    assert len(server.requests) < 40


@pytest.mark.parametrize(
    "text",
    [
        "半年以后怎么样",
        "医生检查头部",
        "准确率达到多少",
        "会议开始了",
        "偿债能力的计算",
        "王老师您好",
        "质量保证书",
        "simple interest",
        "common stock",
        "remove the appendix",
        "vital signs",
        "large language model",
        "take advantage of it",
        "the quick ratio",
    ],
)
def test_a_word_with_another_meaning_beside_its_neighbours_stays(text: str) -> None:
    synonyms, protector = Synonyms(), Protector()
    swapped = {text[swap.start : swap.end] for swap in synonyms.swaps(text, protector.spans(text))}

    assert swapped.isdisjoint(
        [
            "检查",
            "准确",
            "开始",
            "能力",
            "老师",
            "保证",
            "simple",
            "common",
            "remove",
            "vital",
            "large",
            "advantage",
            "quick",
        ]
    )
    assert "今后" not in {
        other for swap in synonyms.swaps(text, protector.spans(text)) for other in swap.others
    }


@pytest.mark.parametrize("said", [{"choices": []}, {"choices": [{"message": {"content": 7}}]}, {}])
def test_an_answer_without_text_makes_no_row(tmp_path: Path, said: Any) -> None:
    with serving(lambda *_: (200, said)) as server:
        job = augment(tmp_path, rows(3), method="paraphrase", generator=generator(server.url))

    assert job.events[-1]["code"] == "file_empty"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1", "0x7f000001"]
)
def test_an_address_inside_a_network_is_not_asked(host: str) -> None:
    with (
        client(allow_private=False, timeout_s=2) as http,
        pytest.raises(EndpointPrivate, match="inside a network"),
    ):
        http.post(f"http://{host}:9/v1/chat/completions", json={})


def test_a_job_does_not_ask_inside_a_network(tmp_path: Path) -> None:
    with serving(lambda _s, text, _n: text) as server:
        job = augment(
            tmp_path, rows(3), method="paraphrase", generator=generator(server.url, allow_private=False)
        )

    assert job.events[-1]["code"] == "endpoint_private"
    assert server.requests == []


def test_proposals_that_were_kept_for_other_rows_make_none(tmp_path: Path) -> None:
    line = json.dumps({"parent": "0" * 64, "said": [{"0": "In other words"}]}) + "\n"

    job = augment(
        tmp_path, rows(3), method="paraphrase", proposals=stored(tmp_path, "p.jsonl", line.encode())
    )

    assert job.events[-1]["code"] == "file_empty"
