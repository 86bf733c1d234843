"""The playground: base and tuned model side by side, through the same gateway as `/v1`."""

import json
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from jobs.states import JobState
from studio.deployments.models import Deployment
from studio.gateway import proxy
from studio.glossaries.models import Term
from studio.projects import services as projects
from studio.projects.models import Project, Role
from studio.wording.telling import told

TERM_LIMIT = 5000


@login_required
@require_GET
def playground(request: HttpRequest, slug: str) -> HttpResponse:
    """Two models, one prompt, streamed, glossary terms marked."""
    project = projects.require(request.user, slug, Role.VIEWER)
    live = (
        Deployment.objects.filter(project=project, job__state=JobState.RUNNING)
        .exclude(url="")
        .select_related("model_version__base", "model_version__glossary_version")
    )
    tuned = [deployment.model_version for deployment in live]
    wanted = request.GET.get("model", "")
    chosen = next((version for version in tuned if version.model_id == wanted), tuned[0] if tuned else None)
    context: dict[str, Any] = {
        "project": project,
        "models": sorted({version.base.model_id for version in tuned})
        + [version.model_id for version in tuned],
        "sides": [chosen.base.model_id, chosen.model_id] if chosen else [],
        "terms": terms_of(chosen.glossary_version_id) if chosen else [],
        "examples": examples(chosen.glossary_version_id) if chosen else [],
        "section": "playground",
    }
    return render(request, "playground/playground.html", context)


def terms_of(glossary_version_id: Any) -> list[dict[str, str]]:
    """The forms to mark in answers, of the glossary version the model was trained with."""
    rows = Term.objects.filter(concept__items__version_id=glossary_version_id).values("text", "status")
    return [{"text": row["text"], "status": row["status"]} for row in rows[:TERM_LIMIT]]


def examples(glossary_version_id: Any) -> list[str]:
    """Questions worth asking: what the house calls some forms it does not want."""
    rows = Term.objects.filter(
        concept__items__version_id=glossary_version_id, lang="en", status__in=["deprecated", "forbidden"]
    ).order_by("concept__uid")
    return [
        f"What does our style guide say instead of “{text}”?"
        for text in rows.values_list("text", flat=True)[:3]
    ]


async def playground_chat(request: HttpRequest, slug: str) -> HttpResponseBase:
    """What the playground page streams from: the gateway, for a signed-in member."""
    project = await sync_to_async(_project_of_member)(request, slug)
    try:
        body = json.loads(request.body)
    except ValueError:
        return JsonResponse(
            {"error": {"message": _("The body is not JSON."), "type": "invalid_request_error"}}, status=400
        )
    return in_words(await proxy.chat(project, body))


def in_words(answer: HttpResponseBase) -> HttpResponseBase:
    """An error of the gateway or of a model's server in the reader's language; any other answer as it is."""
    if not isinstance(answer, HttpResponse) or answer.status_code < 400:
        return answer
    try:
        said = json.loads(answer.content)
    # A server that breaks may answer anything.
    except ValueError:
        return answer
    error = said.get("error") if isinstance(said, dict) else None
    if isinstance(error, dict):
        error["message"] = told(error)
        answer.content = json.dumps(said).encode()
    return answer


def _project_of_member(request: HttpRequest, slug: str) -> Project:
    return projects.require(request.user, slug, Role.VIEWER)


playground_chat = require_POST(login_required(playground_chat))
