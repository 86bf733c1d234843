"""The tab of tokens: one row of a dataset as a base model's tokens, and the totals of the whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from protocol.errors import StudioError
from protocol.training import LoraConfig
from studio.datasets.models import Dataset, DatasetVersion, StoredFile
from studio.datasets.rows import counts_of
from studio.datasets.views import chosen, frame_of
from studio.projects import services as projects
from studio.projects.models import Project, Role
from studio.registry.models import BaseModel
from studio.tokens import services
from studio.tokens.forms import LookForm, PasteForm
from studio.tokens.models import TokenCount
from studio.tokens.schemas import state_of
from studio.wording.telling import told

if TYPE_CHECKING:
    from corpus.tokens.xray import Token, XRay

#: Tokens of one row that a page shows; the API gives all.
SHOWN_TOKENS = 4000
#: A run's own, so that the pack shown is the one a run makes unless its form says otherwise.
BATCH_TOKENS: int = LoraConfig.model_fields["batch_tokens"].default
SEED = 7


@dataclass(frozen=True)
class Piece:
    """One token as the page prints it."""

    text: str
    title: str
    breaks: bool


@dataclass(frozen=True)
class Stretch:
    """Neighbouring tokens of one state; `said` is the text they stand for, to be read aloud."""

    state: str
    said: str
    pieces: list[Piece]
    #: A mark of the model's own that was typed into a turn.
    is_typed_mark: bool


@dataclass(frozen=True)
class Shown:
    """A row's X-ray as the page prints it."""

    answer: str
    counts: dict[str, int]
    stretches: list[Stretch]
    n_hidden: int
    has_typed_marks: bool


@login_required
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest, slug: str, dataset_id: UUID) -> HttpResponse:
    """One row as tokens, and the totals; a POST looks at the row it brings and keeps nothing."""
    project = projects.require(request.user, slug, Role.VIEWER)
    version = version_of(project, dataset_id, request.GET.get("v", ""))
    form = LookForm(version, request.GET)
    paste = PasteForm(request.POST) if request.method == "POST" else PasteForm()
    context = frame_of(project, version, "tokens") | {"form": form, "paste": paste}
    if form.is_valid():
        context |= looked(project, version, form.cleaned_data, paste)
    return render(request, "tokens/tokens.html", context, status=422 if paste.errors else 200)


@login_required
@require_POST
def count(request: HttpRequest, slug: str, dataset_id: UUID) -> HttpResponse:
    """Have the tokens of a split counted, and back to the tab."""
    project = projects.require(request.user, slug, Role.EDITOR)
    version = version_of(project, dataset_id, request.GET.get("v", ""))
    form = LookForm(version, request.GET)
    if form.is_valid():
        wanted = form.cleaned_data
        try:
            stored = services.split_file(version, wanted["split"])
            base = services.base_of(wanted["model"])
            services.count(project, stored, base, wanted["length"], by=request.user.get_username())
        except StudioError as error:
            messages.error(request, told(error))
    back = reverse("dataset-tokens", args=[project.slug, dataset_id])
    return redirect(f"{back}?{request.GET.urlencode()}")


def version_of(project: Project, dataset_id: UUID, number: str) -> DatasetVersion:
    """The version that the address names; 404 for one that is not there."""
    return chosen(get_object_or_404(Dataset.objects.filter(project=project), id=dataset_id), number)


def looked(
    project: Project, version: DatasetVersion, wanted: dict[str, Any], paste: PasteForm
) -> dict[str, Any]:
    """What the page shows: the row as tokens or the problem with it, its pack, and the totals."""
    context: dict[str, Any] = {"wanted": wanted, "n_rows": getattr(counts_of(version), wanted["split"])}
    try:
        stored = services.split_file(version, wanted["split"])
        base = services.base_of(wanted["model"])
        counted = services.counted(project, stored, base, wanted["length"])
        context |= {"counted": counted, "count_state": state_of(counted)}
        if not paste.is_bound:
            return context | one_row(stored, base, wanted, counted)
        if paste.is_valid():
            xrays = services.look(paste.cleaned_data["pasted"], base, wanted["length"])
            context["xrays"] = [shown_of(each) for each in xrays]
    except StudioError as error:
        context["problem"] = error.as_dict()
    return context


def one_row(
    stored: StoredFile, base: BaseModel, wanted: dict[str, Any], counted: TokenCount | None
) -> dict[str, Any]:
    """A row of the dataset as tokens, and its pack where the tokens are counted."""
    row = services.row_at(stored, wanted["row"], counted)
    found: dict[str, Any] = {"xrays": [shown_of(each) for each in services.look(row, base, wanted["length"])]}
    if counted is not None and counted.totals is not None:
        number = wanted["row"]
        packs = services.neighbours(counted, [number], batch_tokens=BATCH_TOKENS, seed=SEED, epoch=0)
        found |= {"pack": packs.get(number), "seed": SEED}
    return found


def shown_of(xray: "XRay") -> Shown:
    """An X-ray as the page prints it."""
    stretches = list(stretches_of(xray))
    return Shown(
        answer=xray.answer,
        counts=xray.counts(),
        stretches=stretches,
        n_hidden=max(0, len(xray.tokens) - SHOWN_TOKENS),
        has_typed_marks=any(stretch.is_typed_mark for stretch in stretches),
    )


def stretches_of(xray: "XRay") -> Iterator[Stretch]:
    """The first tokens, those of one state together."""
    from corpus.tokens.xray import State

    def kind(token: "Token") -> tuple[str, bool]:
        return token.state.value, token.special and token.state is State.CONTEXT

    for (state, is_typed), group in groupby(islice(xray.tokens, SHOWN_TOKENS), kind):
        found = list(group)
        said = xray.text[found[0].start : found[-1].end]
        yield Stretch(state, said, [piece_of(token) for token in found], is_typed)


def piece_of(token: "Token") -> Piece:
    """A token as the page prints it."""
    from corpus.tokens.xray import shown

    title = f"{token.id}" + (f" · {token.bytes} ({token.part})" if token.part else "")
    return Piece(shown(token), title, breaks="\n" in token.text)
