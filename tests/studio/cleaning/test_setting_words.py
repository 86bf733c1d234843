"""The form of a cleaning speaks the reader's language: every word of a step's settings is collected and translated."""

from django.utils.translation import gettext, override

from corpus.cleaning.registry import STEPS
from studio.cleaning.words import SETTINGS


def test_every_word_of_a_setting_is_collected_and_translated() -> None:
    shown = {
        word
        for step in STEPS.values()
        for node in step.Params.model_json_schema()["properties"].values()
        for word in (node["title"], node["description"])
    }

    assert shown - {str(word) for word in SETTINGS} == set()
    with override("zh-hans"):
        missing = [word for word in shown if gettext(word) == word]
    assert missing == []
