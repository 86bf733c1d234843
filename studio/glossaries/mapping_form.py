"""The form in which a person says what the columns of a glossary table mean."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from corpus.glossary.terms import canonical_lang


class MappingForm(forms.Form):
    """What each column of a table means, which sheet is read, and whether its first row names the columns."""

    def __init__(self, table: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._table = table
        sheets: list[str] = table.get("sheets") or []
        if len(sheets) > 1:
            self.fields["sheet"] = forms.ChoiceField(
                label=_("Sheet"), choices=[(name, name) for name in sheets], initial=table.get("sheet")
            )
        self.fields["has_header"] = forms.BooleanField(
            label=_("The first row names the columns"), required=False, initial=table.get("has_header", True)
        )
        for place, guess in enumerate(table.get("guess") or []):
            kind, lang, status = kind_of(guess)
            self.fields[f"kind{place}"] = forms.ChoiceField(
                label=_("Meaning"), choices=MEANINGS, initial=kind
            )
            self.fields[f"lang{place}"] = forms.CharField(
                label=_("Language"),
                required=False,
                initial=lang,
                max_length=35,
                widget=forms.TextInput(attrs={"placeholder": "zh-Hans", "size": 10}),
            )
            self.fields[f"status{place}"] = forms.ChoiceField(
                label=_("Status"), choices=TERM_STATUSES, required=False, initial=status
            )

    def columns(self) -> list[dict[str, Any]]:
        """Each column: its name, its first cells, and its fields."""
        rows: list[list[str]] = self._table.get("rows") or []
        return [
            {
                "name": name or f"#{place + 1}",
                "cells": [row[place] for row in rows if place < len(row) and row[place]][:3],
                "kind": self[f"kind{place}"],
                "lang": self[f"lang{place}"],
                "status": self[f"status{place}"],
            }
            for place, name in enumerate(self._table.get("header") or [])
        ]

    def clean(self) -> dict[str, Any]:
        """A term needs its language, said by the column or by another column."""
        said = super().clean() or {}
        kinds = [said.get(f"kind{place}") for place in range(len(self._table.get("header") or []))]
        terms = [place for place, kind in enumerate(kinds) if kind == "term"]
        if not terms:
            self.add_error(None, _("Say which columns hold terms."))
        for place in terms:
            lang = said.get(f"lang{place}", "")
            if not lang and "lang" not in kinds:
                self.add_error(f"lang{place}", _("Say the language, as a tag such as en or zh-Hans."))
            elif lang:
                self._check_lang(place, lang)
        return said

    def mapping(self) -> dict[str, Any]:
        """What the form says, as a TableMapping takes it."""
        said = self.cleaned_data
        columns = {}
        for place in range(len(self._table.get("header") or [])):
            parts = [said[f"kind{place}"], said[f"lang{place}"], said[f"status{place}"]]
            if parts[0] not in ("term", "definition", "context", "term_note", "part_of_speech"):
                parts = parts[:1]
            elif parts[0] != "term":
                parts = parts[:2]
            columns[f"#{place + 1}"] = ":".join(parts).rstrip(":")
        return {"sheet": said.get("sheet") or None, "has_header": said["has_header"], "columns": columns}

    def _check_lang(self, place: int, lang: str) -> None:
        try:
            canonical_lang(lang)
        except ValueError:
            self.add_error(f"lang{place}", _("This is no language tag; write en, de or zh-Hans."))


def kind_of(guess: str) -> tuple[str, str, str]:
    """A guessed meaning as the form's fields."""
    field, _sep, rest = guess.partition(":")
    if field in ("extra", "concept_extra"):
        return "concept_extra", "", ""
    lang, _sep, status = rest.partition(":")
    return (field if field in dict(MEANINGS) else "concept_extra"), lang, status


MEANINGS = [
    ("term", _("Term")),
    ("lang", _("Language of the term")),
    ("status", _("Status of the term")),
    ("definition", _("Definition")),
    ("concept", _("Name of the concept")),
    ("subject_field", _("Subject field")),
    ("part_of_speech", _("Part of speech")),
    ("context", _("Example")),
    ("term_note", _("Note on the term")),
    ("concept_note", _("Note on the concept")),
    ("source", _("Source")),
    ("concept_extra", _("Keep as a further field")),
    ("ignore", _("Leave out")),
]
TERM_STATUSES = [
    ("", _("as it stands")),
    ("preferred", pgettext_lazy("term", "Preferred")),
    ("admitted", pgettext_lazy("term", "Admitted")),
    ("deprecated", pgettext_lazy("term", "Deprecated")),
    ("superseded", pgettext_lazy("term", "Superseded")),
    ("forbidden", pgettext_lazy("term", "Forbidden")),
]
