from __future__ import annotations

import math
import wave
from array import array
from pathlib import Path

import pytest

from gallery.contract.errors import NotifyError
from gallery.media import waveforms
from gallery.media.waveforms import BARS, make_waveform
from tests.media.samples import encode_sound, save_picture, save_sound

BOX = (480, 360)


def heights(image: object) -> list[int]:
    """How many pixels have ink in the middle of each bar."""
    alpha = image.getchannel("A")  # type: ignore[attr-defined]
    margin, step = BOX[0] * 0.08, BOX[0] * 0.84 / BARS
    columns = [round(margin + (number + 0.5) * step) for number in range(BARS)]
    return [sum(alpha.getpixel((x, y)) > 128 for y in range(BOX[1])) for x in columns]


def save_swell(path: Path, seconds: float, rate: int = 8000) -> Path:
    """Silent at first, and louder and louder."""
    count = int(seconds * rate)
    samples = array("h", (int(30000 * index / count * math.sin(index / 3)) for index in range(count)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path


def test_it_shows_how_loud_it_is(tmp_path: Path) -> None:
    image = make_waveform(save_swell(tmp_path / "swell.wav", 3), BOX)
    shown = heights(image)
    assert (image.size, image.mode) == (BOX, "RGBA")
    assert shown[0] < 8 < 40 < shown[BARS // 2] < shown[-2]
    assert shown == pytest.approx(sorted(shown), abs=4)
    assert image.getpixel((2, 2))[3] == 0, "the ground is clear, for both themes"


def test_a_long_sound_is_listened_to_here_and_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save_swell(tmp_path / "swell.wav", 60)
    whole = heights(make_waveform(path, BOX))
    monkeypatch.setattr(waveforms, "WHOLE_SECONDS", 10.0)
    assert heights(make_waveform(path, BOX)) == pytest.approx(whole, abs=12)


@pytest.mark.parametrize(("name", "codec"), [("a.mp3", "libmp3lame"), ("a.flac", "flac"), ("a.m4a", "aac")])
def test_compressed_sounds(tmp_path: Path, name: str, codec: str) -> None:
    assert max(heights(make_waveform(encode_sound(tmp_path / name, codec), BOX))) > 100


def test_silence_is_a_line(tmp_path: Path) -> None:
    path = save_sound(tmp_path / "silent.wav", seconds=0.5)
    data = path.read_bytes()
    path.write_bytes(data[:44] + bytes(len(data) - 44))
    assert set(heights(make_waveform(path, BOX))) <= set(range(2, 9))


def test_what_is_no_sound(tmp_path: Path) -> None:
    with pytest.raises(NotifyError):
        make_waveform(save_picture(tmp_path / "a.png"), BOX)
