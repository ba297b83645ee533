from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gallery.contract.errors import NotifyError
from gallery.media import pictures, thumbnails
from gallery.media.probe import MediaFacts, probe
from gallery.media.thumbnails import make_thumbnail
from tests.media import samples

RED, BLUE = (220, 30, 20), (20, 30, 220)


def thumbnail_of(path: Path) -> Image.Image:
    destination = path.with_name("thumbnail.webp")
    assert make_thumbnail(path, probe(path, ""), destination)
    with Image.open(destination) as image:
        assert image.format == "WEBP"
        image.load()
        return image


def is_near(colour: Any, wanted: tuple[int, int, int], by: int = 25) -> bool:
    return all(abs(have - want) <= by for have, want in zip(colour[:3], wanted, strict=True))


@pytest.mark.parametrize(
    ("size", "shown"),
    [((1920, 1080), (960, 540)), ((1000, 2000), (360, 720)), ((300, 200), (300, 200)), ((4000, 2), (960, 1))],
)
@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_a_thumbnail_fits_the_box(tmp_path: Path, size: tuple[int, int], shown: tuple[int, int], format: str) -> None:
    path = samples.save_picture(tmp_path / "p", Image.new("RGB", size, RED), format)
    image = thumbnail_of(path)
    assert image.size == shown and is_near(image.getpixel((0, 0)), RED)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_rotated_picture_stands_upright(tmp_path: Path, orientation: int) -> None:
    picture = Image.new("RGB", (1200, 800), "black")
    picture.paste(RED, (0, 0, 600, 400))
    exif = Image.Exif()
    exif[pictures.ORIENTATION_TAG] = orientation
    image = thumbnail_of(samples.save_picture(tmp_path / "p.jpg", picture, "JPEG", exif=exif))
    assert image.size == ((480, 720) if orientation > 4 else (960, 640))
    right, bottom = image.width - 9, image.height - 9
    corner = {
        1: (9, 9),
        2: (right, 9),
        3: (right, bottom),
        4: (9, bottom),
        5: (9, 9),
        6: (right, 9),
        7: (right, bottom),
        8: (9, bottom),
    }
    assert is_near(image.getpixel(corner[orientation]), RED)
    assert pictures.ORIENTATION_TAG not in image.getexif()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_mode_of_pixels(tmp_path: Path, mode: str) -> None:
    grey = Image.new("L", (1200, 40), 128)
    if mode == "I;16":
        picture = Image.new("I;16", grey.size, 128 * 256)
    else:
        picture = (Image.new("L", grey.size, 255) if mode == "1" else grey.convert("RGB")).convert(mode)
    image = thumbnail_of(samples.save_picture(tmp_path / "p", picture, "JPEG" if mode == "CMYK" else "PNG"))
    assert image.width == 960 and is_near(image.getpixel((5, 5)), (255,) * 3 if mode == "1" else (128,) * 3, by=6)


def test_transparency_is_kept(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (1200, 900), (*RED, 0))
    picture.paste((*BLUE, 255), (600, 0, 1200, 900))
    image = thumbnail_of(samples.save_picture(tmp_path / "p.png", picture))
    assert image.mode == "RGBA" and image.getpixel((9, 9))[3] == 0 and image.getpixel((950, 9))[3] == 255
    palette = samples.save_picture(tmp_path / "q.png", Image.new("P", (50, 50), 0), transparency=0)
    assert thumbnail_of(palette).getpixel((9, 9))[3] == 0
    one_colour = samples.save_picture(tmp_path / "r.png", Image.new("RGB", (50, 50), RED), transparency=RED)
    assert thumbnail_of(one_colour).getpixel((9, 9))[3] == 0


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "AVIF"])
def test_of_an_animation_the_first_frame(tmp_path: Path, format: str) -> None:
    image = thumbnail_of(samples.save_animation(tmp_path / "a", format))
    assert getattr(image, "n_frames", 1) == 1 and is_near(image.getpixel((9, 9)), (0, 90, 200))


def test_a_video_has_a_poster(tmp_path: Path) -> None:
    image = thumbnail_of(samples.save_video(tmp_path / "v.mp4", size=(1280, 720)))
    assert image.size == (960, 540)
    assert is_near(image.getpixel((100, 300)), RED) and is_near(image.getpixel((860, 300)), BLUE)


@pytest.mark.parametrize(("name", "codec"), [("v.mp4", "libx264"), ("v.webm", "libvpx")])
def test_a_poster_is_not_black(tmp_path: Path, name: str, codec: str) -> None:
    image = thumbnail_of(samples.save_video(tmp_path / name, codec, seconds=3, black=0.9))
    assert is_near(image.getpixel((9, 9)), RED, by=40)
    all_black = samples.save_video(tmp_path / "b.mp4", black=9)
    assert is_near(thumbnail_of(all_black).getpixel((9, 9)), (0, 0, 0))


def test_a_poster_stands_upright(tmp_path: Path) -> None:
    image = thumbnail_of(samples.turn_video(samples.save_video(tmp_path / "v.mp4")))
    assert image.size == (64, 96)
    assert is_near(image.getpixel((32, 9)), RED) and is_near(image.getpixel((32, 86)), BLUE)


def test_other_files_have_none(tmp_path: Path) -> None:
    assert not make_thumbnail(tmp_path / "a.txt", MediaFacts("file", "text/plain", "txt", 9), tmp_path / "t.webp")
    assert not (tmp_path / "t.webp").exists()


def test_a_damaged_picture_has_none_and_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = MediaFacts("image", "image/png", "png", 9, 9, 9)
    broken = tmp_path / "p.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert not make_thumbnail(broken, facts, tmp_path / "t.webp")
    if Path("/dev/full").exists():
        (tmp_path / "full.webp").symlink_to("/dev/full")
        with pytest.raises(NotifyError) as caught:
            make_thumbnail(samples.save_picture(tmp_path / "q.png"), facts, tmp_path / "full.webp")
        assert caught.value.code == "unavailable"


def test_a_colour_profile_is_carried_along_when_it_is_small(tmp_path: Path) -> None:
    small = samples.save_picture(tmp_path / "p.png", icc_profile=b"p" * 500)
    assert thumbnail_of(small).info.get("icc_profile") == b"p" * 500
    large = samples.save_picture(tmp_path / "q.png", icc_profile=b"p" * (thumbnails.MAX_PROFILE_BYTES + 1))
    assert "icc_profile" not in thumbnail_of(large).info
