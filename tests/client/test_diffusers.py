"""A real diffusers pipeline, small and with random weights, reports through the callback. Only where torch is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import diffusers
import pytest
import torch

from darkroom import Gallery
from darkroom import diffusers as reporting
from darkroom.diffusers import step_callback
from tests.client.conftest import Place

STEPS = 6
MANY_STEPS = 900
SIDE = 32  # latents


@pytest.fixture(scope="module")
def pipeline() -> Any:
    torch.manual_seed(0)
    unet = diffusers.UNet2DConditionModel(
        sample_size=SIDE,
        block_out_channels=(32, 64),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=32,
        attention_head_dim=8,
    )
    vae = diffusers.AutoencoderKL(
        block_out_channels=[32, 64],
        down_block_types=["DownEncoderBlock2D"] * 2,
        up_block_types=["UpDecoderBlock2D"] * 2,
        latent_channels=4,
    )
    scheduler = diffusers.DDIMScheduler(clip_sample=False, steps_offset=1)
    made = diffusers.StableDiffusionPipeline(
        vae, None, None, unet, scheduler, None, None, requires_safety_checker=False
    )
    made.set_progress_bar_config(disable=True)
    return made


@pytest.fixture
def gallery(place: Place) -> Iterator[Gallery]:
    with Gallery(place.server.http, place.room.secret) as gallery:
        yield gallery


def paint(pipeline: Any, steps: int, **options: Any) -> Any:
    words = torch.zeros(1, 4, 32)
    return pipeline(
        prompt_embeds=words, negative_prompt_embeds=words, num_inference_steps=steps, height=64, width=64, **options
    ).images[0]


def test_each_step_moves_the_bar_and_shows_what_develops(
    place: Place, gallery: Gallery, pipeline: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "PREVIEW_SECONDS", 0.0)
    monkeypatch.setattr(reporting, "PREVIEW_SHARE", 100.0)
    reports: list[Any] = []
    previews: list[Any] = []
    with gallery.batch("Noise") as batch, batch.item("noise") as item:
        gallery.flush(30)
        report, preview = item.progress, item.preview
        monkeypatch.setattr(item, "progress", lambda *told: (reports.append(told), report(*told)))
        monkeypatch.setattr(item, "preview", lambda image: (previews.append(image), preview(image)))
        image = paint(pipeline, STEPS, callback_on_step_end=step_callback(item))
        gallery.flush(30)
        assert place.items["noise"]["message"] == f"step {STEPS} of {STEPS}" and place.items["noise"]["previewUrl"]
        item.finish(image)
    gallery.flush(30)
    assert [round(percent) for percent, _, _ in reports] == [round(100 * step / STEPS) for step in range(1, STEPS + 1)]
    assert previews and previews[0].shape[:2] == (1, 3)
    assert (place.items["noise"]["status"], place.items["noise"]["width"]) == ("complete", 64)


def test_cancel_in_the_gallery_ends_the_pipeline(place: Place, gallery: Gallery, pipeline: Any) -> None:
    done: list[int] = []
    with gallery.batch("Unwanted noise") as batch, batch.item("unwanted noise") as item:
        callback = step_callback(item, previews=False)

        def on_step_end(pipe: Any, step: int, timestep: int, arguments: dict[str, Any]) -> dict[str, Any]:
            if not done:
                gallery.flush(30)
                place.gallery.call("ask_to_cancel", batch.id)
            done.append(step)
            return callback(pipe, step, timestep, arguments)

        paint(pipeline, MANY_STEPS, callback_on_step_end=on_step_end)
    gallery.flush(30)
    assert batch.cancelled and len(done) < MANY_STEPS
    assert place.state["batches"][0]["status"] == "cancelled"
