"""Records frames that a test has encoded into a data folder until it is killed; prints how far each track is durable.

Arguments: data folder, sitting, file of frames, and optionally the largest size that a file may have.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
from pathlib import Path

import msgspec

from proctor.domain.media import EncodedFrame, TrackKind
from proctor.domain.time import MediaTime, to_ms
from server.clock import SystemClock
from server.recording.recorder import Recorder

PACE = 20
"""Times faster than real time."""


async def record(data_dir: Path, sitting_id: str, frames: list[EncodedFrame]) -> None:
    def say(_sitting_id: str, track: TrackKind, until: MediaTime) -> None:
        os.write(1, f"durable {track.value} {to_ms(until)}\n".encode())

    async def report(_sitting_id: str, kind: str, payload: dict[str, object], _at: MediaTime | None) -> None:
        os.write(1, f"{kind} {payload['track']} {payload.get('reason')}\n".encode())

    async with Recorder(data_dir, report, SystemClock(), on_durable=say) as recorder:
        recorder.begin(sitting_id)
        os.write(1, b"ready\n")
        loop = asyncio.get_running_loop()
        start_s = loop.time()
        for frame in frames:
            due_s = start_s + frame.at / 1e9 / PACE
            if due_s > loop.time():
                await asyncio.sleep(due_s - loop.time())
            recorder.accept(sitting_id, frame)
        await recorder.finish(sitting_id)
        os.write(1, b"finished\n")


if __name__ == "__main__":
    if len(sys.argv) > 4:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), resource.RLIM_INFINITY))
    encoded = msgspec.msgpack.decode(Path(sys.argv[3]).read_bytes(), type=list[EncodedFrame])
    asyncio.run(record(Path(sys.argv[1]), sys.argv[2], encoded))
