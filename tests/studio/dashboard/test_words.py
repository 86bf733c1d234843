"""The Chinese catalogue: complete, well-formed, and used for every number."""

from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.template import Context, Template
from django.utils import translation

CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")


def messages() -> list[Message]:
    with CATALOGUE.open("rb") as file:
        return [message for message in read_po(file) if message.id]


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
