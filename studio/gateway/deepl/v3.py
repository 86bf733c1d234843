"""/v3/glossaries: a project's glossaries as translation tools push and read them."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from studio.errors import InvalidRequest, NotFound
from studio.gateway.deepl import entries
from studio.gateway.deepl.answers import DeeplAuth, as_json, fields_of, text_of
from studio.glossaries import dictionaries, publishing
from studio.glossaries.dictionaries import Book
from studio.glossaries.models import Glossary
from studio.glossaries.services import GLOSSARY_PREFIX
from studio.projects.access import ApiRequest
from studio.projects.models import Project, Role

router = Router(tags=["DeepL"], auth=DeeplAuth())

MAX_DICTIONARIES = 1000


def find(project: Project, text: str) -> Glossary:
    """The project's glossary, by the id a tool was given or by the one our own API writes. Raises NotFound."""
    try:
        id_ = UUID(text.removeprefix(GLOSSARY_PREFIX))
    except ValueError:
        id_ = None
    glossary = Glossary.objects.filter(project=project, id=id_).first() if id_ else None
    if glossary is None:
        raise NotFound(what="glossary", id=text)
    return glossary


def shown(glossary: Glossary, book: Book | None = None) -> dict[str, Any]:
    """The glossary as a tool reads it."""
    infos = (book or Book(glossary)).infos()
    return {
        "glossary_id": str(glossary.id),
        "name": glossary.name,
        "creation_time": time_of(glossary),
        "dictionaries": [info_of(each) for each in infos],
    }


def info_of(info: dictionaries.Info) -> dict[str, Any]:
    """A dictionary as a tool reads it."""
    return {"source_lang": info.source, "target_lang": info.target, "entry_count": info.entry_count}


def time_of(glossary: Glossary) -> str:
    """When it was made, with the fraction that clients insist on."""
    return glossary.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def dictionary_in(fields: dict[str, Any]) -> tuple[str, str, dict[str, str]]:
    """Source, target and entries of a dictionary. Raises InvalidRequest, EntriesInvalid."""
    source, target = text_of(fields, "source_lang"), text_of(fields, "target_lang")
    form = text_of(fields, "entries_format", "tsv").lower()
    return source, target, entries.read(text_of(fields, "entries"), form)


def dictionaries_in(fields: dict[str, Any]) -> list[tuple[str, str, dict[str, str]]]:
    """The dictionaries of a body, which may have none. Raises InvalidRequest, EntriesInvalid."""
    given = fields.get("dictionaries", [])
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise InvalidRequest("Value for 'dictionaries' must be a list of objects.", "dictionaries")
    if len(given) > MAX_DICTIONARIES:
        raise InvalidRequest(f"At most {MAX_DICTIONARIES} dictionaries are taken at once.", "dictionaries")
    return [dictionary_in(each) for each in given]


@router.post("/glossaries")
def create(request: ApiRequest) -> HttpResponse:
    """Make a glossary with its dictionaries."""
    project = request.auth.require(Role.EDITOR)
    fields = fields_of(request)
    made = dictionaries.create(project, text_of(fields, "name"), dictionaries_in(fields), request.auth.by)
    return as_json(shown(made), 201)


@router.get("/glossaries")
def list_glossaries(request: ApiRequest) -> HttpResponse:
    """All glossaries of the key's project, with their dictionaries."""
    project = request.auth.require(Role.VIEWER)
    return as_json({"glossaries": [shown(each) for each in Glossary.objects.filter(project=project)]})


@router.get("/glossaries/{glossary_id}")
def retrieve(request: ApiRequest, glossary_id: str) -> HttpResponse:
    """One glossary."""
    return as_json(shown(find(request.auth.require(Role.VIEWER), glossary_id)))


@router.patch("/glossaries/{glossary_id}")
def update(request: ApiRequest, glossary_id: str) -> HttpResponse:
    """Another name, and entries that are added to dictionaries or stand in place of those with the same source."""
    glossary = find(request.auth.require(Role.EDITOR), glossary_id)
    fields = fields_of(request)
    wanted = dictionaries_in(fields)
    if "name" in fields:
        publishing.rename(glossary, text_of(fields, "name"))
    with Book.open(glossary, request.auth.by) as book:
        for source, target, given in wanted:
            book.put(source, target, given, replace=False)
    return as_json(shown(glossary))


@router.delete("/glossaries/{glossary_id}")
def delete(request: ApiRequest, glossary_id: str) -> HttpResponse:
    """Forget a glossary, unless a model was trained on it."""
    publishing.delete(find(request.auth.require(Role.EDITOR), glossary_id))
    return HttpResponse(status=204)


@router.get("/glossaries/{glossary_id}/entries")
def list_entries(request: ApiRequest, glossary_id: str) -> HttpResponse:
    """The entries of a dictionary, as TSV inside JSON."""
    book = Book(find(request.auth.require(Role.VIEWER), glossary_id))
    pair = book.pair(*langs_in(request))
    text = entries.write((source, target) for source, (_, target) in book.entries(pair).items())
    said = {"source_lang": pair.source, "target_lang": pair.target, "entries": text, "entries_format": "tsv"}
    return as_json({"dictionaries": [said]})


@router.put("/glossaries/{glossary_id}/dictionaries")
def replace(request: ApiRequest, glossary_id: str) -> HttpResponse:
    """Have a dictionary say these entries alone; it is made where it is missing."""
    glossary = find(request.auth.require(Role.EDITOR), glossary_id)
    source, target, given = dictionary_in(fields_of(request))
    with Book.open(glossary, request.auth.by) as book:
        pair = book.put(source, target, given, replace=True)
    count = len(book.entries(pair))
    return as_json({"source_lang": pair.source, "target_lang": pair.target, "entry_count": count})


@router.delete("/glossaries/{glossary_id}/dictionaries")
def drop(request: ApiRequest, glossary_id: str) -> HttpResponse:
    """Take a dictionary out with its entries."""
    glossary = find(request.auth.require(Role.EDITOR), glossary_id)
    source, target = langs_in(request)
    with Book.open(glossary, request.auth.by) as book:
        book.drop(source, target)
    return HttpResponse(status=204)


def langs_in(request: HttpRequest) -> tuple[str, str]:
    """The languages that the address names. Raises InvalidRequest."""
    query = request.GET.dict()
    return text_of(query, "source_lang"), text_of(query, "target_lang")
