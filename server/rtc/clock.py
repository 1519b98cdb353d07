"""When something was captured, on the server's monotonic clock.

A sender's RTP timestamps run on the clock of each capture device. Its sender reports (RFC 3550, section 6.4.1) tie
them to one clock of the sender, its NTP clock; that one is tied to the server's monotonic clock by the smallest delay
seen: of all `arrival - NTP` differences the least one had the least queueing. All tracks of a leg share that, so that
sound and picture stay together. Sound cards drift by hundreds of parts per million against it, hence every report
re-anchors.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from proctor.domain.time import NS_PER_MS, NS_PER_S
from server.rtc.packets import TIMESTAMP_MODULUS, Unwrapper

_NTP_FRACTION_BITS: Final = 32
_WINDOW_NS: Final = 60 * NS_PER_S
_WINDOW_REPORTS: Final = 512
STEP_AHEAD_NS: Final = 500 * NS_PER_MS
"""A correction forward beyond this is made at once: the stream itself has a hole there."""
SLEW: Final = 0.1
"""Share of the elapsed media time by which smaller corrections are made, so that times never collapse into one."""
IMPLAUSIBLE_NS: Final = 10 * NS_PER_S
"""A mapping that puts a frame this far before its arrival, or a report that far from the arrivals, is not believed."""


def ntp_to_ns(ntp: int) -> int:
    """Nanoseconds of a 64-bit NTP timestamp since its era began."""
    return (ntp * NS_PER_S) >> _NTP_FRACTION_BITS


class SenderClock:
    """Maps the sender's NTP clock to the server's monotonic clock; shared by the tracks of a leg.

    The least delay is sought over the latest minute, so that the drift between the two clocks is followed.
    """

    def __init__(self) -> None:
        self._reports: deque[tuple[int, int]] = deque(maxlen=_WINDOW_REPORTS)
        self._offset_ns = 0

    def report(self, ntp_ns: int, arrival_ns: int) -> None:
        """Note the NTP time of a sender report and when it arrived."""
        self._reports.append((arrival_ns, arrival_ns - ntp_ns))
        while arrival_ns - self._reports[0][0] > _WINDOW_NS:
            self._reports.popleft()
        self._offset_ns = min(offset for _, offset in self._reports)

    def to_server_ns(self, ntp_ns: int) -> int:
        """Server monotonic time of an NTP time; meaningful after the first report."""
        return ntp_ns + self._offset_ns


class TrackClock:
    """Maps one track's RTP timestamps to the server's monotonic clock.

    Until the first sender report the track is anchored by the arrival of its least delayed packet. Stamps are strictly
    increasing whatever the sender claims.
    """

    def __init__(self, sender: SenderClock, rate_hz: int) -> None:
        self.reports = 0
        """Sender reports that were believed."""
        self.refused_reports = 0
        """Sender reports that contradict the arrivals by more than `IMPLAUSIBLE_NS`."""
        self._sender = sender
        self._rate_hz = rate_hz
        self._unwrapper = Unwrapper(TIMESTAMP_MODULUS)
        self._report: tuple[int, int] | None = None
        self._arrival_offset_ns: int | None = None
        self._offset_ns = 0
        self._last_rtp_time: int | None = None
        self._last_stamp_ns = 0

    def packet_arrived(self, timestamp: int, arrival_ns: int) -> int:
        """Note a packet that came from the network for the first time; returns its unwrapped timestamp."""
        rtp_time = self._unwrapper.advance(timestamp)
        offset = arrival_ns - self._media_ns(rtp_time)
        known = self._arrival_offset_ns
        if known is None or offset < known or offset - known > IMPLAUSIBLE_NS:
            self._arrival_offset_ns = offset
        return rtp_time

    def report(self, ntp: int, timestamp: int, arrival_ns: int) -> None:
        """Take a sender report; one without a wall clock (NTP 0) or before any packet is passed over."""
        if not ntp or self._arrival_offset_ns is None:
            return
        ntp_ns = ntp_to_ns(ntp)
        rtp_time = self._unwrapper.near(timestamp)
        if abs(self._media_ns(rtp_time) + self._arrival_offset_ns - arrival_ns) > IMPLAUSIBLE_NS:
            self.refused_reports += 1
            return
        self._sender.report(ntp_ns, arrival_ns)
        self._report = (ntp_ns, rtp_time)
        self.reports += 1

    def unwrap(self, timestamp: int) -> int:
        """The unwrapped timestamp of a packet near the latest ones."""
        return self._unwrapper.near(timestamp)

    def estimate_ns(self, rtp_time: int) -> int:
        """Best present estimate of the server's monotonic time of an unwrapped timestamp, without smoothing."""
        if self._report is not None:
            ntp_ns, anchor = self._report
            return self._sender.to_server_ns(ntp_ns) + self._media_ns(rtp_time - anchor)
        return self._media_ns(rtp_time) + (self._arrival_offset_ns or 0)

    def stamp_ns(self, rtp_time: int, arrival_ns: int) -> int:
        """Server monotonic time of a frame that is delivered now, later than every earlier stamp of this track.

        Frames must come in the order of their timestamps. Nothing is stamped later than it arrived, apart from what
        keeps stamps increasing.
        """
        wanted = min(self.estimate_ns(rtp_time), arrival_ns)
        if arrival_ns - wanted > IMPLAUSIBLE_NS:
            self._report = None
            wanted = arrival_ns
        media_ns = self._media_ns(rtp_time)
        error = wanted - media_ns - self._offset_ns
        if self._last_rtp_time is None or error > STEP_AHEAD_NS:
            self._offset_ns += error
        else:
            limit = int(SLEW * max(0, self._media_ns(rtp_time - self._last_rtp_time)))
            self._offset_ns += max(-limit, min(limit, error))
        stamp = media_ns + self._offset_ns
        if self._last_rtp_time is not None and stamp <= self._last_stamp_ns:
            stamp = self._last_stamp_ns + 1
        self._last_rtp_time = rtp_time
        self._last_stamp_ns = stamp
        return stamp

    def _media_ns(self, rtp_units: int) -> int:
        return rtp_units * NS_PER_S // self._rate_hz
