"""What other tools call the status of a term."""

from corpus.glossary.terms import Status

_WORDS = {
    "preferredterm": Status.PREFERRED,
    "preferred": Status.PREFERRED,
    "approved": Status.PREFERRED,
    "首选": Status.PREFERRED,
    "admittedterm": Status.ADMITTED,
    "admitted": Status.ADMITTED,
    "permitted": Status.ADMITTED,
    "允许": Status.ADMITTED,
    "deprecatedterm": Status.DEPRECATED,
    "deprecated": Status.DEPRECATED,
    "notrecommended": Status.DEPRECATED,
    "not recommended": Status.DEPRECATED,
    "non-standard": Status.DEPRECATED,
    "rejected": Status.DEPRECATED,
    "不推荐": Status.DEPRECATED,
    "supersededterm": Status.SUPERSEDED,
    "superseded": Status.SUPERSEDED,
    "forbidden": Status.FORBIDDEN,
    "禁用": Status.FORBIDDEN,
    # Weblate's word for a term that must not be used any more.
    "obsolete": Status.FORBIDDEN,
}


def status_of(text: str) -> Status | None:
    """The status that a word of TBX or of another tool means; nothing for a word that is not known."""
    return _WORDS.get(" ".join(text.lower().split()).removesuffix("-admn-sts"))
