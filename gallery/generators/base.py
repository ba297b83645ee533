"""What a generator is: a name, what has to be selected, a form, and ``run``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gallery.models import Item

if TYPE_CHECKING:
    from gallery.generators.context import Context

MOST_ITEMS = 1_000  # of a selection
TYPES = {
    "image": gettext_lazy("“image”"),
    "video": gettext_lazy("“video”"),
    "audio": gettext_lazy("“audio”"),
    "file": gettext_lazy("“file”"),
}


class Selects(StrEnum):
    """How many items have to be selected."""

    ANY = "any"  # none, one or many
    NONE = "none"  # whatever is selected, it does not matter
    SINGLE = "single"  # exactly one
    MULTIPLE = "multiple"  # at least one


class GeneratorFailed(Exception):
    """Raised by ``run``: the text, a sentence, is what people read on the batch."""


class Generator:
    """Subclass it, say what it is, and register it; an instance is made for each request and each run."""

    name: ClassVar[str]  # in addresses: lower-case letters, digits and hyphens
    label: ClassVar[str]  # on the button
    icon: ClassVar[str] = "spark"  # a symbol of templates/gallery/_icons.html
    selects: ClassVar[Selects] = Selects.NONE
    types: ClassVar[Collection[str]] = ()  # of the items that can be selected: image, video, audio, file; empty: all
    makes_items: ClassVar[bool] = True  # False: it does something with those selected, and no sheets of paper appear
    form_class: ClassVar[type[forms.Form]] = forms.Form

    def form(self, data: Any = None, *, items: Sequence[Item]) -> forms.Form:
        """The questions; ``items`` are those that are selected. Files cannot be asked for."""
        return self.form_class(data, prefix="option", label_suffix="")

    def total(self, options: dict[str, Any], items: Sequence[Item]) -> int:
        """How many items it will make: so many sheets of paper appear. ``options`` are the form's cleaned data."""
        return max(1, len(items))

    def title(self, options: dict[str, Any], items: Sequence[Item]) -> str:
        """What the batch is called."""
        return str(self.label)

    def run(self, context: Context) -> None:
        """Make the items, and say by ``context.notify`` what happens. Runs in the task worker."""
        raise NotImplementedError

    def why_not(self, items: Sequence[Item]) -> str:
        """Why it cannot be done with this selection, in a sentence; empty where it can."""
        wanted = _(" or ").join(str(TYPES[kind]) for kind in self.types)
        if self.selects == Selects.NONE:
            return ""
        if self.selects == Selects.SINGLE and len(items) != 1:
            return _("Select exactly one item for this.")
        if self.selects == Selects.MULTIPLE and not items:
            return _("Select at least one item for this.")
        if len(items) > MOST_ITEMS:
            return _("Select at most %(count)s items for this.") % {
                "count": number_format(MOST_ITEMS, force_grouping=True)
            }
        if self.types and any(item.type not in self.types for item in items):
            return _("Select only items of the type %(types)s for this.") % {"types": wanted}
        return ""
