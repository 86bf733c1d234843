"""Quality: rules of thumb of Gopher (Rae et al., 2021, A1.1) and C4 (Raffel et al., 2020), set for chat rows in zh and en.

Their rules about long pages (50 words at least, 80 % of the lines end a sentence) would drop good short answers and are not
here. What repeats is measured on words, and on characters where there are no spaces.
"""

import re
from typing import ClassVar

from pydantic import Field

from corpus.cleaning.comparable import UNSPACED
from corpus.cleaning.fences import prose_of
from corpus.cleaning.step import Drop, Finding, Params, RowStep
from corpus.records import Row

_TOKEN = re.compile(f"[{UNSPACED}]|[^\\W_{UNSPACED}]+")
_RUN = re.compile(r"([^\s\d\-=_*#~.+|])\1{9,}")
_FIGURES = re.compile(r"(\d)\1{19,}")
#: Lines drawn across a text, and frames of tables.
_RULE = re.compile(r"[-=_*#~|+]{4,}")
_LONGEST_RULE = 20
_PLACEHOLDER = re.compile(
    r"lorem ipsum|\{\{\s*[\w.]+\s*\}\}|<(?:insert|your|placeholder)[ _][\w ]+>|\[(?:insert|your|placeholder)[ _][\w ]+\]"
    r"|(?:^|\s)(?:undefined|NaN|\[object Object\]|null)(?:[\s,;]+(?:undefined|NaN|\[object Object\]|null))+"
    # A variable of a template that nobody filled in: {first_name}, which in a path or in quotes is one on purpose.
    r"|(?<![\w$\\{/'\"(=])\{(?:[a-z]+(?:_[a-z]+)+|(?:first|last|full|user|customer|client|company|product)?_?name|balance|amount|date|order|customer)\}(?![}/'\"\w])"
    r"|【?(?:此处|在此)(?:插入|填写|输入)[^。\n]{0,12}】?|[（(【]?(?:此处|以下|下文|后面|中间)?省略.{0,4}字[）)】]?$|(?:待补充|占位(?:符|文本))",
    re.IGNORECASE,
)
_EMPTY_ANSWER = re.compile(
    r"\s*(?:n/?a|null|none|undefined|nan|todo|tbd|xxx+|test|asdf\w*|\.\.+|…+|-+|\?+|无|空|暂无|略)\s*[.。!！]?\s*",
    re.I,
)
#: Notes to oneself in the place of an answer.
_NOTE = re.compile(r"\s*(?:todo|tbd|fixme|to do)\s*[:：].{0,80}", re.IGNORECASE)
#: What Chinese input makes of a hand on the keyboard's middle row; two different ones in a text without a full stop are no text.
_MASHED = re.compile(
    "阿斯顿|阿斯蒂芬|撒旦法|撒旦|阿萨德|爱仕达|发斯蒂芬|发生大|发大水|士大夫|阿萨大|啊实打实|啊撒旦|手动阀|水电费水电费|大师傅大师傅|法萨芬|"
    "发射点|发顺丰|阿道夫|是大法官|豆腐干|的规划局|规划局|发过火|复合弓|风格化|电饭锅|太热|玩儿|与土壤|提哦|请问日|全文日|去玩|沃尔特"
)
_SENTENCE_END = re.compile("[。！？.!?]")
_VOWEL = re.compile(r"[aeiouyàáâäæãåèéêëìíîïòóôöøœùúûü]", re.IGNORECASE)
_LATIN_WORD = re.compile(r"[a-zA-Z]{4,}")
#: A word that is said at least so often, and how long it all is.
_FEWEST_SAME, _SHORTEST_SAME = 4, 12
#: kQ2, zzT: a capital behind a small letter, or a figure between letters; and words without a vowel.
_SOUP = re.compile(r"^(?=.{2,5}$)(?:[a-z]+[A-Z]|[A-Za-z]+\d+[A-Za-z]*$|\d+[a-z]+\d*$)")
_NO_VOWELS = re.compile(r"[b-df-hj-np-tv-xz]{2,5}", re.IGNORECASE)
_FEWEST_SOUP, _MOST_SOUP = 8, 0.7
#: Below this many words, shares say nothing.
_FEWEST_WORDS = 10
_FEW_WORDS, _MOST_OF_FEW = 50, 0.5


class QualityParams(Params):
    """Where the limits are."""

    most_symbols: float = Field(
        0.5,
        ge=0,
        le=1,
        title="Most symbols",
        description="Share of characters that are neither letters, digits nor spaces.",
    )
    most_repeated_lines: float = Field(
        0.4, ge=0, le=1, title="Most repeated lines", description="Share of lines that stand there already."
    )
    most_repeated_words: float = Field(
        0.35,
        ge=0,
        le=1,
        title="Most repeated words",
        description="Share of the text that its repeated runs of four words take.",
    )
    most_gibberish: float = Field(
        0.4, ge=0, le=1, title="Most gibberish", description="Share of words no language would have."
    )


class Quality(RowStep[QualityParams]):
    """Drops rows that are repetition, symbols, gibberish or an unfilled template."""

    name: ClassVar[str] = "quality"
    Params: ClassVar[type[Params]] = QualityParams

    def look(self, row: Row) -> Finding | None:
        """Drop the row for the first rule that one of its texts breaks."""
        for text in row.answer_texts() or row.texts():
            if _EMPTY_ANSWER.fullmatch(text) or _NOTE.fullmatch(text):
                return Drop("answer_empty", {"text": text[:40]})
        for text in row.texts():
            found = self._fault(prose_of(text))
            if found is not None:
                return found
        return None

    def _fault(self, text: str) -> Drop | None:
        if _PLACEHOLDER.search(text):
            return Drop("placeholder")
        if _RUN.search(text) or _FIGURES.search(text):
            return Drop("repeated_characters")
        solid = [char for char in _RULE.sub("", text) if not char.isspace()]
        if not solid and len(text.strip()) >= _LONGEST_RULE:
            return Drop("symbols", {"share": 1.0})
        symbols = sum(not char.isalnum() for char in solid)
        if len(solid) >= 20 and symbols > self.params.most_symbols * len(solid):
            return Drop("symbols", {"share": round(symbols / len(solid), 2)})
        tokens = _TOKEN.findall(text.lower())
        if len(tokens) < _FEWEST_WORDS:
            return _one_word_only(text, tokens) or self._gibberish(text, fewest=3)
        return self._repetition(text, tokens) or self._gibberish(text, fewest=3)

    def _repetition(self, text: str, tokens: list[str]) -> Drop | None:
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        again = len(lines) - len(set(lines))
        if len(lines) >= 4 and again > self.params.most_repeated_lines * len(lines):
            return Drop("repeated_lines", {"share": round(again / len(lines), 2)})
        repeated = _repeated_share(tokens)
        most = self.params.most_repeated_words
        # A short text may count things up in like words.
        if repeated > (most if len(tokens) >= _FEW_WORDS else max(most, _MOST_OF_FEW)):
            return Drop("repeated_words", {"share": round(repeated, 2)})
        return None

    def _gibberish(self, text: str, *, fewest: int) -> Drop | None:
        words = _LATIN_WORD.findall(text)
        odd = sum(map(_is_gibberish, words))
        if (
            odd >= fewest
            and odd > self.params.most_gibberish * max(len(words), 1)
            and len("".join(words)) > 0.4 * len(text)
        ):
            return Drop("gibberish", {"share": round(odd / len(words), 2)})
        if _is_code_soup(text) or _is_mashed(text):
            return Drop("gibberish")
        hanzi = [char for char in text if "\u4e00" <= char <= "\u9fff"]
        rare = sum(map(_is_rare, hanzi))
        if len(hanzi) >= 8 and rare > self.params.most_gibberish * len(hanzi):
            return Drop("gibberish", {"share": round(rare / len(hanzi), 2)})
        return None


def _one_word_only(text: str, tokens: list[str]) -> Drop | None:
    """A short text that says one word over and over; "no, no" and 哈哈哈 are something that people say."""
    if (
        len(tokens) >= _FEWEST_SAME
        and len(set(tokens)) == 1
        and len(tokens[0]) > 1
        and len(text) >= _SHORTEST_SAME
    ):
        return Drop("repeated_words", {"share": 1.0})
    return None


def _is_code_soup(text: str) -> bool:
    """Whether most words are letters and figures, or capitals and small letters, in no order."""
    words = [word.strip(".,;:!?()") for word in text.split()]
    odd = sum(_SOUP.search(word) is not None or _NO_VOWELS.fullmatch(word) is not None for word in words)
    return len(words) >= _FEWEST_SOUP and odd > _MOST_SOUP * len(words) and not text.isupper()


def _is_mashed(text: str) -> bool:
    return len({m[0] for m in _MASHED.finditer(text)}) >= 2 and not _SENTENCE_END.search(text[:-1])


def _repeated_share(tokens: list[str]) -> float:
    """Share of the words that lie in a run of four that stood there before."""
    n = 4
    seen: set[tuple[str, ...]] = set()
    covered = [False] * len(tokens)
    for start in range(len(tokens) - n + 1):
        run = tuple(tokens[start : start + n])
        if run in seen:
            covered[start : start + n] = [True] * n
        seen.add(run)
    return sum(covered) / len(tokens)


def _is_gibberish(word: str) -> bool:
    """No vowel, a run of five consonants, or letters of a keyboard's row: of no language that is written in Latin letters."""
    if word.isupper():
        return False
    lower = word.lower()
    if not _VOWEL.search(lower):
        return True
    if re.search(r"[bcdfghjklmnpqrstvwxz]{6,}", lower):
        return True
    return bool(
        re.search(r"asdf|sdfg|dfgh|fghj|ghjk|hjkl|qwer|wert(?!h)|zxcv|xcvb|cvbn|vbnm|uiop", lower)
    ) or _is_odd(lower)


#: Pairs of letters that English and its neighbours hardly ever have inside a word.
_ODD_PAIRS = frozenset(
    [
        "bq",
        "bx",
        "cj",
        "cv",
        "cx",
        "dx",
        "fq",
        "fx",
        "fz",
        "gq",
        "gx",
        "hx",
        "jb",
        "jc",
        "jd",
        "jf",
        "jg",
        "jh",
        "jk",
        "jl",
        "jm",
        "jn",
        "jp",
        "jq",
        "jr",
        "js",
        "jt",
        "jv",
        "jw",
        "jx",
        "jy",
        "jz",
        "kq",
        "kx",
        "kz",
        "lx",
        "mx",
        "mz",
        "pq",
        "px",
        "pz",
        "qb",
        "qc",
        "qd",
        "qe",
        "qf",
        "qg",
        "qh",
        "qj",
        "qk",
        "ql",
        "qm",
        "qn",
        "qo",
        "qp",
        "qr",
        "qs",
        "qt",
        "qv",
        "qw",
        "qx",
        "qy",
        "qz",
        "sx",
        "tq",
        "vb",
        "vc",
        "vd",
        "vf",
        "vg",
        "vh",
        "vj",
        "vk",
        "vm",
        "vn",
        "vp",
        "vq",
        "vt",
        "vw",
        "vx",
        "vz",
        "wj",
        "wq",
        "wv",
        "wx",
        "wz",
        "xb",
        "xd",
        "xg",
        "xj",
        "xk",
        "xn",
        "xr",
        "xv",
        "xz",
        "yq",
        "zb",
        "zc",
        "zf",
        "zg",
        "zj",
        "zk",
        "zn",
        "zp",
        "zq",
        "zr",
        "zs",
        "zv",
        "zx",
    ]
)


def _is_odd(word: str) -> bool:
    pairs = [word[i : i + 2] for i in range(len(word) - 1)]
    return sum(pair in _ODD_PAIRS for pair in pairs) >= 1


def _is_rare(char: str) -> bool:
    """Whether a Chinese character is in none of the usual sets: GB2312's first level, or Big5's frequent 5,401."""
    try:
        if 0xB0 <= char.encode("gb2312")[0] <= 0xD7:
            return False
    except UnicodeEncodeError:
        pass
    try:
        return not 0xA4 <= char.encode("big5")[0] <= 0xC6
    except UnicodeEncodeError:
        return True
