from __future__ import annotations

from aiortc.rtp import RtcpPacket, RtcpPsfbPacket, RtcpRtpfbPacket
from hypothesis import given
from hypothesis import strategies as st

from proctor.domain.time import NS_PER_MS
from server.rtc.feedback import BitrateCap, nack_packets, picture_loss_indication
from server.rtc.packets import RtpPacket
from server.rtc.reception import ReceptionStatistics


@given(st.integers(0, 10**9), st.sets(st.integers(0, 3_000), max_size=600))
def test_nacks_name_exactly_what_is_missing_across_the_wrap(base: int, offsets: set[int]) -> None:
    wanted = sorted(base + offset for offset in offsets)
    packets = nack_packets(7, 9, wanted)
    assert all(len(one) < 1_200 for one in packets)
    named: list[int] = []
    for one in packets:
        (parsed,) = RtcpPacket.parse(one)
        assert isinstance(parsed, RtcpRtpfbPacket)
        assert (parsed.fmt, parsed.ssrc, parsed.media_ssrc) == (1, 7, 9)
        named += [number % 65_536 for number in parsed.lost]
    assert named == [number % 65_536 for number in wanted]


def test_key_frame_request_is_a_picture_loss_indication() -> None:
    (parsed,) = RtcpPacket.parse(picture_loss_indication(7, 9))
    assert isinstance(parsed, RtcpPsfbPacket)
    assert (parsed.fmt, parsed.ssrc, parsed.media_ssrc) == (1, 7, 9)


def test_bit_rate_is_lowered_only_when_loss_lasts_and_comes_back() -> None:
    cap = BitrateCap(1_000_000)
    for loss in (0.5, 0.5, 0.5, 0.5, 0.0) * 3:
        assert cap.report(loss) == 1_000_000
    for _ in range(5):
        cap.report(0.3)
    assert cap.bps == 850_000
    for _ in range(500):
        cap.report(0.3)
    assert cap.bps == BitrateCap.FLOOR_BPS
    for _ in range(500):
        cap.report(0.0)
    assert cap.bps == 1_000_000


def test_reception_report_counts_loss_since_the_previous_one() -> None:
    statistics = ReceptionStatistics(90_000)
    numbers = [65_530 + offset for offset in range(100) if offset % 4 != 1]
    for index, number in enumerate(numbers):
        packet = RtpPacket(96, 0, number % 65_536, index * 3_000, 1, b"x")
        statistics.count(packet, index * 3_000 * 1_000_000 // 90)
    report = statistics.report()
    assert report.packets_lost == 25
    assert report.fraction_lost == 25 * 256 // 100
    assert report.highest_sequence == 65_530 + 99
    assert report.jitter == 0
    assert statistics.report().fraction_lost == 0


def test_jitter_follows_rfc_3550() -> None:
    statistics = ReceptionStatistics(90_000)
    for index in range(400):
        late_ms = 10 if index % 2 else 0
        packet = RtpPacket(96, 0, index, index * 9_000, 1, b"x")
        statistics.count(packet, (index * 100 + late_ms) * NS_PER_MS)
    assert abs(statistics.report().jitter - 900) < 20
