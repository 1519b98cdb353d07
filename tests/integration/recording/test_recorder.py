from __future__ import annotations

import asyncio
import errno
import hashlib
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import av
import pytest

from proctor.domain.errors import ProctorError, TimelineWriteError
from proctor.domain.media import EncodedFrame, TrackKind
from proctor.domain.time import MediaTime
from proctor.domain.timeline import EntryKind, JsonValue
from proctor.recording.segments import ClusterReady, SegmentName
from server.clock import SystemClock
from server.recording.layout import SEALED_MARK, sitting_folder
from server.recording.playback import NothingRecordedError, RecordingArchive, index_file
from server.recording.recorder import Recorder
from server.recording.segment_file import SegmentFile
from tests.encoded_media import opus_packets, vp8_frames
from tests.recorded_files import in_order_of_time
from tests.small_disk import filled, small_disk

pytestmark = pytest.mark.live

SITTING = "0123456789abcdef0123"


@dataclass
class Heard:
    """What the recorder reports."""

    entries: list[tuple[EntryKind, dict[str, JsonValue]]] = field(default_factory=list)
    durable: dict[TrackKind, MediaTime] = field(default_factory=dict)
    keys_wanted: list[TrackKind] = field(default_factory=list)

    async def report(
        self, _sitting: str, kind: EntryKind, payload: dict[str, JsonValue], _at: MediaTime | None
    ) -> None:
        self.entries.append((kind, payload))

    def on_durable(self, _sitting: str, track: TrackKind, until: MediaTime) -> None:
        assert until > self.durable.get(track, -1)
        self.durable[track] = until

    def on_key(self, _sitting: str, track: TrackKind) -> None:
        self.keys_wanted.append(track)

    def of(self, kind: EntryKind) -> list[dict[str, JsonValue]]:
        return [payload for found, payload in self.entries if found is kind]


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - conditions of several kinds, some met by another thread
            await asyncio.sleep(0.02)


def recorder(data_dir: Path, heard: Heard, **options: object) -> Recorder:
    return Recorder(
        data_dir,
        heard.report,
        SystemClock(),
        on_durable=heard.on_durable,
        on_key_frame_wanted=heard.on_key,
        **options,  # type: ignore[arg-type]
    )


def feed(recorder: Recorder, frames: list[EncodedFrame]) -> None:
    for frame in frames:
        recorder.accept(SITTING, frame)


def both_tracks(seconds: float, start_s: float = 0.0, leg: int = 1) -> list[EncodedFrame]:
    return in_order_of_time(
        vp8_frames(seconds, start_s=start_s, leg=leg), opus_packets(seconds, start_s=start_s, leg=leg)
    )


def decoded(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(container.streams[0]))


async def test_what_is_accepted_is_sealed_and_plays(tmp_path: Path) -> None:
    heard = Heard()
    frames = await asyncio.to_thread(both_tracks, 65)
    async with recorder(tmp_path, heard) as service:
        service.begin(SITTING)
        feed(service, frames)
        await until(lambda: len(service.status(SITTING)) == 2)
        assert await service.finish(SITTING)
        assert service.status(SITTING) == ()
    sealed = heard.of(EntryKind.SEGMENT_SEALED)
    assert [(p["track"], p["index"]) for p in sorted(sealed, key=lambda p: str(p["file"]))] == [
        ("camera", 1),
        ("camera", 2),
        ("microphone", 1),
        ("microphone", 2),
    ]
    for payload in sealed:
        path = sitting_folder(tmp_path, SITTING) / str(payload["file"])
        content = await asyncio.to_thread(path.read_bytes)
        assert hashlib.sha256(content).hexdigest() == payload["sha256"]
        assert len(content) == payload["bytes"]
        assert await asyncio.to_thread(decoded, path) == payload["frames"]
    assert sum(int(str(payload["frames"])) for payload in sealed) == len(frames)
    assert heard.durable == {frame.track: frame.at for frame in frames}
    assert (sitting_folder(tmp_path, SITTING) / SEALED_MARK).exists()
    archive = RecordingArchive(tmp_path)
    camera = await asyncio.to_thread(archive.open, SITTING, TrackKind.CAMERA)
    assert (camera.end_ms, camera.recorded_ms, camera.gaps()) == (65_000, 65_000, [])


async def test_media_becomes_durable_while_it_runs(tmp_path: Path) -> None:
    heard = Heard()
    async with recorder(tmp_path, heard) as service:
        service.begin(SITTING)
        feed(service, await asyncio.to_thread(both_tracks, 5))
        await until(lambda: len(heard.durable) == 2)
        assert heard.durable[TrackKind.CAMERA] >= 3_900_000_000
        assert service.durable_until(SITTING) == heard.durable
        path = sitting_folder(tmp_path, SITTING) / "camera" / "0001-00001.webm"
        index = await asyncio.to_thread(index_file, path)
        assert index.clusters[-1].end_ms >= 3_900
        await until(lambda: heard.durable[TrackKind.CAMERA] > 4_900_000_000)  # the open cluster ends by itself


async def test_pictures_without_a_key_frame_ask_for_one(tmp_path: Path) -> None:
    heard = Heard()
    frames = [frame for frame in vp8_frames(1) if not frame.is_key]
    async with recorder(tmp_path, heard) as service:
        service.begin(SITTING)
        feed(service, frames)
        await until(lambda: heard.keys_wanted)
        assert service.status(SITTING)[0].refused_frames == len(frames)
    assert heard.entries == []
    with pytest.raises(NothingRecordedError):
        await asyncio.to_thread(RecordingArchive(tmp_path).open, SITTING, TrackKind.CAMERA)


async def test_a_second_run_goes_on_where_the_first_ended(tmp_path: Path) -> None:
    heard = Heard()
    for start_s, leg in ((0.0, 1), (10.0, 2)):
        async with recorder(tmp_path, heard) as service:
            service.begin(SITTING)
            feed(service, await asyncio.to_thread(both_tracks, 3, start_s, leg))
    files = sorted(str(payload["file"]) for payload in heard.of(EntryKind.SEGMENT_SEALED))
    assert files == [
        "camera/0001-00001.webm",
        "camera/0002-00002.webm",
        "microphone/0001-00001.webm",
        "microphone/0002-00002.webm",
    ]
    camera = await asyncio.to_thread(RecordingArchive(tmp_path).open, SITTING, TrackKind.CAMERA)
    assert [(gap.start_ms, gap.end_ms) for gap in camera.gaps()] == [(3_000, 10_000)]
    assert camera.recorded_ms == 6_000


async def test_frames_of_other_sittings_and_strange_names_are_refused(tmp_path: Path) -> None:
    heard = Heard()
    service = recorder(tmp_path, heard)
    with pytest.raises(ProctorError):
        service.begin(SITTING)
    async with service:
        service.accept("unknown", next(opus_packets(0.02)))
        with pytest.raises(ValueError, match="identifier"):
            service.begin("../../etc")
        assert await service.finish("unknown")


async def test_a_queue_without_room_refuses_and_tells_the_gap(tmp_path: Path) -> None:
    heard = Heard()
    frames = list(opus_packets(4))
    size = sum(len(frame.data) for frame in frames[:100])
    async with recorder(tmp_path, heard, max_queued_bytes=size) as service:
        service.begin(SITTING)
        feed(service, frames)
        await until(lambda: heard.of(EntryKind.RECORDING_GAP))
    gap = heard.of(EntryKind.RECORDING_GAP)[0]
    assert (gap["cause"], gap["start_ms"], gap["end_ms"], gap["frames"]) == ("storage_slow", 2_000, 3_980, 100)
    assert heard.of(EntryKind.SEGMENT_SEALED)[0]["frames"] == 100


async def fail_later() -> None:
    raise TimelineWriteError("no")


def fail_at_once() -> None:
    raise TimelineWriteError("no")


@pytest.mark.parametrize("answer", [fail_later, fail_at_once, lambda: None])
async def test_an_entry_that_is_not_written_leaves_the_sitting_to_the_next_repair(
    tmp_path: Path, answer: Callable[[], Awaitable[None] | None]
) -> None:
    async with Recorder(tmp_path, lambda *_: answer(), SystemClock()) as service:
        service.begin(SITTING)
        feed(service, list(opus_packets(1)))
        assert not await service.finish(SITTING)
    assert not (sitting_folder(tmp_path, SITTING) / SEALED_MARK).exists()


async def test_a_full_disk_stops_neither_the_sitting_nor_what_memory_can_hold(tmp_path: Path) -> None:
    heard = Heard()
    frames = await asyncio.to_thread(both_tracks, 30)
    with small_disk(tmp_path / "disk", "1m") as disk:
        async with recorder(disk, heard) as service:
            service.begin(SITTING)
            feed(service, frames[:600])
            await until(lambda: len(heard.durable) == 2)
            with filled(disk):
                feed(service, frames[600:1_500])
                await until(lambda: len(heard.of(EntryKind.RECORDING_FAILED)) == 2)
                assert {status.failed for status in service.status(SITTING)} == {"disk_full"}
                for track in ("camera", "microphone"):
                    path = sitting_folder(disk, SITTING) / track / "0001-00001.webm"
                    index = await asyncio.to_thread(index_file, path)
                    assert path.stat().st_size == index.whole_size
                    assert await asyncio.to_thread(decoded, path) > 0
            feed(service, frames[1_500:])
            await until(lambda: len(heard.of(EntryKind.RECORDING_RESUMED)) == 2)
            assert {status.failed for status in service.status(SITTING)} == {None}
            assert await service.finish(SITTING)
        assert heard.of(EntryKind.RECORDING_GAP) == []
        assert {str(payload["reason"]) for payload in heard.of(EntryKind.RECORDING_FAILED)} == {"disk_full"}
        assert sum(int(str(payload["frames"])) for payload in heard.of(EntryKind.SEGMENT_SEALED)) == len(frames)
        camera = await asyncio.to_thread(RecordingArchive(disk).open, SITTING, TrackKind.CAMERA)
        assert (camera.recorded_ms, camera.gaps()) == (30_000, [])


async def test_what_memory_cannot_hold_is_a_gap_of_the_recording(tmp_path: Path) -> None:
    heard = Heard()
    frames = list(opus_packets(40))
    with small_disk(tmp_path / "disk", "1m") as disk:
        async with recorder(disk, heard, max_backlog_bytes=40_000) as service:
            service.begin(SITTING)
            with filled(disk):
                feed(service, frames)
                await until(lambda: heard.of(EntryKind.RECORDING_FAILED))
            await until(lambda: heard.of(EntryKind.RECORDING_RESUMED))
        gap = heard.of(EntryKind.RECORDING_GAP)[0]
        assert (gap["track"], gap["cause"], gap["start_ms"]) == ("microphone", "storage", 0)
        kept = heard.of(EntryKind.SEGMENT_SEALED)[0]
        assert kept["start_ms"] == gap["end_ms"]
        assert int(str(kept["frames"])) + int(str(gap["frames"])) == len(frames)
        sound = await asyncio.to_thread(RecordingArchive(disk).open, SITTING, TrackKind.MICROPHONE)
        assert [(g.start_ms, g.end_ms) for g in sound.gaps()] == [(0, gap["end_ms"])]


async def test_a_disk_that_stays_full_is_told_at_the_end_and_the_next_run_can_go_on(tmp_path: Path) -> None:
    heard = Heard()
    with small_disk(tmp_path / "disk", "1m") as disk:
        async with recorder(disk, heard) as service:
            service.begin(SITTING)
            feed(service, list(opus_packets(5)))
            await until(lambda: heard.durable)
            with filled(disk):
                feed(service, list(opus_packets(5, start_s=5)))
                assert not await service.finish(SITTING)
                await service.__aexit__()
        gap = heard.of(EntryKind.RECORDING_GAP)[0]
        assert gap["cause"] == "storage"
        path = sitting_folder(disk, SITTING) / "microphone" / "0001-00001.webm"
        assert await asyncio.to_thread(decoded, path) >= 200
        assert not (sitting_folder(disk, SITTING) / SEALED_MARK).exists()


@pytest.mark.parametrize(
    ("code", "reason"), [(errno.EIO, "io_error"), (errno.EROFS, "read_only"), (errno.EDQUOT, "disk_full")]
)
async def test_other_faults_of_the_medium_are_named_and_overcome(tmp_path: Path, code: int, reason: str) -> None:
    heard = Heard()
    healthy = asyncio.Event()

    class Faulty(SegmentFile):
        def write(self, cluster: ClusterReady) -> None:
            if not healthy.is_set():
                raise OSError(code, os.strerror(code))
            super().write(cluster)

    async with recorder(tmp_path, heard, open_segment=Faulty) as service:
        service.begin(SITTING)
        feed(service, list(opus_packets(5)))
        await until(lambda: heard.of(EntryKind.RECORDING_FAILED))
        await asyncio.sleep(1.3)
        healthy.set()
        await until(lambda: heard.of(EntryKind.RECORDING_RESUMED))
    assert [payload["reason"] for payload in heard.of(EntryKind.RECORDING_FAILED)] == [reason]
    assert heard.of(EntryKind.SEGMENT_SEALED)[0]["frames"] == 250


async def test_a_failed_sync_is_told_and_stays_with_the_segment(tmp_path: Path) -> None:
    heard = Heard()

    class Faulty(SegmentFile):
        failures = 1

        def sync(self) -> None:
            if self.is_dirty and Faulty.failures:
                Faulty.failures -= 1
                self.sync_failed = True
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            super().sync()

    async with recorder(tmp_path, heard, open_segment=Faulty) as service:
        service.begin(SITTING)
        feed(service, list(opus_packets(3)))
        await until(lambda: heard.of(EntryKind.RECORDING_RESUMED))
        assert heard.durable
    assert heard.of(EntryKind.SEGMENT_SEALED)[0]["sync_failed"] is True


async def test_a_fault_of_the_program_is_told_once_and_others_go_on(tmp_path: Path) -> None:
    heard = Heard()

    def broken(_folder: Path, _name: SegmentName, _head: bytes) -> SegmentFile:
        raise RuntimeError("a fault")

    async with recorder(tmp_path, heard, open_segment=broken) as service:
        service.begin(SITTING)
        feed(service, list(opus_packets(2)))
        await until(lambda: heard.entries)
        await asyncio.sleep(0.5)
        assert not await service.finish(SITTING)
    assert [payload["reason"] for payload in heard.of(EntryKind.RECORDING_FAILED)] == ["internal_error"]


async def test_accepting_takes_microseconds(tmp_path: Path) -> None:
    heard = Heard()
    frames = list(opus_packets(20))
    async with recorder(tmp_path, heard) as service:
        service.begin(SITTING)
        loop = asyncio.get_running_loop()
        start_s = loop.time()
        feed(service, frames)
        assert (loop.time() - start_s) / len(frames) < 50e-6
