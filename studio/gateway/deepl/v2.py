"""/v2: glossaries of one language pair as older clients know them, languages and usage."""

from typing import Any

from django.http import HttpResponse
from ninja import Router

from studio.errors import InvalidRequest, NotFound
from studio.gateway.deepl import entries
from studio.gateway.deepl.answers import DeeplAuth, as_json, fields_of, text_of
from studio.gateway.deepl.v3 import dictionary_in, find, time_of
from studio.glossaries import dictionaries, publishing
from studio.glossaries.dictionaries import Book
from studio.glossaries.models import Glossary
from studio.projects.access import ApiRequest
from studio.projects.models import Role

router = Router(tags=["DeepL"], auth=DeeplAuth())

#: What the languages of glossaries here are called; a tag that is not among them works all the same.
LANGUAGES = {
    "ar": "Arabic", "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "et": "Estonian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hu": "Hungarian",
    "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian",
    "nb": "Norwegian", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "sk": "Slovak", "sl": "Slovenian", "sv": "Swedish", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian",
    "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip


def shown(glossary: Glossary) -> dict[str, Any] | None:
    """The glossary by its first dictionary; nothing for one that has none."""
    first = next(iter(Book(glossary).infos()), None)
    if first is None:
        return None
    return {
        "glossary_id": str(glossary.id),
        "name": glossary.name,
        "ready": True,
        "source_lang": first.source,
        "target_lang": first.target,
        "creation_time": time_of(glossary),
        "entry_count": first.entry_count,
    }


@router.post("/glossaries")
def create(request: ApiRequest) -> HttpResponse:
    """Make a glossary of one language pair."""
    project = request.auth.require(Role.EDITOR)
    fields = fields_of(request)
    made = dictionaries.create(project, text_of(fields, "name"), [dictionary_in(fields)], request.auth.by)
    return as_json(shown(made), 201)


@router.get("/glossaries")
def list_glossaries(request: ApiRequest) -> HttpResponse:
    """The project's glossaries that have a dictionary, each by its first."""
    rows = Glossary.objects.filter(project=request.auth.require(Role.VIEWER))
    return as_json({"glossaries": [said for row in rows if (said := shown(row)) is not None]})


@router.get("/glossaries/{glossary_id}")
def retrieve(request: ApiRequest, glossary_id: str) -> HttpResponse:
    """One glossary by its first dictionary."""
    said = shown(find(request.auth.require(Role.VIEWER), glossary_id))
    if said is None:
        raise NotFound(what="dictionary in glossary", id=glossary_id)
    return as_json(said)


@router.delete("/glossaries/{glossary_id}")
def delete(request: ApiRequest, glossary_id: str) -> HttpResponse:
    """Forget a glossary, unless a model was trained on it."""
    publishing.delete(find(request.auth.require(Role.EDITOR), glossary_id))
    return HttpResponse(status=204)


@router.get("/glossaries/{glossary_id}/entries")
def list_entries(request: ApiRequest, glossary_id: str) -> HttpResponse:
    """The entries of the first dictionary, as TSV."""
    book = Book(find(request.auth.require(Role.VIEWER), glossary_id))
    if not book.pairs:
        raise NotFound(what="dictionary in glossary", id=glossary_id)
    found = book.entries(book.pairs[0]).items()
    text = entries.write((source, target) for source, (_, target) in found)
    return HttpResponse(text, content_type="text/tab-separated-values; charset=utf-8")


@router.get("/glossary-language-pairs")
def pairs(request: ApiRequest) -> HttpResponse:
    """Every pair of the languages with a name; glossaries take any other language tag too."""
    request.auth.require(Role.VIEWER)
    langs = [(a, b) for a in LANGUAGES for b in LANGUAGES if a != b]
    return as_json({"supported_languages": [{"source_lang": a, "target_lang": b} for a, b in langs]})


@router.get("/languages")
def languages(request: ApiRequest) -> HttpResponse:
    """The languages with a name, as sources or as targets."""
    request.auth.require(Role.VIEWER)
    wanted = request.GET.get("type") or (fields_of(request).get("type") if request.body else None) or "source"
    if wanted not in ("source", "target"):
        raise InvalidRequest("Value for 'type' must be 'source' or 'target'.", "type")
    more = {"supports_formality": False} if wanted == "target" else {}
    return as_json([{"language": code.upper(), "name": name} | more for code, name in LANGUAGES.items()])


@router.get("/usage")
def usage(request: ApiRequest) -> HttpResponse:
    """Characters are neither counted nor limited here, and clients show what is absent as unknown."""
    request.auth.require(Role.VIEWER)
    return as_json({})
