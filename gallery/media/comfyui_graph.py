"""ComfyUI keeps no prompt, it keeps the graph that was run: follow it from its sampler to the words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DEPTH = 30  # nodes from the sampler
NODES = 5_000
TEXT_INPUTS = ("text", "text_g", "text_l", "t5xxl", "clip_l", "prompt", "string", "value")
MODEL_INPUTS = ("ckpt_name", "unet_name", "model_name")
SAMPLER_NAMES = {
    "seed": "seed", "noise_seed": "seed", "steps": "steps", "cfg": "cfgScale", "guidance": "cfgScale",
    "sampler_name": "sampler", "scheduler": "scheduler",
}  # fmt: skip

Graph = Mapping[str, Mapping[str, Any]]


def read_graph(said: Mapping[str, Any]) -> dict[str, Any]:
    """Prompt, model and settings of the (first) sampler of a graph in ComfyUI's API format."""
    graph = {str(key): node for key, node in list(said.items())[:NODES] if _is_node(node)}
    samplers = [key for key, node in graph.items() if "positive" in node["inputs"] or _is_sampler(node)]
    recipe: dict[str, Any] = {}
    for key in samplers:
        inputs = graph[key]["inputs"]
        recipe |= {"prompt": _find(graph, inputs.get("positive", inputs.get("guider")), TEXT_INPUTS)}
        recipe |= {"negativePrompt": _find(graph, inputs.get("negative"), TEXT_INPUTS)}
        recipe |= {"model": _find(graph, inputs.get("model", inputs.get("guider")), MODEL_INPUTS)}
        if recipe["prompt"]:
            break
    for node in [graph[key] for key in samplers] + list(graph.values()):
        for name, ours in SAMPLER_NAMES.items():
            value = node["inputs"].get(name)
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                recipe.setdefault(ours, value)
    return recipe


def _is_node(node: object) -> bool:
    return isinstance(node, dict) and isinstance(node.get("inputs"), dict) and "class_type" in node


def _is_sampler(node: Mapping[str, Any]) -> bool:
    return "sampler" in str(node["class_type"]).lower() and "guider" in node["inputs"]


def _find(graph: Graph, link: object, names: tuple[str, ...]) -> str:
    """The first text under one of these names, from where ``link`` (node id, output) leads."""
    waiting, seen = [(link, 0)], set()
    while waiting:
        link, depth = waiting.pop(0)
        key = str(link[0]) if isinstance(link, list) and link else ""
        node = graph.get(key)
        if node is None or key in seen or depth > DEPTH:
            continue
        seen.add(key)
        for name in names:
            value = node["inputs"].get(name)
            if isinstance(value, str) and value.strip():
                return value
        waiting += [(value, depth + 1) for value in node["inputs"].values() if isinstance(value, list)]
    return ""
