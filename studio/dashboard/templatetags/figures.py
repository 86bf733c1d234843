"""Tags and filters for measured figures: changes with their sign, intervals, answers with their terms marked."""

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from corpus.glossary.match import Matcher
from corpus.glossary.terms import Concept, Status, Term
from jobs.models import JobEvent
from protocol.evaluation import Metric
from studio.dashboard.templatetags.studio import size, word
from studio.evaluations.models import ItemRow
from studio.training.words import event_line

register = template.Library()

MINUS = "\u2212"
THIN_SPACE = "\u202f"
METRICS = {
    Metric.TERM_ACCURACY: _("Term accuracy"),
    Metric.TERM_ACCURACY_TAUGHT: _("Term accuracy, concepts in training"),
    Metric.TERM_ACCURACY_UNSEEN: _("Term accuracy, concepts held out"),
    Metric.FORBIDDEN_RATE: _("Forbidden terms"),
    Metric.VALIDATION_LOSS: _("Validation loss"),
    Metric.GENERAL_PERPLEXITY: _("General perplexity"),
}


@register.filter
def metric(name: str) -> str:
    """A measure as a person reads it."""
    return str(METRICS[Metric(name)])


@register.filter
def log_line(event: JobEvent) -> str:
    """An event of a run as a line of its log."""
    state, bytes_ = event.payload.get("state", ""), event.payload.get("size_bytes")
    return event_line(event.type, event.payload, state=word(state), size=size(bytes_))


def with_sign(value: float, digits: int) -> str:
    """A number with its sign; a rounded zero has none."""
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return text
    return f"{MINUS if value < 0 else '+'}{text}"


@register.filter
def points(share: float | None) -> str:
    """A change of a share in percentage points: +39.2."""
    return "–" if share is None else with_sign(100 * share, 1)


@register.filter
def signed(value: float | None) -> str:
    """A change with two digits behind the point."""
    return "–" if value is None else with_sign(value, 2)


@register.filter
def signed_whole(value: int) -> str:
    """A whole number with its sign."""
    return with_sign(value, 0)


@register.filter
def percent_signed(share: float | None) -> str:
    """A relative change: +3.1 %."""
    return "–" if share is None else f"{with_sign(100 * share, 1)}{THIN_SPACE}%"


@register.filter
def dot(value: float) -> str:
    """A coordinate: a point whatever the language."""
    return f"{value:.1f}"


@register.filter
def plain(value: float) -> str:
    """A figure without empty digits, grouped by thin spaces."""
    if float(value).is_integer():
        return f"{int(value):,}".replace(",", THIN_SPACE)
    return f"{value:.4g}"


@register.simple_tag
def mark_terms(text: str, item: ItemRow) -> SafeString:
    """An answer with its right and its forbidden terms marked, found as the measure finds them."""
    forms = dict.fromkeys(item.expected, Status.PREFERRED) | dict.fromkeys(item.forbidden, Status.FORBIDDEN)
    # One concept a form: a language has one preferred term in a concept, and here every expected form is right.
    concepts = [
        Concept(
            uid=str(number), terms=(Term.model_validate({"lang": "und", "text": form, "status": status}),)
        )
        for number, (form, status) in enumerate(forms.items())
    ]
    pieces, end = [], 0
    for hit in Matcher(concepts).find(text):
        if hit.start < end:
            continue
        pieces.append(escape(text[end : hit.start]))
        inner = text[hit.start : hit.end]
        pieces.append(format_html('<mark class="term" data-status="{}">{}</mark>', hit.status.value, inner))
        end = hit.end
    pieces.append(escape(text[end:]))
    return mark_safe("".join(pieces))  # every piece is escaped above
