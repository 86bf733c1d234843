"""Text that was decoded with the wrong character set, put right where that is certain.

ftfy (Speer, 2019) knows UTF-8 that was read as a Western character set, once or several times, and comes first: bytes
that are UTF-8 by chance hardly exist. What is left may be Chinese: UTF-8 read as GBK, or GBK and Big5 read as a character
set of one byte a sign. Those are undone only where the result is plain Chinese of frequent characters that form words.
"""

import re
from collections.abc import Callable
from functools import cache

from corpus.cleaning.dictionary import words_of
from corpus.glossary.han import unify

_GBK_RUN = re.compile(r"[^\x00-\x7f]{3,}")
#: Signs of the upper halves of the character sets of one byte a sign, Western and Cyrillic.
_ONE_BYTE = (
    "\x80-\xff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2116\u2122"
    "\u0401-\u045f\u0490\u0491"
)
_OF_ONE_BYTE = re.compile(f"[{_ONE_BYTE}]")
#: What may have been read with a byte a sign; ASCII is in it, being the second byte of many a sign of Big5.
_STRETCH = re.compile(f"[\x00-\x7f{_ONE_BYTE}]+")
_NO_LETTER = re.compile("[\x80-\xbf\xd7\xf7\u2013-\u203a\u20ac\u2116\u2122]")
_FEWEST_SIGNS, _FEWEST_CYRILLIC = 4, 12
_LOST = re.compile("\ufffd|锟斤拷|(?:烫烫烫)+|(?:屯屯屯)+")
_COMMON_HANZI = re.compile("[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef\u2014\u2018-\u201d\u2026]")
#: Letters and digits that are not Chinese; in repaired text between Chinese characters they may stand.
_PLAIN = re.compile(r"[\x20-\x7e]")
#: First bytes of the rows of GB2312 and Big5 that hold signs, figures and Greek letters.
_SIGN_ROWS = frozenset({0xA1, 0xA2, 0xA3, 0xA6})
#: Where ISO 8859-15 has another sign than Latin-1.
_LATIN_9 = re.compile("[\u20ac\u0160\u0161\u017d\u017e\u0152\u0153\u0178]")
#: A right text hardly is UTF-8 again once; twice it never is.
_FEWEST_BYTES_LESS = 2
#: Of repaired Chinese, the least share of characters that stand in words of two or more.
_IN_WORDS = 0.35
#: Of characters that were read in the wrong Chinese set, the least share that is outside of GB2312's first level (to 0xD7).
_RARE, _LAST_OF_FIRST_LEVEL = 0.3, 0xD7
_HANZI_RUN = re.compile(
    "[\u4e00-\u9fff\u3100-\u312f\u2500-\u25ff\uff00-\uffef\ufe30-\ufe4f\u2460-\u24ff]{6,}"
)
#: A text may have been read wrongly several times.
_MOST_TIMES = 4


def repaired(text: str) -> str:
    """The text with certain mojibake undone; the same text where there is none."""
    for _ in range(_MOST_TIMES):
        if text.isascii():
            return text
        before = text
        # ftfy would take chance pairs of GBK's bytes for UTF-8, and destroy the others: it comes second.
        text = _chinese_read_by_byte(text)
        if text == before:
            text = _HANZI_RUN.sub(lambda run: _other_chinese(run[0]), text)
        if text == before:
            text = _ftfy()(_from_utf8_read_by_byte(text))
            text = _GBK_RUN.sub(lambda run: _from_gbk(run[0]), text)
        if text == before:
            return text
    return text


def is_lost(text: str) -> bool:
    """Whether characters of the text are gone for good: the sign for an unreadable byte, and what GBK makes of it."""
    return _LOST.search(text) is not None


@cache
def _ftfy() -> Callable[[str], str]:
    """ftfy with everything off that is a matter of taste: quotes, ligatures, width and HTML stay as they are."""
    from ftfy import TextFixerConfig, fix_text

    config = TextFixerConfig(
        unescape_html=False,
        remove_terminal_escapes=True,
        fix_encoding=True,
        restore_byte_a0=True,
        replace_lossy_sequences=True,
        decode_inconsistent_utf8=True,
        fix_c1_controls=True,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=True,
        remove_control_chars=True,
        normalization=None,
        explain=False,
    )
    return lambda text: fix_text(text, config)


def _from_utf8_read_by_byte(text: str) -> str:
    """What was UTF-8 and read as a character set that ftfy mistakes for another, or does not suspect: the whole text or nothing."""
    for charset in ("iso8859-15", "cp437", "mac_roman"):
        if charset == "iso8859-15" and not _LATIN_9.search(text):
            continue
        try:
            right = text.encode(charset).decode("utf-8")
        except UnicodeError:
            continue
        if len(text) - len(right) >= _FEWEST_BYTES_LESS:
            return right
    return text


def _from_gbk(run: str) -> str:
    """What was UTF-8 before it was read as GBK: three bytes a character, which proper Chinese hardly ever gives."""
    try:
        text = run.encode("gb18030").decode("utf-8")
    except UnicodeError:
        return _from_gbk_in_part(run)
    return text if _is_plain_chinese(text) else run


def _from_gbk_in_part(run: str) -> str:
    """The same where the last byte went astray with what follows: all but the last character is tried."""
    for cut in (1, 2):
        try:
            data = run[:-cut].encode("gb18030")
            text = data[: len(data) - len(data) % 3].decode("utf-8")
        except UnicodeError:
            continue
        if len(data) % 3 == 0 and len(text) > 1 and _is_plain_chinese(text):
            return text + run[-cut:]
    return run


def _chinese_read_by_byte(text: str) -> str:
    """What was written as GBK or Big5 and read with a byte a sign: all such stretches of the text at once, or none."""
    stretches = [m for m in _STRETCH.finditer(text) if len(_OF_ONE_BYTE.findall(m[0])) >= _FEWEST_SIGNS]
    if not stretches:
        return text
    for written in ("gb18030", "big5"):
        for read in ("latin-1", "cp1252", "cp1251"):
            parts, end = [], 0
            for stretch in stretches:
                chinese = _written_as(stretch[0], written, read)
                if chinese is None:
                    break
                parts += [text[end : stretch.start()], chinese]
                end = stretch.end()
            else:
                return "".join([*parts, text[end:]])
    return text


def _other_chinese(run: str) -> str:
    """What was written as GBK and read as Big5, or the other way round: characters that nobody uses become words."""
    rare = sum(map(_is_rare, run))
    if rare < _RARE * len(run):
        return run
    for read, written in (("big5", "gb18030"), ("gb18030", "big5")):
        try:
            text = run.encode(read).decode(written)
        except UnicodeError:
            continue
        if _is_frequent(text, written) and _has_words(text) and not _has_words(run):
            return text
    return run


def _is_rare(char: str) -> bool:
    try:
        return char.encode("gb2312")[0] > _LAST_OF_FIRST_LEVEL
    except UnicodeEncodeError:
        return True


def _written_as(stretch: str, written: str, read: str) -> str | None:
    """The Chinese that the stretch was; None where it is not certain."""
    # A line in capitals of a Cyrillic language would be Chinese as well; it has letters only.
    if read == "cp1251" and not (len(stretch) >= _FEWEST_CYRILLIC and _NO_LETTER.search(stretch)):
        return None
    try:
        data = b"".join(_byte(char, read) for char in stretch)
        text = data.decode(written)
    except UnicodeError:
        return None
    is_certain = not _is_utf8(data) and _is_frequent(text, written) and _has_words(text)
    return text if is_certain else None


def _byte(char: str, charset: str) -> bytes:
    """The byte of a sign. Windows-1252 has no sign for five bytes, which stay controls as browsers read them."""
    return char.encode("latin-1" if "\x80" <= char <= "\x9f" and charset == "cp1252" else charset)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeError:
        return False
    return True


def _is_plain_chinese(text: str) -> bool:
    return len(text) > 1 and all(_COMMON_HANZI.match(char) or _PLAIN.match(char) for char in text)


def _is_frequent(text: str, written: str) -> bool:
    """Whether nearly all are of GB2312's first level (3,755 characters) or Big5's (5,401), or usual signs."""
    begin, end = (0xB0, 0xD7) if written == "gb18030" else (0xA4, 0xC6)
    wide = [char.encode(written)[0] for char in text if char > "\x7f"]
    frequent = sum(1 for first in wide if first in _SIGN_ROWS or begin <= first <= end)
    return bool(wide) and frequent >= 0.9 * len(wide)


def _has_words(text: str) -> bool:
    """Whether the characters form words, as chance ones do not; the dictionary has simplified ones."""
    hanzi = re.sub("[^\u4e00-\u9fff]", "", text)
    if len(hanzi) < 2:
        return False
    in_words = sum(len(word) for word in words_of(unify(hanzi)) if len(word) > 1)
    return in_words >= _IN_WORDS * len(hanzi)
