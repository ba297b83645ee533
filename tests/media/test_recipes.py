from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from gallery.contract.errors import NotifyError
from gallery.contract.limits import METADATA_BYTES
from gallery.media import comfyui_graph, recipes
from gallery.media.probe import probe
from gallery.media.recipe_formats import read_a1111

A1111 = """a quiet harbour, <lora:dusk:0.8>
at dusk
Negative prompt: blurry, text
watermark
Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 1234567890, Size: 512x768, \
Model hash: abc123, Model: dreamshaper_8, Lora hashes: "dusk: 12, dawn: 34", Version: v1.9.4"""
GRAPH = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 42, "steps": 25, "cfg": 7.5, "sampler_name": "euler", "scheduler": "normal",
            "model": ["10", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0],
        },
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sdxl.safetensors"}},
    "10": {"class_type": "LoraLoader", "inputs": {"model": ["4", 0], "lora_name": "dusk"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 512}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": ["11", 0], "clip": ["4", 1]}},
    "11": {"class_type": "StringNode", "inputs": {"string": "a lighthouse"}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "fog", "clip": ["4", 1]}},
}  # fmt: skip
INVOKE = {
    "generation_mode": "txt2img", "positive_prompt": "a fox", "negative_prompt": "a hen", "seed": 7, "steps": 30,
    "cfg_scale": 5.5, "scheduler": "euler_a", "model": {"key": "k", "name": "juggernaut", "base": "sdxl"},
    "width": 1024,
}  # fmt: skip


def png(tmp_path: Path, *, international: bool = False, **texts: str) -> Path:
    info = PngInfo()
    for name, text in texts.items():
        (info.add_itxt if international else info.add_text)(name, text)
    path = tmp_path / "picture.png"
    Image.new("RGB", (8, 8)).save(path, pnginfo=info)
    return path


def recipe(path: Path) -> dict[str, Any]:
    return probe(path, "").recipe


@pytest.mark.parametrize("international", [False, True])
def test_a1111_in_png(tmp_path: Path, international: bool) -> None:
    found = recipe(png(tmp_path, parameters=A1111, international=international))
    assert found == {
        "generator": "A1111",
        "prompt": "a quiet harbour, <lora:dusk:0.8>\nat dusk",
        "negativePrompt": "blurry, text\nwatermark",
        "steps": 20,
        "sampler": "DPM++ 2M",
        "scheduler": "Karras",
        "cfgScale": 6.5,
        "seed": 1234567890,
        "model": "dreamshaper_8",
        "parameters": {
            "Size": "512x768",
            "Model hash": "abc123",
            "Lora hashes": "dusk: 12, dawn: 34",
            "Version": "v1.9.4",
        },
    }


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
@pytest.mark.parametrize("codec", ["utf-16-be", "utf-16-le"])
def test_a1111_in_exif(tmp_path: Path, kind: str, codec: str) -> None:
    exif = Image.Exif()
    exif.get_ifd(recipes.EXIF_IFD)[recipes.USER_COMMENT] = b"UNICODE\0" + A1111.encode(codec)
    path = tmp_path / "picture"
    Image.new("RGB", (8, 8)).save(path, kind, exif=exif)
    found = recipe(path)
    assert (found["seed"], found["prompt"]) == (1234567890, "a quiet harbour, <lora:dusk:0.8>\nat dusk")


def test_comfyui_in_png(tmp_path: Path) -> None:
    workflow = {"nodes": [{"id": 3}], "version": 0.4}
    found = recipe(png(tmp_path, prompt=json.dumps(GRAPH), workflow=json.dumps(workflow)))
    assert found == {
        "generator": "ComfyUI",
        "prompt": "a lighthouse",
        "negativePrompt": "fog",
        "model": "sdxl.safetensors",
        "seed": 42,
        "steps": 25,
        "cfgScale": 7.5,
        "sampler": "euler",
        "scheduler": "normal",
        "workflow": workflow,
    }


def test_comfyui_in_webp(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[recipes.MODEL] = f"prompt:{json.dumps(GRAPH)}"
    path = tmp_path / "picture.webp"
    Image.new("RGB", (8, 8)).save(path, exif=exif)
    assert recipe(path)["prompt"] == "a lighthouse"


def test_a_graph_that_leads_in_circles() -> None:
    graph = {"1": {"class_type": "KSampler", "inputs": {"positive": ["2", 0], "seed": 1}}}
    graph["2"] = {"class_type": "X", "inputs": {"text": ["1", 0]}}
    assert recipes.recipe_formats.recognise({"prompt": json.dumps(graph)})["seed"] == 1


def test_a_graph_that_was_made_to_be_long_is_not_followed_to_its_end() -> None:
    looks, tries = [], []

    class Inputs(dict[str, Any]):
        def values(self) -> Any:
            return (looks.append(name) or value for name, value in self.items())

        def get(self, name: str, default: Any = None) -> Any:
            if name == "negative":
                tries.append(name)
            return super().get(name, default)

    many = {f"i{number}": [str(number % 40), 0] for number in range(600)}
    graph = {str(number): {"class_type": "X", "inputs": Inputs(many)} for number in range(40)}
    graph |= {f"s{number}": {"class_type": "X", "inputs": Inputs(positive=["0", 0])} for number in range(50)}
    assert comfyui_graph.read_graph(graph)["prompt"] == ""
    assert (len(looks), len(tries)) == (comfyui_graph.LOOKS, comfyui_graph.SAMPLERS)


def test_invokeai_in_png(tmp_path: Path) -> None:
    found = recipe(png(tmp_path, invokeai_metadata=json.dumps(INVOKE)))
    assert found == {
        "generator": "InvokeAI",
        "prompt": "a fox",
        "negativePrompt": "a hen",
        "seed": 7,
        "steps": 30,
        "cfgScale": 5.5,
        "scheduler": "euler_a",
        "model": "juggernaut",
        "parameters": {"generation_mode": "txt2img", "width": 1024},
    }


def test_invokeai_before_version_3(tmp_path: Path) -> None:
    said = {"model_weights": "sd-1.5", "image": {"prompt": [{"prompt": "an owl", "weight": 1}], "seed": 3, "steps": 9}}
    info = PngInfo()
    info.add_text("sd-metadata", json.dumps(said))
    path = tmp_path / "picture.png"
    Image.new("RGB", (8, 8)).save(path, pnginfo=info)
    found = recipe(path)
    assert (found["prompt"], found["model"], found["seed"]) == ("an owl", "sd-1.5", 3)


def test_a_picture_that_says_nothing_of_it(tmp_path: Path) -> None:
    assert recipe(png(tmp_path)) == {}
    assert recipe(png(tmp_path, Software="Paint", prompt="not JSON")) == {}


@pytest.mark.parametrize(
    "texts",
    [
        {"prompt": "[" * 100_000},
        {"prompt": '{"a": NaN}'},
        {"invokeai_metadata": '{"positive_prompt": {"deep": ' + '{"a":' * 40 + "1" + "}" * 42},
        {"parameters": "x: " * 50_000},
        {"parameters": "a" * 40_000 + ": 1, " * 3},
        {"parameters": '"\\' * 200_000},
        {"parameters": "," * 400_000},
    ],
)
def test_nonsense_is_no_reason_to_refuse_a_picture(tmp_path: Path, texts: dict[str, str]) -> None:
    found = recipe(png(tmp_path, **texts))
    assert len(json.dumps(found, ensure_ascii=False).encode()) <= METADATA_BYTES


def test_what_is_too_much_is_left_out_beginning_with_the_workflow(tmp_path: Path) -> None:
    workflow = {"nodes": ["x" * 1000] * 100}
    found = recipe(png(tmp_path, prompt=json.dumps(GRAPH), workflow=json.dumps(workflow)))
    assert (found["prompt"], "workflow" in found) == ("a lighthouse", False)


def test_text_that_a_database_does_not_keep(tmp_path: Path) -> None:
    said = json.dumps(INVOKE | {"positive_prompt": "a\0b \ud800"})
    assert recipe(png(tmp_path, invokeai_metadata=said))["prompt"] == "ab ?"


def test_a_prompt_without_settings_is_a_prompt() -> None:
    assert read_a1111("just words\nNegative prompt: no") == {
        "prompt": "just words",
        "negativePrompt": "no",
        "parameters": {},
    }


def test_sidecars() -> None:
    found = recipes.read_sidecar(
        json.dumps({"prompt": "a tree", "seed": 5, "lens": "50 mm", "parameters": {"a": 1}}).encode()
    )
    assert found == {"prompt": "a tree", "seed": 5, "parameters": {"lens": "50 mm", "a": 1}}
    for bad in (b"[1]", b"nothing", b"{" * 10, b" " * 300_000):
        with pytest.raises(NotifyError):
            recipes.read_sidecar(bad)
