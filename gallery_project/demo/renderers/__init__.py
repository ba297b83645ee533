"""The demo's renderers, one module each: real computations that anybody can watch."""

from __future__ import annotations

from dataclasses import dataclass

from gallery_project.demo.renderers import (
    attractor,
    buddhabrot,
    escape_time,
    films,
    flow,
    lyapunov,
    reaction,
    spheres,
    strata,
)
from gallery_project.demo.renderers.base import Film, Job, Picture, Renderer, RenderFailed, Rendering, Step

__all__ = ["KINDS", "Film", "Job", "Kind", "Picture", "RenderFailed", "Renderer", "Rendering", "Step"]


@dataclass(frozen=True)
class Kind:
    """One way to make a picture."""

    render: Renderer
    variants: tuple[str, ...]
    seconds: float  # what one picture takes on one core of an ordinary machine
    format: str  # as Pillow names it; a film says its own


KINDS: dict[str, Kind] = {
    "escape_time": Kind(escape_time.render, escape_time.VARIANTS, 7, "JPEG"),
    "flow": Kind(flow.render, flow.VARIANTS, 14, "JPEG"),
    "reaction": Kind(reaction.render, reaction.VARIANTS, 10, "WEBP"),
    "attractor": Kind(attractor.render, attractor.VARIANTS, 9, "PNG"),
    "lyapunov": Kind(lyapunov.render, lyapunov.VARIANTS, 10, "WEBP"),
    "buddhabrot": Kind(buddhabrot.render, buddhabrot.VARIANTS, 16, "WEBP"),
    "strata": Kind(strata.render, strata.VARIANTS, 10, "JPEG"),
    "spheres": Kind(spheres.render, spheres.VARIANTS, 17, "WEBP"),
    "films": Kind(films.render, films.VARIANTS, 18, ""),
}
