"""ComfyUI's runs in a gallery: ``darkroom bridge comfyui``."""

from __future__ import annotations
