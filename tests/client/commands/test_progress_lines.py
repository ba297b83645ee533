"""How far a program is, read from what programs really print."""

from __future__ import annotations

import pytest

from darkroom.commands.progress_lines import LONGEST_LINE, ProgressReader, Reading

FFMPEG = "frame=  120 fps= 60 q=28.0 size=    256KiB time=00:00:05.00 bitrate= 419.4kbits/s speed=2.5x    \r"


@pytest.mark.parametrize(
    ("printed", "reading"),
    [
        (" 24%|██▍       | 12/50 [00:06<00:19,  1.95it/s]\r", Reading(24.0, "12 of 50", 19.0)),
        ("Rendering: 100%|██████████| 50/50 [00:25<00:00,  1.95it/s]\n", Reading(100.0, "Rendering 50 of 50", 0.0)),
        ("  0%|          | 0/50 [00:00<?, ?it/s]\r", Reading(0.0, "0 of 50", None)),
        (" 45%|####5     | 4.50M/10.0M [00:01<01:02, 3.2MB/s]\r", Reading(45.0, "4.50M of 10.0M", 62.0)),
        ("12it [00:06,  1.95it/s]\r", Reading(None, "12 done")),
        (FFMPEG, Reading(None, "00:00:05.00 done")),
        ("\x1b[32mStep 3/12\x1b[0m\n", Reading(25.0, "Step 3/12")),
        ("epoch 2 of 4, loss 0.1\n", Reading(50.0, "epoch 2 of 4, loss 0.1")),
        ("Rendering 62.5 % done\n", Reading(62.5, "Rendering 62.5 % done")),
        ("written on 3/12\n", None),
        ("step 13/12\n", None),
        ("400% zoom\n", None),
        ("hello\n", None),
        ("", None),
    ],
)
def test_what_programs_print(printed: str, reading: Reading | None) -> None:
    assert ProgressReader().feed(printed) == reading


def test_ffmpeg_with_its_duration() -> None:
    reader = ProgressReader()
    assert reader.feed("  Duration: 00:00:10.00, start: 0.000000, bitrate: 1205 kb/s\n") is None
    assert reader.feed(FFMPEG) == Reading(50.0, "00:00:05.00 done", 2.0)
    assert reader.feed("out_time=00:00:07.500000\n") == Reading(75.0, "00:00:07.500000 done")


def test_pieces_of_any_size_and_lines_without_end() -> None:
    reader = ProgressReader()
    assert [reader.feed(letter) for letter in "step 1/2"] == [None] * 8
    assert reader.feed("\nError: no such model\n") == Reading(50.0, "step 1/2")
    assert reader.last_line == "Error: no such model"
    reader.feed("x" * 10 * LONGEST_LINE)
    assert len(reader._rest) == LONGEST_LINE
