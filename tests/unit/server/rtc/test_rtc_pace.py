"""What a connection takes in is bounded, whatever its sender was told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from server.rtc.packets import RtpPacket
from server.rtc.synchronous_path import HIGHEST_BYTES_PER_S, MOST_BYTES_AT_ONCE, DatagramCounts, SynchronousPath
from tests.fakes.clock import HeldClock

PACKET = bytes([0x80, 96, *range(10)]) + bytes(1188)


class Receiver:
    """Takes packets."""

    def __init__(self) -> None:
        self.taken = 0

    def on_rtp(self, _packet: RtpPacket, _now_ns: int) -> None:
        self.taken += 1


def transport(receiver: Receiver) -> Any:  # noqa: ANN401 - stands in for aiortc's transport with the keys left out
    ssrc = int.from_bytes(PACKET[8:12])
    return SimpleNamespace(
        _rx_srtp=SimpleNamespace(unprotect=lambda data: data),
        _rtp_router=SimpleNamespace(ssrc_table={ssrc: receiver}, payload_type_table={}),
    )


def test_a_sender_that_floods_is_cut_to_the_highest_rate() -> None:
    clock, counts, receiver = HeldClock(), DatagramCounts(), Receiver()
    path = SynchronousPath(transport(receiver), counts, clock.monotonic_ns)

    for _ in range(2 * MOST_BYTES_AT_ONCE // len(PACKET)):
        path.receive(PACKET)
    assert receiver.taken == MOST_BYTES_AT_ONCE // len(PACKET)
    assert counts.excess > 0

    clock.advance(1)
    for _ in range(10_000):
        path.receive(PACKET)
    in_all = (MOST_BYTES_AT_ONCE + HIGHEST_BYTES_PER_S) // len(PACKET)
    assert abs(receiver.taken - in_all) <= 1
    assert counts.media == receiver.taken
