"""What people type, and the sentence for each way to get it wrong."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gallery.contract import limits
from gallery.contract.errors import FieldError, NotifyError
from gallery.contract.rules import check_typed_name, has_something_to_see
from gallery.models import Folder
from gallery.services.checks import rule_in_words

LAYOUTS = ("grid", "rows", "strip")

_match_cursor = re.compile(r"[A-Za-z0-9_!-]{1,2000}").fullmatch


class NameField(forms.CharField):
    """One line of text: runs of white space count as one space."""

    default_error_messages = {
        "required": _("A name is needed."),
        "max_length": _("A name has at most %(limit_value)d characters."),
        "null_characters_not_allowed": _("A name cannot contain the character NUL."),
    }

    def to_python(self, value: Any) -> str:
        name = " ".join(super().to_python(value).split())
        return name if has_something_to_see(name) else ""

    def run_validators(self, value: Any) -> None:
        super().run_validators(value)
        if value:
            try:
                check_typed_name(value)
            except ValueError as error:
                raise forms.ValidationError(gettext("A name %(must)s.") % {"must": rule_in_words(error)}) from None


class FolderForm(forms.Form):
    """A new folder."""

    name = NameField(max_length=limits.NAME_LENGTH)
    visibility = forms.ChoiceField(
        choices=Folder.Visibility.choices,
        required=False,
        error_messages={"invalid_choice": _("A folder is private, shared with members, or public.")},
    )

    parent = forms.CharField(required=False, max_length=limits.ID_LENGTH)

    def clean_visibility(self) -> str:
        return self.cleaned_data["visibility"] or Folder.Visibility.PRIVATE


class FolderChangesForm(forms.Form):
    """What an editor or, of the visibility, an owner changes of a folder; what is not sent stays."""

    name = NameField(max_length=limits.NAME_LENGTH)
    parent = forms.CharField(required=False, max_length=limits.ID_LENGTH)
    sort = forms.ChoiceField(choices=Folder.Sort.choices)
    visibility = forms.ChoiceField(choices=Folder.Visibility.choices, required=False)


class FolderCopyForm(forms.Form):
    """What a copy is called, and where it stands."""

    name = NameField(max_length=limits.NAME_LENGTH)
    parent = forms.CharField(required=False, max_length=limits.ID_LENGTH)


class TagsForm(forms.Form):
    """Words with commas between them."""

    tags = forms.CharField(required=False, max_length=limits.TAGS_PER_ITEM * (limits.TAG_LENGTH + 2))

    def clean_tags(self) -> list[str]:
        return [tag for tag in self.cleaned_data["tags"].split(",") if tag.strip()]


class RenameForm(forms.Form):
    """Another name for an item."""

    name = NameField(max_length=limits.NAME_LENGTH)


def read_form(form_class: type[forms.Form], request: HttpRequest) -> dict[str, Any]:
    """What was typed, cleaned; raises ``NotifyError`` ``invalid`` with the first sentence."""
    form = form_class(request.POST)
    if form.is_valid():
        return form.cleaned_data
    errors = [FieldError(field, str(messages[0])) for field, messages in form.errors.items()]
    raise NotifyError("invalid", errors[0].message, errors)


def read_cursor(request: HttpRequest, name: str = "cursor") -> str:
    """Where the page begins or ends; nonsense is the beginning, for addresses are passed on and shortened."""
    cursor = request.GET.get(name, "")
    return cursor if _match_cursor(cursor) else ""


def read_layout(request: HttpRequest) -> str:
    """How the cards are laid out, where the address says it; else the browser remembers."""
    layout = request.GET.get("layout", "")
    return layout if layout in LAYOUTS else ""


def read_revision(said: QueryDict, name: str) -> int:
    """A revision that an address names; nonsense is before all."""
    text = said.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else 0
