"""The form of the door."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _


class SignInForm(AuthenticationForm):
    """Name and password, in the studio's words."""

    error_messages = {
        "invalid_login": _("No account has this name and password. Both are case-sensitive."),
        "inactive": _("This account is switched off; an administrator can switch it on."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name")
        self.fields["password"].label = _("Password")
