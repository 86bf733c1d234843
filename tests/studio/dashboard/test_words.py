"""The Chinese catalogue: complete, well-formed, and used for every number."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.template import Context, Template
from django.utils import translation
from django.utils.translation.template import templatize

CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")


@cache
def messages() -> list[Message]:
    with CATALOGUE.open("rb") as file:
        return [message for message in read_po(file) if message.id]


KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
#: Translate what a schema says; tests/studio/training/test_words.py and tests/studio/cleaning look at those words.
BY_SCHEMA = {Path("studio/training/forms.py"), Path("studio/cleaning/forms.py")}
SOURCES = [
    path for app in ("studio", "jobs") for path in Path(app).rglob("*.py") if "migrations" not in path.parts
]
PAGES = sorted(Path("templates").rglob("*.html"))


def unindented(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines())


def words_of(path: Path) -> Iterator[tuple[str | None, str]]:
    """Context and English text of everything a file has translated."""
    text = path.read_text("utf-8")
    # What Django's own makemessages does: a template becomes calls, line by line.
    source = unindented(templatize(text, origin=str(path))) if path.suffix == ".html" else text
    for _, message, _, context in extract("python", BytesIO(source.encode()), keywords=KEYWORDS):
        yield context, message if isinstance(message, str) else message[0]


@pytest.mark.parametrize("path", sorted({*SOURCES, *PAGES} - BY_SCHEMA), ids=str)
def test_every_word_of_a_page_is_in_the_catalogue(path: Path) -> None:
    known = {
        (message.context, message.id if isinstance(message.id, str) else message.id[0])
        for message in messages()
    }

    assert [word for word in words_of(path) if word[1] and word not in known] == []


def test_the_catalogue_has_no_word_that_nothing_says() -> None:
    said = {word for path in (*SOURCES, *PAGES) for word in words_of(path)}
    known = [
        (message.context, message.id if isinstance(message.id, str) else message.id[0])
        for message in messages()
    ]

    assert [word for word in known if word not in said] == []


def test_the_catalogue_has_each_word_once() -> None:
    entries = re.findall(r'^(msgctxt ".*"\n)?(msgid (?:".*"\n)+)', CATALOGUE.read_text("utf-8"), re.MULTILINE)

    assert [entry for entry, times in Counter(entries).items() if times > 1] == []


def test_every_message_has_a_checked_translation() -> None:
    unfinished = [m.id for m in messages() if m.fuzzy or not all([m.string, *m.string])]

    assert unfinished == []


def test_translations_keep_their_placeholders() -> None:
    assert [(m.id, list(m.check())) for m in messages() if list(m.check())] == []


@pytest.mark.parametrize("n", [1, 2, 5])
def test_chinese_has_one_form_for_every_number(n: int) -> None:
    template = Template(
        "{% load i18n %}{% blocktranslate count n=n %}{{ n }} job waits{% plural %}{{ n }} jobs wait{% endblocktranslate %}"
    )

    with translation.override("zh-hans"):
        assert template.render(Context({"n": n})) == f"{n} 个任务等待中"
