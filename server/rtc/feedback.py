"""What is said back to a sender: please repeat, please send a key frame, send no more than this (RFC 4585, REMB)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from struct import Struct
from typing import Final

from server.rtc.packets import SEQUENCE_MODULUS

_FEEDBACK_HEADER: Final = Struct("!BBHLL")
_NACK_ENTRY: Final = Struct("!HH")
_VERSION: Final = 0x80
_TRANSPORT_FEEDBACK: Final = 205
_PAYLOAD_FEEDBACK: Final = 206
_NACK_FORMAT: Final = 1
_PLI_FORMAT: Final = 1
_FOLLOWING: Final = 16
"""Numbers after the first one that one entry can name."""
MAX_ENTRIES: Final = 250
"""Entries in one NACK packet, so that it stays below an Ethernet frame."""


def _entries(numbers: Sequence[int]) -> Iterator[bytes]:
    first, mask = numbers[0], 0
    for number in numbers[1:]:
        distance = number - first - 1
        if distance < _FOLLOWING:
            mask |= 1 << distance
            continue
        yield _NACK_ENTRY.pack(first % SEQUENCE_MODULUS, mask)
        first, mask = number, 0
    yield _NACK_ENTRY.pack(first % SEQUENCE_MODULUS, mask)


def nack_packets(sender_ssrc: int, media_ssrc: int, numbers: Sequence[int]) -> list[bytes]:
    """Generic NACKs for ascending unwrapped sequence numbers, as many packets as it takes."""
    if not numbers:
        return []
    entries = list(_entries(numbers))
    packets = []
    for start in range(0, len(entries), MAX_ENTRIES):
        chunk = entries[start : start + MAX_ENTRIES]
        words = 2 + len(chunk)
        header = _FEEDBACK_HEADER.pack(_VERSION | _NACK_FORMAT, _TRANSPORT_FEEDBACK, words, sender_ssrc, media_ssrc)
        packets.append(header + b"".join(chunk))
    return packets


def picture_loss_indication(sender_ssrc: int, media_ssrc: int) -> bytes:
    """Asks the sender's encoder for a key frame."""
    return _FEEDBACK_HEADER.pack(_VERSION | _PLI_FORMAT, _PAYLOAD_FEEDBACK, 2, sender_ssrc, media_ssrc)


class BitrateCap:
    """The highest bit rate that a sender is allowed: fixed, lowered only while loss lasts.

    A bandwidth estimate from delays collapses on clean links when it is computed beside other work; a fixed cap does
    not, and the browser's own limits (camera, screen) lie below it. Loss above `LOSSY` in every report of `PATIENCE`
    reports lowers the cap by `STEP_DOWN`; loss below `CLEAN` for as long raises it again.
    """

    LOSSY: Final = 0.10
    CLEAN: Final = 0.02
    PATIENCE: Final = 5
    STEP_DOWN: Final = 0.85
    STEP_UP: Final = 1.15
    FLOOR_BPS: Final = 200_000

    def __init__(self, ceiling_bps: int) -> None:
        self.bps = ceiling_bps
        self._ceiling_bps = ceiling_bps
        self._lossy = 0
        self._clean = 0

    def report(self, fraction_lost: float) -> int:
        """Take the loss (0 to 1) of one reporting interval; returns the cap in bit/s."""
        self._lossy = self._lossy + 1 if fraction_lost > self.LOSSY else 0
        self._clean = self._clean + 1 if fraction_lost < self.CLEAN else 0
        if self._lossy >= self.PATIENCE:
            self._lossy = 0
            self.bps = max(self.FLOOR_BPS, int(self.bps * self.STEP_DOWN))
        elif self._clean >= self.PATIENCE:
            self._clean = 0
            self.bps = min(self._ceiling_bps, int(self.bps * self.STEP_UP))
        return self.bps
