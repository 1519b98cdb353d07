"""Ways to take a candidate's media, each behind the same two calls: ours, aiortc's MediaRecorder, aiortc's decode."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRecorder
from aiortc.mediastreams import MediaStreamError
from av.frame import Frame
from av.packet import Packet

from proctor.domain.media import Codec, EncodedFrame, TrackKind
from proctor.domain.time import NS_PER_S
from server.clock import SystemClock
from server.perception.decode import PictureDecoder, rgb_of
from server.recording.recorder import Recorder
from server.rtc.leg import Leg
from server.rtc.negotiation import OfferedTrack
from server.rtc.peer import require_supported_aiortc

_PICTURE_EVERY_NS: Final = NS_PER_S // 2


class Way(Protocol):
    """Serves candidates in one process."""

    counts: Counter[str]
    """Frames by what was done with them."""

    async def start(self) -> None:
        """Be ready for candidates."""
        ...

    async def answer(self, offer_sdp: str, tracks: tuple[OfferedTrack, ...]) -> str:
        """Take one more candidate."""
        ...

    async def close(self) -> None:
        """End all connections; `counts` is final."""
        ...


class Ours:
    """Encoded frames to the recorder; layer 0 of camera and screen decoded, two RGB pictures a second of the camera."""

    def __init__(self, folder: Path) -> None:
        require_supported_aiortc()
        self.counts: Counter[str] = Counter()
        self._clock = SystemClock()
        self._legs: list[Leg] = []
        self._recorder = Recorder(folder, lambda *_: None, self._clock, on_key_frame_wanted=self._want_key_frame)

    async def start(self) -> None:
        """Start the recorder."""
        await self._recorder.__aenter__()

    async def answer(self, offer_sdp: str, tracks: tuple[OfferedTrack, ...]) -> str:
        """A leg, recorded and looked at."""
        leg = Leg(1, clock=self._clock)
        sitting_id = str(len(self._legs))
        self._legs.append(leg)
        looking = {track.track: _Looking(self.counts) for track in tracks}

        def take(frame: EncodedFrame) -> None:
            self.counts["frames"] += 1
            self._recorder.accept(sitting_id, frame)
            if frame.codec is Codec.VP8:
                looking[frame.track].take(frame)

        self._recorder.begin(sitting_id)
        answer = await leg.answer(offer_sdp, tracks)
        leg.add_sink(take)
        leg.begin(self._clock.monotonic_ns())
        return answer

    async def close(self) -> None:
        """Close the legs and seal the recordings."""
        await asyncio.gather(*(leg.close() for leg in self._legs))
        await self._recorder.__aexit__()

    def _want_key_frame(self, sitting_id: str, track: TrackKind) -> None:
        self._legs[int(sitting_id)].request_key_frame(track)


class _Looking:
    """Decodes layer 0 of one track."""

    def __init__(self, counts: Counter[str]) -> None:
        self._counts = counts
        self._decoder = PictureDecoder()
        self._next_ns = 0

    def take(self, frame: EncodedFrame) -> None:
        if frame.temporal_id != 0:
            return
        picture = self._decoder.decode(frame)
        if picture is None:
            return
        self._counts["decoded"] += 1
        if frame.track is TrackKind.CAMERA and frame.at >= self._next_ns:
            self._next_ns = frame.at + _PICTURE_EVERY_NS
            self._counts["rgb"] += bool(rgb_of(picture).size)


class _Stock:
    """What both of aiortc's own ways share: its peer connection as it comes."""

    def __init__(self, folder: Path) -> None:
        self.counts: Counter[str] = Counter()
        self._folder = folder
        self._peers: list[RTCPeerConnection] = []

    async def start(self) -> None:
        """Nothing to start."""

    async def answer(self, offer_sdp: str, _tracks: tuple[OfferedTrack, ...]) -> str:
        """A connection of aiortc's own, its tracks consumed."""
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._peers.append(peer)
        media: list[MediaStreamTrack] = []
        peer.on("track", media.append)
        await peer.setRemoteDescription(RTCSessionDescription(offer_sdp, "offer"))
        await self._consume(str(len(self._peers)), media)
        await peer.setLocalDescription(await peer.createAnswer())
        return str(peer.localDescription.sdp)

    async def _consume(self, name: str, media: list[MediaStreamTrack]) -> None:
        raise NotImplementedError

    async def close(self) -> None:
        """Close the connections."""
        await asyncio.gather(*(peer.close() for peer in self._peers))


class Decode(_Stock):
    """Every frame decoded by aiortc and thrown away."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._tasks: list[asyncio.Task[None]] = []

    async def _consume(self, name: str, media: list[MediaStreamTrack]) -> None:
        self._tasks += [asyncio.create_task(self._drain(track), name=f"candidate {name}") for track in media]

    async def _drain(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                await track.recv()
            except MediaStreamError:
                return
            self.counts["frames"] += 1


class _Counted(MediaStreamTrack):
    """Passes a track on and counts what is taken from it."""

    def __init__(self, track: MediaStreamTrack, counts: Counter[str]) -> None:
        super().__init__()
        self.kind = track.kind
        self._track = track
        self._counts = counts

    async def recv(self) -> Frame | Packet[Any]:
        """The track's next frame."""
        frame = await self._track.recv()
        self._counts["frames"] += 1
        self._counts[self.kind] += 1
        return frame


class Recording(_Stock):
    """aiortc's MediaRecorder: every frame decoded and encoded again, into an MP4 file a track.

    MP4 is the kindest to it: into WebM its encoder takes several times as long.

    With all tracks in one recorder, the first sound would open the pictures' encoders before their size is known, and
    no picture would be recorded.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._recorders: list[MediaRecorder] = []

    async def _consume(self, name: str, media: list[MediaStreamTrack]) -> None:
        for number, track in enumerate(media):
            recorder = MediaRecorder(str(self._folder / f"{name}-{number}.mp4"))
            recorder.addTrack(_Counted(track, self.counts))
            await recorder.start()
            self._recorders.append(recorder)

    async def close(self) -> None:
        """Close the files and the connections."""
        for recorder in self._recorders:
            await recorder.stop()
        await super().close()


WAYS: Final[dict[str, Callable[[Path], Way]]] = {"ours": Ours, "mediarecorder": Recording, "decode": Decode}
