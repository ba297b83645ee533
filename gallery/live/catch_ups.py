"""What those who come back are sent: made once for all who stood at the same place, however far apart they come."""

from __future__ import annotations

from collections.abc import Callable

from gallery.live.frames import Frame
from gallery.models import Folder
from gallery.services.messages import messages_revision

PLACES_KEPT = 16  # a restart leaves almost all pages of a folder at one or two

Place = tuple[int | None, int, str]  # the revisions of the folder and of the messages that a viewer has; its language


class CatchUps:
    """The last frames of one folder, by the place from which they lead; kept while nothing newer is there.

    Used by one thread at a time, as the hub asks for one frame after the other.
    """

    def __init__(self, folder_id: str, build: Callable[[str, int | None, int, str], Frame | None]) -> None:
        self.folder_id = folder_id
        self._build = build
        self._frames: dict[Place, Frame] = {}

    def frame(self, since: int | None, messages_since: int, language: str) -> Frame | None:
        """What leads from there to now; None where the folder is gone."""
        known = self._frames.get((since, messages_since, language))
        if known is not None and self._is_newest(known):
            return known
        frame = self._build(self.folder_id, since, messages_since, language)
        if frame is not None and frame.text:
            self._keep((since, messages_since, language), frame)
        return frame

    def _is_newest(self, frame: Frame) -> bool:
        revision = Folder.objects.filter(id=self.folder_id).values_list("revision", flat=True).first()
        return (revision, messages_revision()) == (frame.revision, frame.messages_at)

    def _keep(self, place: Place, frame: Frame) -> None:
        newest = frame.revision, frame.messages_at
        if len(self._frames) >= PLACES_KEPT or any(
            (other.revision, other.messages_at) != newest for other in self._frames.values()
        ):
            self._frames.clear()
        self._frames[place] = frame
