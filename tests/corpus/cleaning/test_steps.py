"""Each step on rows that have its defect, and on rows that only look as if they had."""

from typing import Any

import pytest

from corpus.cleaning.checksums import is_card, is_iban, is_resident_id
from corpus.cleaning.mojibake import repaired
from corpus.cleaning.personal import PersonalKind, personal_data
from corpus.cleaning.registry import make_step
from corpus.cleaning.step import Change, Drop, Finding, Mark, RowStep, Suggest
from corpus.languages.identify import language_of
from corpus.records import Plain
from protocol.specs.datasets import CleaningStep


def looked(name: str, text: str, **params: Any) -> Finding | None:
    step = make_step(CleaningStep(name=name, params=params))
    assert isinstance(step, RowStep)
    finding: Finding | None = step.look(Plain(text=text))
    return finding


def after(name: str, text: str, **params: Any) -> str:
    finding = looked(name, text, **params)
    assert isinstance(finding, Change)
    return finding.texts[0]


@pytest.mark.parametrize(
    "text",
    [
        "Ein Café in München kostet 3 € – “günstig”, sagt André.",
        "春天来了，公园里的樱花开得正盛。",
        "Ｆｕｌｌ　ｗｉｄｔｈ and ½ stay as they are",
        "Ünïcödé übt Ärger, ÖÄÜ, ŠŽ",
        "联通公司的通知",
        "डेवनागरी में ज़्यादा",
        "👨‍👩‍👧 family",
        "a\u200cb Persian joiner",
    ],
)
def test_right_text_is_not_repaired(text: str) -> None:
    assert repaired(text) == text
    assert looked("unicode", text) is None


@pytest.mark.parametrize(
    ("broken", "right"),
    [
        ("cafÃ©", "café"),
        ("æˆ‘å¾ˆé«˜å…´", "我很高兴"),
        ("今天天气很好".encode("gbk").decode("latin-1"), "今天天气很好"),
        ("我们明天见面".encode().decode("gbk"), "我们明天见面"),
    ],
)
def test_broken_text_is_repaired_where_that_is_certain(broken: str, right: str) -> None:
    assert repaired(broken) == right


def test_lost_characters_drop_the_row_or_mark_it() -> None:
    assert looked("unicode", "这是\ufffd\ufffd坏的") == Drop("characters_lost")
    assert looked("unicode", "锟斤拷锟斤拷", drop_lost=False) == Mark("characters_lost")


def test_code_keeps_what_prose_loses() -> None:
    text = "Text with\u200b a space\n```\nx = '\u200b<p>'\n```\nand `\u200b`"

    assert after("unicode", text) == "Text with a space\n```\nx = '\u200b<p>'\n```\nand `\u200b`"


@pytest.mark.parametrize(
    ("dirty", "plain"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ('<div class="x">Hello<br>there &amp; &ldquo;you&rdquo;</div>', "Hello\nthere & “you”"),
        ("Fine.<script>alert(1)</script><!-- note -->", "Fine."),
        ("First\nSubscribe to our newsletter\nSecond", "First\nSecond"),
        ("正文在这里。\n版权所有 未经许可不得转载", "正文在这里。"),
        ("Some &nbsp;text&#39;s end", "Some  text's end"),
    ],
)
def test_markup_becomes_plain_text(dirty: str, plain: str) -> None:
    assert after("markup", dirty) == plain


@pytest.mark.parametrize(
    "text",
    [
        "If a <b and c> d then stop",
        "Use <strong> and </strong> in HTML for important text",
        "List<String> names = new ArrayList<>();",
        "R&D; AT&T; Q&A",
        "`<p>` stays",
        "3 < 5 && 7 > 2",
        "We talked about all rights reserved to members and more of that kind, at some length.",
    ],
)
def test_what_only_looks_like_markup_stays(text: str) -> None:
    assert looked("markup", text) is None


def test_a_row_of_nothing_but_markup_is_dropped() -> None:
    assert looked("markup", "<div><br/></div>") == Drop("only_markup")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("OK", "und"),
        ("好的", "und"),
        ("12345 67.8", "und"),
        ("春天来了，公园里的樱花开得正盛。", "zh"),
        ("The harbour was quiet before the ferry came in.", "en"),
        ("请把 README.md 里的 install 命令改成 pip install studio 再试一次", "zh"),
        ("この店のラーメンはとても美味しいです", "ja"),
        ("회의는 다음 주 월요일입니다", "ko"),
        ("Der Zug fährt heute zwanzig Minuten später ab.", "de"),
        ("Поезд отправляется через десять минут.", "ru"),
        ("سيتم تأجيل الاجتماع إلى الأسبوع المقبل", "ar"),
    ],
)
def test_a_text_is_in_its_language_or_undetermined(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("哈" * 30, "repeated_characters"),
        ("the same again and again " * 8, "repeated_words"),
        ("一样的一行\n" * 6, "repeated_lines"),
        ("@#$%^&*()@#$%^&*()@#$%^&*()", "symbols"),
        ("qwrtp sdfgh xcvbn lkjhg zxcvb mnbvc", "gibberish"),
        ("Dear {{customer_name}}, welcome", "placeholder"),
        ("N/A", "answer_empty"),
    ],
)
def test_poor_text_is_dropped_for_its_reason(text: str, reason: str) -> None:
    finding = looked("quality", text)

    assert isinstance(finding, Drop)
    assert finding.reason == reason


@pytest.mark.parametrize(
    "text",
    [
        "Yes.",
        "是的。",
        "1. Add flour\n2. Add water\n3. Add salt\n4. Wait",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "----------------------------------------\nHeadline of the report",
        "rhythm, nymph and crypt have no vowels but y",
        "HTTP, TCP, UDP, DNS, TLS, SSH",
        "Rindfleischetikettierungsüberwachung ist ein langes Wort.",
    ],
)
def test_short_and_odd_but_good_text_stays(text: str) -> None:
    assert looked("quality", text) is None


@pytest.mark.parametrize(
    "text", ["You f*cking idiot, FUCK off", "ｆｕｃｋ", "sh1t", "你這個傻逼", "你这个傻逼", "go  to\nhell"]
)
def test_toxic_words_are_found_in_disguise(text: str) -> None:
    finding = looked("toxicity", text)

    assert isinstance(finding, Drop)
    assert finding.reason == "toxic"


@pytest.mark.parametrize(
    "text",
    ["Scunthorpe", "a cocktail of shiitake", "他妈妈的手艺", "操作系统", "assess the class", "Dickens"],
)
def test_words_that_hold_toxic_ones_stay(text: str) -> None:
    assert looked("toxicity", text) is None


def test_toxic_words_can_be_masked_allowed_and_added() -> None:
    assert after("toxicity", "what the fuck is it", do="mask") == "what the *** is it"
    assert looked("toxicity", "this is shit", fewer_words=["shit"]) is None
    assert looked("toxicity", "such a noodle", more_words=["noodle"]) == Drop("toxic", {"words": ["noodle"]})


def test_numbers_prove_themselves() -> None:
    assert is_resident_id("11010519491231002X")
    assert not is_resident_id("110105194912310021")
    assert is_card("4111 1111 1111 1111")
    assert not is_card("4111 1111 1111 1112")
    assert is_iban("DE89 3704 0044 0532 0130 00")
    assert not is_iban("DE88 3704 0044 0532 0130 00")


def found(text: str) -> list[tuple[str, str]]:
    return [
        (one.kind.value, text[one.start : one.end]) for one in personal_data(text, frozenset(PersonalKind))
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("发到li12@qr.cn就行", [("mail", "li12@qr.cn")]),
        ("手机１３８１２３４５６７８。", [("phone", "１３８１２３４５６７８")]),
        ("Call +1 (415) 555-2671 now", [("phone", "+1 (415) 555-2671")]),
        ("我叫王芳今年三十岁", [("name", "王芳")]),
        ("联系人：欧阳小明，男", [("name", "欧阳小明")]),
        ("Dear Krystal O'Neil, hello", [("name", "Krystal O'Neil")]),
        ("我住在北京市朝阳区建国路88号2号楼301室。", [("address", "北京市朝阳区建国路88号2号楼301室")]),
        ("at 12 Main Street, Springfield, IL 62704.", [("address", "12 Main Street, Springfield, IL 62704")]),
        ("来自163.193.22.84的访问", [("ip", "163.193.22.84")]),
        ("身份证号11010519491231002X", [("resident_id", "11010519491231002X")]),
    ],
)
def test_personal_data_is_found_where_it_stands(text: str, wanted: list[tuple[str, str]]) -> None:
    assert found(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Isaac Newton described gravity.",
        "version 1.2.3.4 of the firmware",
        "圆周率是3.14159265358979",
        "项目经理和高级经理要开会，有时老师说不必。",
        "我是程序员，联系方式见官网。",
        "127.0.0.1 and 255.255.255.0",
        "order 4829 1127 5530 0001",
        "Hi Team, hello World, dear customer",
        "from 10 to 20 percent in 2019-2020",
    ],
)
def test_what_is_nobodys_stays(text: str) -> None:
    assert found(text) == []


def test_the_same_value_has_the_same_placeholder() -> None:
    text = "Write to a@b.org or c@d.org, best to a@b.org."

    assert after("personal_data", text) == "Write to [MAIL_1] or [MAIL_2], best to [MAIL_1]."


def _suggested(text: str, **params: Any) -> list[tuple[str, str]]:
    finding = looked("spelling", text, **params)
    return [(one.before, one.after) for one in finding.suggestions] if isinstance(finding, Suggest) else []


def test_a_character_of_a_known_term_is_never_corrected() -> None:
    text = "公司的应收账款周转率下降，主要原因是账期延长。"

    assert _suggested(text, english=False)
    assert _suggested(text, english=False, known_words=["账期"]) == []
    assert _suggested("We recieve it.", chinese=False, known_words=["recieve"]) == []


@pytest.mark.parametrize(
    ("text", "after"),
    [("他跑的很快", "得"), ("他高兴的跳了起来", "地"), ("请在说一遍", "再"), ("他在次犯了错误", "再")],
)
def test_particles_that_can_hardly_be_meant_otherwise_are_suggested(text: str, after: str) -> None:
    assert [one[1] for one in _suggested(text, english=False)] == [after]


@pytest.mark.parametrize(
    "text", ["他说的很对", "现在次品率很低", "高兴的事情很多", "请在下午说明", "认真的检查很重要"]
)
def test_particles_that_are_right_stay(text: str) -> None:
    assert _suggested(text, english=False) == []


def test_a_doubled_letter_is_the_usual_slip() -> None:
    assert _suggested("I am writting to you.", chinese=False) == [("writting", "writing")]
