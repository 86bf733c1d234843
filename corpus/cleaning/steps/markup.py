"""HTML and boilerplate: tags to plain text, and the lines that pages carry taken out."""

import html
import re
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
_HIDDEN = re.compile(
    r"<(script|style|noscript|template)\b[^>]*>.*?</\1\s*>|<!--.*?-->|<!DOCTYPE[^>]*>|<!\[CDATA\[|\]\]>",
    re.I | re.S,
)
_BREAKS = re.compile(rf"^(?:{_BLOCK}|br|hr)$", re.IGNORECASE)
_VOIDS = frozenset(_VOID.split("|"))
_ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9a-f]{1,5}|[a-z][a-z0-9]{1,15});", re.IGNORECASE)
#: Who asks about markup wants to see it.
_ABOUT_MARKUP = re.compile(
    r"\b(html5?|xml|css|jsx|tsx?|javascript|typescript|react|vue|svg|dom|tags?|markup|elements?|web ?page|"
    r"stylesheet|code|php|django|template)\b|标签|元素|网页代码|前端|代码|模板|網頁|標籤",
    re.IGNORECASE,
)
_EMPTY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")
_LONGEST_LINE = 200


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
        self._boilerplate = re.compile(rf"[\s•·*>\-–—|]*(?:{lines})[\s.!。！]*", re.IGNORECASE)

    def look(self, row: Row) -> Finding | None:
        """The texts without markup; a row that was nothing else is dropped."""
        before, reasons = row.texts(), list[str]()
        with_tags = self.params.html and not (
            self.params.keep_in_talk_of_markup and _ABOUT_MARKUP.search(_words_of(row))
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
        return 0 < len(line.strip()) <= _LONGEST_LINE and self._boilerplate.fullmatch(line) is not None


def _words_of(row: Row) -> str:
    """What the row says, without the insides of its tags."""
    return _TAG.sub(" ", _HIDDEN.sub(" ", "\n".join(map(prose_of, row.texts()))))


def _without_tags(text: str, reasons: list[str]) -> str:
    if not ("<" in text or "&" in text):
        return text
    plain = text
    if _is_html(text):
        reasons.append("html")
        plain = _HIDDEN.sub("", plain)
        plain = _TAG.sub(lambda tag: "\n" if _BREAKS.match(tag["name"]) else "", plain)
        plain = "\n".join(line.strip() for line in plain.split("\n"))
        plain = _EMPTY_LINES.sub("\n\n", plain).strip("\n") if plain.strip() else ""
    if _ENTITY.search(plain):
        after = _ENTITY.sub(_entity, plain)
        if after != plain:
            reasons.append("entities")
            plain = after
    return plain


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
