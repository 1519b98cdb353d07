"""What a receiver tells the sender about one stream (RFC 3550, sections 6.4 and appendices A.3, A.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from proctor.domain.time import NS_PER_S
from server.rtc.packets import SEQUENCE_MODULUS, TIMESTAMP_MODULUS, RtpPacket, nearest

_LOST_MAX: Final = (1 << 23) - 1
_LOST_MIN: Final = -(1 << 23)
_STEP_LIMIT_S: Final = 10
"""Transit differences beyond this are a break in the stream, not jitter."""


@dataclass(frozen=True, slots=True)
class ReceptionReport:
    """The figures of one report block, except the sender report's echo."""

    fraction_lost: int
    """Share of packets lost since the previous report, in 1/256."""
    packets_lost: int
    highest_sequence: int
    """Highest number received with the count of wraps above it, 32 bits."""
    jitter: int
    """Interarrival jitter in timestamp units."""


class ReceptionStatistics:
    """Counts one SSRC."""

    __slots__ = (
        "_arrival_units",
        "_base",
        "_clock_rate",
        "_highest",
        "_jitter_q4",
        "_prior_expected",
        "_prior_received",
        "_timestamp",
        "received",
    )

    def __init__(self, clock_rate: int) -> None:
        self.received = 0
        self._clock_rate = clock_rate
        self._base = 0
        self._highest = -1
        self._prior_expected = 0
        self._prior_received = 0
        self._jitter_q4 = 0
        self._arrival_units: int | None = None
        self._timestamp = 0

    def count(self, packet: RtpPacket, now_ns: int) -> None:
        """Count one packet as it came from the network."""
        self.received += 1
        if self._highest < 0:
            self._base = self._highest = packet.sequence
            return
        number = nearest(packet.sequence, self._highest, SEQUENCE_MODULUS)
        if number <= self._highest:
            return
        self._highest = number
        if packet.timestamp != self._timestamp:
            self._measure_jitter(packet.timestamp, now_ns)

    def report(self) -> ReceptionReport:
        """The figures since the stream began; the fraction counts from the previous call."""
        expected = self._highest - self._base + 1
        new_expected = expected - self._prior_expected
        new_lost = new_expected - (self.received - self._prior_received)
        self._prior_expected = expected
        self._prior_received = self.received
        fraction = min(255, (new_lost << 8) // new_expected) if new_expected > 0 and new_lost > 0 else 0
        return ReceptionReport(
            fraction_lost=fraction,
            packets_lost=max(_LOST_MIN, min(_LOST_MAX, expected - self.received)),
            highest_sequence=self._highest % TIMESTAMP_MODULUS,
            jitter=self._jitter_q4 >> 4,
        )

    def _measure_jitter(self, timestamp: int, now_ns: int) -> None:
        arrival = now_ns * self._clock_rate // NS_PER_S
        if self._arrival_units is not None:
            elapsed = nearest(timestamp, self._timestamp, TIMESTAMP_MODULUS) - self._timestamp
            difference = abs(arrival - self._arrival_units - elapsed)
            if difference < _STEP_LIMIT_S * self._clock_rate:
                self._jitter_q4 += difference - ((self._jitter_q4 + 8) >> 4)
        self._arrival_units = arrival
        self._timestamp = timestamp
