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
#: Lines drawn across a text, and frames of tables.
_RULE = re.compile(r"[-=_*#~|+]{4,}")
_PLACEHOLDER = re.compile(
    r"lorem ipsum|\{\{\s*[\w.]+\s*\}\}|<(?:insert|your|placeholder)[ _][\w ]+>|\[(?:insert|your|placeholder)[ _][\w ]+\]"
    r"|(?:^|\s)(?:undefined|NaN|\[object Object\]|null)(?:\s+(?:undefined|NaN|\[object Object\]|null))+"
    r"|【?(?:此处|在此)(?:插入|填写|输入)[^。\n]{0,12}】?|(?:待补充|占位(?:符|文本))",
    re.IGNORECASE,
)
_EMPTY_ANSWER = re.compile(
    r"\s*(?:n/?a|null|none|undefined|nan|todo|tbd|xxx+|test|asdf\w*|\.\.+|…+|-+|\?+|无|空|暂无|略)\s*[.。!！]?\s*",
    re.I,
)
_VOWEL = re.compile(r"[aeiouyàáâäæãåèéêëìíîïòóôöøœùúûü]", re.IGNORECASE)
_LATIN_WORD = re.compile(r"[a-zA-Z]{4,}")
#: Below this many words, shares say nothing.
_FEWEST_WORDS = 10


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
            if _EMPTY_ANSWER.fullmatch(text):
                return Drop("answer_empty", {"text": text[:40]})
        for text in row.texts():
            found = self._fault(prose_of(text))
            if found is not None:
                return found
        return None

    def _fault(self, text: str) -> Drop | None:
        if _PLACEHOLDER.search(text):
            return Drop("placeholder")
        if _RUN.search(text):
            return Drop("repeated_characters")
        solid = [char for char in _RULE.sub("", text) if not char.isspace()]
        symbols = sum(not char.isalnum() for char in solid)
        if len(solid) >= 20 and symbols > self.params.most_symbols * len(solid):
            return Drop("symbols", {"share": round(symbols / len(solid), 2)})
        tokens = _TOKEN.findall(text.lower())
        if len(tokens) < _FEWEST_WORDS:
            return self._gibberish(text, fewest=3)
        return self._repetition(text, tokens) or self._gibberish(text, fewest=3)

    def _repetition(self, text: str, tokens: list[str]) -> Drop | None:
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        again = len(lines) - len(set(lines))
        if len(lines) >= 4 and again > self.params.most_repeated_lines * len(lines):
            return Drop("repeated_lines", {"share": round(again / len(lines), 2)})
        repeated = _repeated_share(tokens)
        if repeated > self.params.most_repeated_words:
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
        hanzi = [char for char in text if "\u4e00" <= char <= "\u9fff"]
        rare = sum(map(_is_rare, hanzi))
        if len(hanzi) >= 8 and rare > self.params.most_gibberish * len(hanzi):
            return Drop("gibberish", {"share": round(rare / len(hanzi), 2)})
        return None


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
