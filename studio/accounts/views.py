"""Signing in and out."""

from django.contrib.auth.views import LoginView, LogoutView

from studio.accounts.forms import SignInForm


class SignIn(LoginView):
    """The door: name and password; who is in already goes on."""

    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


class SignOut(LogoutView):
    """Out again, by POST only."""

    http_method_names = ["post", "options"]
