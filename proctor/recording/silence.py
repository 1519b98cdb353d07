"""Digital silence in Opus, as clusters that are computed where a player reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from proctor.recording.webm import Block, cluster

_PACKET_MS: Final = 120
"""The longest packet that Opus allows."""
_PACKETS_PER_CLUSTER: Final = 10
_CLUSTER_MS: Final = _PACKET_MS * _PACKETS_PER_CLUSTER
_SILENT_FRAME: Final = b"\xff\xfe"
"""Decodes to zeros in CELT mode, whatever the frame's duration (the silence flag of RFC 6716 section 4.3)."""
_CELT_20_MS: Final = 31
_CELT_2_5_MS: Final = 28


class Silence:
    """Clusters of silence between two times; a `RandomAccess` that holds nothing.

    Args:
        start_ms: where the sound before ended.
        end_ms: where the sound goes on; the silence stops at most 2.5 ms before it.
        channels: 1 or 2.
    """

    def __init__(self, start_ms: int, end_ms: int, channels: int) -> None:
        self._start_ms = start_ms
        self._stereo = channels - 1
        self._whole, rest_ms = divmod(end_ms - start_ms, _CLUSTER_MS)
        self._whole_size = len(self._cluster(0))
        self._rest = self._rest_cluster(start_ms + self._whole * _CLUSTER_MS, rest_ms)

    @property
    def size(self) -> int:
        """Bytes of all clusters."""
        return self._whole * self._whole_size + len(self._rest)

    def clusters(self) -> Iterator[tuple[int, int]]:
        """Time in milliseconds and offset of each cluster."""
        for number in range(self._whole + bool(self._rest)):
            yield self._start_ms + number * _CLUSTER_MS, number * self._whole_size

    def read_at(self, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset` on."""
        first = offset // self._whole_size
        last = (offset + length - 1) // self._whole_size
        parts = [self._cluster(number) for number in range(first, min(last + 1, self._whole))]
        if last >= self._whole:
            parts.append(self._rest)
        skipped = offset - min(first, self._whole) * self._whole_size
        return b"".join(parts)[skipped : skipped + length]

    def _cluster(self, number: int) -> bytes:
        start_ms = self._start_ms + number * _CLUSTER_MS
        packet = self._packet(_CELT_20_MS, _PACKET_MS // 20)
        times = range(start_ms, start_ms + _CLUSTER_MS, _PACKET_MS)
        return cluster([Block(at_ms, packet, is_key=True) for at_ms in times], start_ms + _CLUSTER_MS)

    def _rest_cluster(self, start_ms: int, rest_ms: int) -> bytes:
        """Less than a whole cluster: packets of 20 ms, then one of up to seven times 2.5 ms."""
        frames, left_ms = divmod(rest_ms, 20)
        packet = self._packet(_CELT_20_MS, 1)
        blocks = [Block(start_ms + number * 20, packet, is_key=True) for number in range(frames)]
        short_frames = left_ms * 2 // 5
        if short_frames:
            blocks.append(Block(start_ms + frames * 20, self._packet(_CELT_2_5_MS, short_frames), is_key=True))
        return cluster(blocks, start_ms + rest_ms) if blocks else b""

    def _packet(self, configuration: int, frames: int) -> bytes:
        """An Opus packet of several equal frames (code 3 of RFC 6716 section 3.2.5)."""
        return bytes((configuration << 3 | self._stereo << 2 | 3, frames)) + _SILENT_FRAME * frames
