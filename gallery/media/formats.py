"""What a file is by its first bytes, and what a Content-Type says that it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

HEAD_BYTES = 4096
CONTENT_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,40}/[a-z0-9*!#$&^_.+-]{1,50}")


@dataclass(frozen=True)
class Format:
    """A family of files that we look into: pictures by Pillow's ``decoder``, sound and video by FFmpeg's demuxer."""

    name: str
    decoder: str
    claims: tuple[str, ...]  # Content-Types that mean it; a picture's first one is its own
    is_picture: bool = False
    is_certain: bool = True  # False: its first bytes occur in other files as well


PICTURES = (
    Format("JPEG", "JPEG", ("image/jpeg", "image/jpg", "image/pjpeg"), is_picture=True),
    Format("PNG", "PNG", ("image/png", "image/apng", "image/x-png", "image/vnd.mozilla.apng"), is_picture=True),
    Format("WebP", "WEBP", ("image/webp",), is_picture=True),
    Format("AVIF", "AVIF", ("image/avif", "image/avif-sequence"), is_picture=True),
    Format("GIF", "GIF", ("image/gif",), is_picture=True),
    Format("HEIC", "HEIF", ("image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence"), is_picture=True),
)
MP4 = Format(
    "MP4",
    "mov",
    ("video/mp4", "audio/mp4", "video/quicktime", "video/x-m4v", "audio/x-m4a", "audio/m4a",
     "application/mp4", "video/3gpp"),
)  # fmt: skip
MATROSKA = Format(
    "WebM",
    "matroska",
    ("video/webm", "audio/webm", "video/x-matroska", "audio/x-matroska", "video/matroska", "audio/matroska"),
)
OGG = Format("Ogg", "ogg", ("video/ogg", "audio/ogg", "application/ogg", "audio/opus", "audio/vorbis"))
WAV = Format("WAV", "wav", ("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"))
FLAC = Format("FLAC", "flac", ("audio/flac", "audio/x-flac"))
MP3 = Format("MP3", "mp3", ("audio/mpeg", "audio/mp3", "audio/x-mp3", "audio/mpeg3"), is_certain=False)
AAC = Format("AAC", "aac", ("audio/aac", "audio/x-aac", "audio/aacp", "audio/vnd.dlna.adts"), is_certain=False)
FORMATS = (*PICTURES, MP4, MATROSKA, OGG, WAV, FLAC, MP3, AAC)

JPEG, PNG, WEBP, AVIF, GIF, HEIC = PICTURES
HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis"}
UNKNOWN_CLAIMS = {"", "application/octet-stream", "binary/octet-stream", "application/x-octet-stream"}


def detect(head: bytes) -> Format | None:
    """The format that a file's first ``HEAD_BYTES`` show, if it is one that we look into."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head.startswith((b"RIFF", b"RF64")):
        return {b"WEBP": WEBP, b"WAVE": WAV}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _detect_brand(head)
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip"):
        return MP4
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return MATROSKA
    if head.startswith(b"OggS"):
        return OGG
    if head.startswith(b"fLaC"):
        return FLAC
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return AAC
    if head.startswith(b"ID3") or (len(head) > 2 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return MP3
    return None


def clean_claim(claimed_type: str) -> str:
    """A Content-Type without its parameters, in lower case; ``""`` when it says nothing or is no media type."""
    content_type = claimed_type.split(";", 1)[0].strip().lower()
    if content_type in UNKNOWN_CLAIMS or not CONTENT_TYPE.fullmatch(content_type):
        return ""
    return content_type


def is_claim_of_media(content_type: str) -> bool:
    """Whether a Content-Type promises a format that we look into."""
    return any(content_type in known.claims for known in FORMATS)


def _detect_brand(head: bytes) -> Format | None:
    brands = head[8 : min(int.from_bytes(head[:4], "big"), len(head))]
    major, compatible = brands[:4], {brands[i : i + 4] for i in range(8, len(brands), 4)}
    if major in (b"avif", b"avis") or (major in (b"mif1", b"msf1", b"miaf") and compatible & {b"avif", b"avis"}):
        return AVIF
    if major in HEIC_BRANDS or (major in (b"mif1", b"msf1", b"miaf") and compatible & HEIC_BRANDS):
        return HEIC
    if major in (b"mif1", b"msf1"):
        return None  # pictures that no decoder here reads: kept as plain files
    return MP4
