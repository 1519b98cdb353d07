from __future__ import annotations

import io
import itertools

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proctor.domain.media import Codec, TrackKind
from proctor.recording.segments import TrackWriter
from proctor.recording.silence import Silence
from proctor.recording.virtual import CHUNK_BYTES, Gap, SegmentFile, VirtualWebm
from proctor.recording.webm import Block, ClusterPlace, FileIndex, TrackHead, cluster, file_head, read_blocks
from tests.encoded_media import luma_at, opus_packets, vp8_frames
from tests.recorded_files import segment_files


@pytest.fixture(scope="module")
def camera() -> VirtualWebm:
    return VirtualWebm(segment_files(TrackWriter(TrackKind.CAMERA, segment_ms=5_000), vp8_frames(20, start_s=0.4)))


@pytest.fixture(scope="module")
def broken_sound() -> VirtualWebm:
    frames = itertools.chain(opus_packets(5, start_s=0.4), opus_packets(3, start_s=17.0037, hz=880))
    return VirtualWebm(segment_files(TrackWriter(TrackKind.MICROPHONE), frames))


def test_ffmpeg_plays_all_pictures_at_their_times(camera: VirtualWebm) -> None:
    with av.open(io.BytesIO(camera.read(0, camera.size))) as container:
        assert container.duration == 20_400_000
        pictures = [(frame.time, frame.to_ndarray()[40, 50]) for frame in container.decode(video=0)]
    assert len(pictures) == 300
    assert pictures[0][0] == pytest.approx(0.4)
    for at_s, luma in pictures:
        assert luma == pytest.approx(luma_at(at_s + 0.002), abs=6)


def test_ffmpeg_seeks_by_the_cues(camera: VirtualWebm) -> None:
    with av.open(io.BytesIO(camera.read(0, camera.size))) as container:
        container.seek(12_500_000)
        first = next(container.decode(video=0))
    assert first.time == pytest.approx(12.4)
    assert first.key_frame


def test_any_range_is_the_same_bytes(camera: VirtualWebm) -> None:
    whole = b"".join(camera.chunks())
    assert len(whole) == camera.size

    @settings(deadline=None)
    @given(st.integers(0, camera.size + 10), st.integers(0, camera.size))
    def check(start: int, length: int) -> None:
        assert camera.read(start, length) == whole[start : start + length]

    check()


def test_chunks_are_bounded() -> None:
    class Zeros:
        size = 10 * CHUNK_BYTES

        def read_at(self, _offset: int, length: int) -> bytes:
            return bytes(length)

    index = FileIndex(
        TrackHead(Codec.VP8), b"", (ClusterPlace(0, 10, 0, Zeros.size, starts_with_key=True),), Zeros.size
    )
    file = VirtualWebm([SegmentFile(Zeros(), index)])
    assert max(map(len, file.chunks())) <= CHUNK_BYTES
    assert sum(map(len, file.chunks())) == file.size


def test_a_snapshot_keeps_its_size_while_the_recording_grows() -> None:
    frames = list(vp8_frames(12))
    early = VirtualWebm(segment_files(TrackWriter(TrackKind.CAMERA), frames[:120]), until_ms=6_000)
    late = VirtualWebm(segment_files(TrackWriter(TrackKind.CAMERA), frames), until_ms=6_000)
    assert early.read(0, early.size) == late.read(0, late.size)
    assert early.end_ms <= 7_000


def test_gaps_and_recorded_time_are_told(broken_sound: VirtualWebm) -> None:
    assert broken_sound.gaps() == [Gap(5_400, 17_003)]
    assert broken_sound.gaps(25_000) == [Gap(5_400, 17_003), Gap(20_003, 25_000)]
    assert broken_sound.recorded_ms == 8_000
    assert (broken_sound.start_ms, broken_sound.end_ms) == (400, 20_003)


def test_a_late_start_is_a_gap() -> None:
    late = VirtualWebm(segment_files(TrackWriter(TrackKind.CAMERA), vp8_frames(2, start_s=9)))
    assert late.gaps() == [Gap(0, 9_000)]


def test_holes_in_sound_are_bridged_so_that_samples_are_in_their_place(broken_sound: VirtualWebm) -> None:
    with av.open(io.BytesIO(broken_sound.read(0, broken_sound.size))) as container:
        pcm = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    seconds = len(pcm) / 48_000
    assert seconds == pytest.approx(20.003 - 0.4, abs=0.02)  # the encoder's delay of 6.5 ms is cut off
    level = np.abs(pcm).reshape(-1)[: len(pcm) // 480 * 480].reshape(-1, 480).max(axis=1)
    loud = np.flatnonzero(level > 0.05) / 100 + 0.4
    assert loud[loud < 10].max() == pytest.approx(5.4, abs=0.03)
    assert loud[loud > 10].min() == pytest.approx(17.0, abs=0.03)
    assert level[600:1600].max() < 0.001


@settings(max_examples=30, deadline=None)
@given(st.integers(20, 100_000), st.sampled_from([1, 2]), st.data())
def test_silence_fills_what_it_is_asked_to(length_ms: int, channels: int, data: st.DataObject) -> None:
    silence = Silence(5_000, 5_000 + length_ms, channels)
    whole = silence.read_at(0, silence.size)
    assert len(whole) == silence.size
    start = data.draw(st.integers(0, silence.size))
    length = data.draw(st.integers(1, 5_000))
    assert silence.read_at(start, length) == whole[start : start + length]
    places = [*silence.clusters(), (0, silence.size)]
    for (at_ms, offset), (_, end) in itertools.pairwise(places):
        assert next(read_blocks(whole[offset:end])).at_ms == at_ms
    with av.open(io.BytesIO(file_head(TrackHead(Codec.OPUS, channels=channels)) + whole)) as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert samples / 48 == pytest.approx(length_ms, abs=2.5 + 6.5)


def test_nothing_recorded_is_said() -> None:
    with pytest.raises(ValueError, match="no cluster"):
        VirtualWebm([])


def test_a_segment_that_became_shorter_is_said() -> None:
    files = segment_files(TrackWriter(TrackKind.CAMERA), vp8_frames(1))

    class Cut:
        size = files[0].source.size

        def read_at(self, offset: int, length: int) -> bytes:
            return files[0].source.read_at(offset, length)[:-1]

    with pytest.raises(EOFError):
        VirtualWebm([SegmentFile(Cut(), files[0].index)]).read(0, 10_000_000)


def test_cluster_size_depends_on_data_sizes_only() -> None:
    early = cluster([Block(0, b"abc", is_key=True)], 20)
    late = cluster([Block(2**40, b"xyz", is_key=False)], 2**40 + 20)
    assert len(early) == len(late)
