"""Who asks: a worker by its token, or a person by the session (whose changes need the CSRF token as well)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from ninja.security.apikey import APIKeyCookie
from ninja.security.http import HttpBearer
from ninja.utils import check_csrf

from gallery.access import Sender, by_hand
from gallery.api.bodies import refuse_announced
from gallery.authentication import worker_of_request
from gallery.contract.errors import NotifyError
from gallery.rate_limits import token_requests

NO_CSRF = "This change came without a valid CSRF token: send the csrftoken cookie's value as X-CSRFToken."


class TokenAuth(HttpBearer):
    """``Authorization: Bearer TOKEN``. A token that is not valid is refused, also where a session would do."""

    def __call__(self, request: HttpRequest) -> Sender | None:
        if "Authorization" not in request.headers:
            return None
        refuse_announced(request)
        sender = worker_of_request(request)
        token_requests.spend(sender.token.pk)
        return sender

    def authenticate(self, request: HttpRequest, token: str) -> None:
        raise NotImplementedError


class SessionAuth(APIKeyCookie):
    """The session of a person who is signed in."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Sender | None:
        if not request.user.is_authenticated:
            return None
        refuse_announced(request)  # the check below reads a form's body
        if check_csrf(request):
            raise NotifyError("forbidden", NO_CSRF)
        return by_hand(request.user)

    def authenticate(self, request: HttpRequest, key: str | None) -> None:
        raise NotImplementedError
