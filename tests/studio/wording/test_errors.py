"""Every error of the house can be said in the reader's language, and says the same there."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from django.utils.translation import override

from corpus import fixes as corpus_fixes
from protocol.errors import ErrorCode, StudioError
from studio.wording.phrases import fixes
from studio.wording.vocabulary import ERRORS, PLACES, Template, sayings

PACKAGES = ("protocol", "corpus", "forge", "jobs", "studio")
#: Errors that stand beside what raises them.
BESIDE = ("forge.serving.native", "studio.gateway.proxy", "studio.gateway.deepl.translate")


def modules() -> Iterator[str]:
    for package in PACKAGES:
        for path in sorted(Path(package).rglob("errors.py")):
            yield ".".join(path.with_suffix("").parts)
    yield from BESIDE


def classes(root: type[StudioError] = StudioError) -> Iterator[type[StudioError]]:
    yield root
    for each in root.__subclasses__():
        yield from classes(each)


def said_by_the_code() -> dict[str, str]:
    """Template -> a class that says it."""
    for module in modules():
        importlib.import_module(module)
    house = [each for each in classes() if not each.__module__.startswith("tests.")]
    return {(each.__doc__ or "").strip().splitlines()[0]: each.__qualname__ for each in house}


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_error_of_the_code_is_collected_for_translation() -> None:
    said = said_by_the_code()

    assert {text: name for text, name in said.items() if Template(text) not in ERRORS} == {}
    assert [template.text for template in ERRORS if template.text not in said] == []


def test_no_error_stands_where_this_test_does_not_look() -> None:
    looked_at = {each.replace(".", "/") + ".py" for each in modules()}
    sources = [path for each in PACKAGES for path in Path(each).rglob("*.py")]

    missed = [
        str(p)
        for p in sources
        if re.search(r"\(StudioError\):", p.read_text("utf-8")) and str(p) not in looked_at
    ]

    assert missed == []


@pytest.mark.parametrize("kind", sorted(set(PLACES.values())))
def test_every_sentence_is_translated_with_its_places(kind: str) -> None:
    fixed, open_ = sayings(kind)
    templates = [*fixed.values(), *open_, *(ERRORS if kind == "sentence" else ())]
    with override("zh-hans"):
        other = {template.text: template.translated for template in templates}

    assert {text: said for text, said in other.items() if places(text) != places(said)} == {}
    alike = {text for text, said in other.items() if said == text}
    assert alike <= {"{reason}", "{message}", "XML", "JSON", "a PDF", "null", "PDF"}


def test_every_fix_is_collected_for_translation() -> None:
    assert set(fixes.FIXES) == {*corpus_fixes.FIXES.values(), corpus_fixes.fix_for(ErrorCode.INTERNAL)}
