from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from proctor.domain.errors import MediaError
from proctor.domain.media import TrackKind
from server.rtc import vp8
from server.rtc.assembly import AssembledFrame, Vp8Assembler
from server.rtc.packets import RtpPacket
from server.rtc.pump_source import PumpSource, SourceTrack, encode_media, load_trace


def make_clip(path: Path, *, seconds: int = 2, sound: bool = True) -> Path:
    with av.open(str(path), "w") as clip:
        video = clip.add_stream("libvpx", rate=10)
        video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
        audio = clip.add_stream("libopus", rate=48_000) if sound else None
        texture = np.random.default_rng(3).integers(0, 255, (120, 160, 3), dtype=np.uint8)
        for number in range(seconds * 10):
            clip.mux(video.encode(VideoFrame.from_ndarray(np.roll(texture, number * 4, axis=1), format="rgb24")))
        clip.mux(video.encode(None))
        if audio is not None:
            tone = (np.sin(np.arange(seconds * 48_000) * 0.06) * 8_000).astype(np.int16).repeat(2).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(tone, format="s16", layout="stereo")
            frame.sample_rate = 48_000
            clip.mux(audio.encode(frame))
            clip.mux(audio.encode(None))
    return path


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> PumpSource:
    return encode_media(make_clip(tmp_path_factory.mktemp("clip") / "clip.mkv"))


def track_of(source: PumpSource, kind: TrackKind) -> SourceTrack:
    return next(track for track in source.tracks if track.track is kind)


def frames_of(track: SourceTrack) -> list[AssembledFrame]:
    assembler, frames = Vp8Assembler(), []
    for number, sent in enumerate(track.packets):
        packet = RtpPacket(96, sent.marker, number, sent.timestamp, 1, sent.payload)
        packet.extended = number
        frame = assembler.push(packet)
        if frame is not None:
            frames.append(frame)
    return frames


def decode(frames: list[AssembledFrame]) -> dict[int, NDArray[np.uint8]]:
    decoder = av.CodecContext.create("vp8", "r")
    pictures = {}
    for frame in frames:
        (picture,) = decoder.decode(av.Packet(frame.data))
        pictures[frame.timestamp] = picture.to_ndarray(format="yuv420p")
    return pictures


def test_all_tracks_take_the_same_time(source: PumpSource) -> None:
    lap_s = Fraction(source.lap_ns, 10**9)
    assert lap_s == Fraction(9, 5)
    counts = {
        track.track: len({packet.timestamp for packet in track.packets}) / float(lap_s) for track in source.tracks
    }
    assert counts == {
        TrackKind.CAMERA: 15,
        TrackKind.SCREEN: 5,
        TrackKind.MICROPHONE: pytest.approx(1 / 0.06),
    }


def test_base_layer_alone_decodes_to_the_same_pictures(source: PumpSource) -> None:
    frames = frames_of(track_of(source, TrackKind.CAMERA))
    assert [frame.temporal_id for frame in frames[:8]] == [0, 2, 1, 2, 0, 2, 1, 2]
    everything = decode(frames)
    for highest in (0, 1):
        part = decode([frame for frame in frames if frame.temporal_id <= highest])
        assert all(np.array_equal(picture, everything[at]) for at, picture in part.items())


def test_packets_fit_a_path_and_key_frames_are_where_the_source_says(source: PumpSource) -> None:
    for kind, size in ((TrackKind.CAMERA, (640, 480)), (TrackKind.SCREEN, (1280, 720))):
        track = track_of(source, kind)
        assert all(len(packet.payload) <= 1_150 for packet in track.packets)
        starts = tuple(i for i, packet in enumerate(track.packets) if vp8.starts_key_frame(packet.payload))
        assert starts == track.keys
        assert track.keys[0] == 0
        key = frames_of(track)[0]
        assert vp8.picture_size(key.data) == size


def test_sound_is_60_ms_opus(source: PumpSource) -> None:
    track = track_of(source, TrackKind.MICROPHONE)
    decoder = av.CodecContext.create("libopus", "r")
    samples = sum(frame.samples for packet in track.packets for frame in decoder.decode(av.Packet(packet.payload)))
    assert abs(samples - len(track.packets) * 2_880) < 2_880


def test_a_clip_without_sound_is_silent_and_without_pictures_is_refused(tmp_path: Path) -> None:
    silent = encode_media(make_clip(tmp_path / "silent.mkv", seconds=1, sound=False))
    assert len(track_of(silent, TrackKind.MICROPHONE).packets) == 10
    text = tmp_path / "notes.txt"
    text.write_text("not a clip")
    for path in (text, tmp_path / "absent.mkv"):
        with pytest.raises(MediaError, match=path.name):
            encode_media(path)


def test_a_trace_that_is_none_is_refused(tmp_path: Path) -> None:
    for name, data in (("empty", b""), ("noise", bytes(range(256)) * 9)):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(MediaError, match=name):
            load_trace(path)


@pytest.mark.shared_data
def test_recorded_trace_has_camera_screen_and_microphone(shared_data: Path) -> None:
    source = load_trace(shared_data / "rtp" / "chromium-vp8-opus-screen.bin")
    assert [track.track for track in source.tracks] == [TrackKind.CAMERA, TrackKind.SCREEN, TrackKind.MICROPHONE]
    assert [len(track.keys) for track in source.tracks] == [2, 2, 0]
    assert source.jumps_to_key
