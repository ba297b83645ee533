"""How the commands end. ``darkroom run`` ends as the command that it ran did, where that one was started at all."""

from __future__ import annotations

DONE = 0
RUN_FAILED = 1  # what a bridge was asked to queue
USAGE = 2  # what was asked for makes no sense, or the address or the token is missing
NOT_THERE = 3  # the folder to watch, or the generator
GALLERY_REFUSED = 4  # the token, or the folder of the gallery
NOT_ALL_TAKEN = 5  # some files did not get into the gallery
NOT_EXECUTABLE, NOT_FOUND = 126, 127  # as a shell has them
STOPPED = 130  # Ctrl-C, as a shell has it
