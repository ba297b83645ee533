from __future__ import annotations

from pathlib import Path

import av
import pytest
from PIL import Image

from gallery.contract.errors import NotifyError
from gallery.media import web_videos
from gallery.media.probe import probe
from gallery.media.web_videos import PLAIN, Shape, make_web_video
from tests.media.samples import encode_sound, save_picture, save_video, turn_video


@pytest.fixture(autouse=True)
def _every_packet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_videos, "REPORT_SECONDS", 0.0)
    monkeypatch.setattr(web_videos, "NICENESS", 0)


def save_prores(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("prores_ks", rate=10)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv422p10le"
        for index in range(20):
            frame = av.VideoFrame.from_image(Image.new("RGB", (96, 64), (index * 9, 30, 30)))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def with_sound(path: Path, folder: Path) -> Path:
    """The pictures of ``path`` with a sound, as Matroska."""
    sound, joined = encode_sound(folder / "s.flac", "flac"), folder / "joined.mkv"
    with av.open(str(path)) as first, av.open(str(sound)) as second, av.open(str(joined), "w") as target:
        streams = [target.add_stream_from_template(source.streams[0]) for source in (first, second)]
        for source, stream in zip((first, second), streams, strict=True):
            for packet in source.demux(source.streams[0]):
                if packet.dts is not None:
                    packet.stream = stream
                    target.mux(packet)
    return joined


def converted(path: Path, shape: Shape = PLAIN) -> tuple[Path, list[float]]:
    said: list[float] = []
    target = path.with_name("converted.mp4")
    make_web_video(path, target, said.append, shape)
    return target, said


def check(path: Path, size: tuple[int, int], frames: int = 20) -> None:
    facts = probe(path, "video/mp4")
    assert (facts.plays, facts.width, facts.height) == (True, *size)
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert (video.codec.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert sum(1 for _ in container.decode(video)) == frames


@pytest.mark.parametrize(("name", "codec"), [("a.mkv", "libx264"), ("a.mkv", "mpeg4"), ("a.mp4", "libx265")])
def test_what_browsers_do_not_play(tmp_path: Path, name: str, codec: str) -> None:
    path = save_video(tmp_path / name, codec)
    assert not probe(path, "").plays
    target, said = converted(path)
    check(target, (96, 64))
    assert said == sorted(said)
    assert 0 <= said[0] < 0.2 and 0.8 < said[-1] <= 1


def test_prores(tmp_path: Path) -> None:
    check(converted(save_prores(tmp_path / "a.mov"))[0], (96, 64))


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_it_stays_upright(tmp_path: Path, codec: str) -> None:
    target, _ = converted(turn_video(save_video(tmp_path / "a.mp4", codec)))
    check(target, (64, 96))
    with av.open(str(target)) as container:
        frame = next(container.decode(video=0))
        turn = round(frame.rotation / 90) * 90
        image = frame.to_image().rotate(turn, expand=True)
    top, bottom = (image.getpixel((image.width // 2, y)) for y in (5, image.height - 5))
    assert top[0] > 150 > bottom[0], "red is above, blue below, as players show the original"


def test_sound_comes_along(tmp_path: Path) -> None:
    path = with_sound(save_video(tmp_path / "a.mp4"), tmp_path)
    target, _ = converted(path)
    check(target, (96, 64))
    with av.open(str(target)) as container:
        sound = container.streams.audio[0]
        assert (sound.codec.name, sound.rate) == ("aac", 48000)
        seconds = sum(frame.samples for frame in container.decode(sound)) / 48000
    assert seconds == pytest.approx(1.5, abs=0.1)


def test_a_large_one_becomes_smaller(tmp_path: Path) -> None:
    check(converted(save_video(tmp_path / "a.mkv", "mpeg4"), Shape(largest=48))[0], (48, 32))


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "libx264"), ("a.webm", "libvpx"), ("a.webm", "libvpx-vp9")])
def test_what_browsers_play_needs_none(tmp_path: Path, name: str, codec: str) -> None:
    assert probe(save_video(tmp_path / name, codec), "").plays


def test_what_is_no_video(tmp_path: Path) -> None:
    with pytest.raises(NotifyError):
        converted(save_picture(tmp_path / "a.png"))
    with pytest.raises(NotifyError):
        converted(encode_sound(tmp_path / "a.flac", "flac"))
