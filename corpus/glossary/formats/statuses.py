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
    "allowed": Status.ADMITTED,
    "accepted": Status.ADMITTED,
    "acceptable": Status.ADMITTED,
    "recommended": Status.PREFERRED,
    "允许": Status.ADMITTED,
    "可用": Status.ADMITTED,
    "推荐": Status.PREFERRED,
    "deprecatedterm": Status.DEPRECATED,
    "deprecated": Status.DEPRECATED,
    "notrecommended": Status.DEPRECATED,
    "not recommended": Status.DEPRECATED,
    "non-standard": Status.DEPRECATED,
    "rejected": Status.DEPRECATED,
    "不推荐": Status.DEPRECATED,
    "supersededterm": Status.SUPERSEDED,
    "superseded": Status.SUPERSEDED,
    "outdated": Status.SUPERSEDED,
    "已废止": Status.SUPERSEDED,
    "过时": Status.SUPERSEDED,
    "forbidden": Status.FORBIDDEN,
    "prohibited": Status.FORBIDDEN,
    "banned": Status.FORBIDDEN,
    "blacklisted": Status.FORBIDDEN,
    "do not use": Status.FORBIDDEN,
    "don't use": Status.FORBIDDEN,
    "not allowed": Status.FORBIDDEN,
    "not permitted": Status.FORBIDDEN,
    "verboten": Status.FORBIDDEN,
    "禁用": Status.FORBIDDEN,
    "禁用词": Status.FORBIDDEN,
    "禁用术语": Status.FORBIDDEN,
    "禁止": Status.FORBIDDEN,
    "禁止使用": Status.FORBIDDEN,
    # Weblate's word for a term that must not be used any more.
    "obsolete": Status.FORBIDDEN,
}
#: Where a term is on its way, or what authority it has: nothing about whether a text may use it.
_OTHERWISE = frozenset(
    [
        "new",
        "draft",
        "proposed",
        "suggested",
        "candidate",
        "provisional",
        "pending",
        "open",
        "in review",
        "under review",
        "to review",
        "to be reviewed",
        "needs review",
        "not reviewed",
        "unreviewed",
        "reviewed",
        "verified",
        "validated",
        "checked",
        "released",
        "final",
        "active",
        "current",
        "translated",
        "untranslated",
        "standardizedterm",
        "standardized",
        "standard",
        "legalterm",
        "regulatedterm",
        "草稿",
        "新增",
        "待审",
        "待审核",
        "审核中",
        "已审核",
        "已发布",
    ]
)


def status_of(text: str) -> Status | None:
    """The status that a word of TBX or of another tool means; nothing for a word that is not known."""
    return _WORDS.get(_plain(text))


def says_otherwise(text: str) -> bool:
    """Whether a word that stands for a status is about something else: the term has none by it, and the word is kept."""
    return _plain(text) in _OTHERWISE


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("\u2019", "'").split()).removesuffix("-admn-sts")
