"""What is said on a page about a fault, from what is raised or stored."""

import re

import pytest
from django.utils.translation import override

from corpus.errors import (
    ColumnMissing,
    CsvInvalid,
    FileExtensionMismatch,
    JsonInvalid,
    RoleInvalid,
    RowInvalid,
    ShapesMixed,
)
from corpus.glossary.errors import TermInvalid
from forge.errors import LossExploded
from jobs.errors import QuotaExceeded, WrongState
from protocol.errors import StudioError
from studio.errors import InvalidRequest, NotFound, PermissionDenied
from studio.training.errors import FileUnusable
from studio.wording.telling import phrase, told
from studio.wording.template import Template, put
from studio.wording.vocabulary import ERRORS

SAID = [
    (
        JsonInvalid(line=3, column=7, reason="Expecting ',' delimiter"),
        "第 3 行第 7 列：JSON 无效：此处应为逗号 “,”。",
    ),
    (
        RoleInvalid(line=2, field="messages[0].role", role="human"),
        "第 2 行：messages[0].role 的值是“human”；角色只能是 developer、system、user、assistant 或 tool。",
    ),
    (
        RowInvalid(line=4, field="the row", reason="is a number, not an object"),
        "第 4 行：该数据行：是数字，不是对象。",
    ),
    (
        RowInvalid(line=4, field="messages[1].content", reason="is a list, not text"),
        "第 4 行：messages[1].content：是数组，不是文本。",
    ),
    (
        CsvInvalid(line=9, reason="the row has 3 cells, the header 2"),
        "第 9 行：表格无效：该行有 3 个单元格，表头有 2 个。",
    ),
    (ColumnMissing(line=1, name="term", found="text"), "第 1 行：表头缺少“term”列，现有的列：text。"),
    (
        ShapesMixed(line=8, found="a translation", expected="a conversation"),
        "第 8 行：该数据行是译文对，而前面的是对话；一个文件只能有一种格式。",
    ),
    (
        FileExtensionMismatch(
            filename="a.jsonl",
            found="one JSON array; write its items one a line",
            hint="A .jsonl file has one JSON object a line.",
        ),
        "“a.jsonl”的内容与文件名不符：里面是一个 JSON 数组（请改为每行一个对象）。.jsonl 文件每行是一个 JSON 对象。",
    ),
    (
        TermInvalid(
            line=5, term="is empty", reason="stands twice in the concept 'c1', as preferred and as forbidden"
        ),
        "第 5 行：术语“is empty”在概念“c1”中出现了两次，状态分别是首选和禁用。",
    ),
    (
        LossExploded(step=12, value=9.87654321, limit=3.0),
        "第 12 步的损失是 9.877，上限是 3：请降低学习率或 alpha。",
    ),
    (
        QuotaExceeded(
            limit=2,
            use=2,
            words="jobs in line",
            advice="Wait until one has begun, or cancel one.",
            quota="queued_jobs",
        ),
        "此项目的排队任务数上限是 2，现有 2。请等待其中一个开始，或取消一个。运维人员可以提高上限。",
    ),
    (
        WrongState(state="running", asked="tried again", advice="only one that failed or was cancelled can."),
        "任务正在运行，不能重试：只有失败或已取消的任务才能重试。",
    ),
    (NotFound(what="glossary version", id="v9"), "这里没有术语库版本“v9”。"),
    (PermissionDenied(needed="editor", role="viewer"), "此操作需要“编辑者”角色，您在此处的角色是“查看者”。"),
    (InvalidRequest("A mix has 1 to 20 sources."), "混合可有 1 到 20 个来源。"),
    (InvalidRequest("请先选择文件。"), "请先选择文件。"),
]


@pytest.mark.parametrize(("error", "chinese"), SAID, ids=lambda value: type(value).__name__)
def test_an_error_is_told_in_the_readers_language(error: StudioError, chinese: str) -> None:
    with override("zh-hans"):
        assert told(error) == chinese
        assert told(error.as_dict()) == chinese
    with override("en"):
        assert told(error) == error.message


@pytest.mark.parametrize(("error", "chinese"), SAID[:-1], ids=lambda value: type(value).__name__)
def test_a_message_without_its_data_is_read_back(error: StudioError, chinese: str) -> None:
    with override("zh-hans"):
        assert told({"code": error.code, "message": error.message}) == chinese
        assert phrase(error.message) == chinese


def test_how_many_more_there_are_stands_behind_the_first() -> None:
    error = RowInvalid(line=4, field="prompt", reason="is empty")
    stored = error.as_dict() | {"message": f"{error.message} 12 more problems were found."}

    with override("zh-hans"):
        assert told(stored) == "第 4 行：prompt：为空。另外还发现 12 个问题。"


def test_an_error_may_stand_in_another() -> None:
    inner = "Line 3, column 7: the JSON is not valid: Extra data. 1 more problem was found."

    with override("zh-hans"):
        said = told(FileUnusable(file="file-1", reason=inner))

    assert (
        said == "无法用文件“file-1”训练：第 3 行第 7 列：JSON 无效：值之后还有多余内容。另外还发现 1 个问题。"
    )


def test_what_nobody_collected_stays_as_it_was_said() -> None:
    stored = {"code": "server_error", "message": "Der Drucker brennt.", "data": {"reason": "is empty"}}

    with override("zh-hans"):
        assert told(stored) == "Der Drucker brennt."
        assert told({}) == ""


def test_a_users_own_words_are_never_translated() -> None:
    error = RoleInvalid(line=1, field="text", role="is empty")

    with override("zh-hans"):
        assert told(error).startswith("第 1 行：text 的值是“is empty”")


@pytest.mark.parametrize(
    "data", [{"step": 1, "value": "no number", "limit": 2}, {"reason": None}, {"filename": "{0}"}]
)
def test_data_of_another_kind_breaks_nothing(data: dict[str, object]) -> None:
    with override("zh-hans"):
        assert (
            told({"code": "loss_exploded", "message": "Something else.", "data": data}) == "Something else."
        )


@pytest.mark.parametrize(
    ("said", "chinese"),
    [
        ("frozen layers, validation loss, before", "frozen layers, validation loss（训练前）"),
        ("general perplexity, after", "通用困惑度（训练后）"),
        ("Input should be greater than 0", "应大于 0"),
        ("learning_rate: Input should be less than or equal to 1", "learning_rate：应小于或等于 1"),
        ("it has no sheet 'a'; it has b, c", "没有工作表“a”，现有：b, c"),
    ],
)
def test_a_sentence_is_read_back(said: str, chinese: str) -> None:
    with override("zh-hans"):
        assert phrase(said) == chinese


@pytest.mark.parametrize(
    "text",
    [
        "Line 1: " * 120,
        "Line 1: " * 99_999,
        "spec.json: " * 90,
        "spec.json: " * 9_999,
        "' is " * 180,
        " in " * 240,
        "'" * 999,
    ],
    ids=lambda text: f"{text[:8]}{len(text)}",
)
def test_a_hostile_text_stays_what_it_is(text: str) -> None:
    with override("zh-hans"):
        assert phrase(text).endswith(text[-4:])
        assert told({"code": "row_invalid", "message": text, "data": {"field": text, "reason": text}})


@pytest.mark.parametrize(
    "template", [each for each in ERRORS if each.letters], ids=lambda each: each.text[:40]
)
def test_what_fills_a_template_is_read_from_it(template: Template) -> None:
    values = {name: f"a{place}" for place, name in enumerate(sorted(template.names))}
    numbered = values | {
        name: str(number) for number, name in enumerate(("line", "column", "n")) if name in values
    }
    sentence = put(re.sub(r"\{(\w+)!r\}", r"'{\1}'", template.text), numbered)

    assert template.read(sentence) == numbered
    assert template.text.endswith("}") or template.read(f"{sentence}?") is None
