"""Signing in, and being told when one has failed too often."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from gallery.contract.errors import NotifyError
from gallery.logins import is_shut_out
from gallery.views.errors import take_notice

WRONG = _("The name or the password is not right. Mind capital and small letters.")


class LoginForm(AuthenticationForm):
    """Says it where there were too many failures, instead of calling the password wrong."""

    error_messages = AuthenticationForm.error_messages | {"invalid_login": WRONG}
    refusal: NotifyError | None = None

    def clean(self) -> dict[str, Any]:
        self.refusal = is_shut_out(self.request)
        if self.refusal:
            raise ValidationError(self.refusal.message)
        return super().clean()


class LimitedLoginView(LoginView):
    """Django's, with 429 and ``Retry-After`` where the contract asks for them."""

    authentication_form = LoginForm

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return super().get_context_data(notice=take_notice(self.request), **context)

    def form_invalid(self, form: LoginForm) -> HttpResponse:
        response = super().form_invalid(form)
        if form.refusal:
            response.status_code = form.refusal.status
            response["Retry-After"] = str(form.refusal.retry_after)
        return response
