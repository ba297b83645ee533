"""``callback_on_step_end`` for diffusers pipelines: each step moves the bar, and what develops is shown.

Nothing here imports diffusers or torch: what a callback is given has all that is needed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from darkroom.batch import Item

logger = logging.getLogger("darkroom")

PREVIEW_SECONDS = 2.0  # between two previews
PREVIEW_SHARE = 0.1  # of the time may go into them
PREVIEW_SIDE = 32  # latents: with the usual VAE a picture of 256 pixels

Callback = Callable[[Any, int, int, dict[str, Any]], dict[str, Any]]


def step_callback(item: Item, *, steps: int | None = None, previews: bool = True) -> Callback:
    """For ``pipeline(…, callback_on_step_end=step_callback(item))``.

    ``steps``: how many there are, where the pipeline does not tell. Raises ``Cancelled`` out of the pipeline once
    somebody has pressed cancel in the gallery.
    """
    began = time.monotonic()
    previewed, cost = began, 0.0

    def on_step_end(pipeline: Any, step: int, timestep: int, arguments: dict[str, Any]) -> dict[str, Any]:
        nonlocal previewed, cost
        item.batch.core.check()
        total = steps or getattr(pipeline, "num_timesteps", None) or getattr(pipeline, "_num_timesteps", None)
        now = time.monotonic()
        if total:
            left = (now - began) / (step + 1) * (total - step - 1)
            item.progress(100 * (step + 1) / total, f"step {step + 1} of {total}", round(left, 1))
        else:
            item.progress(None, f"step {step + 1}")
        if previews and now - previewed >= max(PREVIEW_SECONDS, cost / PREVIEW_SHARE) and item.wants_preview:
            image = _decoded(pipeline, arguments.get("latents"))
            if image is not None:
                item.preview(image)
            previewed = time.monotonic()
            cost = previewed - now
        return arguments

    return on_step_end


def _decoded(pipeline: Any, latents: Any) -> Any:
    """A small picture, or None where these latents are of a kind that we cannot read."""
    vae = getattr(pipeline, "vae", None)
    if vae is None or latents is None or getattr(latents, "ndim", 0) != 4:
        return None
    try:
        few = max(1, max(latents.shape[-2:]) // PREVIEW_SIDE)
        small = latents[:1, :, ::few, ::few].detach().to(vae.dtype)
        small = small / vae.config.scaling_factor + (getattr(vae.config, "shift_factor", None) or 0.0)
        return vae.decode(small, return_dict=False)[0].detach().float() / 2 + 0.5
    except Exception as error:  # whatever another pipeline's VAE does not like: the picture itself is not at stake
        logger.debug("No preview from these latents: %s", error)
        return None
