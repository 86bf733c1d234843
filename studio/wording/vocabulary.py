"""All English sentences that the house says of a fault, by where they stand."""

from functools import cache
from itertools import chain

from studio.wording.phrases import data, files, fixes, glossaries, house, work
from studio.wording.template import Template

#: Letters a sentence must have of its own to be known again by them alone.
_TELLING = 3

ERRORS = tuple(
    map(
        Template,
        dict.fromkeys(chain(files.ERRORS, glossaries.ERRORS, data.ERRORS, work.ERRORS, house.ERRORS)),
    )
)
#: What stands around a sentence.
FRAMES = tuple(map(Template, files.FRAMES))
#: What stands in the places of errors, in these lists; every other place holds what is the user's.
_LISTS: dict[str, tuple[str | Template, ...]] = {
    "sentence": (
        *ERRORS,
        *files.REASONS,
        *glossaries.REASONS,
        *data.REASONS,
        *work.REASONS,
        *house.REASONS,
        *files.WARNINGS,
        *glossaries.WARNINGS,
        *work.WARNINGS,
        *fixes.FIXES,
    ),
    "field": files.FIELDS,
    "found": files.FOUND,
    "kind": files.KINDS,
    "thing": (*house.THINGS, *work.THINGS),
    "state": (*files.STATES, *glossaries.STATES, *data.STATES, *work.STATES, *house.STATES),
}
#: Name of a place -> the list of what the house may say there.
PLACES = {
    **dict.fromkeys(("reason", "hint", "advice", "message", "cause", "first", "where"), "sentence"),
    **dict.fromkeys(("found", "expected"), "found"),
    **dict.fromkeys(("what", "words", "stage"), "thing"),
    **dict.fromkeys(
        ("state", "status", "first_status", "other", "asked", "move", "needed", "role", "done", "split"),
        "state",
    ),
    "field": "field",
    "got": "kind",
}


@cache
def sayings(kind: str) -> tuple[dict[str, Template], tuple[Template, ...]]:
    """The sentences of a list that are always the same, by their text, and the others, those that say most first."""
    templates = [each if isinstance(each, Template) else Template(each) for each in _LISTS[kind]]
    fixed = {template.filled({}) or "": template for template in templates if not template.names}
    open_ = [
        template for template in dict.fromkeys(templates) if template.names and template.letters >= _TELLING
    ]
    return fixed, tuple(sorted(open_, key=lambda template: -template.letters))
