"""A server of one way in a process of its own; prints its port, then answers JSON lines on loopback.

Arguments: the way's name and a folder for recordings.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.capacity.ways import WAYS, Way
from proctor.domain.media import TrackKind
from server.rtc.negotiation import OfferedTrack


async def serve(name: str, folder: Path) -> None:
    """Serve until asked to stop."""
    stopped = asyncio.Event()
    way = WAYS[name](folder)
    await way.start()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not stopped.is_set() and (line := await reader.readline()):
            reply = await _reply(way, json.loads(line), stopped)
            writer.write(json.dumps(reply).encode() + b"\n")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await stopped.wait()
    server.close()
    await server.wait_closed()


async def _reply(way: Way, asked: dict[str, Any], stopped: asyncio.Event) -> dict[str, Any]:
    if "offer" in asked:
        tracks = tuple(OfferedTrack(mid, TrackKind(track)) for mid, track in asked["tracks"])
        return {"answer": await way.answer(asked["offer"], tracks)}
    if "stop" in asked:
        await way.close()
        stopped.set()
    return {"cpu_s": time.process_time(), "wall_s": time.monotonic(), "counts": dict(way.counts)}


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1], Path(sys.argv[2])))
