from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from proctor.domain.time import NS_PER_MS, NS_PER_S
from server.rtc.packets import RtpPacket
from server.rtc.reorder import CAPACITY_PACKETS, ReorderBuffer, RepairTimes


def packet(number: int) -> RtpPacket:
    return RtpPacket(96, 0, number % 65_536, 0, 1, b"x")


def numbers(packets: object) -> list[int]:
    return [one.extended for one in packets]  # type: ignore[attr-defined]


@given(st.integers(0, 65_535), st.integers(2, 300), st.integers(0, 40), st.randoms(use_true_random=False))
def test_shuffled_and_doubled_packets_come_out_once_in_order(
    first: int, count: int, reach: int, rng: random.Random
) -> None:
    order = [first, *sorted(range(first + 1, first + count), key=lambda number: number + rng.random() * reach)]
    order += rng.sample(order, k=min(len(order), 20))
    buffer = ReorderBuffer(RepairTimes())
    out: list[int] = []
    for number in order:
        out += numbers(buffer.push(packet(number), 0))
    assert out == list(range(first, first + count))
    assert buffer.missing == 0
    assert buffer.lost == 0


@given(
    st.integers(0, 65_535),
    st.lists(st.booleans(), min_size=2, max_size=300),
)
def test_what_never_comes_is_given_up_and_the_rest_still_comes_in_order(first: int, arrives: list[bool]) -> None:
    sent = [first, *(first + 1 + index for index, there in enumerate(arrives) if there)]
    buffer = ReorderBuffer(RepairTimes())
    out: list[int] = []
    for number in sent:
        out += numbers(buffer.push(packet(number), 0))
    out += numbers(buffer.expire(2 * NS_PER_S))
    assert out == sent
    assert buffer.missing == 0
    assert buffer.lost == sent[-1] - first + 1 - len(sent)


def test_asks_after_20_ms_then_every_120_ms_until_2_s() -> None:
    buffer = ReorderBuffer(RepairTimes())
    buffer.push(packet(65_535), 0)
    buffer.push(packet(65_538), 0)
    asked = []
    for now_ms in range(0, 2_000, 10):
        assert not buffer.expire(now_ms * NS_PER_MS)
        if buffer.due(now_ms * NS_PER_MS) == [65_536, 65_537]:
            asked.append(now_ms)
    assert asked[:4] == [20, 140, 260, 380]
    assert len(asked) == 17
    assert numbers(buffer.expire(2 * NS_PER_S)) == [65_538]
    assert buffer.lost == 2


def test_recovered_counts_only_what_was_asked_for() -> None:
    buffer = ReorderBuffer(RepairTimes())
    for number in (1, 3):
        buffer.push(packet(number), 0)
    assert numbers(buffer.push(packet(2), 0)) == [2, 3]
    assert buffer.recovered == 0
    buffer.push(packet(5), 0)
    assert buffer.due(30 * NS_PER_MS) == [4]
    assert numbers(buffer.push(packet(4), 0)) == [4, 5]
    assert buffer.recovered == 1


def test_late_packet_after_giving_up_is_dropped() -> None:
    buffer = ReorderBuffer(RepairTimes())
    buffer.push(packet(1), 0)
    buffer.push(packet(3), 0)
    assert numbers(buffer.expire(3 * NS_PER_S)) == [3]
    assert not buffer.push(packet(2), 3 * NS_PER_S)
    assert buffer.duplicates == 1


def test_far_jump_ahead_lets_go_of_everything_at_once() -> None:
    buffer = ReorderBuffer(RepairTimes())
    buffer.push(packet(1), 0)
    buffer.push(packet(3), 0)
    far = 4 + 2 * CAPACITY_PACKETS
    assert numbers(buffer.push(packet(far), 0)) == [3, far]
    assert buffer.missing == 0
    assert numbers(buffer.push(packet(far + 1), 0)) == [far + 1]


def test_a_sender_that_begins_anew_far_behind_is_followed() -> None:
    buffer = ReorderBuffer(RepairTimes())
    buffer.push(packet(40_000), 0)
    assert not buffer.push(packet(30_000), 0)
    out = numbers(buffer.push(packet(30_001), 0))
    assert out == [30_001 + 65_536]
    assert numbers(buffer.push(packet(30_002), 0)) == [30_002 + 65_536]


@given(st.lists(st.integers(0, 65_535), max_size=300))
def test_any_numbers_keep_the_buffer_bounded_and_the_output_ascending(sequence: list[int]) -> None:
    buffer = ReorderBuffer(RepairTimes())
    out: list[int] = []
    for now, number in enumerate(sequence):
        out += numbers(buffer.push(packet(number), now))
        assert buffer.missing <= CAPACITY_PACKETS
    assert out == sorted(set(out))
