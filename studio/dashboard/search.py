"""The search of the top bar: objects of a project by name or id, its places, and terms of its glossaries."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from studio.datasets.models import Dataset
from studio.deployments.models import Deployment
from studio.evaluations.models import Evaluation
from studio.glossaries.models import Glossary, GlossaryVersion, VersionItem
from studio.projects.models import Project
from studio.registry.models import ModelVersion
from studio.training.models import Run

M = TypeVar("M", bound=Model)

OF_A_KIND = 5
_HEX = re.compile(r"[0-9a-f]{32}$")

#: Name of the route, icon, what it is called.
PLACES: tuple[tuple[str, str, Promise], ...] = (
    ("project-home", "home", _("Home")),
    ("glossaries", "book", _("Glossaries")),
    ("datasets", "rows", _("Datasets")),
    ("train", "train", _("Train")),
    ("runs", "runs", _("Runs")),
    ("evaluations", "scale", _("Evaluations")),
    ("models", "box", _("Models")),
    ("deployments", "server", _("Deployments")),
    ("playground", "chat", _("Playground")),
    ("keys", "key", _("API keys")),
    ("members", "people", _("Members")),
)


@dataclass(frozen=True)
class Hit:
    """Something to go to."""

    href: str
    icon: str
    text: str
    kind: Promise


def find(project: Project, text: str) -> list[Hit]:
    """What the text may mean, places first; only places for an empty text."""
    hits = [
        Hit(reverse(name, args=[project.slug]), icon, str(label), _("Page"))
        for name, icon, label in PLACES
        if text.lower() in str(label).lower()
    ]
    if text:
        hits += objects_named(project, text)
        hits += terms_named(project, text)
    return hits


def objects_named(project: Project, text: str) -> Iterator[Hit]:
    """Objects of the project whose name holds the text, or whose id it is."""
    glossaries = Glossary.objects.filter(project=project)
    for glossary in some(glossaries, text, "name"):
        yield Hit(reverse("glossary", args=[project.slug, glossary.id]), "book", glossary.name, _("Glossary"))
    for dataset in some(Dataset.objects.filter(project=project), text, "name"):
        yield Hit(reverse("dataset", args=[project.slug, dataset.id]), "rows", dataset.name, _("Dataset"))
    for run in some(Run.objects.filter(project=project), text, "suffix"):
        yield Hit(reverse("run", args=[project.slug, run.id]), "runs", str(run), _("Run"))
    for model in some(ModelVersion.objects.filter(project=project), text, "model_id"):
        yield Hit(reverse("model", args=[project.slug, model.id]), "box", model.model_id, _("Model"))
    evaluations = Evaluation.objects.filter(project=project).select_related(
        "model_version", "dataset_version__dataset"
    )
    for evaluation in some(evaluations, text, "model_version__model_id"):
        href = reverse("evaluation", args=[project.slug, evaluation.id])
        yield Hit(href, "scale", str(evaluation), _("Evaluation"))
    for deployment in some(Deployment.objects.filter(project=project), text, "name"):
        yield Hit(reverse("deployments", args=[project.slug]), "server", deployment.name, _("Deployment"))


def some(rows: QuerySet[M], text: str, field: str) -> QuerySet[M]:
    """The first rows whose field holds the text, or whose id it is."""
    wanted = Q(**{f"{field}__icontains": text})
    id_ = id_in(text)
    return rows.filter(wanted | Q(id=id_) if id_ else wanted)[:OF_A_KIND]


def id_in(text: str) -> UUID | None:
    """The row's id in a public id ("ftjob-..."), a UUID, or nothing."""
    digits = _HEX.search(text.lower().replace("-", ""))
    return UUID(hex=digits[0]) if digits else None


def terms_named(project: Project, text: str) -> Iterator[Hit]:
    """Terms that hold the text, in the glossaries' newest versions; each leads to its concept."""
    versions = GlossaryVersion.objects.filter(glossary__project=project)
    newest = versions.order_by("glossary_id", "-number").distinct("glossary_id").values_list("id", flat=True)
    items = (
        VersionItem.objects.filter(version__in=list(newest), concept__terms__text__icontains=text)
        .select_related("concept", "version")
        .prefetch_related("concept__terms")
        .order_by("position")
        .distinct()[:OF_A_KIND]
    )
    for item in items:
        forms = (term.text for term in item.concept.terms.all())
        form = next((form for form in forms if text.lower() in form.lower()), item.concept.uid)
        href = reverse("glossary", args=[project.slug, item.version.glossary_id])
        yield Hit(f"{href}?concept={item.concept.uid}", "spark", form, _("Term"))
