from __future__ import annotations

import pytest

from proctor.domain.media import Codec, EncodedFrame, TrackKind
from proctor.domain.time import MediaTime
from proctor.pipeline.channel import EncodedPictures, KeyFrameGate, NewestWins, RefusingFifo


def frame(number: int, *, key: bool = False, after_gap: bool = False) -> EncodedFrame:
    return EncodedFrame(
        track=TrackKind.CAMERA,
        leg=1,
        at=MediaTime(number),
        rtp_time=number,
        codec=Codec.VP8,
        data=b"",
        is_key=key,
        temporal_id=0,
        after_gap=after_gap,
    )


def test_newest_picture_wins_and_the_loss_is_counted() -> None:
    channel: NewestWins[int] = NewestWins(2)
    for number in range(5):
        channel.put(number)
    assert (len(channel), channel.dropped) == (2, 3)
    assert channel.peek() == 3
    assert [channel.take(), channel.take()] == [3, 4]
    with pytest.raises(IndexError):
        channel.take()


def test_newest_wins_hands_out_the_oldest_first_while_there_is_room() -> None:
    channel: NewestWins[int] = NewestWins(3)
    channel.put(1)
    channel.put(2)
    assert [channel.take(), channel.take()] == [1, 2]
    assert channel.dropped == 0


def test_sound_is_refused_when_full_and_what_was_taken_stays_in_order() -> None:
    channel: RefusingFifo[int] = RefusingFifo(3)
    assert [channel.offer(number) for number in range(5)] == [True, True, True, False, False]
    assert channel.dropped == 2
    assert [channel.take() for _ in range(3)] == [0, 1, 2]


@pytest.mark.parametrize("channel", [NewestWins, RefusingFifo, EncodedPictures])
def test_a_channel_without_room_is_refused(channel: type) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        channel(0)


def test_a_gate_opens_with_a_key_frame_and_closes_at_a_loss() -> None:
    gate = KeyFrameGate()
    assert not gate.admit(frame(0))
    assert gate.admit(frame(1, key=True))
    assert gate.admit(frame(2))
    assert not gate.admit(frame(3), room=False)
    assert not gate.admit(frame(4))
    assert gate.waiting
    assert gate.admit(frame(5, key=True))
    assert not gate.admit(frame(6, after_gap=True))
    assert gate.admit(frame(7, key=True, after_gap=True))
    assert gate.dropped == 4


def test_a_key_frame_without_room_is_a_loss_too() -> None:
    gate = KeyFrameGate()
    assert not gate.admit(frame(0, key=True), room=False)
    assert gate.waiting


def test_overflowing_pictures_give_way_to_the_next_key_frame() -> None:
    channel = EncodedPictures(3)
    assert channel.put(frame(0, key=True))
    assert channel.put(frame(1))
    assert channel.put(frame(2))
    assert not channel.put(frame(3))
    assert (len(channel), channel.dropped, channel.wants_key_frame) == (0, 4, True)
    assert not channel.put(frame(4))
    assert channel.put(frame(5, key=True))
    assert channel.take().at == 5
    assert channel.dropped == 5


def test_a_key_frame_that_overflows_replaces_what_waits() -> None:
    channel = EncodedPictures(1)
    assert channel.put(frame(0, key=True))
    assert channel.put(frame(1, key=True))
    assert channel.take().at == 1
    assert channel.dropped == 1
