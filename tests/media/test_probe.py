from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from gallery.contract.errors import NotifyError
from gallery.media import pictures
from gallery.media.probe import MediaFacts, probe
from tests.media import samples

PICTURE_TYPES = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "AVIF": "avif", "GIF": "gif"}
GIF_FRAME = b"," + struct.pack("<HHHH", 0, 0, 1, 1) + b"\0\x02\x02\x4c\x01\0"


def refusal(path: Path, claim: str = "", **limits: int) -> tuple[str, str]:
    with pytest.raises(NotifyError) as caught:
        probe(path, claim, **limits)
    assert caught.value.message.endswith(".") and "Traceback" not in caught.value.message
    return caught.value.code, caught.value.message


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def gif(width: int, height: int, frames: bytes) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0" + b"\0\0\0\xff\xff\xff" + frames + b";"


def png_of(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 9)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("format", PICTURE_TYPES)
@pytest.mark.parametrize("says", ["itself", "nothing", "octets"])
def test_pictures(tmp_path: Path, format: str, says: str) -> None:
    path = samples.save_picture(tmp_path / "picture", format=format)
    own = f"image/{format.lower()}"
    claim = {"itself": own.upper() + "; q=1", "nothing": "", "octets": "application/octet-stream"}[says]
    assert probe(path, claim) == MediaFacts("image", own, PICTURE_TYPES[format], path.stat().st_size, 64, 48)


@pytest.mark.parametrize("format", PICTURE_TYPES)
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
def test_a_picture_that_is_cut_off_is_invalid(tmp_path: Path, format: str, part: float) -> None:
    data = samples.save_picture(tmp_path / "whole", format=format).read_bytes()
    assert refusal(written(tmp_path / "cut", data[: int(len(data) * part)]), f"image/{format.lower()}")[0] == "invalid"


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "AVIF"])
def test_animations(tmp_path: Path, format: str) -> None:
    path = samples.save_animation(tmp_path / "moving", format)
    assert (probe(path, "").width, probe(path, "").kind) == (32, "image")
    data = path.read_bytes()
    assert refusal(written(tmp_path / "cut", data[: int(len(data) * 0.8)]))[0] == "invalid"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_rotated_picture_has_the_size_that_is_shown(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[pictures.ORIENTATION_TAG] = orientation
    facts = probe(samples.save_picture(tmp_path / "p.jpg", format="JPEG", exif=exif), "image/jpeg")
    assert (facts.width, facts.height) == ((48, 64) if orientation > 4 else (64, 48))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_damaged_exif_does_not_make_a_picture_unreadable(tmp_path: Path) -> None:
    path = samples.save_picture(tmp_path / "p.jpg", format="JPEG", exif=b"Exif\0\0MM\0\x2a\xff\xff\xff\xff")
    assert probe(path, "image/jpeg").width == 64


@pytest.mark.parametrize("kind", ["zTXt", "iTXt", "many"])
def test_a_text_that_unpacks_without_end_is_called_so(tmp_path: Path, kind: str) -> None:
    info = PngInfo()
    if kind == "many":
        for number in range(70):
            info.add_text(f"text {number}", "x" * 1_000_000, zip=True)
    elif kind == "zTXt":
        info.add_text("workflow", "x" * 1_100_000, zip=True)
    else:
        info.add_itxt("workflow", "ü" * 600_000, zip=True)
    code, said = refusal(samples.save_picture(tmp_path / "p.png", pnginfo=info), "image/png")
    assert (code, "without its metadata" in said) == ("too_large", True)


def test_lies(tmp_path: Path) -> None:
    png = samples.save_picture(tmp_path / "p.png")
    video = samples.save_video(tmp_path / "v.mp4")
    text = written(tmp_path / "t", b"only words " * 50)
    assert refusal(png, "image/jpeg") == ("invalid", "The file says that it is image/jpeg, but it is PNG.")
    assert refusal(png, "text/plain") == ("invalid", "The file says that it is text/plain, but it is PNG.")
    assert refusal(png, "video/mp4")[0] == "invalid"
    assert refusal(video, "image/png") == ("invalid", "The file says that it is image/png, but it is MP4.")
    assert refusal(video, "video/webm")[0] == "invalid"
    assert "moving pictures" in refusal(video, "audio/mp4")[1]
    assert "only sound" in refusal(samples.encode_sound(tmp_path / "s.webm", "libopus"), "video/webm")[1]
    for claim in ("image/png", "image/webp", "video/mp4", "audio/mpeg", "audio/wav"):
        assert refusal(text, claim) == ("invalid", f"The file says that it is {claim}, but it is not.")


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF\x10\0\0\0WEBPVP8 ", b"\0\0\0\x18ftypavif"]
)
def test_the_first_bytes_alone_are_no_picture(tmp_path: Path, data: bytes) -> None:
    for tail in (b"", b"\0" * 500, bytes(range(256)) * 20):
        assert refusal(written(tmp_path / "p", data + tail))[0] == "invalid"


def test_an_empty_file_is_invalid(tmp_path: Path) -> None:
    assert refusal(written(tmp_path / "nothing", b""), "image/png") == ("invalid", "The file is empty.")


def test_limits(tmp_path: Path) -> None:
    path = samples.save_picture(tmp_path / "p.png")
    assert refusal(path, max_image_bytes=1024) == ("too_large", "The picture is larger than 1 KiB.")
    code, message = refusal(path, max_image_pixels=3000)
    assert code == "too_large" and "64 × 48" in message
    assert refusal(written(tmp_path / "t", b"words" * 500), max_file_bytes=1024)[1] == "The file is larger than 1 KiB."


def test_picture_bombs_are_refused_by_their_header(tmp_path: Path) -> None:
    assert refusal(written(tmp_path / "p", png_of(50_000, 50_000)), "image/png")[0] == "too_large"
    assert refusal(written(tmp_path / "p", png_of(10_001, 10_000)))[0] == "too_large"
    assert (
        refusal(written(tmp_path / "p", png_of(10_000, 10_000)))[0] == "invalid"
    )  # the size is allowed, its data is not there
    assert refusal(written(tmp_path / "p", png_of(0, 10)))[0] == "invalid"
    huge_frame = b"," + struct.pack("<HHHH", 0, 0, 65535, 65535) + b"\0\x02\x02\x4c\x01\0"
    assert refusal(written(tmp_path / "g", gif(1, 1, huge_frame)))[0] == "too_large"
    assert refusal(written(tmp_path / "g", gif(1, 1, GIF_FRAME + huge_frame)))[0] == "too_large"


def test_an_animation_has_a_bounded_number_of_frames(tmp_path: Path) -> None:
    assert probe(written(tmp_path / "g", gif(1, 1, GIF_FRAME * 100)), "image/gif").width == 1
    assert "5,000 frames" in refusal(written(tmp_path / "g", gif(1, 1, GIF_FRAME * 50_000)))[1]


@pytest.mark.parametrize(
    ("name", "codec", "type"),
    [
        ("v.mp4", "libx264", "video/mp4"),
        ("v.mov", "libx264", "video/quicktime"),
        ("v.webm", "libvpx", "video/webm"),
        ("v.mkv", "libx264", "video/x-matroska"),
    ],
)
def test_videos(tmp_path: Path, name: str, codec: str, type: str) -> None:
    path = samples.save_video(tmp_path / name, codec)
    facts = probe(path, type)
    assert facts == probe(path, "")
    assert (facts.kind, facts.content_type, facts.extension) == ("video", type, name[2:])
    assert (facts.width, facts.height, facts.size) == (96, 64, path.stat().st_size)
    assert facts.duration == pytest.approx(2, abs=0.11)


def test_a_rotated_video_has_the_size_that_is_shown(tmp_path: Path) -> None:
    facts = probe(samples.turn_video(samples.save_video(tmp_path / "v.mp4")), "video/mp4")
    assert (facts.width, facts.height) == (64, 96)


@pytest.mark.parametrize("part", [0.02, 0.3, 0.7, 0.98])
def test_a_video_that_is_cut_off_is_invalid(tmp_path: Path, part: float) -> None:
    data = samples.save_video(tmp_path / "v.mp4").read_bytes()
    assert refusal(written(tmp_path / "cut", data[: int(len(data) * part)]), "video/mp4")[0] == "invalid"


def test_a_video_of_noise_is_invalid(tmp_path: Path) -> None:
    data = samples.save_video(tmp_path / "v.webm", "libvpx").read_bytes()
    assert refusal(written(tmp_path / "n", data[:64] + bytes(reversed(data[64:]))), "video/webm")[0] == "invalid"


@pytest.mark.parametrize(
    ("name", "codec", "format", "type"),
    [
        ("s.mp3", "libmp3lame", None, "audio/mpeg"),
        ("s.ogg", "libopus", None, "audio/ogg"),
        ("s.flac", "flac", None, "audio/flac"),
        ("s.m4a", "aac", "mp4", "audio/mp4"),
        ("s.aac", "aac", "adts", "audio/aac"),
    ],
)
def test_sound(tmp_path: Path, name: str, codec: str, format: str | None, type: str) -> None:
    facts = probe(samples.encode_sound(tmp_path / name, codec, format=format), type)
    assert (facts.kind, facts.content_type, facts.extension) == ("audio", type, name[2:])
    assert facts.duration == pytest.approx(1.5, abs=0.1)


def test_a_title_that_is_not_utf_8_is_borne(tmp_path: Path) -> None:
    sound = samples.encode_sound(tmp_path / "s.flac", "flac")
    data = sound.read_bytes()
    assert b"encoder=Lavf" in data
    sound.write_bytes(data.replace(b"encoder=Lavf", b"encoder=\xe9avf"))
    assert probe(sound, "audio/flac").content_type == "audio/flac"


def test_wav(tmp_path: Path) -> None:
    facts = probe(samples.save_sound(tmp_path / "s.wav"), "audio/x-wav")
    assert (facts.kind, facts.content_type, facts.duration, facts.width) == ("audio", "audio/wav", 1.5, None)


@pytest.mark.parametrize(
    ("data", "claim", "filename", "type", "extension"),
    [
        (b"<svg onload='alert(1)'/>", "image/svg+xml", "drawing.svg", "image/svg+xml", "bin"),
        (b"<script>alert(1)</script>", "text/html", "page.html", "text/html", "bin"),
        (b"PK\3\4", "application/zip", "all.zip", "application/zip", "zip"),
        (b"\xff\xfbnot sound at all" * 9, "", "notes", "application/octet-stream", "bin"),
        (b"words", "", "../../x.p/../hp", "application/octet-stream", "bin"),
        (b"words", "no type; <b>", "a.safetensors.TXT", "application/octet-stream", "txt"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "", "list.m3u8", "application/octet-stream", "m3u8"),
    ],
)
def test_all_else_is_a_plain_file(
    tmp_path: Path, data: bytes, claim: str, filename: str, type: str, extension: str
) -> None:
    assert probe(written(tmp_path / "f", data), claim, filename) == MediaFacts("file", type, extension, len(data))


@pytest.mark.parametrize("claim", ["video/x-matroska", "video/matroska"])  # Chromium says the one or the other
def test_matroska_by_both_of_its_names(tmp_path: Path, claim: str) -> None:
    facts = probe(samples.save_video(tmp_path / "a.mkv", "mpeg4"), claim)
    assert (facts.content_type, facts.plays) == ("video/x-matroska", False)


def test_without_its_extra_a_heic_picture_is_refused_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gallery.media.pictures import DECODERS

    path = tmp_path / "a.heic"
    pillow_heif.from_pillow(Image.new("RGB", (64, 48), "teal")).save(path)
    assert probe(path, "").content_type == "image/heic"
    monkeypatch.delitem(DECODERS, "HEIF")
    with pytest.raises(NotifyError, match="not set up for HEIC"):
        probe(path, "")
    without = (
        "import sys; sys.modules['pillow_heif'] = None; from gallery.media.pictures import DECODERS as d; print(*d)"
    )
    assert (
        "HEIF" not in subprocess.run([sys.executable, "-c", without], capture_output=True, check=True, text=True).stdout
    )
