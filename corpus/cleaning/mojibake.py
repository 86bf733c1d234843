"""Text that was decoded with the wrong character set, put right where that is certain.

ftfy (Speer, 2019) knows the Western mix-ups. The two of Chinese files are here: UTF-8 read as GBK, and GBK read as
Latin-1; both are undone only where the result is plain Chinese and the chance of a mistake is negligible.
"""

import re
from collections.abc import Callable
from functools import cache

_GBK_RUN = re.compile(r"[^\x00-\x7f]{3,}")
_LATIN_RUN = re.compile(
    r"[\x80-\xff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]{4,}"
)
_LOST = re.compile("\ufffd|锟斤拷|(?:烫烫烫)+|(?:屯屯屯)+")
_COMMON_HANZI = re.compile("[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef\u2014\u2018-\u201d\u2026]")
#: Letters and digits that are not Chinese; in repaired text between Chinese characters they may stand.
_PLAIN = re.compile(r"[\x20-\x7e]")


def repaired(text: str) -> str:
    """The text with certain mojibake undone; the same text where there is none."""
    if text.isascii():
        return text
    text = _GBK_RUN.sub(lambda run: _from_gbk(run[0]), text)
    text = _LATIN_RUN.sub(lambda run: _from_latin(run[0]), text)
    return _ftfy()(text)


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


def _from_latin(run: str) -> str:
    """What was GBK before it was read as Latin-1 or Windows-1252."""
    for charset in ("latin-1", "cp1252"):
        try:
            text = run.encode(charset).decode("gb18030")
        except UnicodeError:
            continue
        if len(text) * 2 == len(run) and _is_plain_chinese(text) and _is_frequent(text):
            return text
    return run


def _is_plain_chinese(text: str) -> bool:
    return len(text) > 1 and all(_COMMON_HANZI.match(char) or _PLAIN.match(char) for char in text)


def _is_frequent(text: str) -> bool:
    """Whether nearly all are of the 3,755 characters of GB2312's first level, or Chinese punctuation."""
    frequent = sum(1 for char in text if 0xA1 <= char.encode("gb18030")[0] <= 0xD7)
    return frequent >= 0.9 * len(text)
