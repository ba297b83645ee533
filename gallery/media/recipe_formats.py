"""The words of each generator → ours: ``generator prompt negativePrompt model seed steps sampler scheduler cfgScale``,
the rest under ``parameters``, and ComfyUI's ``workflow``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gallery.contract.errors import NotifyError
from gallery.contract.json_text import parse_json
from gallery.media.comfyui_graph import read_graph

JSON_BYTES = 1_000_000
PART = re.compile(r'(?:[^,"]|"(?:\\.|[^"\\])*"?)+')  # between commas that stand in no quotes; never looks back
NAME = re.compile(r"\w[\w /-]{0,60}")
LEAST_PAIRS = 3  # in a line that is one of settings
NEGATIVE = "Negative prompt:"

A1111_NAMES = {
    "Model": "model", "Seed": "seed", "Steps": "steps", "Sampler": "sampler", "Schedule type": "scheduler",
    "CFG scale": "cfgScale",
}  # fmt: skip
OTHER_NAMES = {
    "positive_prompt": "prompt", "prompt": "prompt", "negative_prompt": "negativePrompt",
    "negativePrompt": "negativePrompt", "negative": "negativePrompt", "model": "model", "model_name": "model",
    "base_model": "model", "model_weights": "model", "seed": "seed", "steps": "steps", "num_inference_steps": "steps",
    "sampler": "sampler", "sampler_name": "sampler", "scheduler": "scheduler", "cfg_scale": "cfgScale",
    "cfgScale": "cfgScale", "guidance_scale": "cfgScale", "generator": "generator",
}  # fmt: skip


def recognise(texts: Mapping[str, str]) -> dict[str, Any]:
    """The recipe that the texts of a picture hold."""
    for name in ("invokeai_metadata", "sd-metadata"):
        if isinstance(said := _json(texts.get(name, "")), dict):
            return {"generator": "InvokeAI"} | _invokeai(said)
    if isinstance(graph := _json(texts.get("prompt", "")), dict):
        workflow = _json(texts.get("workflow", ""))
        return {"generator": "ComfyUI"} | read_graph(graph) | {"workflow": workflow}
    if text := texts.get("parameters", ""):
        said = _json(text)  # Fooocus writes JSON under the same name
        return recognise_object(said) if isinstance(said, dict) else read_a1111(text)
    return {}


def recognise_object(said: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe that a JSON object holds, whoever wrote it."""
    if isinstance(said.get("image"), dict) or "positive_prompt" in said:
        return _invokeai(said)
    if any(isinstance(node, dict) and "class_type" in node for node in said.values()):
        return {"generator": "ComfyUI"} | read_graph(said)
    return _named(said)


def read_a1111(text: str) -> dict[str, Any]:
    """AUTOMATIC1111's lines: the prompt, ``Negative prompt:``, and one line of settings."""
    lines = text.strip().splitlines()
    pairs = _pairs(lines[-1]) if lines else []
    if len(pairs) < LEAST_PAIRS:
        pairs = []
    else:
        lines.pop()
    positive: list[str] = []
    negative: list[str] = []
    part = positive
    for line in lines:
        if line.strip().startswith(NEGATIVE):
            part, line = negative, line.strip().removeprefix(NEGATIVE)
        part.append(line.strip())
    recipe: dict[str, Any] = {"prompt": "\n".join(positive).strip(), "negativePrompt": "\n".join(negative).strip()}
    parameters = {}
    for name, value in pairs:
        if name in A1111_NAMES:
            recipe[A1111_NAMES[name]] = _number(value)
        else:
            parameters[name] = _number(value)
    generator = {"generator": "A1111"} if pairs else {}
    return generator | recipe | {"parameters": parameters}


def _pairs(line: str) -> list[tuple[str, str]]:
    """``Steps: 20, Sampler: Euler a``."""
    parts = (part.strip().partition(":") for part in PART.findall(line))
    return [(name, value.strip().strip('"')) for name, colon, value in parts if colon and NAME.fullmatch(name)]


def _invokeai(said: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(image := said.get("image"), dict):  # before version 3
        prompts = image.get("prompt")
        prompt = prompts[0].get("prompt") if isinstance(prompts, list) and prompts else prompts
        said = {"model": said.get("model_weights")} | image | {"prompt": prompt}
    return {"generator": "InvokeAI"} | _named(said)


def _named(said: Mapping[str, Any]) -> dict[str, Any]:
    recipe: dict[str, Any] = {}
    parameters: dict[str, Any] = {}
    for name, value in said.items():
        if name == "model" and isinstance(value, dict):
            value = value.get("name") or value.get("model_name")
        known = OTHER_NAMES.get(name)
        if known and isinstance(value, str | int | float) and not isinstance(value, bool):
            recipe.setdefault(known, value)
        elif name == "parameters" and isinstance(value, dict):
            parameters |= value
        else:
            parameters[str(name)] = value
    return recipe | {"parameters": parameters}


def _json(text: str) -> object:
    """Decoded, or None: a prompt in plain words may stand under the same name."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return parse_json(text, JSON_BYTES)
    except NotifyError:
        return None


def _number(value: str) -> str | int | float:
    if re.fullmatch(r"-?[0-9]{1,20}", value):
        return int(value)
    if re.fullmatch(r"-?[0-9]{1,15}\.[0-9]{1,15}", value):
        return float(value)
    return value
