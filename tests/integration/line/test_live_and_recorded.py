"""The same clip live, through encoder and worker process, and through `analyze` gives the same signals."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer

from proctor.domain.media import EncodedFrame
from proctor.domain.time import media_time_from_s, to_s
from proctor.pipeline.policy import ExamPolicy
from server.cli.analyze import analyze
from server.perception.pool import PerceptionPool
from tests.media.files import camera_frames, microphone_packets, write_clip, write_wav
from tests.media.live import Listened, MediaClock, in_order, play
from tests.media.scenes import SIZE, Scene, Shot, identity_photograph, pictures
from tests.media.sounds import soundtrack

pytestmark = pytest.mark.live

SHOTS = [
    Shot(Scene.PRESENT, 6),
    Shot(Scene.EMPTY, 7),
    Shot(Scene.PRESENT, 4),
    Shot(Scene.TWO_PEOPLE, 6),
    Shot(Scene.PRESENT, 10),
]
SECONDS = 33
SPEECH = {20.0: 8.0}
FPS = 8
SAMPLING_STEP_S = 0.5
EXPECTED = {"face_absent", "body_absent", "multiple_faces", "speech"}


def live_frames() -> list[EncodedFrame]:
    """Layer 0 carries every second picture of the camera."""
    layer_0 = ((at_s, rgb) for number, (at_s, rgb) in enumerate(pictures(SHOTS, FPS)) if number % 2 == 0)
    return in_order(camera_frames(layer_0, FPS // 2), microphone_packets(soundtrack(SECONDS, SPEECH)))


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.slow
async def test_live_and_recorded_give_the_same_signals(tmp_path: Path, policy: ExamPolicy) -> None:
    frames = live_frames()
    listened = Listened()
    pool = PerceptionPool(workers=1, listener=listened.result, request_key_frame=listened.key_frame)
    await pool.start()
    try:
        await pool.ready()
        clock = MediaClock(speed=3)
        await pool.open("s", policy, (identity_photograph(),), clock.now)
        await play(pool, "s", frames, clock)
        await pool.close("s", media_time_from_s(SECONDS))
    finally:
        await pool.stop()
    live = {signal.kind.value: signal for signal in listened.closed_signals("s")}

    clip, face, out = tmp_path / "clip.webm", tmp_path / "face.jpg", tmp_path / "out.jsonl"
    write_clip(clip, pictures(SHOTS, FPS), FPS, soundtrack(SECONDS, SPEECH))
    face.write_bytes(identity_photograph())
    analyze([clip], reference=[face], jsonl=out)
    recorded = {str(line["kind"]): line for line in lines_of(out) if line["type"] == "signal"}

    assert set(live) == set(recorded) == EXPECTED
    for kind, signal in live.items():
        assert signal.end is not None
        assert to_s(signal.start) == pytest.approx(recorded[kind]["start_s"], abs=SAMPLING_STEP_S + 0.1)
        assert to_s(signal.end) == pytest.approx(recorded[kind]["end_s"], abs=SAMPLING_STEP_S + 0.1)


def test_every_kind_of_file_in_one_call_follows_the_contract(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video, sound, image = tmp_path / "video.webm", tmp_path / "sound.wav", tmp_path / "image.png"
    write_clip(video, pictures([Shot(Scene.TWO_PEOPLE, 5)], 8), 8, None)
    write_wav(sound, soundtrack(4, {1.0: 2.0}))
    (_, rgb), *_ = pictures([Shot(Scene.THREE_PEOPLE, 1)], 1)
    cv2.imwrite(str(image), rgb[..., ::-1])
    analyze([video, sound, image], observations=True)
    printed = capsys.readouterr()
    assert printed.err == ""
    lines = [json.loads(line) for line in printed.out.splitlines()]
    by_file = {path: [line for line in lines if line["file"] == str(path)] for path in (video, sound, image)}

    for found in by_file.values():
        assert [line["type"] for line in found].count("summary") == 1
        assert found[-1]["type"] == "summary"
    assert by_file[video][-1]["duration_s"] == pytest.approx(5, abs=0.2)
    assert by_file[video][-1]["frames_analyzed"] == 10
    assert by_file[image][-1] == {
        "type": "summary",
        "file": str(image),
        "duration_s": 0.0,
        "frames_analyzed": 1,
        "incidents": 0,
    }

    (people,) = [line for line in by_file[image] if line.get("kind") == "people"]
    assert people["people"] == len(people["faces"]) == 3
    for face in people["faces"]:
        assert set(face) == {"box", "score", "yaw_deg", "pitch_deg", "roll_deg", "gaze"}
        assert face["gaze"] == "unknown"
        x, y, width, height = face["box"]
        assert 0 <= x < x + width <= SIZE[0]
        assert 0 <= y < y + height <= SIZE[1]
    assert people["faces"][1]["yaw_deg"] is None

    heard = [line for line in by_file[sound] if line.get("kind") == "sound"]
    assert np.diff([line["t_s"] for line in heard]) == pytest.approx(0.512, abs=0.001)
    assert max(line["speech"] for line in heard) > 0.8
    assert {line["kind"] for line in by_file[sound] if line["type"] == "observation"} == {"sound", "voice"}
    (signal,) = [line for line in by_file[video] if line["type"] == "signal"]
    assert signal["kind"] == "multiple_faces"
    assert set(signal["why"]) == {"en", "kk", "ru"}
    assert all(signal["why"].values())
    (incident,) = [line for line in by_file[video] if line["type"] == "incident"]
    assert incident["kinds"] == ["multiple_faces"]


def test_a_corrupt_file_is_named_and_the_others_are_still_analysed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corrupt, sound = tmp_path / "corrupt.mp4", tmp_path / "sound.wav"
    corrupt.write_bytes(b"\x00\x01" * 5_000)
    write_wav(sound, soundtrack(1))
    with pytest.raises(typer.Exit) as caught:
        analyze([corrupt, sound])
    assert caught.value.exit_code == 2
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert str(corrupt) in printed.err
    assert json.loads(printed.out.splitlines()[-1])["file"] == str(sound)


def test_a_reference_without_a_face_and_a_bad_policy_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound, empty, policy = tmp_path / "sound.wav", tmp_path / "empty.png", tmp_path / "policy.toml"
    write_wav(sound, soundtrack(1))
    cv2.imwrite(str(empty), np.full((480, 640, 3), 128, np.uint8))
    policy.write_text("[detectors.face_absent]\ndwel_s = 3\n", encoding="utf-8")
    for options, name in (({"reference": [empty]}, "empty.png"), ({"policy": policy}, "dwel_s")):
        with pytest.raises(typer.Exit) as caught:
            analyze([sound], **options)
        assert caught.value.exit_code == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.count("\n") == 1
        assert name in printed.err
