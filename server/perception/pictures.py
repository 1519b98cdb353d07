"""One picture track of a sitting inside a worker: what waits to be decoded, and what waits to be analysed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
from av.video.frame import VideoFrame

from proctor.domain.media import Frame, TrackKind
from proctor.domain.time import MediaTime
from proctor.pipeline.channel import EncodedPictures, NewestWins
from proctor.pipeline.schedule import SamplingGrid
from server.perception.decode import PictureDecoder, frame_of
from server.perception.protocol import Media

PICTURES_WAITING: Final = 32
"""About eight seconds of layer 0."""
HELD_WAITING: Final = 8
"""About two seconds of layer 0; a guided check is given every picture as long as it keeps up."""


@dataclass(frozen=True, slots=True, eq=False)
class DecodedPicture:
    """A picture that the sampling grid chose, not yet converted."""

    track: TrackKind
    at: MediaTime
    picture: VideoFrame
    arrived_ns: int


class TrackPictures:
    """Bounded all the way: what does not fit is dropped and counted.

    `is_held` says whether a picture of a time belongs to a guided check; those wait apart from the sampling grid.
    """

    def __init__(self, track: TrackKind, per_s: float, is_held: Callable[[MediaTime], bool]) -> None:
        self._track = track
        self._grid = SamplingGrid(per_s)
        self._encoded = EncodedPictures(PICTURES_WAITING)
        self._arrivals: dict[int, int] = {}
        self._is_held = is_held
        self._sampled: NewestWins[DecodedPicture] = NewestWins(1)
        self._held: NewestWins[DecodedPicture] = NewestWins(HELD_WAITING)
        self._decoder = PictureDecoder()
        self._passed_over = 0

    @property
    def dropped(self) -> int:
        """Encoded pictures lost before decoding, and sampled ones passed over in favour of a newer one, so far."""
        return self._encoded.dropped + self._sampled.dropped + self._held.dropped

    @property
    def undecodable(self) -> int:
        """Pictures that could not be decoded so far."""
        return self._decoder.undecodable

    @property
    def wants_key_frame(self) -> bool:
        """Whether nothing can be decoded before the next key frame."""
        return self._encoded.wants_key_frame or (self._decoder.wants_key_frame and not self._encoded)

    @property
    def has_picture(self) -> bool:
        """Whether a picture waits for analysis; asked of every sitting each time something arrives, so it is plain."""
        return len(self._sampled) > 0 or len(self._held) > 0

    @property
    def waiting(self) -> MediaTime | None:
        """Time of the oldest picture that waits for analysis; None where none does."""
        if not self.has_picture:
            return None
        return min(queue.peek().at for queue in (self._sampled, self._held) if queue)

    def put(self, media: Media) -> None:
        """Let an encoded picture wait for its turn."""
        if self._encoded.put(media.frame):
            self._arrivals[media.frame.at] = media.arrived_ns

    def decode(self) -> None:
        """Decode all pictures that wait; the newest of those that are due, and all of a check, then wait for analysis.

        Pictures build on each other, so none may be left out; decoding one costs a tenth of analysing it.
        """
        while self._encoded:
            frame = self._encoded.take()
            arrived_ns = self._arrivals.pop(frame.at, 0)
            picture = self._decoder.decode(frame)
            if picture is None:
                continue
            if self._is_held(frame.at):
                self._held.put(DecodedPicture(self._track, frame.at, picture, arrived_ns))
            elif self._grid.wants(frame.at):
                self._grid.took(frame.at)
                self._sampled.put(DecodedPicture(self._track, frame.at, picture, arrived_ns))
        self._arrivals.clear()

    def take(self) -> DecodedPicture:
        """Take the oldest picture that waits.

        Raises:
            IndexError: none does.
        """
        if self._held and (not self._sampled or self._held.peek().at < self._sampled.peek().at):
            return self._held.take()
        return self._sampled.take()

    def frame(self, decoded: DecodedPicture) -> Frame | None:
        """The picture as the line takes it; None, and counted, where it cannot be converted."""
        try:
            return frame_of(self._track, decoded.at, decoded.picture)
        except (cv2.error, ValueError):
            self._decoder.undecodable += 1
            return None

    def fell_behind(self) -> bool:
        """Whether a sampled picture was passed over since the last call."""
        before, self._passed_over = self._passed_over, self._sampled.dropped
        return self._passed_over > before
