"""A concept as a file says it, with the places it says it at, until it is checked and becomes a Concept."""

from dataclasses import dataclass, field
from typing import Any, NoReturn

from pydantic import ValidationError

from corpus.errors import CorpusError, LanguageInvalid, RowInvalid
from corpus.glossary.errors import TermInvalid, TermTooLong
from corpus.glossary.terms import (
    MAX_TERM_CHARS,
    MAX_TEXT_CHARS,
    Concept,
    Status,
    Term,
    canonical_lang,
    plain_text,
    term_fault,
)


@dataclass
class TermDraft:
    """A term not yet checked. `status` None: the file says nothing."""

    line: int
    column: int | None
    lang: str
    text: str
    status: Status | None = None
    forbidden: bool = False
    fields: dict[str, Any] = field(default_factory=dict)
    contexts: list[str] = field(default_factory=list)
    #: Fields without a meaning here: name -> texts.
    extra: dict[str, list[str]] = field(default_factory=dict)
    #: What the file says of it and nobody can keep, such as a status that is none; raised when it is built.
    fault: CorpusError | None = None

    def add_extra(self, name: str, text: str) -> None:
        self.extra.setdefault(name, []).append(text)

    def add_note(self, text: str) -> None:
        self.fields["note"] = f"{self.fields['note']} {text}" if self.fields.get("note") else text

    def build(self, status: Status) -> Term:
        """The term. Raises its fault, LanguageInvalid, TermInvalid, TermTooLong, RowInvalid."""
        if self.fault is not None:
            raise self.fault
        text = plain_text(self.text)
        if len(text) > MAX_TERM_CHARS:
            raise TermTooLong(line=self.line, column=self.column, length=len(text), limit=MAX_TERM_CHARS)
        if reason := term_fault(text):
            raise TermInvalid(line=self.line, column=self.column, term=_shown(text), reason=reason)
        values = {**self.fields, "lang": self.tag, "text": text, "status": status, "contexts": self.contexts}
        for name in ("note", "part_of_speech", "term_type", "contexts"):
            _check_length(self.line, self.column, name, values.get(name))
        _check_extra(self.line, self.column, self.extra)
        try:
            return Term.model_validate(values | {"extra": self.extra})
        except ValidationError as error:
            fault = error.errors()[0]
            reason = f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
            name = f"the term {_shown(text)!r}"
            raise RowInvalid(line=self.line, column=self.column, field=name, reason=reason) from error

    @property
    def tag(self) -> str:
        """The language tag in its usual capitals. Raises LanguageInvalid."""
        return _tag(self.lang, self.line, self.column)


@dataclass
class ConceptDraft:
    """A concept not yet checked."""

    line: int
    column: int | None
    uid: str
    terms: list[TermDraft] = field(default_factory=list)
    definitions: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    broader: list[str] = field(default_factory=list)
    extra: dict[str, list[str]] = field(default_factory=dict)
    #: As that of a term.
    fault: CorpusError | None = None

    def add_extra(self, name: str, text: str) -> None:
        self.extra.setdefault(name, []).append(text)

    def add(self, name: str, text: str) -> None:
        """Add to subject_field, note or source; a second text is joined to the first."""
        known = self.fields.get(name)
        if text and text != known:
            self.fields[name] = f"{known} {text}" if known else text

    def add_definition(self, lang: str, text: str, *, line: int, column: int | None) -> None:
        """Add a definition; a second one in a language is joined to the first. Raises LanguageInvalid."""
        tag = _tag(lang, line, column)
        known = self.definitions.get(tag)
        if text and text != known:
            self.definitions[tag] = f"{known} {text}" if known else text

    def build(self) -> Concept:
        """The concept. A term without a status is preferred where it is the first such term of its language
        and the concept has no preferred term there; otherwise admitted.

        Raises what TermDraft.build raises, and RowInvalid.
        """
        if self.fault is not None:
            raise self.fault
        if not self.terms:
            self._refuse("has no term")
        texts = [*self.definitions.values(), *self.fields.values()]
        _check_length(self.line, self.column, f"a text of the concept {self.uid!r}", texts)
        _check_extra(self.line, self.column, self.extra)
        taken = {term.tag for term in self.terms if term.status is Status.PREFERRED}
        #: A form that is repeated without a status has the one it had.
        known: dict[tuple[str, str], Status] = {}
        terms: list[Term] = []
        for draft in self.terms:
            form = draft.tag, plain_text(draft.text).casefold()
            status = draft.status or known.get(form)
            if status is None:
                status = Status.ADMITTED if draft.tag in taken else Status.PREFERRED
                taken.add(draft.tag)
            known.setdefault(form, status)
            terms.append(draft.build(status))
        try:
            return Concept.model_validate(
                {
                    **self.fields,
                    "uid": self.uid,
                    "definitions": self.definitions,
                    "broader": self.broader,
                    "extra": self.extra,
                    "terms": tuple(terms),
                }
            )
        except ValidationError as error:
            fault = error.errors()[0]
            self._refuse(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}")

    def _refuse(self, reason: str) -> NoReturn:
        field_ = f"the concept {_shown(self.uid)!r}"
        raise RowInvalid(line=self.line, column=self.column, field=field_, reason=reason)


def _tag(lang: str, line: int, column: int | None) -> str:
    try:
        return canonical_lang(lang)
    except ValueError as error:
        raise LanguageInvalid(line=line, column=column, lang=_shown(lang)) from error


def _check_length(line: int, column: int | None, name: str, value: str | list[str] | None) -> None:
    texts = [value] if isinstance(value, str) else value or []
    if any(len(text) > MAX_TEXT_CHARS for text in texts):
        raise RowInvalid(
            line=line, column=column, field=name, reason=f"is longer than {MAX_TEXT_CHARS} characters"
        )


def _check_extra(line: int, column: int | None, extra: dict[str, list[str]]) -> None:
    for name, texts in extra.items():
        _check_length(line, column, f"the further field {_shown(name)!r}", texts)


def _shown(text: str) -> str:
    """Text fit for a message: short, and with hidden characters made visible."""
    return text[:80].encode("unicode_escape").decode("ascii") if not text.isprintable() else text[:80]
