"""The form of an endpoint."""

from django import forms
from django.utils.translation import gettext_lazy as _

from studio.webhooks.services import TYPES


class EndpointForm(forms.Form):
    """What it is called, where it is, what it hears of."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("Whom it tells, for example “build server”.")
    )
    url = forms.URLField(
        label=_("Address"),
        max_length=2000,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"placeholder": "https://hooks.example.com/studio"}),
        help_text=_(
            "Messages are sent here by POST. Addresses inside a network are refused unless the operator allows them."
        ),
    )
    event_types = forms.MultipleChoiceField(
        label=_("Events"),
        choices=[(name, name) for name in TYPES],
        initial=[name for name in TYPES if name.startswith("fine_tuning.")],
        widget=forms.CheckboxSelectMultiple,
    )
