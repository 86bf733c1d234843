"""The forms of a project: its name, a key, a member."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from studio.projects.models import Role
from studio.projects.services import NAME_LIMIT

ROLES = [
    (Role.VIEWER.value, pgettext_lazy("role", "Viewer: looks at everything")),
    (Role.EDITOR.value, pgettext_lazy("role", "Editor: uploads, trains, evaluates, deploys")),
    (Role.OWNER.value, pgettext_lazy("role", "Owner: members, keys, deletion")),
]


class ProjectForm(forms.Form):
    """A new project."""

    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_LIMIT,
        help_text=_("A team or a subject, such as “Finance”. Its glossaries, data and models stay together."),
    )


class KeyForm(forms.Form):
    """A new API key."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("Where it will be used, such as “billing service”.")
    )
    role = forms.ChoiceField(label=_("May"), choices=ROLES, initial=Role.EDITOR.value)


class MemberForm(forms.Form):
    """A person and what they may do."""

    username = forms.CharField(label=_("User name"), max_length=150)
    role = forms.ChoiceField(label=_("May"), choices=ROLES, initial=Role.EDITOR.value)
