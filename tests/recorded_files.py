"""Runs a `TrackWriter` over frames and keeps the files in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from proctor.domain.media import EncodedFrame
from proctor.recording.segments import ClusterReady, SegmentEnd, SegmentName, SegmentStart, Step, TrackWriter
from proctor.recording.virtual import SegmentFile
from proctor.recording.webm import scan


@dataclass(frozen=True)
class MemorySource:
    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def read_at(self, offset: int, length: int) -> bytes:
        return self.data[offset : offset + length]


def written(writer: TrackWriter, frames: Iterable[EncodedFrame]) -> tuple[dict[SegmentName, bytes], list[Step]]:
    """The files that the writer makes of the frames, and the steps it took."""
    steps: list[Step] = []
    for frame in frames:
        steps += writer.accept(frame)
    steps += writer.close()
    files: dict[SegmentName, bytes] = {}
    name: SegmentName | None = None
    for step in steps:
        match step:
            case SegmentStart():
                name = step.name
                files[name] = step.head
            case ClusterReady():
                assert name is not None
                files[name] += step.data
            case SegmentEnd():
                assert step.name == name
                name = None
    return files, steps


def segment_files(writer: TrackWriter, frames: Iterable[EncodedFrame]) -> list[SegmentFile]:
    """What a player's virtual file is made of."""
    files, _ = written(writer, frames)
    sources = [MemorySource(data) for data in files.values()]
    return [SegmentFile(source, scan(source)) for source in sources]


def in_order_of_time(*tracks: Iterable[EncodedFrame]) -> list[EncodedFrame]:
    """Frames of several tracks as they would arrive."""
    return sorted((frame for track in tracks for frame in track), key=lambda frame: frame.at)
