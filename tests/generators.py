"""Generators of a test project."""

from __future__ import annotations

import io
import time

from django import forms
from PIL import Image

from gallery.generators import Generator, GeneratorFailed, Selects
from gallery.generators.context import Context


class SquareForm(forms.Form):
    number = forms.IntegerField(min_value=1, max_value=9, initial=2)
    colour = forms.CharField(initial="#d96", help_text="As CSS writes it.")

    def clean_colour(self) -> str:
        if self.cleaned_data["colour"] == "plaid":
            raise forms.ValidationError("Plaid is no colour.")
        return self.cleaned_data["colour"]


class Squares(Generator):
    """Squares of one colour."""

    name = "squares"
    label = "Squares"
    form_class = SquareForm

    def total(self, options: dict, items: list) -> int:
        return options["number"]

    def title(self, options: dict, items: list) -> str:
        return f"Squares in {options['colour']}"

    def run(self, context: Context) -> None:
        for number in range(context.options["number"]):
            item_id = context.add_item(f"Square {number + 1}")
            context.notify("item:update", itemId=item_id, status="processing", progress=50, message="half a square")
            file = io.BytesIO()
            Image.new("RGB", (64, 64), context.options["colour"]).save(file, "PNG")
            context.put_media(item_id, file.getvalue(), "image/png")
            context.notify("item:update", itemId=item_id, status="complete")


class Twin(Generator):
    """Of one picture, another one."""

    name = "twin"
    label = "Twin"
    selects = Selects.SINGLE
    types = ("image",)

    def run(self, context: Context) -> None:
        [item] = context.items
        item_id = context.add_item(f"Twin of {item.name}")
        context.notify("item:update", itemId=item_id, status="complete")


class Broken(Generator):
    """Goes wrong in the way that its form says."""

    name = "broken"
    label = "Broken"

    class form_class(forms.Form):
        sentence = forms.CharField(required=False)

    def run(self, context: Context) -> None:
        context.add_item("Half a thing")
        if sentence := context.options["sentence"]:
            raise GeneratorFailed(sentence)
        raise ZeroDivisionError


class Slow(Generator):
    """Begins with something and is never finished."""

    name = "slow"
    label = "Slow"

    def run(self, context: Context) -> None:
        context.add_item("Half a thing")
        while not context.cancelled:
            time.sleep(0.2)
