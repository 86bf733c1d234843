"""A second set of planted defects, written by hand or made by other means than `planting`, as somebody would who doubts the first.

Each half has its own texts: the even ones were looked at while steps were mended, the odd ones were held out and measured
once (docs/log.md). Nothing of the cleaning is imported.
"""

import html
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "strangers"
_MARKED = re.compile(r"⟦(\w+):([^⟦⟧]*)⟧")
HALVES = {"seen": 0, "held_out": 1}


@dataclass(frozen=True)
class Case:
    """A question and an answer with one defect, or none; `right` is what the answer was before it was spoilt."""

    ask: str
    answer: str
    right: str = ""
    #: Where personal data is in the answer: (kind, start, end).
    spans: tuple[tuple[str, int, int], ...] = ()

    def as_row(self) -> dict[str, Any]:
        """A chat row."""
        return {
            "messages": [
                {"role": "user", "content": self.ask},
                {"role": "assistant", "content": self.answer},
            ]
        }


def lines(name: str, half: str) -> list[str]:
    """The lines of one half of a list."""
    every = [
        line.replace("\\n", "\n")
        for line in (_FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
        if line.strip() and not line.startswith("# ")
    ]
    return every[HALVES[half] :: 2]


def clean(half: str) -> list[Case]:
    """Rows with nothing wrong."""
    return [Case(*line.split("\t")) for line in lines("clean", half)]


def innocent(half: str) -> list[Case]:
    """Texts that hold no personal data."""
    chance = random.Random(f"innocent {half}")
    return [Case("说明一下。", _filled(line, chance)) for line in lines("innocent", half)]


def foreign(half: str) -> list[Case]:
    """Questions and answers in another language."""
    return [Case(*line.split("\t")[1:]) for line in lines("foreign", half)]


def bad(half: str) -> list[Case]:
    """Answers of no use to good questions."""
    good = clean(half)
    return [Case(good[i % len(good)].ask, line) for i, line in enumerate(lines("bad", half))]


def toxic(half: str) -> list[Case]:
    """Insults before, behind and inside of good answers."""
    good, chance = clean(half), random.Random(f"toxic {half}")
    cases = []
    for i, line in enumerate(lines("toxic", half)):
        one = chance.choice(good)
        spoilt = [f"{line}。{one.answer}", f"{one.answer} {line}", line][i % 3]
        cases.append(Case(one.ask, spoilt))
    return cases


def mild(half: str) -> list[Case]:
    """Answers that a list of words may take for insults."""
    return [Case("怎么理解？", line) for line in lines("mild", half)]


def personal(half: str) -> list[Case]:
    """Texts with personal data and where it is."""
    chance = random.Random(f"personal {half}")
    cases = []
    for line in lines("personal", half):
        text, spans, at = "", [], 0
        line = _filled(line, chance)
        for mark in _MARKED.finditer(line):
            text += line[at : mark.start()]
            spans.append((mark[1], len(text), len(text) + len(mark[2])))
            text += mark[2]
            at = mark.end()
        cases.append(Case("请处理以下内容。", text + line[at:], spans=tuple(spans)))
    return cases


# ---- numbers with right and wrong checksums, by arithmetic of our own


def _filled(line: str, chance: random.Random) -> str:
    makers = {
        "id": lambda: _resident_id(chance), "id_spaced": lambda: re.sub(r"^(.{6})(.{8})", r"\1 \2 ", _resident_id(chance)),
        "id_x": lambda: _resident_id(chance, ends="X").lower(), "bad_id": lambda: _wrong_last(_resident_id(chance)),
        "card": lambda: _card(chance), "card4": lambda: " ".join(re.findall("....", _card(chance))), "bad_card": lambda: _wrong_last(_card(chance)),
        "iban": lambda: _iban(chance), "iban_spaced": lambda: " ".join(re.findall("..?.?.?", _iban(chance))),
    }  # fmt: skip
    return re.sub(r"\{(\w+)\}", lambda m: makers[m[1]]() if m[1] in makers else m[0], line)


def _wrong_last(number: str) -> str:
    return number[:-1] + ("3" if number[-1] in "Xx" else str((int(number[-1]) + 3) % 10))


def _resident_id(chance: random.Random, ends: str = "") -> str:
    while True:
        area = chance.choice(["110105", "310115", "440306", "510104", "330106", "420111", "610113"])
        born = f"{chance.randint(1950, 2005)}{chance.randint(1, 12):02d}{chance.randint(1, 28):02d}"
        body = area + born + f"{chance.randint(1, 999):03d}"
        rest = sum(int(digit) * pow(2, 17 - i, 11) for i, digit in enumerate(body)) % 11
        last = "X" if (12 - rest) % 11 == 10 else str((12 - rest) % 11)
        if last == ends or not ends:
            return body + last


def _card(chance: random.Random) -> str:
    body = chance.choice(["4", "51", "62", "622588"])
    body += "".join(str(chance.randint(0, 9)) for _ in range(15 - len(body)))
    for last in "0123456789":
        digits = [int(d) for d in body + last]
        if (sum(digits[1::2]) + sum(sum(divmod(2 * d, 10)) for d in digits[0::2])) % 10 == 0:
            return body + last
    raise AssertionError


def _iban(chance: random.Random) -> str:
    country, size = chance.choice([("DE", 18), ("ES", 20), ("BE", 12), ("AT", 16)])
    body = "".join(str(chance.randint(0, 9)) for _ in range(size))
    number = int(body + "".join(str(ord(c) - 55) for c in country) + "00")
    return f"{country}{98 - number % 97:02d}{body}"


# ---- characters


_WAYS = {
    "zh": [("utf-8", "cp1252"), ("utf-8", "latin-1"), ("utf-8", "gbk"), ("gbk", "latin-1"), ("gb18030", "cp1252"), ("utf-8", "latin-1", "utf-8", "latin-1"),
           ("utf-8", "cp1252", "utf-8", "cp1252"), ("utf-8", "mac_roman"), ("utf-8", "cp437"), ("utf-8", "cp1251"), ("utf-8", "big5"), ("big5", "gbk"),
           ("gbk", "big5"), ("utf-8", "shift_jis"), ("big5", "latin-1"), ("utf-8", "cp1250"), ("gbk", "cp1251"), ("utf-8", "gbk", "utf-8", "gbk"),
           ("utf-8", "cp936"), ("utf-8", "iso8859-15")],
    "en": [("utf-8", "cp1252"), ("utf-8", "latin-1"), ("utf-8", "cp1252", "utf-8", "cp1252"), ("utf-8", "mac_roman"), ("utf-8", "cp437"), ("utf-8", "gbk"),
           ("utf-8", "cp1251"), ("utf-8", "cp1250"), ("cp1252", "mac_roman"), ("utf-8", "iso8859-15")],
}  # fmt: skip
_ACCENTED = [
    "The café’s résumé said “naïve” – and it cost €12… done.",
    "Señor Peña’s piñata — “¡olé!” — was £30.",
    "Zoë’s crème brûlée… it’s à la carte.",
    "The coöperation of Müller & Söhne — “für alle” — ended.",
    "It’s 25 °C – don’t “open” the façade window…",
]


def mojibake(half: str) -> list[Case]:
    """Texts that were written and read with different character sets, once or twice."""
    chance, cases = random.Random(f"mojibake {half}"), []
    good = [case for case in clean(half) if len(case.answer) > 25]
    chinese = [c for c in good if sum("\u4e00" <= x <= "\u9fff" for x in c.answer) > 15]
    english = [c for c in good if c.answer.isascii()]
    for i in range(100):
        lang = "zh" if i % 5 < 3 else "en"
        way = _WAYS[lang][(i // 5) % len(_WAYS[lang])]
        one = chance.choice(chinese if lang == "zh" else english)
        right = one.answer if lang == "zh" else f"{one.answer} {_ACCENTED[i % len(_ACCENTED)]}"
        if "big5" in way[::2]:
            right = _traditional(right)
        wrong = _misread(right, way)
        cases.append(Case(one.ask, wrong, right))
    return cases


def _traditional(text: str) -> str:
    """As it is written where Big5 is used."""
    from opencc import OpenCC

    return str(OpenCC("s2t").convert(text))


def _misread(text: str, way: tuple[str, ...]) -> str:
    for written, read in zip(way[0::2], way[1::2], strict=True):
        text = text.encode(written, "ignore").decode(read, "replace")
    return text


# ---- pages


def markup(half: str) -> list[Case]:
    """Answers as they come from pages: with tags, entities, scripts, menus, cookie notes, or single lines of those."""
    chance, cases = random.Random(f"markup {half}"), []
    good = [c for c in clean(half) if len(c.answer) > 30 and "`" not in c.answer and "|" not in c.answer and "<" not in c.answer]  # fmt: skip
    carried = lines("pages", half)
    for i in range(100):
        one = chance.choice(good)
        text = one.answer
        if i < len(carried):
            spoilt = f"{carried[i]}\n{text}" if i % 2 else f"{text}\n{carried[i]}"
        else:
            spoilt = _page(text, i, chance, carried)
        cases.append(Case(one.ask, spoilt, text))
    return cases


def _page(text: str, i: int, chance: random.Random, carried: list[str]) -> str:
    safe = html.escape(text, quote=False)
    half = len(safe) // 2
    return [
        lambda: f'<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>文章</title><style>.a{{color:red}}</style></head><body><nav><ul><li><a href="/">{carried[0]}</a></li></ul></nav><article><p>{safe}</p></article><footer>{carried[1]}</footer></body></html>',
        lambda: f"<p style='margin:0'>{safe[:half]}</p>\r\n<p>{safe[half:]}</p>",
        lambda: f"{safe}<br>\n<br />",
        lambda: f'<div class="article__body" data-id="42"><span>{safe}</span></div>',
        lambda: f"{safe[:half]}<sup>[1]</sup>{safe[half:]}<a class='more' href='javascript:void(0)'></a>",
        lambda: f"<table><tr><td>{safe}</td></tr></table>",
        lambda: text.replace("，", "，&nbsp;&nbsp;").replace(" ", "&#160;") + "&hellip;",
        lambda: f"<script type='text/javascript'>var _hmt = _hmt || []; if (1 < 2) {{}}</script>{safe}",
        lambda: f"{safe}<!-- ad slot 3 --><img src='/i/1.png' alt='' width=10>",
        lambda: f"<h2>答</h2><ol><li>{safe[:half]}</li><li>{safe[half:]}</li></ol>",
        lambda: f"<font color=#333>{safe}</font>",
        lambda: f'<iframe src="//ads.example/x"></iframe>{safe}<noscript><img src="t.gif"></noscript>',
        lambda: f"<P ALIGN=center><B>{safe}</B></P>",
        lambda: f"&lt;p&gt;{safe}&lt;/p&gt;",
    ][i % 14]()  # fmt: skip


# ---- rows that are there twice


def near_pairs(half: str) -> Iterator[tuple[Case, Case]]:
    """A row, and the same with little changed: words, case, punctuation, one sentence more; 30 to 2,000 characters."""
    chance = random.Random(f"near {half}")
    good = [c for c in clean(half) if len(c.answer) >= 30 and "`" not in c.answer]
    for i in range(100):
        pool = [c for c in good if _is_zh(c.answer) == bool(i % 2)]
        length = chance.choice([30, 60, 120, 250, 500, 1000, 2000])
        picked, text = [], ""
        while len(text) < length:
            one = chance.choice([c for c in pool if c not in picked] or pool)
            picked.append(one)
            text += ("" if i % 2 or not text else " ") + one.answer
        row = Case(f"{picked[0].ask}（{i}）" if i % 2 else f"{picked[0].ask} (item {i})", text)
        yield row, Case(row.ask, _nearly(text, i, chance, bool(i % 2)))


def _nearly(text: str, i: int, chance: random.Random, is_zh: bool) -> str:
    ways = [
        lambda: text.upper() if not is_zh else re.sub("[，。；：]", lambda m: {"，": ",", "。": ".", "；": ";", "：": ":"}[m[0]], text),
        lambda: re.sub(r"[,.;，。；]", "", text),
        lambda: _word_swapped(text, chance, is_zh),
        lambda: text + ("希望以上内容对你有帮助。" if is_zh else " I hope this helps.") if len(text) > 150 else text + ("谢谢！" if is_zh else " Thanks!"),
        lambda: text.replace(" ", "  ") if not is_zh else " ".join(text),
        lambda: ("好的。" if is_zh else "Sure! ") + text,
    ]  # fmt: skip
    changed = ways[i % len(ways)]()
    return changed if changed != text else text + "！"


def _word_swapped(text: str, chance: random.Random, is_zh: bool) -> str:
    """About one word of forty is another."""
    if is_zh:
        places = [m.start() for m in re.finditer("[\u4e00-\u9fff]{2}", text)]
        for at in chance.sample(places, max(1, len(text) // 80)):
            text = text[:at] + chance.choice(["可以", "需要", "应当", "一般"]) + text[at + 2 :]
        return text
    words = text.split(" ")
    places = [i for i, word in enumerate(words) if word.isalpha()]
    for at in chance.sample(places, min(len(places), max(1, len(words) // 40))):
        words[at] = chance.choice(["usual", "given", "some", "often"])
    return " ".join(words)


def distinct_pairs(half: str) -> Iterator[tuple[Case, Case]]:
    """Two rows made from one form that say different things: other numbers, other subjects, a negation."""
    chance = random.Random(f"distinct {half}")
    for i in range(50):
        a, b = chance.sample(range(12, 990), 2)
        x, y = _SUBJECTS[2 * i], _SUBJECTS[2 * i + 1]
        yield [
            (Case(f"{x}公司{a}年的营业收入是多少？", f"根据年度报告，{x}公司{a}年的营业收入是{a * 3}亿元，同比增长{a % 17}.{a % 9}%，主要来自境内市场。"),
             Case(f"{x}公司{b}年的营业收入是多少？", f"根据年度报告，{x}公司{b}年的营业收入是{b * 3}亿元，同比增长{b % 17}.{b % 9}%，主要来自境内市场。")),
            (Case(f"A shop had {a} apples in the morning and sold {a // 3} of them before noon. How many apples were left in the shop at noon?",
                  f"The shop had {a} apples and sold {a // 3} of them, so {a - a // 3} apples were left in the shop at noon."),
             Case(f"A shop had {b} apples in the morning and sold {b // 3} of them before noon. How many apples were left in the shop at noon?",
                  f"The shop had {b} apples and sold {b // 3} of them, so {b - b // 3} apples were left in the shop at noon.")),
            (Case(f"请根据公司术语表，把下面的术语翻译成英文，只给出译文：{x}", f"{x}的译文是 term {a}"), Case(f"请根据公司术语表，把下面的术语翻译成英文，只给出译文：{y}", f"{y}的译文是 term {b}")),
            (Case(f"孕妇可以服用{x}吗？请说明理由并给出一般的剂量建议。", f"可以。{x}在孕期使用的安全性资料充分，一般每日一次，每次一片，饭后服用，连续使用不超过七天。"),
             Case(f"孕妇可以服用{y}吗？请说明理由并给出一般的剂量建议。", f"不可以。{y}在孕期使用的安全性资料不充分，一般每日一次，每次一片，饭后服用，连续使用不超过七天。")),
            (Case(f"Take {a} mg of {x} twice daily for the next ten days with food, is that right for an adult of average weight?", f"Yes, {a} mg of it twice daily for ten days with food is the usual dose for an adult of average weight."),
             Case(f"Take {b} mg of {x} twice daily for the next ten days with food, is that right for an adult of average weight?", f"No, {b} mg of it twice daily for ten days with food is not the usual dose for an adult of average weight.")),
        ][i % 5]  # fmt: skip


_NAMES = [
    "阿莫西林",
    "布洛芬",
    "头孢克肟",
    "氯雷他定",
    "奥美拉唑",
    "蒙脱石散",
    "硝苯地平",
    "辛伐他汀",
    "左氧氟沙星",
    "甲硝唑",
    "远山",
    "长风",
    "明湖",
    "新河",
    "东岭",
]
_SUBJECTS = [
    name + form for form in ("片", "胶囊", "颗粒", "口服液", "注射液", "软膏", "缓释片") for name in _NAMES
]


def _is_zh(text: str) -> bool:
    return sum("\u4e00" <= char <= "\u9fff" for char in text) > 10


# ---- evaluation rows in training


def evaluation(half: str) -> list[Case]:
    """What a model would be measured with: the clean questions, and long ones made of clean answers."""
    good = clean(half)
    asked = [Case(c.ask, c.answer) for c in good if len(c.ask) >= 8]
    return asked + [Case(f"{c.ask} {c.answer}", "") for c in good if len(c.answer) > 60]


def contaminated(half: str) -> list[tuple[Case, str]]:
    """Training rows that hold an evaluation row, and how it was changed."""
    chance, cases = random.Random(f"contaminated {half}"), []
    sets = evaluation(half)
    for i in range(100):
        one = chance.choice(sets)
        text = one.ask
        parts = [p for p in re.split(r"(?<=[。！？；])|(?<=[.!?;]) ", text) if p]
        ways = {
            "exact": lambda text=text: text,
            "case": lambda text=text: text.swapcase(),
            "punctuation": lambda text=text: re.sub(r"[，。？！、,?!;；“”\"']", "", text),
            "whitespace": lambda text=text: "\n".join(text.split(" ")) + "  ",
            "inside": lambda text=text: f"下面是一道题，请认真作答。\n\n{text}\n\n（本题10分）",
            "swapped": lambda text=text, parts=parts: ("" if _is_zh(text) else " ").join(reversed(parts)),
            "letter": lambda text=text: _letter_off(text, chance),
        }
        name = list(ways)[i % len(ways)]
        if name == "swapped" and len(parts) < 2:
            name = "exact"
        cases.append((Case(ways[name](), "见下。" + str(i)), name))
    return cases


def _letter_off(text: str, chance: random.Random) -> str:
    places = [i for i in range(1, len(text) - 1) if not re.search(r"\d", text[i - 1 : i + 2])]
    at = chance.choice(places)
    return text[:at] + text[at + 1 :]
