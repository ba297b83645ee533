"""Generators: a button in a folder that asks a few questions and makes items in the background (docs/generators.md).

``from gallery.generators import Generator, GeneratorFailed, register``
"""

from __future__ import annotations

from gallery.generators.base import Generator, GeneratorFailed, Selects
from gallery.generators.registry import register

__all__ = ["Generator", "GeneratorFailed", "Selects", "register"]
