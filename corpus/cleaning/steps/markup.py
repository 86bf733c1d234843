"""HTML and boilerplate: tags to plain text, and the lines that pages carry taken out."""

import html
import re
from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

from corpus.cleaning.fences import in_prose, prose_of
from corpus.cleaning.lists import word_list
from corpus.cleaning.step import Change, Drop, Finding, Params, RowStep
from corpus.records import Row

_BLOCK = "address|article|aside|blockquote|body|center|dd|div|dl|dt|figure|figcaption|footer|form|h[1-6]|head|header|html|li|main|nav|ol|p|pre|section|table|tbody|td|tfoot|th|thead|tr|ul"
_INLINE = "a|abbr|acronym|b|big|button|cite|del|em|font|i|iframe|ins|label|mark|noscript|object|option|s|select|small|span|strike|strong|sub|sup|svg|time|title|tt|u|video"
_VOID = "br|hr|img|input|link|meta|wbr|source|col"
_TAG = re.compile(rf"<(?P<close>/)?(?P<name>{_BLOCK}|{_INLINE}|{_VOID})\b(?P<rest>[^<>]*)>", re.IGNORECASE)
#: What a page has beside its text, with all that is inside of it, and the marks of footnotes.
_HIDDEN = re.compile(
    r"<(script|style|noscript|template|head|nav|footer|iframe|select|button)\b[^>]*>.*?</\1\s*>|<!--.*?-->|<!DOCTYPE[^>]*>"
    r"|<!\[CDATA\[|\]\]>|<sup\b[^>]*>\s*\[\d{1,3}\]\s*</sup>",
    re.I | re.S,
)
_BREAKS = re.compile(rf"^(?:{_BLOCK}|br|hr)$", re.IGNORECASE)
_VOIDS = frozenset(_VOID.split("|"))
_ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9a-f]{1,5}|[a-z][a-z0-9]{1,15});", re.IGNORECASE)
#: Who asks about markup wants to see it. One word of the first kind says so; of the second kind, which other texts have as
#: well ("code" of a bank, 元素 of chemistry), it takes two.
_ABOUT_MARKUP = re.compile(
    r"\b(html5?|xhtml|xml|css|jsx|tsx|javascript|typescript|svg|markup|stylesheets?|web ?pages?|php|django)\b|网页代码|前端|標記語言|标记语言",
    re.IGNORECASE,
)
_PERHAPS_ABOUT_MARKUP = re.compile(
    r"\b(tags?|elements?|code|dom|react|vue|templates?|angular|browsers?|attributes?)\b|标签|元素|代码|模板|網頁|网页|標籤|浏览器|属性",
    re.IGNORECASE,
)
#: Entries of menus are parted by signs, by more than one space, or in Chinese by a space.
_BETWEEN_ENTRIES = re.compile(r"\s*[|｜·•»›>→/]+\s*|\s{2,}|(?<=[\u4e00-\u9fff])\s|\s(?=[\u4e00-\u9fff])")
_PATH = re.compile(r"[»›>→]")
_HOME = re.compile(
    r"(?:(?:您|你)?(?:现在|当前)?的?位置[：:]\s*)?(?:home|首页|网站首页|主页)|home ?page", re.IGNORECASE
)
_LONGEST_PATH = 80
_EMPTY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")
_LONGEST_LINE = 200
_MOST_ESCAPED = 3


class MarkupParams(Params):
    """What is taken out."""

    html: bool = Field(
        default=True,
        title="Remove HTML",
        description="Tags and entities to plain text; scripts and styles go.",
    )
    boilerplate: bool = Field(
        default=True,
        title="Remove boilerplate",
        description="Cookie notes, menus, copyright lines, calls to subscribe.",
    )
    keep_in_talk_of_markup: bool = Field(
        default=True,
        title="Keep where it is the subject",
        description="Leave rows alone that talk of HTML, tags or code.",
    )


class Markup(RowStep[MarkupParams]):
    """Plain text from what was a web page. Code between fences or backticks stays."""

    name: ClassVar[str] = "markup"
    Params: ClassVar[type[Params]] = MarkupParams

    def __init__(self, params: MarkupParams) -> None:
        super().__init__(params)
        lines = "|".join(f"(?:{line})" for line in word_list("boilerplate"))
        entries = word_list("menu_entries")
        self._menu = _any_of(entry for entry in entries if not entry.startswith("~"))
        self._perhaps_menu = _any_of(entry[1:] for entry in entries if entry.startswith("~"))
        self._boilerplate = re.compile(rf"[\s•·*>\-–—|]*(?:{lines})[\s.!。！]*", re.IGNORECASE)

    def look(self, row: Row) -> Finding | None:
        """The texts without markup; a row that was nothing else is dropped."""
        before, reasons = row.texts(), list[str]()
        with_tags = self.params.html and not (
            self.params.keep_in_talk_of_markup and _is_about_markup(_words_of(row))
        )
        texts = tuple(self._plain(text, with_tags=with_tags, reasons=reasons) for text in before)
        if texts == before:
            return None
        if any(was.strip() and not text.strip() for was, text in zip(before, texts, strict=True)):
            return Drop("only_markup")
        return Change(texts, tuple(reasons))

    def _plain(self, text: str, *, with_tags: bool, reasons: list[str]) -> str:
        plain = in_prose(lambda prose: _without_tags(prose, reasons), text) if with_tags else text
        if self.params.boilerplate:
            kept = [line for line in plain.split("\n") if not self._is_boilerplate(line)]
            if len(kept) < plain.count("\n") + 1:
                reasons.append("boilerplate")
                plain = _EMPTY_LINES.sub("\n\n", "\n".join(kept)).strip("\n")
        return plain

    def _is_boilerplate(self, line: str) -> bool:
        return 0 < len(line.strip()) <= _LONGEST_LINE and (
            self._boilerplate.fullmatch(line) is not None or self._is_menu(line)
        )

    def _is_menu(self, line: str) -> bool:
        """Whether the line is nothing but two or more entries of menus, or a path through a site that begins at its home."""
        entries = [entry for entry in _BETWEEN_ENTRIES.split(line.strip(" .。")) if entry]
        if len(entries) < 2:
            return False
        if _PATH.search(line) and _HOME.fullmatch(entries[0]) and len(line) <= _LONGEST_PATH:
            return True
        others = [entry for entry in entries if not self._menu.fullmatch(entry)]
        return len(others) < len(entries) and all(map(self._perhaps_menu.fullmatch, others))


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def _is_about_markup(words: str) -> bool:
    return (
        _ABOUT_MARKUP.search(words) is not None
        or len({one[0].lower() for one in _PERHAPS_ABOUT_MARKUP.finditer(words)}) >= 2
    )


def _words_of(row: Row) -> str:
    """What the row says, without the insides of its tags."""
    return _TAG.sub(" ", _HIDDEN.sub(" ", "\n".join(map(prose_of, row.texts()))))


def _without_tags(text: str, reasons: list[str]) -> str:
    if not ("<" in text or "&" in text):
        return text
    plain = text
    # A page that was escaped as a whole has its tags in entities, once or twice.
    for _ in range(_MOST_ESCAPED):
        before = plain
        if _is_html(plain):
            reasons.append("html")
            plain = _tags_out(plain)
        plain = _ENTITY.sub(_entity, plain)
        if plain == before:
            break
        if _ENTITY.search(before):
            reasons.append("entities")
    return plain


def _tags_out(text: str) -> str:
    plain = _HIDDEN.sub("", text)
    plain = _TAG.sub(lambda tag: "\n" if _BREAKS.match(tag["name"]) else "", plain)
    plain = "\n".join(line.strip() for line in plain.split("\n"))
    return _EMPTY_LINES.sub("\n\n", plain).strip("\n") if plain.strip() else ""


def _is_html(text: str) -> bool:
    """Whether tags open and close, or stand alone as such do; "a <b and c> d" is no HTML."""
    opened: set[str] = set()
    for tag in _TAG.finditer(text):
        name = tag["name"].lower()
        if name in _VOIDS or (tag["close"] and name in opened):
            return True
        if not tag["close"]:
            if "=" in tag["rest"]:
                return True
            opened.add(name)
    return _HIDDEN.search(text) is not None or bool(
        re.search(r"</(?:p|div|span|li|ul|td|tr|table|body|html)>", text, re.I)
    )


def _entity(entity: re.Match[str]) -> str:
    """The character an entity means; what means none stays."""
    char = html.unescape(entity[0])
    return " " if char == "\xa0" else char
