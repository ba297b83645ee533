"""What is refused in the pages, said in one place.

A page that may not be seen is a 404, for strangers the login. A refused action answers htmx with ``#notice`` and the
error's status; a plain form goes back to the page it came from, which says the sentence and keeps what was typed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext_lazy as _
from django.views.csrf import csrf_failure as django_csrf_failure
from django.views.decorators.http import require_POST, require_safe

from gallery.contract.errors import NotifyError
from gallery.services.revisions import database_errors
from gallery.views.navigation import SeeOther, is_from_script, is_on_this_site, page_before
from gallery.views.outage import unavailable

View = Callable[..., HttpResponseBase]

SIGN_IN = _("Sign in to do this.")
EXPIRED = _("This page has become too old for that, or your browser keeps no cookies. Nothing was changed; try again.")

NOTICE = "gallery_notice"  # the session's key for a sentence that waits for the next page
TYPED_FIELDS = ("name", "visibility", "username", "role")
TYPED_LENGTH = 500  # characters kept of each, for one page
SIGN_IN_AND_OUT = ("login", "logout")


def page(view: View) -> View:
    """A page to look at. Its bytes are for this person alone, and asked for anew each time."""

    @require_safe
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except NotifyError as error:
            if not request.user.is_authenticated:  # also for what is not there: who asks shall not learn which
                return redirect_to_login(request.get_full_path())
            raise Http404(error.message) from error
        patch_cache_control(response, private=True, no_cache=True)
        return response

    return answer


def action(view: View) -> View:
    """Something that a person who is signed in does: POST only."""

    @require_POST
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            with database_errors():
                if not request.user.is_authenticated:
                    raise NotifyError("unauthenticated", SIGN_IN)
                return view(request, *args, **kwargs)
        except NotifyError as error:
            return refuse(request, error)

    return answer


def refuse(request: HttpRequest, error: NotifyError) -> HttpResponseBase:
    """Say to this person why it was not done."""
    if is_from_script(request):
        context = {"code": error.code, "message": error.message}
        response = render(request, "gallery/fragments/_notice.html", context, status=error.status)
        if error.retry_after is not None:
            response["Retry-After"] = str(error.retry_after)
        return response
    if error.code == "unavailable":  # the session that would keep the sentence is in the same database
        return unavailable(request)
    if error.code == "unauthenticated":
        return redirect_to_login(page_before(request))
    if error.code == "not_found":
        raise Http404(error.message) from error
    typed = {name: request.POST[name][:TYPED_LENGTH] for name in TYPED_FIELDS if name in request.POST}
    request.session[NOTICE] = {"code": error.code, "message": error.message, "typed": typed}
    return SeeOther(page_before(request))


def tell(request: HttpRequest, code: str, message: str, url: str) -> HttpResponseBase:
    """Something was done, and there is something to say about it; a plain form goes on to ``url``."""
    if is_from_script(request):
        return render(request, "gallery/fragments/_notice.html", {"code": code, "message": message})
    request.session[NOTICE] = {"code": code, "message": message, "typed": {}}
    return SeeOther(page_before(request, url))


def offer_undo(request: HttpRequest, response: HttpResponse, message: str, undo: str) -> HttpResponse:
    """Say what was done, with a button that posts to ``undo``: a script does, else the person's next page."""
    if is_from_script(request):
        response["Darkroom-Done"], response["Darkroom-Undo"] = quote(message), undo
        return response
    request.session[NOTICE] = {"code": "done", "message": message, "undo": undo, "typed": {}}
    return response


def take_notice(request: HttpRequest) -> dict[str, Any] | None:
    """The sentence that waits for this person's next page; said once."""
    return request.session.pop(NOTICE, None)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """For ``CSRF_FAILURE_VIEW``: a page of ours that stood open over a login goes back to itself and says so."""
    match = request.resolver_match
    is_ours = match is not None and (match.namespace == "gallery" or match.view_name in SIGN_IN_AND_OUT)
    # A foreign page can send neither; it must not even get a new session into the person's browser.
    is_from_here = is_from_script(request) or is_on_this_site(request, request.headers.get("Referer", ""))
    if is_ours and is_from_here:
        return refuse(request, NotifyError("forbidden", EXPIRED))
    return django_csrf_failure(request, reason)
