from __future__ import annotations

from server.rtc import assembly, vp8
from server.rtc.assembly import AssembledFrame, OpusAssembler, Vp8Assembler
from server.rtc.packets import RtpPacket

KEY = bytes.fromhex("5043009d012a8002e0010747") + b"k" * 8
DELTA = b"\x31" + b"d" * 19


def packets(first: int, timestamp: int, frame: bytes, *, temporal_id: int = 0, size: int = 10) -> list[RtpPacket]:
    out = []
    for start in range(0, len(frame), size):
        head = vp8.make_descriptor(
            start=start == 0, picture_id=1, tl0_index=1, temporal_id=temporal_id, layer_sync=False
        )
        one = RtpPacket(96, int(start + size >= len(frame)), 0, timestamp, 1, head + frame[start : start + size])
        one.extended = first + start // size
        out.append(one)
    return out


def push_all(assembler: Vp8Assembler, sent: list[RtpPacket]) -> list[AssembledFrame]:
    return [frame for one in sent if (frame := assembler.push(one)) is not None]


def test_frames_come_out_as_the_encoder_made_them() -> None:
    assembler = Vp8Assembler()
    frames = push_all(assembler, packets(0, 0, KEY) + packets(2, 3000, DELTA, temporal_id=2))
    assert [(f.data, f.timestamp, f.is_key, f.temporal_id, f.after_gap) for f in frames] == [
        (KEY, 0, True, 0, False),
        (DELTA, 3000, False, 2, False),
    ]
    assert assembler.picture_size == (640, 480)
    assert assembler.has_layers


def test_before_the_first_key_frame_nothing_can_be_decoded() -> None:
    assembler = Vp8Assembler()
    (frame,) = push_all(assembler, packets(0, 0, DELTA))
    assert frame.after_gap
    assert assembler.waits_for_key


def test_a_hole_marks_frames_up_to_the_next_key_frame() -> None:
    assembler = Vp8Assembler()
    sent = packets(0, 0, KEY) + packets(2, 1, DELTA) + packets(4, 2, DELTA) + packets(6, 3, DELTA) + packets(8, 4, KEY)
    del sent[3]
    frames = push_all(assembler, sent)
    assert [(f.timestamp, f.after_gap) for f in frames] == [(0, False), (2, True), (3, True), (4, False)]
    assert assembler.gaps == 1


def test_a_key_frame_right_after_the_hole_is_marked_but_ends_it() -> None:
    assembler = Vp8Assembler()
    sent = packets(0, 0, KEY) + packets(2, 1, DELTA) + packets(4, 2, KEY) + packets(6, 3, DELTA)
    frames = push_all(assembler, sent[:2] + sent[4:])
    assert [(f.timestamp, f.after_gap) for f in frames] == [(0, False), (2, True), (3, False)]
    assert not assembler.waits_for_key


def test_a_lost_end_mark_does_not_join_two_frames() -> None:
    assembler = Vp8Assembler()
    sent = packets(0, 0, KEY) + packets(2, 1, DELTA) + packets(4, 2, DELTA)
    sent[3].marker = 0
    frames = push_all(assembler, sent)
    assert [(f.timestamp, f.after_gap) for f in frames] == [(0, False), (2, True)]


def test_padding_is_passed_over_without_a_gap() -> None:
    assembler = Vp8Assembler()
    padding = RtpPacket(96, 0, 0, 0, 1, b"")
    padding.extended = 2
    frames = push_all(assembler, [*packets(0, 0, KEY), padding, *packets(3, 1, DELTA)])
    assert [f.after_gap for f in frames] == [False, False]


def test_unreadable_descriptor_counts_and_makes_a_gap() -> None:
    assembler = Vp8Assembler()
    bad = RtpPacket(96, 1, 0, 1, 1, b"\x90")
    bad.extended = 2
    assert len(push_all(assembler, [*packets(0, 0, KEY), bad, *packets(3, 2, DELTA)])) == 2
    assert assembler.malformed == 1
    assert assembler.gaps == 1


def test_a_frame_without_end_is_thrown_away() -> None:
    assembler = Vp8Assembler()
    head = vp8.make_descriptor(start=True, picture_id=1, tl0_index=1, temporal_id=0, layer_sync=False)
    for number in range(assembly.MAX_FRAME_BYTES // 60_000 + 2):
        one = RtpPacket(96, 0, 0, 5, 1, head + KEY + b"z" * 60_000)
        one.extended = number
        assert assembler.push(one) is None
    assert assembler.malformed == 1


def test_sound_is_marked_once_after_a_hole() -> None:
    assembler = OpusAssembler()
    frames = []
    for number in (0, 1, 3, 4):
        one = RtpPacket(111, 0, 0, number * 960, 1, bytes([number]))
        one.extended = number
        frame = assembler.push(one)
        assert frame is not None
        frames.append((frame.data, frame.is_key, frame.after_gap))
    assert frames == [(b"\0", True, False), (b"\1", True, False), (b"\3", True, True), (b"\4", True, False)]
    assert assembler.gaps == 1
