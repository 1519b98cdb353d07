"""Candidates in a process of their own: send a source to a media server, and take its figures over a while.

Arguments: port, candidates, seconds before measuring, seconds of measuring, source (a trace `.bin`, or a media file).
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import uvloop

from proctor.domain.media import TrackKind
from proctor.domain.time import NS_PER_S
from server.clock import SystemClock
from server.rtc.negotiation import OfferedTrack
from server.rtc.pump import SimulatedCandidate
from server.rtc.pump_source import SourceTrack, encode_media, load_trace


class Line:
    """JSON lines to the media server, one question at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, **question: object) -> dict[str, Any]:
        """The server's reply."""
        self._writer.write(json.dumps(question).encode() + b"\n")
        reply: dict[str, Any] = json.loads(await self._reader.readline())
        return reply

    async def exchange(self, offer_sdp: str, tracks: tuple[OfferedTrack, ...]) -> str:
        """Offer for answer."""
        reply = await self.ask(offer=offer_sdp, tracks=[(track.mid, track.track.value) for track in tracks])
        return str(reply["answer"])


async def drive(port: int, number: int, before_s: float, seconds: float, media: Path) -> dict[str, Any]:
    """Run the candidates; figures at the begin and at the end of measuring, and frames a candidate sends a second."""
    source = load_trace(media) if media.suffix == ".bin" else await asyncio.to_thread(encode_media, media)
    line = Line(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 20))
    candidates = [SimulatedCandidate(source, clock=SystemClock()) for _ in range(number)]
    for candidate in candidates:
        await candidate.connect(line.exchange)
    runs = [asyncio.create_task(candidate.run()) for candidate in candidates]
    await asyncio.sleep(before_s)
    begin = await line.ask()
    sent = sum(candidate.stats().packets for candidate in candidates)
    await asyncio.sleep(seconds)
    end = await line.ask()
    sent = sum(candidate.stats().packets for candidate in candidates) - sent
    for candidate in candidates:
        candidate.stop()
    await asyncio.gather(*runs)
    await line.ask(stop=True)
    await asyncio.gather(*(candidate.close() for candidate in candidates))
    frames_per_s = sum(_frames_in(track) for track in source.tracks) * NS_PER_S / source.lap_ns
    return {"begin": begin, "end": end, "packets": sent, "frames_per_s": frames_per_s}


def _frames_in(track: SourceTrack) -> int:
    """Frames in a lap: every packet of sound is one, the last packet of a picture carries the marker."""
    is_sound = track.track is TrackKind.MICROPHONE
    return sum(is_sound or packet.marker for packet in track.packets)


if __name__ == "__main__":
    port, number, before_s, seconds, media = sys.argv[1:]
    print(json.dumps(uvloop.run(drive(int(port), int(number), float(before_s), float(seconds), Path(media)))))
