"""Small tools that several renderers share: enlarging, blurring, smooth noise, light on a relief."""

from __future__ import annotations

import numpy as np
from PIL import Image

from gallery_project.demo.palettes import Floats


def enlarge(picture: np.ndarray, size: int) -> np.ndarray:
    """The picture at ``size`` pixels a side (also smaller)."""
    if picture.shape[0] == size:
        return picture
    image = Image.fromarray(picture)
    return np.asarray(image.resize((size, size), Image.Resampling.BICUBIC)).copy()


def enlarge_field(field: Floats, size: int) -> Floats:
    """A field of numbers at ``size`` points a side, smooth in between."""
    image = Image.fromarray(np.ascontiguousarray(field, np.float32), mode="F")
    return np.asarray(image.resize((size, size), Image.Resampling.BICUBIC))


def enlarge_colour(colour: Floats, size: int) -> Floats:
    """Linear colours at ``size`` points a side."""
    return np.stack([enlarge_field(colour[..., channel], size) for channel in range(3)], axis=-1)


def blur(field: Floats, radius: float) -> Floats:
    """Gaussian blur through the frequencies; edges wrap around."""
    frequency_y = np.fft.fftfreq(field.shape[0])[:, None]
    frequency_x = np.fft.rfftfreq(field.shape[1])[None, :]
    kernel = np.exp(-2 * (np.pi * radius) ** 2 * (frequency_x**2 + frequency_y**2))
    if field.ndim == 3:
        return np.stack([blur(field[..., channel], radius) for channel in range(field.shape[2])], axis=-1)
    return np.fft.irfft2(np.fft.rfft2(field) * kernel, s=field.shape).astype(np.float32)


def noise(random: np.random.Generator, size: int, *, coarseness: float, roughness: float = 1.0) -> Floats:
    """Smooth random hills, about -1 to 1, with hills of ``coarseness`` times the side; they tile."""
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :]) * size
    spectrum = np.fft.rfft2(random.normal(size=(size, size)))
    amplitude = 1 / (1 + (frequency * coarseness) ** 2) ** (1.5 / roughness)
    amplitude[0, 0] = 0
    field = np.fft.irfft2(spectrum * amplitude, s=(size, size))
    return (field / (np.abs(field).max() + 1e-12)).astype(np.float32)


def relief(height: Floats, strength: float, towards: tuple[float, float] = (-0.6, -0.7)) -> tuple[Floats, Floats]:
    """How much light each slope of a surface catches (about 0 to 1), and how glossy it shines."""
    slope_y, slope_x = np.gradient(height * strength)
    length = np.sqrt(slope_x**2 + slope_y**2 + 1)
    light = np.array([towards[0], towards[1], 0.75])
    light /= np.linalg.norm(light)
    facing = (-slope_x * light[0] - slope_y * light[1] + light[2]) / length
    half = light + np.array([0, 0, 1])
    half /= np.linalg.norm(half)
    shine = np.clip((-slope_x * half[0] - slope_y * half[1] + half[2]) / length, 0, 1) ** 40
    return np.clip(facing, 0, 1), shine


def tone_map(density: Floats, exposure: float = 1.0, gamma: float = 0.5) -> Floats:
    """Counts of light to 0–1: bright places keep their detail, faint ones are not lost."""
    some = density[density > 0]
    if not some.size:
        return np.zeros_like(density, np.float32)
    top = np.percentile(some, 99.7)
    return np.clip(np.log1p(density * (exposure * 60 / top)) / np.log1p(60 * exposure), 0, 1.2).astype(np.float32) ** (
        gamma * 2
    )
