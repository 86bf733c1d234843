"""A stranger gets 404 for every object of a project that is not theirs, on every route there is.

The routes are read from the URL resolver and from ninja's own operations, so a new one fails here until `REST` or `PAGES`
says which object its address names.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RegexPattern

from jobs.models import Job
from studio.accounts.models import ApiKey, User
from studio.cleaning import services as cleanings
from studio.cleaning.models import Cleaning
from studio.datasets import generators
from studio.datasets import services as datasets
from studio.datasets.models import DatasetVersion, Generator, StoredFile
from studio.deployments import services as deployments
from studio.deployments.models import Deployment
from studio.evaluations import services as evaluations
from studio.evaluations.models import Evaluation
from studio.glossaries import candidates, content, coverage, drafts, imports, review
from studio.glossaries import services as glossaries
from studio.glossaries.editing_schemas import COMMENT_PREFIX
from studio.glossaries.measured import Candidate, Coverage
from studio.glossaries.models import ConceptComment, GlossaryImport, GlossaryVersion
from studio.intake import services as intake
from studio.intake.models import Validation
from studio.projects import ids
from studio.projects.models import Project, Role
from studio.projects.schemas import KEY_PREFIX
from studio.rest import api
from studio.training import services as training
from studio.training.models import Run
from studio.uploads import services as uploads
from studio.uploads.models import Upload
from studio.webhooks import services as webhooks
from studio.webhooks.models import Delivery, Endpoint
from tests import factories


@dataclass(frozen=True)
class House:
    """Alice's project with one of everything."""

    project: Project
    member: User
    key: ApiKey
    file: StoredFile
    upload: Upload
    validation: Validation
    dataset: DatasetVersion
    glossary: GlossaryVersion
    run: Run
    evaluation: Evaluation
    deployment: Deployment
    job: Job
    webhook: Endpoint
    delivery: Delivery
    generator: Generator
    cleaning: Cleaning
    coming: GlossaryImport
    coverage: Coverage
    candidate: Candidate


#: Beginning of a REST route up to its parameter -> the parameter's value.
REST: dict[str, Callable[[House], str]] = {
    "/v1/files/{file_id}": lambda house: datasets.public_id(house.file),
    "/api/files/{file_id}": lambda house: datasets.public_id(house.file),
    "/api/validations/{validation_id}": lambda house: intake.public_id(house.validation),
    "/v1/uploads/{upload_id}": lambda house: uploads.public_id(house.upload),
    "/v1/fine_tuning/jobs/{job_id}": lambda house: training.public_id(house.run),
    "/v1/models/{model_id}": lambda house: house.deployment.model_version.model_id,
    "/v1/webhook_endpoints/{endpoint_id}": lambda house: webhooks.public_id(house.webhook),
    "/v1/webhook_endpoints/{endpoint_id}/deliveries/{delivery_id}": lambda house: webhooks.delivery_id(
        house.delivery
    ),
    "/api/projects/current/keys/{key_id}": lambda house: ids.public(KEY_PREFIX, house.key.id),
    "/api/jobs/{job_id}": lambda house: str(house.job.id),
    "/api/glossaries/{glossary_id}": lambda house: glossaries.public_id(house.glossary.glossary),
    "/api/glossaries/{glossary_id}/versions/{number}": lambda house: str(house.glossary.number),
    "/api/glossaries/{glossary_id}/versions/{number}/diff/{other}": lambda house: str(house.glossary.number),
    "/api/glossaries/{glossary_id}/draft/concepts/{uid}": lambda house: uid_of(house),
    "/api/glossaries/{glossary_id}/history/{uid}": lambda house: uid_of(house),
    "/api/glossaries/{glossary_id}/comments/{uid}": lambda house: uid_of(house),
    "/api/glossaries/{glossary_id}/threads/{comment_id}": lambda house: ids.public(
        COMMENT_PREFIX, ConceptComment.objects.get().id
    ),
    "/v2/glossaries/{glossary_id}": lambda house: str(house.glossary.glossary_id),
    "/v3/glossaries/{glossary_id}": lambda house: str(house.glossary.glossary_id),
    "/api/glossary-versions/{version_id}": lambda house: glossaries.version_public_id(house.glossary),
    "/api/datasets/{dataset_id}": lambda house: datasets.dataset_public_id(house.dataset.dataset),
    "/api/datasets/{dataset_id}/versions/{number}": lambda house: str(house.dataset.number),
    "/api/dataset-versions/{version_id}": lambda house: datasets.version_public_id(house.dataset),
    "/api/generators/{generator_id}": lambda house: generators.public_id(house.generator),
    "/api/cleanings/{cleaning_id}": lambda house: cleanings.public_id(house.cleaning.id),
    "/api/glossary-imports/{import_id}": lambda house: imports.public_id(house.coming),
    "/api/coverage/{coverage_id}": lambda house: coverage.public_id(house.coverage),
    "/api/models/{model_id}": lambda house: house.deployment.model_version.model_id,
    "/api/runs/{run_id}": lambda house: training.public_id(house.run),
    "/api/evaluations/{evaluation_id}": lambda house: evaluations.public_id(house.evaluation),
    "/api/deployments/{deployment_id}": lambda house: deployments.public_id(house.deployment),
}


def uid_of(house: House) -> str:
    """The name of a concept of the house."""
    return house.glossary.concepts.get().uid


#: What a route asks for, where that is not what the others ask for: what is None is not sent.
ASKED: dict[str, dict[str, Any]] = {
    "/api/glossaries/{glossary_id}/training-rows": {"text": None},
    "/api/glossaries/{glossary_id}/preference-pairs": {"text": None},
    "/api/glossary-imports/{import_id}/changes": {"kind": "new"},
    "/api/glossary-imports/{import_id}/conflicts": {"kind": "new"},
    "/api/glossary-imports/{import_id}/mapping": dict.fromkeys(
        ("checkpoint", "step", "part_ids", "text", "name", "keep", "uids", "review", "cells", "candidates",
         "accept", "dataset_version", "base_model")
    ),
    "/api/datasets/{dataset_id}/versions/{number}/diff": {"kind": "added"},
    "/api/cleanings/{cleaning_id}/suggestions": {"accept": "all"},
    "/api/datasets/{dataset_id}/versions/{number}/xray": {"row": 1},
}  # fmt: skip


#: Parameter of a page's route -> its value.
PAGES: dict[str, Callable[[House], str]] = {
    "slug": lambda house: house.project.slug,
    "key_id": lambda house: str(house.key.id),
    "user_id": lambda house: str(house.member.id),
    "glossary_id": lambda house: str(house.glossary.glossary_id),
    "version_id": lambda house: str(house.glossary.id),
    "dataset_id": lambda house: str(house.dataset.dataset_id),
    "number": lambda house: str(house.dataset.number),
    "other": lambda house: str(house.dataset.number),
    "file_id": lambda house: str(house.file.id),
    "upload_id": lambda house: str(house.upload.id),
    "run_id": lambda house: str(house.run.id),
    "verb": lambda house: "cancel",
    "move": lambda house: "undo",
    "step": lambda house: "submit",
    "cleaning_id": lambda house: str(house.cleaning.id),
    "deed": lambda house: "undo-all",
    "model_id": lambda house: str(house.deployment.model_version_id),
    "evaluation_id": lambda house: str(house.evaluation.id),
    "deployment_id": lambda house: str(house.deployment.id),
    "endpoint_id": lambda house: str(house.webhook.id),
    "import_id": lambda house: str(house.coming.id),
    "coverage_id": lambda house: str(house.coverage.id),
}

#: Routes without an object of a project, each with the reason why a stranger may go there.
OPEN = {
    "metrics": "answers this machine or a token only",
    "healthz": "says nothing but whether the studio is well",
    "api/openapi.json": "describes the API",
    "api/docs": "describes the API",
    "sign-in": "lets people in",
    "sign-out": "lets people out",
    "": "leads to a project of one's own",
    "new": "makes a project of one's own",
    "language": "sets one's language",
    "theme": "sets one's theme",
}


def routes_below(resolver: Any, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route below a resolver, with its whole pattern."""
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes_below(entry, route)
        else:
            yield route, entry


def all_routes() -> list[tuple[str, URLPattern]]:
    """Every route of the house but the admin's, which has its own test."""
    return [(route, entry) for route, entry in routes_below(get_resolver()) if not route.startswith("admin/")]


def rest_path(route: str) -> str:
    """A REST route as ninja's document writes it: "v1/files/<file_id>" is "/v1/files/{file_id}"."""
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)


def operations() -> list[tuple[str, str]]:
    """Method and path of every operation of the API that names an object."""
    paths: dict[str, dict[str, Any]] = api.get_openapi_schema()["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods if "{" in path]


def every_operation() -> list[tuple[str, str]]:
    """Method and path of every operation of the API."""
    paths: dict[str, dict[str, Any]] = api.get_openapi_schema()["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


def pages() -> list[URLPattern]:
    """Every route of a page in a project."""
    return [entry for route, entry in all_routes() if route.startswith(("p/", "^p/"))]


def parameters_of(entry: URLPattern) -> list[str]:
    """The names of a route's parameters."""
    if isinstance(entry.pattern, RegexPattern):
        return list(entry.pattern.regex.groupindex)
    return list(entry.pattern.converters)


def address_of(path: str, house: House) -> str:
    """The path with the house's own objects in it."""
    for match in reversed(list(re.finditer(r"\{\w+\}", path))):
        path = path[: match.start()] + REST[path[: match.end()]](house) + path[match.end() :]
    return path


@pytest.fixture
def house(project: Project, bob: User) -> House:
    """Alice's project with one of everything."""
    factories.api_key(project, Role.EDITOR, bob)
    run, file = factories.run(project), factories.stored_file(project)
    webhook = webhooks.create(
        project, name="hook", url="https://hooks.example.com/", event_types=webhooks.TYPES, by="alice"
    )
    glossary = factories.glossary_version(project)
    # A second language, so that there is a dictionary to be found.
    factories.term(glossary, "de", "Forderung")
    said = content.as_json(content.of_row(glossary.concepts.get())) | {"note": "edited"}
    drafts.put_concepts(drafts.open_draft(glossary.glossary, "bob"), [content.read(said)], "bob", "grid")
    review.comment(glossary.glossary, glossary.concepts.get().uid, "Is it?", "bob")
    dataset = factories.dataset_version(project)
    return House(
        project=project,
        coming=factories.glossary_import(glossary),
        coverage=factories.coverage(glossary, dataset),
        candidate=factories.candidate(glossary),
        webhook=webhook,
        delivery=webhooks.send_test(webhook),
        cleaning=factories.cleaning(project),
        generator=generators.create(
            project, name="far", base_url="https://example.com/v1", model="m", api_key="k", by="alice"
        ),
        member=bob,
        key=ApiKey.objects.get(),
        file=file,
        upload=factories.upload(project, purpose="fine-tune", filename="rows.jsonl"),
        validation=Validation.objects.create(file=file),
        dataset=dataset,
        glossary=glossary,
        run=run,
        evaluation=factories.evaluation(project),
        deployment=factories.deployment(project),
        job=run.job,
    )


def asked_of(house: House, path: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A body and a query that fit any operation, as far as its address is looked for."""
    # What some operations want to know before they look for anything.
    body = {
        "checkpoint": None,
        "step": None,
        "part_ids": [],
        "text": "?",
        "name": "Another",
        "keep": "mine",
        "uids": [uid_of(house)],
        "review": "approved",
    }
    body |= {"cells": [{"op": "concept", "field": "note", "value": "ours"}]}
    candidate = candidates.public_id(house.candidate)
    body |= {"candidates": [candidate], "accept": [{"candidate": candidate}]}
    body |= {"dataset_version": datasets.version_public_id(house.dataset)}
    body |= {"base_model": house.run.base.model_id}
    query = {
        "base_model": house.run.base.model_id,
        "concept": uid_of(house),
        "kind": "wrong",
        "format": "csv",
    }
    asked = ASKED.get(path, {})
    body = {key: value for key, value in (body | asked).items() if key not in asked or value is not None}
    query |= {key: value for key, value in asked.items() if key in query}
    return body, query


def test_every_route_is_a_page_an_operation_or_open_to_all() -> None:
    documented = set(api.get_openapi_schema()["paths"])
    unknown = [
        route
        for route, _ in all_routes()
        if not route.startswith(("p/", "^p/")) and route not in OPEN and rest_path(route) not in documented
    ]

    assert unknown == []


def test_every_parameter_of_an_operation_has_an_object() -> None:
    named = {path[: match.end()] for _, path in operations() for match in re.finditer(r"\{\w+\}", path)}

    assert named - REST.keys() == set(), "say in REST which object these name"
    assert REST.keys() - named == set(), "these name no route any more"


def test_every_parameter_of_a_page_has_an_object() -> None:
    named = {name for entry in pages() for name in parameters_of(entry)}

    assert named - PAGES.keys() == set(), "say in PAGES which object these name"
    assert PAGES.keys() - named == set(), "these name no route any more"


@pytest.mark.parametrize(("method", "path"), operations(), ids=lambda value: value)
def test_a_strangers_key_finds_nothing(
    house: House, stranger_key: str, api_client: Callable[..., httpx.Client], method: str, path: str
) -> None:
    address = address_of(path, house)
    owner = api_client(factories.api_key(house.project, Role.OWNER))

    body, query = asked_of(house, path)
    stranger = api_client(stranger_key).request(method, address, json=body, params=query)
    ours = owner.request(method, address, json=body, params=query)

    assert stranger.status_code == 404, stranger.text
    assert ours.status_code != 404, ours.text


#: What whoever may only look may ask for by a POST: it changes nothing.
LOOKS = {
    "/v1/chat/completions",
    "/v2/translate",
    "/api/xray",
    "/api/datasets/{dataset_id}/versions/{number}/xray",
    # Two versions are compared once; the project says nothing else afterwards.
    "/api/datasets/{dataset_id}/versions/{number}/diff",
}
#: Asynchronous, so that it is asked in its own test, by a server.
ELSEWHERE = {"/v1/fine_tuning/jobs": "test_fine_tuning_create"}
LOOKED_AT = {"dataset-tokens", "playground-chat"}

#: Bodies that are looked at before anything else, and only where they are whole.
WHOLE: dict[str, Callable[[House], dict[str, Any]]] = {
    "/v1/uploads": lambda _house: {"bytes": 1, "filename": "a.jsonl", "mime_type": "a/b", "purpose": "fine-tune"},
    "/v1/webhook_endpoints": lambda _house: {
        "name": "a", "url": "https://example.com", "event_types": [webhooks.READY]
    },
    "/api/generators": lambda _house: {"name": "a", "base_url": "https://example.com/v1", "model": "m"},
    "/api/datasets/{dataset_id}/versions/{number}/diff": lambda house: {
        "against": datasets.version_public_id(house.dataset)
    },
    "/api/dataset-mixes": lambda house: {
        "name": "a", "sources": [{"version": datasets.version_public_id(house.dataset)}], "target": {"en": 100}
    },
    "/api/validations": lambda house: {"file_id": datasets.public_id(house.file)},
    "/api/evaluations": lambda house: {"model": house.deployment.model_version.model_id},
    "/api/deployments": lambda house: {"model": house.deployment.model_version.model_id},
}  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path"),
    [each for each in every_operation() if each[0] not in ("GET", "HEAD") and each[1] not in ELSEWHERE],
    ids=lambda value: value,
)
def test_a_key_that_may_only_look_changes_nothing(
    house: House, api_client: Callable[..., httpx.Client], method: str, path: str
) -> None:
    address = address_of(path, house)
    viewer = api_client(factories.api_key(house.project, Role.VIEWER))
    body, query = asked_of(house, path)
    if path in WHOLE:
        body = WHOLE[path](house)
    sent: dict[str, Any] = {"json": body}
    if path == "/v1/files":
        sent = {"data": {"purpose": "user_data"}, "files": {"file": ("a.txt", b"a")}}

    answer = viewer.request(method, address, params=query, **sent)

    assert (answer.status_code == 403) == (path not in LOOKS), answer.text


@pytest.mark.parametrize("entry", pages(), ids=lambda entry: entry.name)
def test_a_member_who_may_only_look_posts_nothing(house: House, client: Client, entry: URLPattern) -> None:
    reader = factories.user("reader")
    factories.member(house.project, reader, Role.VIEWER)
    values = {name: PAGES[name](house) for name in parameters_of(entry)}
    client.force_login(reader)

    answer = client.post(reverse(entry.name, kwargs=values), {})

    assert (answer.status_code in (403, 405)) == (entry.name not in LOOKED_AT), answer.status_code


@pytest.mark.parametrize("entry", pages(), ids=lambda entry: entry.name)
def test_a_stranger_finds_no_page(
    house: House, charlie: User, other_project: Project, client: Client, entry: URLPattern
) -> None:
    values = {name: PAGES[name](house) for name in parameters_of(entry)}
    client.force_login(charlie)

    found = {method(reverse(entry.name, kwargs=values)).status_code for method in (client.get, client.post)}

    assert 404 in found
    assert found <= {404, 405}


@pytest.mark.parametrize(
    "entry",
    [entry for entry in pages() if len(set(parameters_of(entry)) - {"slug", "verb"})],
    ids=lambda entry: entry.name,
)
def test_no_object_is_reached_by_way_of_another_project(
    house: House, charlie: User, other_project: Project, client: Client, entry: URLPattern
) -> None:
    values = {name: PAGES[name](house) for name in parameters_of(entry)} | {"slug": other_project.slug}
    client.force_login(charlie)

    found = {method(reverse(entry.name, kwargs=values)).status_code for method in (client.get, client.post)}

    assert 404 in found
    assert found <= {404, 405}


@pytest.mark.parametrize("entry", pages(), ids=lambda entry: entry.name)
def test_nobody_is_sent_to_sign_in(house: House, client: Client, entry: URLPattern) -> None:
    values = {name: PAGES[name](house) for name in parameters_of(entry)}

    found = [method(reverse(entry.name, kwargs=values)) for method in (client.get, client.post)]

    assert {answer.status_code for answer in found} <= {302, 405}
    assert all("/sign-in" in answer.headers.get("location", "/sign-in") for answer in found)


@pytest.mark.parametrize("entry", pages(), ids=lambda entry: entry.name)
def test_the_owner_does_find_the_page(house: House, alice: User, client: Client, entry: URLPattern) -> None:
    values = {name: PAGES[name](house) for name in parameters_of(entry)}
    client.force_login(alice)
    client.raise_request_exception = False

    found = {
        act(reverse(entry.name, kwargs=values)).status_code
        for act in (client.get, partial(client.post, data={}))
    }

    assert found - {404, 405}
