"""The language of an answer: a page's is the reader's, the API's is English, whatever a client prefers."""

from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from studio.gateway.middleware import API, PAGES


class AnswerLanguage(LocaleMiddleware):
    """Django's own, but for the API: programs compare what they are told."""

    def process_request(self, request: HttpRequest) -> None:
        """Activate the language before anything is said."""
        if request.path.startswith(API) and not request.path.startswith(PAGES):
            translation.activate("en")
            request.LANGUAGE_CODE = "en"
        else:
            super().process_request(request)
