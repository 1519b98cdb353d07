from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from proctor.domain.time import NS_PER_MS, NS_PER_S
from server.rtc.clock import IMPLAUSIBLE_NS, SenderClock, TrackClock, ntp_to_ns

NTP_OFFSET_NS = 3_900_000_000 * NS_PER_S
LEAST_DELAY_NS = 8 * NS_PER_MS


def ntp(nanoseconds: int) -> int:
    return (nanoseconds << 32) // NS_PER_S


class Sender:
    """A track whose capture clock runs `drift_ppm` fast against the sender's NTP clock."""

    def __init__(self, rate_hz: int, drift_ppm: float, first_timestamp: int) -> None:
        self.rate_hz, self.drift_ppm, self.first = rate_hz, drift_ppm, first_timestamp

    def timestamp(self, at_ns: int) -> int:
        return (self.first + round(at_ns * (1 + self.drift_ppm / 1e6) * self.rate_hz / NS_PER_S)) % 2**32


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([48_000, 90_000]),
    st.floats(-300, 300),
    st.integers(0, 2**32 - 1),
    st.floats(0, 80),
    st.integers(0, 10_000),
)
def test_stamps_ascend_and_follow_the_capture_under_drift_jitter_and_wrap(
    rate_hz: int, drift_ppm: float, first: int, jitter_ms: float, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable delays
    sender, leg = Sender(rate_hz, drift_ppm, first), SenderClock()
    track = TrackClock(leg, rate_hz)
    last = None
    for step in range(3_000):
        at = step * 60 * NS_PER_MS
        arrival = at + LEAST_DELAY_NS + int(rng.random() * jitter_ms * NS_PER_MS)
        timestamp = sender.timestamp(at)
        rtp_time = track.packet_arrived(timestamp, arrival)
        if step % 16 == 3:
            track.report(ntp(at + NTP_OFFSET_NS), timestamp, arrival)
        stamp = track.stamp_ns(rtp_time, arrival)
        assert last is None or stamp > last
        last = stamp
        if step > 400:
            error_ms = (stamp - at - LEAST_DELAY_NS) / NS_PER_MS
            assert -5 < error_ms < jitter_ms + 5


def test_three_hours_of_217_ppm_stay_within_a_few_milliseconds() -> None:
    sender, leg = Sender(48_000, 217, 4_294_000_000), SenderClock()
    track = TrackClock(leg, 48_000)
    for step in range(3 * 3_600):
        at = step * NS_PER_S
        rtp_time = track.packet_arrived(sender.timestamp(at), at + LEAST_DELAY_NS)
        if step % 5 == 0:
            track.report(ntp(at + NTP_OFFSET_NS), sender.timestamp(at), at + LEAST_DELAY_NS)
        stamp = track.stamp_ns(rtp_time, at + LEAST_DELAY_NS)
    assert abs(stamp - at - LEAST_DELAY_NS) < 3 * NS_PER_MS


def test_sound_and_picture_of_one_leg_agree_though_one_arrives_late() -> None:
    leg = SenderClock()
    sound, picture = TrackClock(leg, 48_000), TrackClock(leg, 90_000)
    voice, face = Sender(48_000, 0, 5), Sender(90_000, 0, 77)
    for step in range(500):
        at = step * 60 * NS_PER_MS
        early, late = at + LEAST_DELAY_NS, at + LEAST_DELAY_NS + 150 * NS_PER_MS
        heard, seen = sound.packet_arrived(voice.timestamp(at), early), picture.packet_arrived(face.timestamp(at), late)
        if step % 20 == 0:
            sound.report(ntp(at + NTP_OFFSET_NS), voice.timestamp(at), early)
            picture.report(ntp(at + NTP_OFFSET_NS), face.timestamp(at), late)
        sound_ns, picture_ns = sound.stamp_ns(heard, early), picture.stamp_ns(seen, late)
    assert abs(sound_ns - picture_ns) < NS_PER_MS


def test_anchored_by_the_least_delayed_arrival_before_any_report() -> None:
    track = TrackClock(SenderClock(), 90_000)
    for step, delay_ms in enumerate((40, 5, 60, 30)):
        arrival = (step * 100 + delay_ms) * NS_PER_MS
        rtp_time = track.packet_arrived(step * 9_000, arrival)
    assert track.estimate_ns(rtp_time) == 305 * NS_PER_MS


def test_a_report_that_contradicts_the_arrivals_is_refused() -> None:
    track = TrackClock(SenderClock(), 90_000)
    track.packet_arrived(0, 0)
    track.report(ntp(NTP_OFFSET_NS), 90_000 * 60, NS_PER_S)
    assert track.reports == 0
    assert track.refused_reports == 1
    track.report(0, 90_000, NS_PER_S)
    assert track.reports == 0


def test_a_hole_in_the_capture_moves_time_ahead_at_once() -> None:
    leg = SenderClock()
    track = TrackClock(leg, 48_000)
    track.stamp_ns(track.packet_arrived(0, 0), 0)
    resumed = 30 * NS_PER_S
    rtp_time = track.packet_arrived(2_880, resumed)
    assert resumed - track.stamp_ns(rtp_time, resumed) < IMPLAUSIBLE_NS
    assert abs(track.stamp_ns(rtp_time + 2_880, resumed + 60 * NS_PER_MS) - resumed) < NS_PER_S


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1), st.integers(0, 10**12)), max_size=60))
def test_stamps_ascend_whatever_a_sender_claims(claims: list[tuple[int, int, int]]) -> None:
    track = TrackClock(SenderClock(), 90_000)
    arrival, last = 0, None
    for timestamp, wall, later in claims:
        arrival += later
        rtp_time = track.packet_arrived(timestamp, arrival)
        track.report(wall, timestamp, arrival)
        stamp = track.stamp_ns(rtp_time, arrival)
        assert last is None or stamp > last
        last = stamp


def test_ntp_fraction() -> None:
    assert ntp_to_ns((5 << 32) | (1 << 31)) == 5 * NS_PER_S + NS_PER_S // 2
