"""Versions of videos that every browser plays: H.264 and AAC in MP4. What is that already only gets another box."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av

from gallery.contract.errors import NotifyError
from gallery.media import formats, recordings
from gallery.media.formats import Format

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

PLAYED_TYPES = ("video/mp4", "video/webm")
PLAYED_VIDEO = ("h264", "vp8", "vp9", "av1")
PLAYED_SOUND = ("aac", "mp3", "opus", "vorbis", "flac")
PLAYED_PIXELS = ("yuv420p", "yuvj420p")  # of H.264; more colours or bits only some can
PRESET = "veryfast"
SOUND_RATE = 48_000
REPORT_SECONDS = 1.0
NICENESS = 10  # whoever serves pages comes first
TURNS = {90: "transpose=cclock", 180: "hflip,vflip", 270: "transpose=clock"}  # by the frame's own rotation

Report = Callable[[float], None]  # 0–1


@dataclass(frozen=True)
class Shape:
    """What is wanted of a version."""

    largest: int = 1920  # pixels of the longer side
    crf: int = 23  # of x264: less is finer, and larger
    may_copy: bool = True  # pictures that browsers play already may stay as they are


PLAIN = Shape()


def plays_in_browsers(content_type: str, container: InputContainer) -> bool:
    """Whether browsers play it as it is."""
    video, sound = recordings.find_video(container), recordings.find_audio(container)
    if video is None:
        return True
    return content_type in PLAYED_TYPES and _is_played(video) and (sound is None or sound.codec.name in PLAYED_SOUND)


def make_web_video(path: Path, destination: Path, report: Report, shape: Shape = PLAIN) -> None:
    """Write the version of ``path`` for browsers to ``destination``."""
    known = recordings.format_of(path, "video")
    with contextlib.suppress(OSError, AttributeError):  # only this thread, and what the encoder starts from it
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    options = {"movflags": "+faststart"}
    with (
        recordings.open_recording(path, known) as source,
        av.open(str(destination), "w", format="mp4", options=options) as target,
    ):
        _Conversion(known, source, target, report, shape).run()


def _is_played(video: VideoStream) -> bool:
    name = video.codec.name
    return name in PLAYED_VIDEO and (name != "h264" or video.codec_context.pix_fmt in PLAYED_PIXELS)


class _Conversion:
    def __init__(
        self, known: Format, source: InputContainer, target: OutputContainer, report: Report, shape: Shape
    ) -> None:
        video = recordings.find_video(source)
        if video is None:
            raise NotifyError("invalid", "The file holds no moving pictures.")
        recordings.check_frame_size(video)
        self.source, self.target, self.report, self.shape = source, target, report, shape
        self.video, self.sound = video, recordings.find_audio(source)
        self.length = recordings.duration_of(source, video) or 0.0
        self.start = (source.start_time or 0) / av.time_base
        self.reached = 0.0
        self.said_at = time.monotonic()
        # Other boxes than QuickTime's leave the decoding times of some packets to be guessed.
        can_copy = known is formats.MP4 and video.codec.name == "h264" and _is_played(video)
        self.copies_video = shape.may_copy and can_copy
        self.out_video: Any = target.add_stream_from_template(video) if self.copies_video else None
        self.out_sound: Any = None
        self.resampler: Any = None
        self.graph: Any = None
        if self.sound is not None:
            self.sound.codec_context.thread_count = 1
            if self.sound.codec.name == "aac" and known is formats.MP4:
                self.out_sound = target.add_stream_from_template(self.sound)
            else:
                self.out_sound = target.add_stream("aac", rate=SOUND_RATE, layout="stereo")
                self.resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SOUND_RATE)

    def run(self) -> None:
        self.source.seek(0)
        streams = [stream for stream in (self.video, self.sound) if stream is not None]
        for packet in self.source.demux(streams):
            with contextlib.suppress(av.error.InvalidDataError):  # a damaged packet
                self._take(packet)
            self._say(packet)
        if not self.copies_video:
            self._encode_video(None)
        if self.resampler is not None and self.out_sound is not None:
            self._mux(self.out_sound.encode(None))
        if self.out_video is None:
            raise NotifyError("invalid", "The video holds no frame that can be decoded.")

    def _take(self, packet: Any) -> None:
        is_video = packet.stream is self.video
        if (is_video and self.copies_video) or (not is_video and self.resampler is None):
            if packet.dts is not None:
                packet.stream = self.out_video if is_video else self.out_sound
                self.target.mux(packet)
        elif is_video:
            for frame in packet.decode():
                for shown in self._filtered(frame):
                    self._encode_video(shown)
        else:
            for frame in packet.decode():
                for piece in self.resampler.resample(frame):
                    self._mux(self.out_sound.encode(piece))

    def _filtered(self, frame: VideoFrame) -> Iterator[VideoFrame]:
        """Upright, in square pixels, not too large, in the colours that all players know."""
        if self.graph is None:
            self.graph = self._new_graph(frame)
        self.graph.push(frame)
        with contextlib.suppress(av.error.BlockingIOError, av.error.EOFError):
            while True:
                yield self.graph.pull()

    def _new_graph(self, frame: VideoFrame) -> Any:
        width, height = recordings.displayed_size(self.video, frame)
        scale = min(1.0, self.shape.largest / max(width, height))
        size = [max(2, round(side * scale / 2) * 2) for side in (width, height)]
        graph = av.filter.Graph()
        nodes = [graph.add_buffer(template=self.video)]
        turn = TURNS.get(round(frame.rotation / 90) * 90 % 360, "")
        for part in [part for part in turn.split(",") if part] + [f"scale={size[0]}:{size[1]}", "setsar=1"]:
            name, _, arguments = part.partition("=")
            nodes.append(graph.add(name, arguments))
        nodes += [graph.add("format", "yuv420p"), graph.add("buffersink")]
        for one, next_one in zip(nodes, nodes[1:], strict=False):
            one.link_to(next_one)
        graph.configure()
        return graph

    def _encode_video(self, frame: VideoFrame | None) -> None:
        if self.out_video is None:
            if frame is None:
                return
            rate = self.video.average_rate or Fraction(30)
            options = {"crf": str(self.shape.crf), "preset": PRESET}
            self.out_video = self.target.add_stream("libx264", rate=rate, options=options)
            self.out_video.width, self.out_video.height = frame.width, frame.height
            self.out_video.pix_fmt = "yuv420p"
            self.out_video.codec_context.time_base = self.video.time_base or 1 / rate
        if frame is not None:
            frame.pict_type = 0  # the encoder chooses its own key frames
        self._mux(self.out_video.encode(frame))

    def _mux(self, packets: Any) -> None:
        for packet in packets:
            self.target.mux(packet)

    def _say(self, packet: Any) -> None:
        now = time.monotonic()
        if packet.pts is None or not self.length or now - self.said_at < REPORT_SECONDS:
            return
        self.said_at = now
        here = (float(packet.pts * packet.time_base) - self.start) / self.length
        self.reached = max(self.reached, min(1.0, here))  # packets come in the order of decoding
        self.report(self.reached)
