"""In which languages the gallery speaks, and in which one it does so now."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.utils import translation
from django.utils.translation import pgettext


def shown_language() -> str:
    """The language of the texts that are made now, which may be another than was asked for: ``en``, ``de``.

    Only the translation itself knows: a reader of French gets what the site falls back to, until somebody has written
    a French one.
    """
    return pgettext("the code of the language of this translation, for <html lang>", "en")


@cache
def offered_languages() -> dict[str, str]:
    """Those of the site's ``LANGUAGES`` that are translated, with their names; none where nothing can be chosen."""
    offered = {}
    for code, name in settings.LANGUAGES if settings.USE_I18N else ():
        with translation.override(code):
            if shown_language() == code:
                offered[code] = str(name)
    return offered if len(offered) > 1 else {}


@cache
def usual_language() -> str:
    """Of whoever has not said another one."""
    with translation.override(settings.LANGUAGE_CODE):
        return shown_language()


def _forget(**_: Any) -> None:
    offered_languages.cache_clear()
    usual_language.cache_clear()


setting_changed.connect(_forget)
