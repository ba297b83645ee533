"""Which generators there are: those that ``GALLERY_GENERATORS`` names, and those that apps register."""

from __future__ import annotations

import re
from functools import cache
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from gallery.conf import conf
from gallery.contract.errors import NotifyError
from gallery.generators.base import Generator

G = TypeVar("G", bound=type[Generator])

_is_name = re.compile(r"[a-z0-9-]{1,50}").fullmatch
_registered: dict[str, type[Generator]] = {}


def register(generator: G) -> G:
    """Class decorator, or a call in ``AppConfig.ready``."""
    name = getattr(generator, "name", "")
    if not _is_name(name):
        raise ImproperlyConfigured(f"{generator.__name__}.name must be lower-case letters, digits and hyphens.")
    if _registered.get(name, generator) is not generator:
        raise ImproperlyConfigured(f"Two generators are named {name}: give one of them another name.")
    _registered[name] = generator
    return generator


def all_generators() -> list[type[Generator]]:
    """In the order of their registration, those of the setting first."""
    return list({**_of_the_setting(), **_registered}.values())


def generator_named(name: str) -> Generator:
    """A new one; raises ``not_found``."""
    for generator in all_generators():
        if generator.name == name:
            return generator()
    raise NotifyError("not_found", _("There is no generator of this name here."))


@cache
def _of_the_setting() -> dict[str, type[Generator]]:
    found = {}
    for path in conf.GENERATORS:
        try:
            generator = import_string(path)
        except ImportError as error:
            raise ImproperlyConfigured(f"GALLERY_GENERATORS: {path} cannot be imported: {error}") from error
        if not _is_name(getattr(generator, "name", "")):
            raise ImproperlyConfigured(f"{path}.name must be lower-case letters, digits and hyphens.")
        found[generator.name] = generator
    return found


def _forget(**_: object) -> None:
    _of_the_setting.cache_clear()


setting_changed.connect(_forget)
