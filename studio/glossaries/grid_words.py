"""The words of the grid: its script has none of its own."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def words() -> dict[str, str]:
    """Each word by the key the script asks for; `{name}` is filled there."""
    return {
        "uid": _("Concept"),
        "lang": _("Language"),
        "text": pgettext("term", "Term"),
        "status": pgettext("term", "Status"),
        "part_of_speech": _("Part of speech"),
        "definition": _("Definition"),
        "subject_field": _("Subject field"),
        "note": _("Note"),
        "source": _("Source"),
        "do_not_translate": _("Do not translate"),
        "case_sensitive": _("Case matters"),
        "match": _("Matching"),
        "contexts": _("Examples"),
        "preferred": pgettext("term", "Preferred"),
        "admitted": pgettext("term", "Admitted"),
        "deprecated": pgettext("term", "Deprecated"),
        "superseded": pgettext("term", "Superseded"),
        "forbidden": pgettext("term", "Forbidden"),
        "exact": pgettext("match", "This form only"),
        "inflect": pgettext("match", "All inflections"),
        "yes": _("yes"),
        "no": _("no"),
        "added": pgettext("concept", "Added"),
        "changed": pgettext("concept", "Changed"),
        "removed": pgettext("concept", "Removed"),
        "new": _("Type a new term here"),
        "empty": _("empty"),
        "cell": _("{column}, line {n}: {text}"),
        "pick": _("Choose line {n}"),
        "threads": _("{n} open comments"),
        "total": _("{n} concepts"),
        "saving": _("Saving…"),
        "saved": _("Saved"),
        "again": _("The line is slow: trying again ({n})"),
        "stuck": _("Not saved: {why}"),
        "signed-out": _("Not saved: you are signed out. Sign in in another tab, then try again."),
        "refused": _("Not saved: {why}"),
        "unread": _("The terms could not be read: {why}"),
        "conflict": _("{by} changed {uid} meanwhile. Yours: {mine}. Theirs: {theirs}."),
        "pasted": _("{n} cells pasted"),
        "bulk-done": _("{n} lines: {status}"),
        "undo-done": _("Undone: {n} concepts"),
        "redo-done": _("Done again: {n} concepts"),
    }


#: The columns of the grid, in order.
COLUMNS = (
    "uid",
    "lang",
    "text",
    "status",
    "part_of_speech",
    "definition",
    "subject_field",
    "note",
    "source",
    "do_not_translate",
    "case_sensitive",
    "match",
    "contexts",
)
