"""From encoded frames to clusters and segments: what is written where, decided without any I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from proctor.domain.media import Codec, EncodedFrame, TrackKind
from proctor.domain.time import MediaTime, to_ms
from proctor.recording.bitstream import opus_channels, opus_duration_ms, vp8_size
from proctor.recording.webm import Block, TrackHead, cluster, file_head

MAX_CLUSTER_MS: Final = 1_000
SEGMENT_MS: Final = 60_000
SOUND_HOLE_MS: Final = 20
"""Sound that pauses as long as this goes on in a new cluster, so that clusters of sound have no holes inside."""
_MAX_PICTURE_MS: Final = 200
"""A cluster's last picture is shown as long as the one before it, but no longer than this."""

_NAME: Final = re.compile(r"(\d{4,})-(\d{5,})\.webm")


@dataclass(frozen=True, slots=True, order=True)
class SegmentName:
    """Names a segment within its track; sorts in the order of recording."""

    leg: int
    index: int
    """Counts the track's segments from 1, over all legs."""

    @property
    def file_name(self) -> str:
        """Name of its file within the track's folder."""
        return f"{self.leg:04d}-{self.index:05d}.webm"

    @classmethod
    def of_file(cls, file_name: str) -> SegmentName | None:
        """Read a file's name; None when it is not a segment's."""
        match = _NAME.fullmatch(file_name)
        return cls(int(match[1]), int(match[2])) if match else None


@dataclass(frozen=True, slots=True)
class SegmentStart:
    """The clusters that follow belong to a new file with this head."""

    name: SegmentName
    head: bytes


@dataclass(frozen=True, slots=True)
class ClusterReady:
    """A whole cluster to be written at once."""

    data: bytes
    start_ms: int
    end_ms: int
    """When its last frame ends."""
    until: MediaTime
    """Time of its last frame, unrounded."""
    frames: int


@dataclass(frozen=True, slots=True)
class SegmentEnd:
    """The file is complete."""

    name: SegmentName


Step = SegmentStart | ClusterReady | SegmentEnd


@dataclass(slots=True)
class RefusedFrames:
    """Frames that a track does not record, counted by reason."""

    before_key: int = 0
    """Pictures that cannot be decoded because no key frame came before them on their leg."""
    old_leg: int = 0
    """Frames of a leg after its successor delivers."""
    empty: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.before_key + self.old_leg + self.empty


class TrackWriter:
    """Cuts one track into clusters of at most a second and segments of about a minute.

    Pictures start a cluster at every key frame and a segment at the first key frame after `segment_ms`; sound starts a
    segment when `segment_ms` have passed. A new leg starts a segment at its first key frame. Frames after a gap are
    kept as they come. Times never go back: a frame that would is put at the time of the one before it.

    Args:
        track: which one.
        next_index: number of the first segment that will be made.
        not_before_ms: time of the last frame that earlier segments of the track hold.
        key_frame_interval_ms: age of the last key frame at which `wants_key_frame` turns true; None for never.
        max_cluster_ms: longest span of a cluster.
        segment_ms: age at which a segment ends.
    """

    def __init__(  # noqa: PLR0913 - the limits have one value in production and others in tests
        self,
        track: TrackKind,
        *,
        next_index: int = 1,
        not_before_ms: int = 0,
        key_frame_interval_ms: int | None = None,
        max_cluster_ms: int = MAX_CLUSTER_MS,
        segment_ms: int = SEGMENT_MS,
    ) -> None:
        self.track = track
        self.refused = RefusedFrames()
        self._next_index = next_index
        self._last_ms = not_before_ms
        self._end_ms = not_before_ms
        self._last_at = MediaTime(0)
        self._key_frame_interval_ms = key_frame_interval_ms
        self._max_cluster_ms = max_cluster_ms
        self._segment_ms = segment_ms
        self._name: SegmentName | None = None
        self._segment_start_ms = 0
        self._last_key_ms = 0
        self._wants_key = False
        self._blocks: list[Block] = []

    @property
    def wants_key_frame(self) -> bool:
        """True while the track waits for a key frame: to begin, to follow a new leg, to rotate or to stay seekable."""
        return self._wants_key

    def accept(self, frame: EncodedFrame) -> list[Step]:
        """Take the next frame; the steps are to be done in order."""
        if not frame.data:
            self.refused.empty += 1
            return []
        is_key = frame.is_key or frame.codec is Codec.OPUS
        if self._name is None or frame.leg > self._name.leg:
            if not is_key:
                self.refused.before_key += 1
                self._wants_key = True
                return []
        elif frame.leg < self._name.leg:
            self.refused.old_leg += 1
            return []
        at_ms = max(to_ms(frame.at), self._last_ms)
        steps: list[Step] = []
        if self._begins_segment(frame, at_ms, is_key=is_key):
            steps += self.close()
            steps.append(self._start_segment(frame, at_ms))
        elif self._begins_cluster(frame, at_ms):
            steps += self.flush()
        self._blocks.append(Block(at_ms, frame.data, is_key))
        self._end_ms = at_ms + self._shown_ms(frame, at_ms)
        self._last_ms = at_ms
        self._last_at = MediaTime(max(frame.at, self._last_at))
        self._note_key_frames(frame, at_ms)
        return steps

    def flush(self) -> list[Step]:
        """End the open cluster, say because no frame has come for a while."""
        if not self._blocks:
            return []
        blocks, self._blocks = self._blocks, []
        return [ClusterReady(cluster(blocks, self._end_ms), blocks[0].at_ms, self._end_ms, self._last_at, len(blocks))]

    def close(self) -> list[Step]:
        """End the open cluster and the open segment."""
        steps = self.flush()
        if self._name is not None:
            steps.append(SegmentEnd(self._name))
            self._name = None
        return steps

    def _begins_segment(self, frame: EncodedFrame, at_ms: int, *, is_key: bool) -> bool:
        if self._name is None or frame.leg != self._name.leg:
            return True
        return is_key and at_ms - self._segment_start_ms >= self._segment_ms

    def _begins_cluster(self, frame: EncodedFrame, at_ms: int) -> bool:
        if not self._blocks:
            return False
        is_broken = frame.is_key if frame.codec is Codec.VP8 else at_ms - self._end_ms >= SOUND_HOLE_MS
        return is_broken or at_ms - self._blocks[0].at_ms >= self._max_cluster_ms

    def _shown_ms(self, frame: EncodedFrame, at_ms: int) -> int:
        """How long a frame lasts, in milliseconds; a picture's is guessed from the one before it in its cluster."""
        if frame.codec is Codec.OPUS:
            return round(opus_duration_ms(frame.data))
        return min(_MAX_PICTURE_MS, at_ms - self._last_ms) if len(self._blocks) > 1 else 0

    def _start_segment(self, frame: EncodedFrame, at_ms: int) -> SegmentStart:
        if frame.codec is Codec.OPUS:
            head = TrackHead(Codec.OPUS, channels=opus_channels(frame.data))
        else:
            width, height = vp8_size(frame.data) or (0, 0)
            head = TrackHead(Codec.VP8, width=width, height=height)
        self._name = SegmentName(frame.leg, self._next_index)
        self._next_index += 1
        self._segment_start_ms = at_ms
        return SegmentStart(self._name, file_head(head))

    def _note_key_frames(self, frame: EncodedFrame, at_ms: int) -> None:
        if frame.codec is Codec.OPUS:
            return
        if frame.is_key:
            self._last_key_ms = at_ms
            self._wants_key = False
            return
        interval_ms = self._key_frame_interval_ms
        self._wants_key = (
            self._wants_key
            or at_ms - self._segment_start_ms >= self._segment_ms
            or (interval_ms is not None and at_ms - self._last_key_ms >= interval_ms)
        )
