"""ComfyUI keeps no prompt, it keeps the graph that was run: follow it from its sampler to the words."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from itertools import islice
from typing import Any

DEPTH = 30  # nodes from the sampler
NODES = 5_000
SAMPLERS = 20  # that are followed
LOOKS = 100_000  # inputs looked at in all: a picture may say whatever its sender likes
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
    samplers = [node for node in graph.values() if "positive" in node["inputs"] or _is_sampler(node)]
    search = _Search(graph)
    recipe: dict[str, Any] = {}
    for inputs in (node["inputs"] for node in samplers[:SAMPLERS]):
        recipe |= {"prompt": search.find(inputs.get("positive", inputs.get("guider")), TEXT_INPUTS)}
        recipe |= {"negativePrompt": search.find(inputs.get("negative"), TEXT_INPUTS)}
        recipe |= {"model": search.find(inputs.get("model", inputs.get("guider")), MODEL_INPUTS)}
        if recipe["prompt"]:
            break
    for node in samplers + list(graph.values()):
        for name, ours in SAMPLER_NAMES.items():
            value = node["inputs"].get(name)
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                recipe.setdefault(ours, value)
    return recipe


def _is_node(node: object) -> bool:
    return isinstance(node, dict) and isinstance(node.get("inputs"), dict) and "class_type" in node


def _is_sampler(node: Mapping[str, Any]) -> bool:
    return "sampler" in str(node["class_type"]).lower() and "guider" in node["inputs"]


class _Search:
    """Follows the links of one graph, until it has looked at all that one picture may ask for."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._looks_left = LOOKS

    def find(self, link: object, names: tuple[str, ...]) -> str:
        """The first text under one of these names, from where ``link`` (node id, output) leads."""
        waiting, seen = deque([(link, 0)]), set()
        while waiting:
            link, depth = waiting.popleft()
            key = _target(link)
            node = self._graph.get(key)
            if node is None or key in seen or depth > DEPTH:
                continue
            seen.add(key)
            for name in names:
                value = node["inputs"].get(name)
                if isinstance(value, str) and value.strip():
                    return value
            inputs = list(islice(node["inputs"].values(), self._looks_left))
            self._looks_left -= len(inputs)
            waiting += [(value, depth + 1) for value in inputs if _target(value)]
        return ""


def _target(link: object) -> str:
    """The id of the node that a link leads to; of anything else, nothing."""
    if isinstance(link, list) and len(link) == 2 and isinstance(link[0], str | int):
        return str(link[0])
    return ""
