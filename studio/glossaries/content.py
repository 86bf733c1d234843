"""What a concept says, between its row, its JSON and the corpus, which alone decides whether it is well."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from corpus.glossary import terms
from corpus.glossary.terms import MAX_TERM_CHARS, MAX_TEXT_CHARS, Status
from studio.glossaries.errors import (
    ConceptInvalid,
    FormTwice,
    PreferredTwice,
    TermLangInvalid,
    TermStatusInvalid,
    TermTextInvalid,
    TermTextTooLong,
)
from studio.glossaries.models import Concept, Term

#: Fields of a term whose fault has a code of its own.
CODED = {"lang": TermLangInvalid, "status": TermStatusInvalid, "text": TermTextInvalid}


def of_row(row: Concept) -> terms.Concept:
    """The concept that a row keeps."""
    fields = {name: getattr(row, name) for name in terms.Concept.model_fields if name != "terms"}
    return terms.Concept.model_validate(
        none_for_empty(fields) | {"terms": [of_term(term) for term in row.terms.all()]}
    )


def of_term(row: Term) -> dict[str, Any]:
    """What a term's row says."""
    return none_for_empty({name: getattr(row, name) for name in terms.Term.model_fields})


def none_for_empty(fields: dict[str, Any]) -> dict[str, Any]:
    """Columns keep what is not said as an empty text."""
    return {name: None if value == "" else value for name, value in fields.items()}


def as_json(concept: terms.Concept) -> dict[str, Any]:
    """The concept without what is computed from it."""
    return concept.model_dump(mode="json", exclude={"content_hash": True, "terms": {"__all__": {"norm_key"}}})


def read(data: Mapping[str, Any]) -> terms.Concept:
    """The concept that JSON describes.

    Raises TermTextInvalid, TermTextTooLong, TermLangInvalid, TermStatusInvalid, PreferredTwice, FormTwice, ConceptInvalid;
    each names the field, as in "terms.2.text".
    """
    try:
        concept = terms.Concept.model_validate(data)
    except ValidationError as error:
        raise refusal(data, error) from error
    check(concept)
    return concept


def refusal(data: Mapping[str, Any], error: ValidationError) -> ConceptInvalid:
    """The first fault, as one of ours."""
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    reason = str(first["msg"]).removeprefix("Value error, ")
    value = str(first["input"])[:80]
    uid = str(data.get("uid", ""))[:MAX_TERM_CHARS]
    if field.endswith(".text") and isinstance(first["input"], str) and len(first["input"]) > MAX_TERM_CHARS:
        return TermTextTooLong(uid=uid, field=field, value=value, reason=reason)
    kind = (
        CODED.get(field.rpartition(".")[2], ConceptInvalid) if field.startswith("terms.") else ConceptInvalid
    )
    return kind(uid=uid, field=field, value=value, reason=reason)


def check(concept: terms.Concept) -> None:
    """What a concept says as a whole: some term, each form once, one preferred form in a language, no endless text."""
    uid = concept.uid
    if not concept.terms:
        raise ConceptInvalid(uid=uid, field="terms", value="", reason="has no term")
    seen: Counter[tuple[str, str]] = Counter()
    preferred: Counter[str] = Counter()
    for place, term in enumerate(concept.terms):
        seen[term.form_key] += 1
        if seen[term.form_key] > 1:
            raise FormTwice(uid=uid, field=f"terms.{place}.text", value=term.text, reason=term.lang)
        preferred[term.lang] += term.status is Status.PREFERRED
        if preferred[term.lang] > 1:
            raise PreferredTwice(uid=uid, field=f"terms.{place}.status", value=term.text, reason=term.lang)
    for field, text in long_texts(concept):
        if len(text) > MAX_TEXT_CHARS:
            reason = f"is longer than {MAX_TEXT_CHARS} characters"
            raise ConceptInvalid(uid=uid, field=field, value=text[:80], reason=reason)


def long_texts(concept: terms.Concept) -> list[tuple[str, str]]:
    """Each text beside the terms themselves, with the name of its field."""
    texts = [(f"definitions.{lang}", text) for lang, text in concept.definitions.items()]
    texts += [(name, getattr(concept, name) or "") for name in ("note", "source", "subject_field")]
    texts += [(f"extra.{name}", text) for name, some in concept.extra.items() for text in some]
    for place, term in enumerate(concept.terms):
        texts += [(f"terms.{place}.extra.{name}", text) for name, some in term.extra.items() for text in some]
        texts += [
            (f"terms.{place}.{name}", getattr(term, name) or "")
            for name in ("note", "part_of_speech", "term_type")
        ]
        texts += [(f"terms.{place}.contexts", text) for text in term.contexts]
    return texts


def as_line(concept: terms.Concept) -> str:
    """The concept as a line of a concepts.jsonl."""
    return concept.model_dump_json() + "\n"
