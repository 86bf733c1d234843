"""The form speaks the reader's language: every word of the config can be translated, and is."""

from django.utils.translation import gettext, override

from protocol.training import LoraConfig
from studio.training.forms import FIXED
from studio.training.words import WORDS


def test_every_word_of_the_config_is_collected_and_translated() -> None:
    properties = LoraConfig.model_json_schema()["properties"]
    shown = [
        word
        for name, node in properties.items()
        if name not in FIXED
        for word in (node["title"], node["description"])
    ]

    assert sorted(shown) == sorted(WORDS)
    with override("zh-hans"):
        missing = [word for word in shown if gettext(word) == word and word != "Alpha"]
    assert missing == []
