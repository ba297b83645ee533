"""The project's own generator: the demo's renderers, asked for by a person and run by the task worker. Needs numpy."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gallery.generators import Generator, GeneratorFailed
from gallery.generators.context import Context
from gallery.models import Item
from gallery_project.demo.renderers import KINDS, Job, RenderFailed
from gallery_project.demo.rendering import Rendering, Report, Result

MOST_PICTURES = 8
SIZES = ((512, _("Small")), (1024, _("Large")))


NAMES = {
    "escape_time": _("Escape time"),
    "flow": _("Flow"),
    "reaction": _("Reaction"),
    "attractor": _("Attractor"),
    "lyapunov": _("Lyapunov"),
    "buddhabrot": _("Buddhabrot"),
    "strata": _("Strata"),
    "spheres": _("Spheres"),
}


class PictureForm(forms.Form):
    kind = forms.ChoiceField(
        choices=[(name, NAMES[name]) for name, kind in KINDS.items() if kind.format],
        label=_("Kind of picture"),
    )
    number = forms.IntegerField(label=_("How many"), min_value=1, max_value=MOST_PICTURES, initial=2)
    size = forms.TypedChoiceField(choices=SIZES, coerce=int, initial=512, label=_("Size"))


class Picture(Generator):
    """Fractals, flows and reaction-diffusion, computed where the task worker runs."""

    name = "picture"
    label = _("Render pictures")
    form_class = PictureForm

    def total(self, options: dict[str, Any], items: Sequence[Item]) -> int:
        return options["number"]

    def title(self, options: dict[str, Any], items: Sequence[Item]) -> str:
        return str(NAMES[options["kind"]])

    def run(self, context: Context) -> None:
        for number in range(1, context.options["number"] + 1):
            self._make(context, f"{NAMES[context.options['kind']]} {number}")

    def _make(self, context: Context, name: str) -> None:
        variants = KINDS[context.options["kind"]].variants
        job = Job(secrets.choice(variants), seed=secrets.randbelow(2**31), size=context.options["size"], careful=True)
        item_id = context.add_item(name)

        def report(said: Report) -> None:
            context.notify(
                "item:update",
                itemId=item_id,
                status="processing",
                progress=said.percent,
                message=said.message,
                item={"estimatedTimeSeconds": said.seconds_left},
            )

        result = self._render(context, job, report, lambda data: context.put_preview(item_id, data))
        context.put_media(item_id, result.data, result.content_type)
        context.notify("item:update", itemId=item_id, status="complete")

    def _render(
        self, context: Context, job: Job, report: Callable[[Report], None], preview: Callable[[bytes], None]
    ) -> Result:
        rendering = Rendering(context.options["kind"], job, report, preview)
        try:
            return rendering.work(lambda tell, said: tell(said))
        except RenderFailed as error:
            raise GeneratorFailed(str(error)) from error
