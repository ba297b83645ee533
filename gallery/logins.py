"""Failed logins are counted by address, whatever page they come from (ours, the admin's, another app's)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest

from gallery.contract.errors import NotifyError
from gallery.rate_limits import login_failures, login_key


class LoginLimitBackend:
    """The first of ``AUTHENTICATION_BACKENDS``: it signs nobody in, and keeps out whoever has failed too often."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Refuse before any password is looked at; a right one is then not told from a wrong one."""
        if request is not None and is_shut_out(request):
            raise PermissionDenied


def is_shut_out(request: HttpRequest) -> NotifyError | None:
    """Why this address may not try again yet; None where it may."""
    try:
        login_failures.check(login_key(request))
    except NotifyError as error:
        return error
    return None


@receiver(user_login_failed, dispatch_uid="gallery.count_failure")
def count_failure(request: HttpRequest | None = None, **_: Any) -> None:
    # What was refused unseen is not counted: else nobody who keeps trying could ever come back.
    if request is not None and not is_shut_out(request):
        login_failures.count(login_key(request))
