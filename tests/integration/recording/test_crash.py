from __future__ import annotations

import asyncio
import hashlib
import io
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import av
import msgspec
import pytest

from proctor.domain.media import TrackKind
from proctor.domain.timeline import EntryKind
from proctor.recording.segments import TrackWriter
from proctor.recording.virtual import VirtualWebm
from server.clock import SystemClock
from server.db.engine import Database
from server.db.migrate import migrate
from server.recording.layout import sitting_folder, track_folder
from server.recording.playback import RecordingArchive
from server.recording.recorder import Recorder
from server.recording.repair import repair
from server.timeline.store import SqlTimelineStore
from tests.encoded_media import opus_packets, vp8_frames
from tests.recorded_files import in_order_of_time, written

PROGRAM = Path(__file__).with_name("recording_program.py")
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
async def timeline(tmp_path: Path) -> AsyncIterator[SqlTimelineStore]:
    path = tmp_path / "proctor.db"
    await asyncio.to_thread(migrate, path)
    database = Database(path)
    async with SqlTimelineStore(database, SystemClock(), group_window_s=0) as store:
        yield store
    await database.close()


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty seconds of both tracks, for the program to record."""
    path = tmp_path_factory.mktemp("frames") / "frames.msgpack"
    path.write_bytes(msgspec.msgpack.encode(in_order_of_time(vp8_frames(40, size=(160, 120)), opus_packets(40))))
    return path


def run(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), *arguments],
        bufsize=0,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def killed_after(data_dir: Path, sitting: str, frames: Path, seconds: float) -> list[str]:
    """Lines that the program printed before it was killed, that long after it was ready."""
    with run(str(data_dir), sitting, str(frames)) as process:
        assert process.stdout is not None
        said = b""
        end = None
        while end is None or time.monotonic() < end:
            left = 30 if end is None else max(0.0, end - time.monotonic())
            if select.select([process.stdout], [], [], left)[0]:
                said += os.read(process.stdout.fileno(), 1 << 16)
            if end is None and b"ready" in said:
                end = time.monotonic() + seconds
        process.send_signal(signal.SIGKILL)
        said += process.stdout.read()
    return said.decode().rsplit("\n", 1)[0].splitlines()


def last_durable(lines: list[str]) -> dict[TrackKind, int]:
    told = (line.split() for line in lines if line.startswith("durable"))
    return {TrackKind(track): int(at_ms) for _, track, at_ms in told}


def frames_in(file: VirtualWebm, kind: str) -> int:
    with av.open(io.BytesIO(file.read(0, file.size))) as container:
        return sum(1 for _ in container.decode(**{kind: 0}))


def whole_files_play(data_dir: Path, sitting: str) -> dict[TrackKind, int]:
    """Every file decodes from its first to its last frame; how far each track reaches, in milliseconds."""
    reaches: dict[TrackKind, int] = {}
    for track in (TrackKind.CAMERA, TrackKind.MICROPHONE):
        for path in sorted(track_folder(data_dir, sitting, track).glob("*.webm")):
            with av.open(str(path)) as container:
                for frame in container.decode(container.streams[0]):
                    assert frame.time is not None
                    reaches[track] = round(frame.time * 1000)
    return reaches


@pytest.mark.slow
async def test_kill_9_costs_no_more_than_the_open_cluster(
    tmp_path: Path, frames: Path, timeline: SqlTimelineStore
) -> None:
    chance = random.Random(11)  # noqa: S311 - moments to kill at, not secrets
    for number in range(20):
        sitting = f"sitting-{number}"
        lines = await asyncio.to_thread(killed_after, tmp_path, sitting, frames, chance.uniform(0.3, 1.5))
        durable = last_durable(lines)
        before = await asyncio.to_thread(whole_files_play, tmp_path, sitting)  # torn as the kill left them
        await repair(tmp_path, timeline)
        after = await asyncio.to_thread(whole_files_play, tmp_path, sitting)
        for track, until_ms in durable.items():
            assert after[track] >= until_ms - 25  # the encoder's delay is shown earlier
            assert before[track] >= until_ms - 25
        entries = await timeline.read(sitting, kinds={EntryKind.SEGMENT_SEALED})
        files = sorted(path for path in sitting_folder(tmp_path, sitting).rglob("*.webm"))
        assert sorted(str(entry.payload["file"]) for entry in entries) == [
            str(path.relative_to(sitting_folder(tmp_path, sitting))) for path in files
        ]
        assert all(entry.payload["repaired"] is True for entry in entries)
    assert (await repair(tmp_path, timeline)).sittings == 0


async def test_torn_tails_are_cut_and_sealed_once(tmp_path: Path, timeline: SqlTimelineStore) -> None:
    folder = track_folder(tmp_path, "s", TrackKind.CAMERA)
    files, _ = await asyncio.to_thread(written, TrackWriter(TrackKind.CAMERA, segment_ms=3_000), vp8_frames(7))
    (first, whole), (second, torn), (third, _) = files.items()
    await asyncio.to_thread(folder.mkdir, parents=True)
    (folder / first.file_name).write_bytes(whole)
    (folder / second.file_name).write_bytes(torn[:-7])
    (folder / third.file_name).write_bytes(b"")
    (folder / "0001-00004.webm").write_bytes(b"no webm")
    (folder / "0001-00005.webm").write_bytes(whole[:300])
    known = {"file": f"camera/{first.file_name}", "track": "camera"}
    await timeline.append("s", EntryKind.SEGMENT_SEALED, known)
    summary = await repair(tmp_path, timeline)
    assert (summary.sittings, summary.sealed, summary.unreadable) == (1, 1, 1)
    assert sorted(path.name for path in folder.iterdir()) == [
        first.file_name,
        second.file_name,
        "0001-00004.webm.unreadable",
    ]
    assert (folder / first.file_name).read_bytes() == whole
    cut = (folder / second.file_name).read_bytes()
    assert torn.startswith(cut)
    assert summary.cut_bytes == len(torn) - 7 - len(cut)
    entries = await timeline.read("s")
    payload = entries[1].payload
    assert payload["sha256"] == hashlib.sha256(cut).hexdigest()
    assert (payload["repaired"], payload["start_ms"], payload["bytes"]) == (True, 3_000, len(cut))
    assert (await repair(tmp_path, timeline)).sittings == 0


async def test_a_sealed_segment_is_never_cut(tmp_path: Path, timeline: SqlTimelineStore) -> None:
    folder = track_folder(tmp_path, "s", TrackKind.MICROPHONE)
    await asyncio.to_thread(folder.mkdir, parents=True)
    files, _ = written(TrackWriter(TrackKind.MICROPHONE), opus_packets(2))
    name, data = next(iter(files.items()))
    (folder / name.file_name).write_bytes(data[:-3])
    await timeline.append("s", EntryKind.SEGMENT_SEALED, {"file": f"microphone/{name.file_name}"})
    assert (await repair(tmp_path, timeline)).sealed == 0
    assert (folder / name.file_name).read_bytes() == data[:-3]


async def test_what_the_recorder_sealed_needs_no_repair(tmp_path: Path, timeline: SqlTimelineStore) -> None:
    async with Recorder(tmp_path, timeline.append, SystemClock()) as recorder:
        recorder.begin("s")
        for frame in opus_packets(2):
            recorder.accept("s", frame)
        assert await recorder.finish("s")
    assert (await repair(tmp_path, timeline)).sittings == 0
    entries = await timeline.read("s")
    assert [(entry.kind, entry.payload["repaired"]) for entry in entries] == [("segment_sealed", False)]


async def test_a_sitting_that_goes_on_after_a_crash_is_looked_at_again(
    tmp_path: Path, timeline: SqlTimelineStore
) -> None:
    for start_s in (0, 5):
        async with Recorder(tmp_path, timeline.append, SystemClock()) as recorder:
            recorder.begin("s")
            for frame in opus_packets(2, start_s=start_s):
                recorder.accept("s", frame)
            await asyncio.sleep(0.5)
            if start_s:
                break
    archive = RecordingArchive(tmp_path)
    sound = await asyncio.to_thread(archive.open, "s", TrackKind.MICROPHONE)
    assert [(gap.start_ms, gap.end_ms) for gap in sound.gaps()] == [(2_000, 5_000)]


def test_a_limit_on_file_sizes_is_a_full_disk(tmp_path: Path, frames: Path) -> None:
    """The same path as a full disk, where nothing may be mounted: the system refuses to let a file grow."""
    with run(str(tmp_path), "s", str(frames), "20000") as process:
        assert process.stdout is not None
        lines = process.stdout.read().decode().splitlines()
    assert process.returncode == 0
    assert "recording_failed microphone disk_full" in lines
    archive = RecordingArchive(tmp_path)
    sound = archive.open("s", TrackKind.MICROPHONE)
    path = next(track_folder(tmp_path, "s", TrackKind.MICROPHONE).glob("*.webm"))
    assert path.stat().st_size <= 20_000
    assert frames_in(sound, "audio") == pytest.approx(sound.recorded_ms / 20, abs=1)
