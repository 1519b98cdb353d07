"""How evenly the camera's pictures were captured: the times that the sender stamped on them, not those of arrival.

A program that plays a file takes its pictures from a timer, a camera from its sensor, whose exposure lengthens in poor
light and whose pictures reach the browser through a bus and a driver. Chromium stamps whole milliseconds, so that even
an exact pace differs by one from picture to picture; arrival is of no use, as networks and encoders spread it by more.

The figure says how even the pace is and no more. A camera with a clock of its own may be as even as any program, and
a timer on a busy machine as uneven as any camera.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from proctor.domain.media import EncodedFrame
from proctor.domain.observations import PaceObserved
from proctor.domain.time import NS_PER_S, MediaTime

VIDEO_UNITS_PER_MS: Final = 90
"""RTP times of video run at 90 kHz (RFC 7741, section 4.2)."""
REMEMBERED: Final = 240
"""Intervals: about a minute of temporal layer 0 at 15 pictures a second."""
LEAST_COMPARED: Final = 60
EVEN_WITHIN_MS: Final = 1.0
"""Difference to the median interval that the sender's rounding to whole milliseconds explains."""
SAME_STEP: Final = 1 / 8
"""Intervals further from the median than this share of it hold other numbers of pictures, as where some were lost."""
LEAST_SAME_SHARE: Final = 0.5
"""Least share of the intervals that must hold the same number of pictures."""
EVERY: Final = 5 * NS_PER_S


class PaceStream:
    """The last minute of one sitting's camera as intervals."""

    def __init__(self) -> None:
        self._intervals_ms: deque[float] = deque(maxlen=REMEMBERED)
        self._leg: int | None = None
        self._rtp_time = 0
        self._due: int = 0

    def arrived(self, frame: EncodedFrame) -> None:
        """Note an encoded picture, whether or not it will be looked at; a new leg stamps its times anew."""
        if frame.leg == self._leg:
            self._intervals_ms.append((frame.rtp_time - self._rtp_time) / VIDEO_UNITS_PER_MS)
        self._leg, self._rtp_time = frame.leg, frame.rtp_time

    def observe(self, at: MediaTime) -> PaceObserved | None:
        """The pace up to now, every five seconds; None between, and where there are no capture times at all."""
        if not self._intervals_ms or at < self._due:
            return None
        self._due = at + EVERY
        intervals_ms = np.array(self._intervals_ms)
        interval_ms = float(np.median(intervals_ms))
        apart_ms = np.abs(intervals_ms - interval_ms)
        same = apart_ms <= SAME_STEP * interval_ms
        if same.sum() < LEAST_COMPARED or same.mean() < LEAST_SAME_SHARE:
            return PaceObserved(at, even=None, interval_ms=0.0)
        return PaceObserved(at, even=float((apart_ms[same] <= EVEN_WITHIN_MS).mean()), interval_ms=interval_ms)
