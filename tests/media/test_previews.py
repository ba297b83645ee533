from __future__ import annotations

import io
import os

import pytest
from PIL import Image

from gallery.contract.errors import NotifyError
from gallery.media.previews import check_preview
from tests.media.samples import gradient


def encoded(format: str, width: int = 64, height: int = 48) -> bytes:
    data = io.BytesIO()
    gradient(width, height).save(data, format)
    return data.getvalue()


@pytest.mark.parametrize(("format", "extension"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
def test_a_readable_preview(format: str, extension: str) -> None:
    assert check_preview(encoded(format)) == extension


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "invalid"),
        (b"words", "invalid"),
        (b"<svg/>", "invalid"),
        (encoded("GIF"), "invalid"),
        (encoded("AVIF"), "invalid"),
        (encoded("PNG")[:-200], "invalid"),
        (encoded("JPEG")[:-200], "invalid"),
        (encoded("PNG")[:60] + os.urandom(3000), "invalid"),
        (encoded("PNG") + b"\0" * 512 * 1024, "too_large"),
        (encoded("JPEG", 5000, 4000), "too_large"),
    ],
    ids=["empty", "text", "svg", "gif", "avif", "cut png", "cut jpeg", "noise", "bytes", "large jpeg"],
)
def test_a_refused_preview(data: bytes, code: str) -> None:
    with pytest.raises(NotifyError) as caught:
        check_preview(data)
    assert caught.value.code == code and caught.value.message.endswith(".")


def test_many_pixels_in_few_bytes() -> None:
    data = io.BytesIO()
    Image.new("1", (4001, 4000)).save(data, "PNG")
    assert len(data.getvalue()) < 512 * 1024
    with pytest.raises(NotifyError, match="16 megapixels"):
        check_preview(data.getvalue())
