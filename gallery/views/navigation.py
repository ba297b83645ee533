"""Where a person goes after an action: never off this site."""

from __future__ import annotations

from urllib.parse import urldefrag, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


class SeeOther(HttpResponseRedirect):
    """303: what follows a POST is a GET."""

    status_code = 303


def is_from_script(request: HttpRequest) -> bool:
    """Whether htmx (or a script in its manner) asks: it wants a fragment or nothing, not a page."""
    return request.headers.get("HX-Request") == "true"


def page_before(request: HttpRequest, default: str | None = None) -> str:
    """The page on this site that the person came from: the form's ``next``, else the Referer, else ``default``."""
    for url in (request.POST.get("next"), request.headers.get("Referer")):
        if url and is_on_this_site(request, url):
            return urldefrag(url).url
    return reverse("gallery:home") if default is None else default


def is_on_this_site(request: HttpRequest, url: str) -> bool:
    return url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure())


def done(request: HttpRequest, default: str, fragment: str = "", *, gone: str = "") -> HttpResponse:
    """The answer to an action that succeeded.

    A script gets 204, for the change arrives over the page's socket; a plain form goes back to its page (else
    ``default``), at ``fragment``. ``gone`` is a page that there is no more: who was there goes to ``default``.
    """
    if is_from_script(request):
        if gone and urlsplit(request.headers.get("HX-Current-URL", "")).path == gone:
            return go_to(default)
        return HttpResponse(status=204)
    target = page_before(request, default)
    if gone and urlsplit(target).path == gone:
        target = default
    return SeeOther(f"{target}#{fragment}" if fragment else target)


def go_to(url: str) -> HttpResponse:
    """Have htmx open another page."""
    return HttpResponse(headers={"HX-Redirect": url})


def open_page(request: HttpRequest, url: str) -> HttpResponse:
    """Have the person's browser open another page, with or without a script."""
    return go_to(url) if is_from_script(request) else SeeOther(url)
