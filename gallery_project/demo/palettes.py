"""Colours: gradients through OKLab, where equal steps look equal and no gradient turns grey or garish half-way."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

STEPS = 1024  # of a gradient's table

# From the darkest to the lightest, as a printer would mix them.
PALETTES: dict[str, str] = {
    "ember": "0b0708 2a0d10 5f1717 a8321c e0692f f6b26b fdebcf",
    "coral at dawn": "0c1020 23263f 5a3a55 a9526a e8806f f9bd94 fff0dc",
    "glacier": "050a12 0b2138 16486a 3a83a0 85bcc6 cfe6e4 fbfdfb",
    "moss": "080b08 15241b 2c4a34 5c7a4a 9fae6d dcd7a3 f8f3df",
    "ink and gold": "07080d 11182b 24304f 5d5a5e a88a4e e0bd6c fdf2d0",
    "night violet": "08060f 1c1436 40286a 79489b b97fb9 e6bfd3 fdf3f1",
    "tidepool": "040d10 072b33 0f5257 3b8478 8fb58d e3d9a4 fdf6e6",
    "terracotta": "120b0a 3a1a17 70332a ab5a3f d49168 eac8a2 faf1e3",
    "silver gelatin": "060607 1b1b1d 3d3c3d 706e6c a8a49f d8d4cd f7f4ee",
    "iris": "070912 171c40 2f3f85 5b74c4 9fb0e0 e1d5e6 fff6ec",
}

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def to_linear(srgb: Floats) -> Floats:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((np.maximum(srgb, 0) + 0.055) / 1.055) ** 2.4)


def to_srgb(linear: Floats) -> Floats:
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def stops(name: str) -> Floats:
    """The palette's own colours, linear light."""
    parts = [bytes.fromhex(text) for text in PALETTES[name].split()]
    return to_linear(np.array([list(part) for part in parts]) / 255)


@lru_cache(maxsize=32)
def gradient(name: str) -> Floats:
    """The palette as a table of ``STEPS`` linear colours, from dark to light."""
    lab = np.cbrt(stops(name) @ _TO_LMS.T) @ _TO_LAB.T
    at = np.linspace(0, len(lab) - 1, STEPS)
    smooth = np.stack([_monotone(lab[:, channel], at) for channel in range(3)], axis=1)
    linear = (smooth @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_LMS).T
    return np.clip(linear, 0, 1).astype(np.float32)


def _monotone(values: Floats, at: Floats) -> Floats:
    """Cubic between the stops, with slopes that never overshoot them."""
    steps = np.diff(values)
    slopes = np.zeros_like(values)
    same_way = steps[:-1] * steps[1:] > 0
    slopes[1:-1][same_way] = (2 * steps[:-1] * steps[1:])[same_way] / (steps[:-1] + steps[1:])[same_way]
    left = np.minimum(at.astype(int), len(values) - 2)
    t = at - left
    return (
        values[left] * (1 + 2 * t) * (1 - t) ** 2
        + slopes[left] * t * (1 - t) ** 2
        + values[left + 1] * t**2 * (3 - 2 * t)
        + slopes[left + 1] * t**2 * (t - 1)
    )


def paint(name: str, values: Floats) -> Floats:
    """Linear colours for values from 0 to 1."""
    index = np.clip(np.nan_to_num(values) * (STEPS - 1), 0, STEPS - 1).astype(np.int32)
    return gradient(name)[index]


def paint_round(name: str, values: Floats) -> Floats:
    """Like ``paint``, for values without an end: up the palette and down again, so that no seam shows."""
    return paint(name, 0.5 - 0.5 * np.cos(np.pi * values))


def finish(linear: Floats, *, grain: float = 0.006, vignette: float = 0.18, seed: int = 0) -> NDArray[np.uint8]:
    """From linear light to a picture: a soft shoulder, a slight vignette, and grain that hides banding."""
    height, width = linear.shape[:2]
    y, x = np.ogrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    linear = linear * (1 - vignette * ((x * x + y * y) / 2) ** 1.5)[..., None]
    linear = np.where(linear > 0.8, 0.8 + 0.2 * np.tanh((linear - 0.8) / 0.2), linear)
    noise = np.random.default_rng(seed).normal(0, grain, (height, width, 1))
    return (np.clip(to_srgb(linear) + noise, 0, 1) * 255 + 0.5).astype(np.uint8)
