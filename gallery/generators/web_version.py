"""The version of a video for browsers, made once more: smaller, finer, or because the first one went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gallery.contract.errors import NotifyError
from gallery.generators.base import Generator, GeneratorFailed, Selects
from gallery.generators.context import Context
from gallery.media.web_videos import Shape
from gallery.models import Item
from gallery.services.renditions import render_again

SIZES = ((640, _("Small (640 pixels)")), (1280, _("Medium (1280 pixels)")), (1920, _("Large (1920 pixels)")))
QUALITIES = ((28, _("Light: a small file")), (23, _("Normal")), (18, _("Fine: a large file")))  # x264's crf


class WebVersionForm(forms.Form):
    size = forms.TypedChoiceField(
        choices=SIZES, coerce=int, initial=1920, label=_("Longer side at most"), help_text=_("Nothing is made larger.")
    )
    quality = forms.TypedChoiceField(choices=QUALITIES, coerce=int, initial=23, label=_("Quality"))


class WebVersion(Generator):
    """What browsers play in place of the original, which stays as it is."""

    name = "web-version"
    label = _("Make the web version again")
    icon = "film"
    selects = Selects.MULTIPLE
    types = (Item.Type.VIDEO,)
    makes_items = False
    form_class = WebVersionForm

    def title(self, options: dict[str, Any], items: Sequence[Item]) -> str:
        if len(items) == 1:
            return gettext("Web version of %(name)s") % {"name": items[0].name}
        return gettext("Web versions")

    def run(self, context: Context) -> None:
        shape = Shape(context.options["size"], context.options["quality"], may_copy=False)
        failures = []
        for place, item in enumerate(context.items):
            try:
                self._make(context, item, place, shape)
            except NotifyError as error:
                failures.append(f"“{item.name}”: {error.message}")
                context.count(failed=1)
            else:
                context.count(done=1)
        if len(failures) == len(context.items):
            raise GeneratorFailed(" ".join(failures[:3]))
        if failures:
            context.notify("batch:end", status="partial", message=" ".join(failures[:3]))

    def _make(self, context: Context, item: Item, place: int, shape: Shape) -> None:
        def report(progress: float | None) -> None:
            whole = 100 * (place + (progress or 0) / 100) / len(context.items)
            context.notify("batch:progress", progress=whole, message=item.name)

        render_again(context.sender, item.id, shape, report)
