"""Workflows for the fake."""

from __future__ import annotations

import uuid
from typing import Any


def prompt(*, save: str = "SaveImage", prefix: str = "sunset", **inputs: Any) -> dict[str, Any]:
    """Three nodes: a picture that takes its time, and what is saved of it. ``save_…`` goes to the last one."""
    saved = {name.removeprefix("save_"): value for name, value in inputs.items() if name.startswith("save_")}
    sampled = {name: value for name, value in inputs.items() if not name.startswith("save_")}
    defaults = {"steps": 4, "seconds": 0.2, "seed": uuid.uuid4().int % 1000, "preview": "picture"}
    return {
        "3": {
            "class_type": "KSampler",
            "inputs": defaults | sampled | {"model": ["4", 0]},
            "_meta": {"title": "My sampler"},
        },
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "a.safetensors"}},
        "9": {"class_type": save, "inputs": {"images": ["3", 0], "filename_prefix": prefix} | saved},
    }
