"""Concept and Term: the unit of a glossary is a concept; its terms in any language hang on it."""

import hashlib
import json
import re
import unicodedata
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any

from pydantic import BaseModel, ConfigDict, computed_field, field_validator, model_validator

from corpus.glossary.fold import norm_key

#: What one glossary holds at most.
MAX_TERMS = 500_000
MAX_TERM_CHARS = 256
MAX_TEXT_CHARS = 8192
#: Fields kept beside those with a meaning here, of one concept or term, and texts in one of them.
MAX_EXTRA = 256

_LANG = re.compile(
    r"(?P<language>[A-Za-z]{2,3})(?:-(?P<script>[A-Za-z]{4}))?(?:-(?P<region>[A-Za-z]{2}|[0-9]{3}))?"
    r"(?P<rest>(?:-(?:[A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(?:-[xX](?:-[A-Za-z0-9]{1,8})+)?)"
)
#: Embeddings, overrides and isolates: they show a text other than the one that is stored.
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE = frozenset("\u200b\u2060\ufeff")
#: What XML 1.0 cannot hold, and the C1 controls beside.
_UNCARRIED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


class Status(StrEnum):
    """What the house says of a term."""

    PREFERRED = "preferred"
    ADMITTED = "admitted"
    DEPRECATED = "deprecated"
    SUPERSEDED = "superseded"
    FORBIDDEN = "forbidden"

    @property
    def is_allowed(self) -> bool:
        """Whether a text may use the term."""
        return self in (Status.PREFERRED, Status.ADMITTED)


class MatchPolicy(StrEnum):
    """Which forms of a term in running text are the term."""

    EXACT = "exact"
    INFLECT = "inflect"


class Term(BaseModel):
    """One word or phrase for a concept in one language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    #: BCP 47, in its usual capitals: en, en-GB, zh-Hans.
    lang: str
    text: str
    status: Status = Status.PREFERRED
    part_of_speech: str | None = None
    term_type: str | None = None
    #: Left out, it is true for acronyms: IT is not it.
    case_sensitive: bool
    match: MatchPolicy = MatchPolicy.INFLECT
    do_not_translate: bool = False
    note: str | None = None
    contexts: tuple[str, ...] = ()
    #: Fields of the file that mean nothing here: name -> texts. An export gives them back.
    extra: dict[str, tuple[str, ...]] = {}

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        data = {key: value for key, value in data.items() if key != "norm_key"}
        if data.get("case_sensitive") is None:
            data["case_sensitive"] = is_acronym(str(data.get("text", "")))
        return data

    @field_validator("lang")
    @classmethod
    def _lang(cls, value: str) -> str:
        return canonical_lang(value)

    @field_validator("text")
    @classmethod
    def _text(cls, value: str) -> str:
        text = plain_text(value)
        if reason := term_fault(text):
            raise ValueError(reason)
        return text

    @field_validator("note", "part_of_speech", "term_type")
    @classmethod
    def _optional(cls, value: str | None) -> str | None:
        return clean_text(value or "") or None

    @field_validator("contexts")
    @classmethod
    def _contexts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text for text in map(clean_text, value) if text)

    @field_validator("extra")
    @classmethod
    def _extra(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return clean_extra(value)

    @computed_field  # type: ignore[prop-decorator]
    @cached_property
    def norm_key(self) -> str:
        """The folded text: two terms with one key read as the same."""
        return norm_key(self.text, keep_case=self.case_sensitive)

    @property
    def form_key(self) -> tuple[str, str]:
        """Language and spelling; unlike `norm_key` it parts cash flow from cash-flow."""
        text = unicodedata.normalize("NFKC", self.text)
        return self.lang, text if self.case_sensitive else text.casefold()


class Concept(BaseModel):
    """One meaning, its definitions by language, and the terms for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    uid: str
    subject_field: str | None = None
    #: Language -> text.
    definitions: dict[str, str] = {}
    note: str | None = None
    source: str | None = None
    #: Names of wider concepts: a kind-of, never in a circle.
    broader: tuple[str, ...] = ()
    #: Fields of the file that mean nothing here: name -> texts; "name@zh" is said of a language of the concept.
    extra: dict[str, tuple[str, ...]] = {}
    terms: tuple[Term, ...]

    @model_validator(mode="before")
    @classmethod
    def _drop_computed(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if key != "content_hash"}
        return data

    @field_validator("uid")
    @classmethod
    def _uid(cls, value: str) -> str:
        uid = plain_text(value)
        if not uid or len(uid) > MAX_TERM_CHARS or forbidden_char(uid) is not None:
            raise ValueError("is empty, too long or holds a control character")
        return uid

    @field_validator("definitions")
    @classmethod
    def _definitions(cls, value: dict[str, str]) -> dict[str, str]:
        texts = {canonical_lang(lang): clean_text(text) for lang, text in value.items()}
        return {lang: texts[lang] for lang in sorted(texts) if texts[lang]}

    @field_validator("note", "source", "subject_field")
    @classmethod
    def _optional(cls, value: str | None) -> str | None:
        return clean_text(value or "") or None

    @field_validator("broader")
    @classmethod
    def _broader(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(uid for uid in map(clean_text, value) if uid))

    @field_validator("extra")
    @classmethod
    def _extra(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return clean_extra(value)

    @computed_field  # type: ignore[prop-decorator]
    @cached_property
    def content_hash(self) -> str:
        """sha256 of everything the concept says."""
        data = self.model_dump(
            mode="json", exclude={"content_hash": True, "terms": {"__all__": {"norm_key"}}}
        )
        # Fields that came later count where they say something: what was hashed before keeps its hash.
        for part in (data, *data["terms"]):
            for name in ("broader", "extra"):
                if not part.get(name, True):
                    del part[name]
        return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def terms_in(self, lang: str) -> tuple[Term, ...]:
        """The terms in a language, its regions and scripts included: en finds en-GB."""
        return tuple(term for term in self.terms if speaks(term.lang, lang))

    def lead_term(self, lang: str) -> Term | None:
        """The term to use in a language: the preferred one, else the first admitted one."""
        allowed = [term for term in self.terms_in(lang) if term.status.is_allowed]
        preferred = [term for term in allowed if term.status is Status.PREFERRED]
        return next(iter(preferred + allowed), None)

    def definition_in(self, lang: str) -> str | None:
        """The definition in a language, or nothing."""
        return next((text for tag, text in self.definitions.items() if speaks(tag, lang)), None)


@lru_cache(maxsize=4096)
def canonical_lang(tag: str) -> str:
    """A language tag in its usual capitals. Raises ValueError when it is none."""
    match = _LANG.fullmatch(tag.strip().replace("_", "-"))
    if match is None:
        raise ValueError("is not a language tag")
    language, script, region, rest = match["language"], match["script"], match["region"], match["rest"]
    parts = [language.lower(), script.title() if script else "", region.upper() if region else ""]
    return "-".join(part for part in parts if part) + rest.lower()


def speaks(tag: str, lang: str) -> bool:
    """Whether a tag is the language or one of its regions and scripts."""
    return tag == lang or tag.startswith(lang + "-")


def plain_text(text: str) -> str:
    """NFC with white space made single spaces and none outside."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def clean_text(text: str) -> str:
    """Plain text without the characters that neither XML nor a page can carry: controls, halves of pairs, non-characters."""
    return plain_text(_UNCARRIED.sub("", text))


def clean_extra(extra: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Extra fields by name, with clean texts and without empty ones. Raises ValueError for too many or too long a name."""
    if not extra:
        return {}
    kept = {
        clean_text(name): tuple(text for text in map(clean_text, texts) if text)
        for name, texts in extra.items()
    }
    kept = {name: kept[name] for name in sorted(kept) if name and kept[name]}
    if len(kept) > MAX_EXTRA or any(len(texts) > MAX_EXTRA for texts in kept.values()):
        raise ValueError(f"has more than {MAX_EXTRA} further fields")
    if any(len(name) > MAX_TERM_CHARS for name in kept):
        raise ValueError(f"has a further field whose name is longer than {MAX_TERM_CHARS} characters")
    return kept


def forbidden_char(text: str) -> str | None:
    """The first character that must not stand in a term: control, bidirectional override, invisible."""
    # None of them can be printed, so hardly any text is looked through.
    for char in "" if text.isprintable() else text:
        if char in _BIDI or char in _INVISIBLE or unicodedata.category(char) in ("Cc", "Cs", "Cn"):
            return char
    return None


def term_fault(text: str) -> str | None:
    """What is wrong with a term's plain text, or nothing."""
    if not text or not norm_key(text):
        return "is empty"
    if len(text) > MAX_TERM_CHARS:
        return f"has more than {MAX_TERM_CHARS} characters"
    if char := forbidden_char(text):
        return f"holds the forbidden character U+{ord(char):04X}"
    return None


def is_acronym(text: str) -> bool:
    """Whether a term is written in capitals throughout, as EBITDA or R&D."""
    return len(text) > 1 and text.isupper() and text.isascii()
