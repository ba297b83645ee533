from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gallery.contract.errors import NotifyError
from gallery.media import incoming


def test_a_file_is_received_kept_and_discarded(tmp_path: Path) -> None:
    temporary = incoming.receive([b"one ", b"", b"two"], tmp_path / "incoming", limit=7)
    assert temporary.parent == tmp_path / "incoming"
    relative = incoming.keep(temporary, tmp_path, "Sunset.PNG")
    assert not temporary.exists()
    assert relative.startswith("items/") and relative.endswith(".png") and "unset" not in relative
    assert (tmp_path / relative).read_bytes() == b"one two"
    incoming.discard(tmp_path, relative)
    assert not (tmp_path / relative).exists()
    incoming.discard(tmp_path, relative)
    incoming.discard(tmp_path, "")


def test_names_cannot_be_guessed_and_extensions_are_harmless(tmp_path: Path) -> None:
    names = [
        incoming.keep(incoming.receive([b"x"], tmp_path / "incoming", limit=9), tmp_path, name)
        for name in ("png", "png", "../../etc/passwd", "a.p/h\0p", "")
    ]
    assert len(set(names)) == 5
    assert all((tmp_path / name).resolve().is_relative_to(tmp_path / "items") for name in names)


@pytest.mark.parametrize(
    ("limit", "words"),
    [(2, "2 bytes"), (64 << 10, "64 KiB"), (64 << 20, "64 MiB"), (1 << 30, "1 GiB"), (3 << 19, "1.5 MiB")],
)
def test_a_limit_is_said_in_words(limit: int, words: str) -> None:
    assert incoming.size_in_words(limit) == words


def test_too_much_is_refused_without_reading_on(tmp_path: Path) -> None:
    read = []

    def chunks() -> Iterator[bytes]:
        for number in range(100):
            read.append(number)
            yield b"x" * 1024

    with pytest.raises(NotifyError) as caught:
        incoming.receive(chunks(), tmp_path, limit=4096)
    assert (caught.value.code, caught.value.message) == ("too_large", "The file is larger than 4 KiB.")
    assert len(read) == 5 and not list(tmp_path.iterdir())


@pytest.mark.parametrize("chunks", [[], [b""], [b"", b""]])
def test_an_empty_file_is_invalid(tmp_path: Path, chunks: list[bytes]) -> None:
    with pytest.raises(NotifyError, match="empty") as caught:
        incoming.receive(chunks, tmp_path, limit=10)
    assert caught.value.code == "invalid" and not list(tmp_path.iterdir())


def test_a_sender_that_goes_away_leaves_nothing(tmp_path: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        incoming.receive(chunks(), tmp_path, limit=10)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def on_full_disk(prefix: str, dir: Path) -> tuple[int, str]:
        return os.open("/dev/full", os.O_WRONLY), str(tmp_path / "gone")

    monkeypatch.setattr(incoming.tempfile, "mkstemp", on_full_disk)
    with pytest.raises(NotifyError) as caught:
        incoming.receive([b"x" * 100_000], tmp_path, limit=1_000_000)
    assert (caught.value.code, caught.value.retry_after) == ("unavailable", 5)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG, errno.EIO])
def test_a_failing_disk_is_unavailable_while_keeping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    temporary = incoming.receive([b"x"], tmp_path / "incoming", limit=9)

    def fail(*_: object) -> None:
        raise OSError(number, "it does not fit")

    monkeypatch.setattr(incoming.os, "fsync", fail)
    with pytest.raises(NotifyError) as caught:
        incoming.keep(temporary, tmp_path, "png")
    assert caught.value.status == 503 and caught.value.retry_after


def test_nothing_outside_is_discarded(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("mine")
    with pytest.raises(ValueError, match="not below"):
        incoming.discard(tmp_path / "media", "../outside.txt")
    assert outside.exists()


def test_only_abandoned_files_are_swept(tmp_path: Path) -> None:
    old = incoming.receive([b"x"], tmp_path, limit=9)
    fresh = incoming.receive([b"x"], tmp_path, limit=9)
    os.utime(old, (0, 0))
    assert incoming.discard_abandoned(tmp_path) == 1
    assert fresh.exists() and not old.exists()
