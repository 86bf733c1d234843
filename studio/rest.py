"""The one API: OpenAI's shapes under /v1, DeepL's under /v2 and /v3, the studio's own under /api; who may call it, and how it fails."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from protocol.errors import ErrorCode, StudioError
from studio.cleaning.api import router as cleaning
from studio.datasets import (
    augmenting_api,
    comparing_api,
    mixing_api,
)  # their routes hang on the one of datasets
from studio.datasets.api import router as datasets
from studio.deployments.api import router as deployments
from studio.evaluations.api import router as evaluations
from studio.gateway import catalogue, chat, errors, files, fine_tuning, health, jobs, uploads
from studio.gateway.deepl import answers as deepl
from studio.gateway.deepl import translate, v2, v3
from studio.gateway.parsing import GuardedParser
from studio.glossaries.api import router as glossaries
from studio.glossaries.candidate_api import router as candidates
from studio.glossaries.coverage_api import router as coverage
from studio.glossaries.editing_api import router as glossary_drafts
from studio.glossaries.import_api import router as glossary_imports
from studio.intake.api import router as intake
from studio.projects.access import KeyAuth
from studio.projects.api import router as projects
from studio.registry.api import router as registry
from studio.tokens.api import router as tokens
from studio.training.api import router as training
from studio.webhooks.api import router as webhooks


class StudioApi(NinjaAPI):
    """NinjaAPI at the root of the site, which stays free for the home page."""

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        return [route for route in super()._get_urls() if getattr(route, "name", "") != "api-root"]

    def get_root_path(self, path_params: dict[str, Any]) -> str:
        """Where the paths of the OpenAPI document begin."""
        del path_params
        return "/"


__all__ = ["api", "augmenting_api", "comparing_api", "mixing_api"]

api = StudioApi(
    title="DeepSeek Studio",
    version="1",
    description="OpenAI's files, fine-tuning, models and chat under /v1; glossaries, datasets and jobs under /api.",
    docs_url="/api/docs",
    openapi_url="/api/openapi.json",
    urls_namespace="rest",
    auth=KeyAuth(),
    parser=GuardedParser(),
)

api.add_router("", health.router)
for router in (files.router, uploads.router, fine_tuning.router, catalogue.router, chat.router, webhooks):
    api.add_router("/v1", router)
for router in (
    projects,
    jobs.router,
    glossaries,
    glossary_drafts,
    glossary_imports,
    coverage,
    candidates,
    datasets,
    cleaning,
    intake,
    registry,
    tokens,
    training,
    evaluations,
    deployments,
):
    api.add_router("/api", router)

api.add_router("/v2", v2.router)
api.add_router("/v2", translate.router)
api.add_router("/v3", v3.router)


@api.exception_handler(StudioError)
def on_studio_error(request: HttpRequest, error: StudioError) -> HttpResponse:
    """An error of the house: its code decides the status."""
    return deepl.answer(error) if deepl.is_asked(request) else errors.answer(error)


@api.exception_handler(ValidationError)
def on_validation_error(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """A parameter that is missing or wrong: 400 and its name, as OpenAI says it."""
    first = error.errors[0]
    param = parameter_of(first["loc"])
    message = f"{param}: {first['msg']}" if param else str(first["msg"])
    if deepl.is_asked(request):
        return deepl.refusal(400, None, message, {"param": param})
    return errors.envelope(400, None, message, param or None)


def parameter_of(place: tuple[str | int, ...]) -> str:
    """The name a client knows a parameter by; ninja puts before it where it was read, and a body's own name."""
    names = place[2:] if place[0] == "body" else place[1:]
    return ".".join(str(name) for name in names)


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What ninja itself refuses: a body it cannot parse, whose reason is the cause."""
    if isinstance(error.__cause__, StudioError):
        return on_studio_error(request, error.__cause__)
    if deepl.is_asked(request):
        return deepl.refusal(error.status_code, None, error.message)
    code = ErrorCode.INVALID_API_KEY if error.status_code == 401 else None
    return errors.envelope(error.status_code, code, error.message)
