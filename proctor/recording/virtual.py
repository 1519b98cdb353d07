"""A track's recording as one playable file that exists nowhere: a computed head, then the segments' own clusters.

Players get duration and seek points, and byte ranges are read from the segments; nothing is copied or re-encoded.
Clusters carry absolute times, so a player's position is the sitting's time. Players sound one Opus packet after
another whatever their times say; holes in sound are therefore bridged by silence, so that what follows is in its place.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from proctor.domain.media import Codec
from proctor.recording.segments import SOUND_HOLE_MS
from proctor.recording.silence import Silence
from proctor.recording.webm import ClusterPlace, CuePoint, FileIndex, RandomAccess, TrackHead, playback_head

PICTURE_GAP_MS: Final = 2_000
"""A still screen is sent about once a second; a longer silence is a gap."""
SOUND_GAP_MS: Final = 1_500
CHUNK_BYTES: Final = 1 << 18
_SOUND_CUE_MS: Final = 5_000


@dataclass(frozen=True, slots=True)
class SegmentFile:
    """One recorded file and what a scan found in it."""

    source: RandomAccess
    index: FileIndex


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without a frame."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """Consecutive bytes of one segment."""

    source: RandomAccess
    offset: int
    size: int


class VirtualWebm:
    """One track from its first to its last whole cluster, as a WebM file that is read by byte ranges.

    Args:
        segments: at least one with a cluster; in the order of recording, all of one codec.
        until_ms: leaves out clusters that start at or after it, so that a growing recording keeps its size between the
            requests of one player.

    Raises:
        ValueError: there is no cluster.
    """

    def __init__(self, segments: Sequence[SegmentFile], until_ms: int | None = None) -> None:
        places = [
            (segment.source, place)
            for segment in segments
            for place in segment.index.clusters
            if until_ms is None or place.at_ms < until_ms
        ]
        if not places:
            raise ValueError("no cluster has been recorded")
        first = next(segment.index for segment in segments if segment.index.clusters)
        self.track: TrackHead = first.track
        self._spans = _spans([place for _, place in places], self.track.codec)
        layout = _Layout(self.track)
        for source, place in places:
            layout.add(source, place)
        self._head = playback_head(first.tracks_element, layout.cues, self.end_ms, layout.size)
        self._pieces = layout.pieces
        sizes = itertools.accumulate((piece.size for piece in layout.pieces), initial=len(self._head))
        self._starts = list(sizes)
        self.size = self._starts.pop()
        """Bytes of the whole file."""

    @property
    def start_ms(self) -> int:
        """Time of the first frame."""
        return self._spans[0][0]

    @property
    def end_ms(self) -> int:
        """Time at which the last frame ends; players show it as the duration."""
        return self._spans[-1][1]

    @property
    def recorded_ms(self) -> int:
        """Time that is covered by frames."""
        return sum(end - start for start, end in self._spans)

    def gaps(self, sitting_ms: int | None = None) -> list[Gap]:
        """Stretches without a frame, from the sitting's start to `sitting_ms` or to the end of the recording."""
        threshold_ms = _gap_ms(self.track.codec)
        edges = [0, *(edge for span in self._spans for edge in span), max(sitting_ms or 0, self.end_ms)]
        between = zip(edges[::2], edges[1::2], strict=True)
        return [Gap(start, end) for start, end in between if end - start >= threshold_ms]

    def read(self, start: int, length: int) -> bytes:
        """At most `length` bytes from `start` on; fewer only at the end of the file."""
        return b"".join(self.chunks(start, start + length))

    def chunks(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to but without `end`, in chunks of at most 256 KiB; reads as it goes.

        Raises:
            OSError: a segment cannot be read any more.
            EOFError: a segment has become shorter.
        """
        end = self.size if end is None else min(end, self.size)
        at = max(0, start)
        if at < min(end, len(self._head)):
            yield self._head[at:end]
            at = min(end, len(self._head))
        number = bisect_right(self._starts, at) - 1
        while at < end:
            piece = self._pieces[number]
            inside = at - self._starts[number]
            length = min(CHUNK_BYTES, piece.size - inside, end - at)
            data = piece.source.read_at(piece.offset + inside, length)
            if len(data) < length:
                raise EOFError("a recorded segment is shorter than it was")
            yield data
            at += length
            if inside + length == piece.size:
                number += 1


def _gap_ms(codec: Codec) -> int:
    return SOUND_GAP_MS if codec is Codec.OPUS else PICTURE_GAP_MS


def _spans(places: Sequence[ClusterPlace], codec: Codec) -> list[tuple[int, int]]:
    """Start and end of each stretch without a gap."""
    spans: list[tuple[int, int]] = []
    start_ms = places[0].at_ms
    for place, following in itertools.pairwise(places):
        if following.at_ms - place.end_ms >= _gap_ms(codec):
            spans.append((start_ms, place.end_ms))
            start_ms = following.at_ms
    return [*spans, (start_ms, places[-1].end_ms)]


class _Layout:
    """Puts clusters one behind the other: neighbours join into pieces, seek points stand where decoding can start."""

    def __init__(self, track: TrackHead) -> None:
        self.pieces: list[_Piece] = []
        self.cues: list[CuePoint] = []
        self.size = 0
        self._track = track
        self._end_ms: int | None = None

    def add(self, source: RandomAccess, place: ClusterPlace) -> None:
        """The next cluster."""
        if self._track.codec is Codec.OPUS:
            self._bridge_to(place.at_ms)
        self._end_ms = place.end_ms
        if not self.cues or (place.starts_with_key and self._is_due(place.at_ms)):
            self.cues.append(CuePoint(place.at_ms, self.size))
        last = self.pieces[-1] if self.pieces else None
        if last is not None and last.source is source and last.offset + last.size == place.offset:
            self.pieces[-1] = _Piece(source, last.offset, last.size + place.size)
        else:
            self.pieces.append(_Piece(source, place.offset, place.size))
        self.size += place.size

    def _is_due(self, at_ms: int) -> bool:
        return self._track.codec is Codec.VP8 or at_ms - self.cues[-1].at_ms >= _SOUND_CUE_MS

    def _bridge_to(self, at_ms: int) -> None:
        if self._end_ms is None or at_ms - self._end_ms < SOUND_HOLE_MS:
            return
        silence = Silence(self._end_ms, at_ms, self._track.channels)
        self.cues += [CuePoint(ms, self.size + offset) for ms, offset in silence.clusters() if self._is_due(ms)]
        self.pieces.append(_Piece(silence, 0, silence.size))
        self.size += silence.size
