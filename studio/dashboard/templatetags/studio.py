"""Tags and filters of the pages: icons, states, times, sizes, the built frontend."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from protocol.errors import StudioError
from studio.cleaning.words import reason_word
from studio.dashboard import next_steps
from studio.dashboard.built import manifest_entry
from studio.wording import faults, telling

register = template.Library()

#: Every word a badge shows, by the value in the row.
WORDS = {
    "queued": gettext_lazy("Queued"),
    "starting": gettext_lazy("Starting"),
    "running": gettext_lazy("Running"),
    "pausing": gettext_lazy("Pausing"),
    "paused": gettext_lazy("Paused"),
    "cancelling": gettext_lazy("Cancelling"),
    "succeeded": gettext_lazy("Succeeded"),
    "failed": gettext_lazy("Failed"),
    "cancelled": gettext_lazy("Cancelled"),
    "uploaded": gettext_lazy("Reading"),
    "processed": gettext_lazy("Ready"),
    "error": gettext_lazy("Error"),
    "live": pgettext_lazy("deployment", "Live"),
    "preferred": pgettext_lazy("term", "Preferred"),
    "admitted": pgettext_lazy("term", "Admitted"),
    "deprecated": pgettext_lazy("term", "Deprecated"),
    "superseded": pgettext_lazy("term", "Superseded"),
    "forbidden": pgettext_lazy("term", "Forbidden"),
    "better": gettext_lazy("Better"),
    "worse": gettext_lazy("Worse"),
    "same": gettext_lazy("No difference"),
    "no_difference": gettext_lazy("No difference"),
    "owner": gettext_lazy("Owner"),
    "editor": gettext_lazy("Editor"),
    "viewer": gettext_lazy("Viewer"),
    "revoked": gettext_lazy("Revoked"),
    "active": gettext_lazy("Active"),
    "prepare_dataset": gettext_lazy("Dataset check"),
    "clean_dataset": gettext_lazy("Cleaning"),
    "undo_cleaning": gettext_lazy("Undoing a cleaning"),
    "validate_dataset": gettext_lazy("Check of all rows"),
    "sample_dataset": gettext_lazy("First rows"),
    "prepare_glossary": gettext_lazy("Glossary import"),
    "trained": pgettext_lazy("token", "learnt"),
    "context": pgettext_lazy("token", "seen"),
    "template": pgettext_lazy("token", "template"),
    "cut": pgettext_lazy("token", "cut off"),
    "apply_import": gettext_lazy("Glossary import, accepted"),
    "mapping": pgettext_lazy("import", "Columns unclear"),
    "reading": pgettext_lazy("import", "Reading"),
    "planned": pgettext_lazy("import", "Planned"),
    "settling": pgettext_lazy("import", "Being made"),
    "accepted": pgettext_lazy("import", "Accepted"),
    "discarded": pgettext_lazy("import", "Discarded"),
    "decided": pgettext_lazy("conflict", "Decided"),
    "undecided": pgettext_lazy("conflict", "Undecided"),
    "notice": pgettext_lazy("conflict", "Notice"),
    "generate_rows": gettext_lazy("Training rows"),
    "generate_pairs": gettext_lazy("Preference pairs"),
    "count_tokens": gettext_lazy("Token count"),
    "zh": gettext_lazy("Chinese"),
    "en": gettext_lazy("English"),
    "other": gettext_lazy("Other languages"),
    "moved": pgettext_lazy("rows", "Moved"),
    "validation": gettext_lazy("Validation"),
    "protected_changed": gettext_lazy("Something protected changed"),
    "number_changed": gettext_lazy("A number changed"),
    "negation_changed": gettext_lazy("A negation changed"),
    "language_changed": gettext_lazy("Another language"),
    "too_close": gettext_lazy("Hardly changed"),
    "too_far": gettext_lazy("Too far from the row"),
    "held_out": gettext_lazy("Held out for validation"),
    "duplicate": gettext_lazy("Equal to another row"),
    "length_changed": gettext_lazy("Far longer or shorter"),
    "empty": gettext_lazy("Empty"),
    "dataset_version": pgettext_lazy("lineage", "dataset"),
    "glossary_version": pgettext_lazy("lineage", "glossary"),
    "coverage": gettext_lazy("Coverage"),
    "mine_terms": gettext_lazy("Term candidates"),
    "prompt": pgettext_lazy("coverage", "In prompts"),
    "answer": pgettext_lazy("coverage", "In answers"),
    "right": gettext_lazy("Right"),
    "wrong": pgettext_lazy("coverage", "Rejected term used"),
    "missing": gettext_lazy("Missing"),
    "uncertain": pgettext_lazy("coverage", "Uncertain"),
    "ambiguous": pgettext_lazy("coverage", "Ambiguous"),
    "mix_datasets": gettext_lazy("Mix"),
    "measure_mix": gettext_lazy("Composition"),
    "augment_dataset": gettext_lazy("Augmentation"),
    "resplit_dataset": gettext_lazy("New split"),
    "replay_recipe": gettext_lazy("Replay"),
    "diff_versions": gettext_lazy("Comparison"),
    "train": gettext_lazy("Fine-tuning"),
    "evaluate": gettext_lazy("Evaluation"),
    "serve": gettext_lazy("Deployment"),
    "system": gettext_lazy("System"),
    "developer": gettext_lazy("Developer"),
    "user": gettext_lazy("User"),
    "assistant": gettext_lazy("Assistant"),
    "tool": gettext_lazy("Tool"),
    "wanted": gettext_lazy("Wanted answer"),
    "unwanted": gettext_lazy("Unwanted answer"),
    "passage": gettext_lazy("Text"),
    "data": pgettext_lazy("pool", "Data"),
    "compute": pgettext_lazy("pool", "Training"),
    "on": pgettext_lazy("webhook", "On"),
    "off": pgettext_lazy("webhook", "Off"),
    "waiting": pgettext_lazy("webhook", "Waiting"),
    "delivered": pgettext_lazy("webhook", "Delivered"),
    "model": pgettext_lazy("lineage", "model"),
    "base": pgettext_lazy("lineage", "base model"),
    "run": pgettext_lazy("lineage", "run"),
    "dataset": pgettext_lazy("lineage", "dataset"),
    "glossary": pgettext_lazy("lineage", "glossary"),
    "file": pgettext_lazy("lineage", "file"),
    "evaluation": pgettext_lazy("lineage", "evaluation"),
    "deployment": pgettext_lazy("lineage", "deployment"),
    "steps": gettext_lazy("Steps"),
    "tokens": gettext_lazy("Tokens"),
    "train_loss": gettext_lazy("Training loss"),
    "valid_loss": gettext_lazy("Validation loss"),
    "valid_loss_before": gettext_lazy("Validation loss before"),
    "trained_tokens": gettext_lazy("Trained tokens"),
    "added": pgettext_lazy("concept", "Added"),
    "changed": pgettext_lazy("concept", "Changed"),
    "removed": pgettext_lazy("concept", "Removed"),
    "published": pgettext_lazy("glossary", "Published"),
    "draft": pgettext_lazy("review", "Draft"),
    "in_review": pgettext_lazy("review", "In review"),
    "approved": pgettext_lazy("review", "Approved"),
    "grid": pgettext_lazy("origin", "by hand"),
    "api": pgettext_lazy("origin", "by API"),
    "import": pgettext_lazy("origin", "import"),
    "candidates": pgettext_lazy("origin", "accepted candidates"),
    "deepl": pgettext_lazy("origin", "translation tool"),
    "restore": pgettext_lazy("origin", "restored"),
    "undo": pgettext_lazy("origin", "undone"),
    "redo": pgettext_lazy("origin", "done again"),
    "new": pgettext_lazy("origin", "new"),
    "term_added": gettext_lazy("Term added"),
    "term_removed": gettext_lazy("Term removed"),
    "text": pgettext_lazy("term", "Term"),
    "status": pgettext_lazy("term", "Status"),
    "definition": gettext_lazy("Definition"),
    "subject_field": gettext_lazy("Subject field"),
    "part_of_speech": gettext_lazy("Part of speech"),
    "term_type": gettext_lazy("Kind of term"),
    "case_sensitive": gettext_lazy("Case matters"),
    "match": gettext_lazy("Matching"),
    "note": gettext_lazy("Note"),
    "source": gettext_lazy("Source"),
    "contexts": gettext_lazy("Examples"),
    "exact": pgettext_lazy("match", "This form only"),
    "inflect": pgettext_lazy("match", "All inflections"),
    "choose_form": gettext_lazy("Choose between two forms"),
    "explain_term": gettext_lazy("Explain a term"),
    "form_to_term": gettext_lazy("From a rejected form to the term"),
    "use_term": gettext_lazy("A sentence with the term"),
    "translate_out": gettext_lazy("Translation into other languages"),
    "do_not_translate": gettext_lazy("Names that stay"),
    "expand": gettext_lazy("Abbreviation written out"),
    "abbreviate": gettext_lazy("Abbreviation"),
    "choose_by_meaning": gettext_lazy("Choice by meaning"),
    "preference.correct_sentence": gettext_lazy("Pair of sentences"),
    "preference.definition_to_term": gettext_lazy("Pair of terms"),
    "definition_to_term": gettext_lazy("From a definition to the term"),
    "translate_term": gettext_lazy("Translate a term"),
    "correct_sentence": gettext_lazy("Correct a sentence"),
    "keep_sentence": gettext_lazy("Keep a right sentence"),
    "Latn": gettext_lazy("Latin"),
    "Hani": gettext_lazy("Chinese characters"),
    "Jpan": gettext_lazy("Japanese"),
    "Hang": gettext_lazy("Korean"),
    "Cyrl": gettext_lazy("Cyrillic"),
    "Arab": gettext_lazy("Arabic"),
    "Grek": gettext_lazy("Greek"),
    "Deva": gettext_lazy("Devanagari"),
    "Hebr": gettext_lazy("Hebrew"),
    "Thai": gettext_lazy("Thai"),
    "Zyyy": gettext_lazy("no letters"),
}
THIN_SPACE = "\u202f"
UNITS = ("B", "KB", "MB", "GB", "TB")


@register.simple_tag
def frontend_head() -> SafeString:
    """The stylesheets and the module script of the built frontend."""
    record = manifest_entry()
    sheets = format_html_join(
        "", '<link rel="stylesheet" href="{}">', ((static(f"dist/{name}"),) for name in record.get("css", ()))
    )
    script = format_html('<script type="module" src="{}"></script>', static(f"dist/{record['file']}"))
    return sheets + script


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of static/img/icons.svg; with a label it speaks, without it is decoration."""
    href = f"{static('img/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', href)


@register.filter
def word(value: object) -> str:
    """A stored value as a person reads it; an unknown one as it is."""
    return str(WORDS.get(str(value), value))


@register.simple_tag
def badge(value: object, **attributes: object) -> SafeString:
    """A state as a word with a mark; further arguments become data attributes (`slot="state"`)."""
    extra = format_html_join("", ' data-{}="{}"', ((k.replace("_", "-"), v) for k, v in attributes.items()))
    return format_html('<span class="badge" data-state="{}"{}>{}</span>', value, extra, word(value))


@register.filter
def ago(value: datetime | None) -> SafeString | str:
    """How long ago, with the exact time on hover; a dash for never."""
    if value is None:
        return "–"
    exact = formats.date_format(timezone.localtime(value), "DATETIME_FORMAT")
    seconds = (timezone.now() - value).total_seconds()
    text = _("just now") if seconds < 60 else _("%(time)s ago") % {"time": timesince(value, depth=1)}
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), exact, text)


@register.filter
def number(value: float | None) -> str:
    """Digits in groups of three with a thin space; a dash for nothing."""
    if value is None:
        return "–"
    return f"{value:,}".replace(",", THIN_SPACE)


@register.filter
def percent(value: float | None, digits: int = 0) -> str:
    """A share of one as a percentage."""
    return "–" if value is None else f"{100 * value:.{digits}f}{THIN_SPACE}%"


@register.filter
def size(value: float | None) -> str:
    """Bytes in the unit that fits."""
    if value is None:
        return "–"
    amount, unit = float(value), 0
    while amount >= 1000 and unit < len(UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    digits = 0 if unit == 0 or amount >= 100 else 1
    return f"{amount:.{digits}f}{THIN_SPACE}{UNITS[unit]}"


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds in the two largest units that count."""
    if seconds is None:
        return "–"
    whole = max(0, round(seconds))
    if whole >= 3600:
        return _("%(hours)d h %(minutes)d min") % {"hours": whole // 3600, "minutes": whole % 3600 // 60}
    if whole >= 60:
        return _("%(minutes)d min") % {"minutes": round(whole / 60)}
    return _("%(seconds)d s") % {"seconds": whole}


@register.filter
def short(value: object, length: int = 8) -> str:
    """The first letters of an id or a hash."""
    return str(value)[:length]


@register.filter
def told(error: StudioError | Mapping[str, Any]) -> str:
    """The message of an error, raised or stored, in the reader's language."""
    return telling.told(error)


@register.filter
def phrase(text: object) -> str:
    """A reason, a warning or an advice of the house in the reader's language; anything else as it is."""
    return telling.phrase(str(text))


@register.filter
def refusal(said: str) -> str:
    """Why a made row was refused (`generator: fault`)."""
    return faults.refusal(said, word(said.partition(": ")[0]))


@register.filter
def cleaned(reason: str) -> str:
    """Why a row was cleaned away or changed."""
    return reason_word(reason)


@register.filter
def next_step(code: str) -> str:
    """What to do about an error; nothing for a code that says it all."""
    return next_steps.next_step(code)


@register.filter
def get(mapping: dict[str, Any], key: str) -> Any:
    """A value of a dictionary by a variable's key; nothing where it is not there."""
    return mapping.get(key)


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: object) -> str:
    """This page's query string with some parameters changed; an empty value leaves one out."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            parameters.pop(name, None)
        else:
            parameters[name] = str(value)
    return f"?{parameters.urlencode()}"
