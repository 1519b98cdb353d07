from __future__ import annotations

import dataclasses
import itertools

from hypothesis import given
from hypothesis import strategies as st

from proctor.domain.media import Codec, EncodedFrame, TrackKind
from proctor.domain.time import media_time_from_ms
from proctor.recording.segments import ClusterReady, SegmentEnd, SegmentName, SegmentStart, TrackWriter
from proctor.recording.webm import Block, read_blocks, scan
from tests.recorded_files import MemorySource, written

KEY = b"\x10\x02\x00\x9d\x01\x2a\x80\x02\xe0\x01"
DELTA = b"\x11\x02\x00"
SOUND_20_MS = b"\xf8\xff\xfe"


def picture(at_ms: float, *, key: bool = False, leg: int = 1) -> EncodedFrame:
    data = KEY if key else DELTA
    at = media_time_from_ms(at_ms)
    return EncodedFrame(TrackKind.CAMERA, leg, at, 0, Codec.VP8, data, key, 0, after_gap=False)


def sound(at_ms: float, *, leg: int = 1) -> EncodedFrame:
    at = media_time_from_ms(at_ms)
    return EncodedFrame(
        TrackKind.MICROPHONE, leg, at, 0, Codec.OPUS, SOUND_20_MS, is_key=True, temporal_id=0, after_gap=False
    )


def camera(**limits: int) -> TrackWriter:
    return TrackWriter(TrackKind.CAMERA, **limits)


def microphone(**limits: int) -> TrackWriter:
    return TrackWriter(TrackKind.MICROPHONE, **limits)


def clusters(steps: list[object]) -> list[tuple[int, int, int]]:
    return [(s.start_ms, s.end_ms, s.frames) for s in steps if isinstance(s, ClusterReady)]


def test_pictures_begin_at_a_key_frame() -> None:
    writer = camera()
    assert not writer.wants_key_frame
    assert writer.accept(picture(0)) == []
    assert writer.wants_key_frame
    steps = writer.accept(picture(66, key=True))
    assert [type(step) for step in steps] == [SegmentStart]
    assert not writer.wants_key_frame
    assert writer.refused.before_key == 1


def test_clusters_end_at_key_frames_and_after_a_second() -> None:
    times = [(0, True), (400, False), (700, True), (1_000, False), (1_699, False), (1_700, False), (1_800, False)]
    _, steps = written(camera(), [picture(at_ms, key=key) for at_ms, key in times])
    assert [(start, count) for start, _, count in clusters(steps)] == [(0, 2), (700, 3), (1_700, 2)]


def test_segments_end_at_the_first_key_frame_after_a_minute() -> None:
    frames = [picture(at_ms, key=at_ms % 7_000 == 0) for at_ms in range(0, 130_000, 500)]
    files, steps = written(camera(), frames)
    starts = [scan(MemorySource(data)).clusters[0].at_ms for data in files.values()]
    assert starts == [0, 63_000, 126_000]
    assert list(files) == [SegmentName(1, 1), SegmentName(1, 2), SegmentName(1, 3)]
    assert sum(isinstance(step, SegmentEnd) for step in steps) == 3


def test_a_key_frame_is_wanted_for_rotation_and_for_seeking() -> None:
    writer = camera(segment_ms=60_000, key_frame_interval_ms=10_000)
    writer.accept(picture(0, key=True))
    writer.accept(picture(9_999))
    assert not writer.wants_key_frame
    writer.accept(picture(10_000))
    assert writer.wants_key_frame
    writer.accept(picture(10_100, key=True))
    assert not writer.wants_key_frame
    rotating = camera()
    rotating.accept(picture(0, key=True))
    rotating.accept(picture(60_000))
    assert rotating.wants_key_frame


def test_sound_rotates_after_a_minute_and_never_asks_for_key_frames() -> None:
    writer = microphone()
    files, _ = written(writer, [sound(at_ms) for at_ms in range(0, 130_000, 20)])
    assert [scan(MemorySource(data)).clusters[0].at_ms for data in files.values()] == [0, 60_000, 120_000]
    assert not writer.wants_key_frame


def test_sound_with_a_hole_goes_on_in_a_new_cluster() -> None:
    _, steps = written(microphone(), [sound(at_ms) for at_ms in (0, 20, 40, 80, 100, 139)])
    assert clusters(steps) == [(0, 60, 3), (80, 159, 3)]


def test_a_new_leg_begins_a_file_at_its_key_frame_and_ends_the_old_one() -> None:
    writer = camera()
    frames = [
        picture(0, key=True),
        picture(100),
        picture(150, leg=2),
        picture(200),
        picture(250, leg=2, key=True),
        picture(260),
        picture(300, leg=2),
    ]
    files, _ = written(writer, frames)
    assert list(files) == [SegmentName(1, 1), SegmentName(2, 2)]
    assert (writer.refused.before_key, writer.refused.old_leg) == (1, 1)
    times = [[block.at_ms for block in all_blocks(data)] for data in files.values()]
    assert times == [[0, 100, 200], [250, 300]]


def test_frames_after_a_gap_are_kept_as_they_come() -> None:
    gapped = dataclasses.replace(picture(5_000), after_gap=True)
    files, _ = written(camera(), [picture(0, key=True), gapped])
    assert [block.at_ms for block in all_blocks(next(iter(files.values())))] == [0, 5_000]


def test_empty_frames_are_left_out() -> None:
    writer = microphone()
    assert writer.accept(dataclasses.replace(sound(0), data=b"")) == []
    assert writer.refused.total == 1


def test_numbers_and_times_go_on_after_a_restart() -> None:
    files, _ = written(
        camera(next_index=7, not_before_ms=5_000), [picture(4_990, key=True, leg=3), picture(5_060, leg=3)]
    )
    assert list(files) == [SegmentName(3, 7)]
    assert [block.at_ms for block in all_blocks(files[SegmentName(3, 7)])] == [5_000, 5_060]


def test_flush_ends_the_open_cluster_only() -> None:
    writer = camera()
    writer.accept(picture(0, key=True))
    assert [type(step) for step in writer.flush()] == [ClusterReady]
    assert writer.flush() == []
    assert writer.accept(picture(100)) == []
    assert [type(step) for step in writer.close()] == [ClusterReady, SegmentEnd]
    assert writer.close() == []


def test_names_read_back_and_sort_in_the_order_of_recording() -> None:
    names = [SegmentName(1, 1), SegmentName(1, 2), SegmentName(2, 3), SegmentName(12_345, 123_456)]
    assert [SegmentName.of_file(name.file_name) for name in names] == names
    assert sorted(names) == names
    assert names[0].file_name == "0001-00001.webm"
    assert SegmentName.of_file("0001-00001.webm.unreadable") is None


steps_of_time = st.lists(st.tuples(st.integers(-300, 2_500), st.booleans(), st.integers(1, 3)), max_size=60)


@given(steps_of_time, st.sampled_from([camera, microphone]))
def test_whatever_comes_every_kept_frame_is_stored_once_in_order(
    moves: list[tuple[int, bool, int]], make: type[TrackWriter]
) -> None:
    writer = make(segment_ms=5_000)
    at_ms, frames = 0, []
    for number, (move, key, leg) in enumerate(moves):
        at_ms = max(0, at_ms + move)
        frame = picture(at_ms, key=key, leg=leg) if make is camera else sound(at_ms, leg=leg)
        frames.append(dataclasses.replace(frame, data=frame.data + number.to_bytes(2, "big")))
    files, steps = written(writer, frames)
    kept = [block for data in files.values() for block in all_blocks(data)]
    assert len(kept) + writer.refused.total == len(frames)
    numbers = [int.from_bytes(block.data[-2:], "big") for block in kept]
    assert numbers == sorted(numbers)
    assert all(before.at_ms <= after.at_ms for before, after in itertools.pairwise(kept))
    assert all(next(iter(all_blocks(data))).is_key for data in files.values())
    for step in steps:
        if isinstance(step, ClusterReady):
            inside = list(read_blocks(step.data))
            assert inside[-1].at_ms - inside[0].at_ms < 1_000
            assert step.end_ms >= inside[-1].at_ms
    assert [name.index for name in files] == list(range(1, len(files) + 1))


def all_blocks(data: bytes) -> list[Block]:
    index = scan(MemorySource(data))
    assert index.whole_size == len(data)
    return [b for place in index.clusters for b in read_blocks(data[place.offset : place.offset + place.size])]
