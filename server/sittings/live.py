"""The live plane of all sittings: legs, the tee to recorder and perception, link state, media time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import structlog

from proctor.domain.errors import ProctorError
from proctor.domain.media import ClientEvent, LinkEvent, LinkState, TrackKind
from proctor.domain.time import MediaTime, to_ms
from proctor.domain.timeline import EntryKind, JsonValue
from proctor.pipeline.policy import ExamPolicy
from proctor.ports.clock import Clock
from server.identity.known import KnownIdentity
from server.perception.pool import PerceptionPool
from server.recording.recorder import Recorder
from server.rtc.leg import Leg, LegSnapshot, LegState, TrackSnapshot
from server.rtc.negotiation import OfferedTrack
from server.sittings.live_phone import PhoneLegs
from server.sittings.live_state import RECEIVING_WITHIN_MS, LegMaker, Live, silence_ns
from server.sittings.results import ResultBook
from server.sittings.schemas import TrackRecording

log = structlog.get_logger(__name__)

MOST_LEGS: Final = 6
"""Connections that a sitting may have at once: the one that counts, and tries of a browser whose network flaps."""
_RECONNECT_WITHIN_S: Final = 10.0
_STOP_PATIENCE_S: Final = 8.0

LegListener = Callable[[str, Leg | None, Leg | None], None]
"""Hears which leg of a sitting, and which of its telephone, is the one that counts now."""


class TooManyLegsError(ProctorError):
    """The sitting has as many connections as it may."""


class LiveSittings:
    """Holds every sitting's media. All methods run on the event loop."""

    def __init__(
        self, *, make_leg: LegMaker, recorder: Recorder, pool: PerceptionPool, results: ResultBook, clock: Clock
    ) -> None:
        self._make_leg = make_leg
        self._recorder = recorder
        self._pool = pool
        self._results = results
        self._clock = clock
        self._live: dict[str, Live] = {}
        self._listeners: list[LegListener] = []
        self._closing: set[asyncio.Task[None]] = set()
        self.phones = PhoneLegs(
            make_leg=make_leg, find=self._live.get, media_now=self._media_time, results=results, tell=self._tell
        )

    # Legs

    def on_leg_change(self, listener: LegListener) -> None:
        """Tell `listener` whenever another leg of a sitting becomes the current one."""
        self._listeners.append(listener)

    async def open_leg(
        self, sitting_id: str, number: int, offer_sdp: str, tracks: Sequence[OfferedTrack], policy: ExamPolicy
    ) -> str:
        """Answer an offer; the leg becomes the current one when it has connected.

        Raises:
            BadSdpError: the offer cannot be read.
            TooManyLegsError: the sitting has as many connections as it may; the oldest spare one is being closed.
        """
        live = self._live.setdefault(sitting_id, Live(sitting_id))
        self._make_room(live)
        leg = self._make_leg(
            number=number,
            key_frame_interval_s=policy.media.key_frame_interval_s,
            on_link=partial(self._link_changed, live, number),
            on_connected=partial(self._connected, live),
            on_closed=partial(self._closed, live),
        )
        live.legs[number] = leg
        if live.current is None:
            live.current = leg
        self._attach(live, leg)
        try:
            answer = await leg.answer(offer_sdp, tracks)
        except BaseException:
            live.legs.pop(number, None)
            if live.current is leg:
                live.current = None
            raise
        return answer

    async def drop_leg(self, sitting_id: str, number: int) -> None:
        """Close a leg that came too late."""
        live = self._live.get(sitting_id)
        leg = live.legs.get(number) if live else None
        if leg is not None:
            await leg.close()

    def leg(self, sitting_id: str, number: int) -> LegSnapshot | None:
        """What has been received on a leg; None when it has gone."""
        live = self._live.get(sitting_id)
        leg = live.legs.get(number) if live else None
        return leg.snapshot() if leg else None

    def current_leg(self, sitting_id: str) -> Leg | None:
        """The leg that counts."""
        live = self._live.get(sitting_id)
        return live.current if live else None

    def phone_leg(self, sitting_id: str) -> Leg | None:
        """The leg of the sitting's telephone that counts."""
        live = self._live.get(sitting_id)
        return live.phone.current if live else None

    def receiving(self, sitting_id: str) -> Mapping[TrackKind, bool]:
        """Whether media of each track is arriving: of the current leg, and of a telephone that is there."""
        return {
            track.track: track.last_frame_age_ms is not None and track.last_frame_age_ms < RECEIVING_WITHIN_MS
            for track in self._snapshots(sitting_id)
        }

    def request_key_frame(self, sitting_id: str, track: TrackKind) -> None:
        """Ask the candidate's browser, or telephone, for a key frame."""
        leg = self.phone_leg(sitting_id) if track is TrackKind.PHONE else self.current_leg(sitting_id)
        if leg is not None:
            leg.request_key_frame(track)

    # The sitting's run

    def runs(self, sitting_id: str) -> bool:
        """Whether the sitting is being recorded."""
        live = self._live.get(sitting_id)
        return live is not None and live.runs

    def running(self) -> list[str]:
        """Sittings that are being recorded."""
        return [sitting_id for sitting_id, live in self._live.items() if live.runs]

    def media_now(self, sitting_id: str) -> MediaTime:
        """Media time now; 0 for a sitting that does not run."""
        live = self._live.get(sitting_id)
        return MediaTime(0) if live is None else self._media_time(live)

    def begin(
        self, sitting_id: str, started_ns: int, policy: ExamPolicy, identity: KnownIdentity, epoch: int = 0
    ) -> None:
        """Media time 0 was at `started_ns` of the monotonic clock: record and analyse from here on.

        `epoch` is how often the analysis was interrupted before.
        """
        live = self._live.setdefault(sitting_id, Live(sitting_id))
        live.started_ns = started_ns
        live.sinks = (partial(self._recorder.accept, sitting_id), partial(self._pool.accept, sitting_id))
        self._recorder.begin(sitting_id)
        live.perception = asyncio.create_task(
            self._open_perception(sitting_id, policy, identity, epoch), name=f"perception of {sitting_id}"
        )
        for leg in live.legs.values():
            self._attach(live, leg)

    def note_leg(self, sitting_id: str) -> None:
        """Write down which connection the sitting starts with."""
        live = self._live.get(sitting_id)
        if live is not None and live.current is not None:
            self._note_connection(live, live.current)

    def resume(  # noqa: PLR0913 - what `begin` takes, and since when the server was away
        self,
        sitting_id: str,
        started_ns: int,
        policy: ExamPolicy,
        identity: KnownIdentity,
        *,
        epoch: int,
        recorded_until: MediaTime,
    ) -> None:
        """Go on after a restart of the server; what lies between `recorded_until` and now is the server's gap."""
        self.begin(sitting_id, started_ns, policy, identity, epoch)
        live = self._live[sitting_id]
        live.server_gap_from = recorded_until
        asyncio.get_running_loop().call_later(_RECONNECT_WITHIN_S, self._lost_if_absent, live)

    async def finish(self, sitting_id: str, at: MediaTime) -> None:
        """Media time `at` is the end: drain analysis, seal the recording, close the legs."""
        live = self._live.get(sitting_id)
        if live is None:
            return
        self._note_network_gap(live, at)
        live.ended_at = at
        for leg in live.all_legs():
            for sink in live.sinks:
                leg.remove_sink(sink)
        if live.started_ns is not None:
            await self._recorder.finish(sitting_id)
        await asyncio.gather(*(leg.close() for leg in live.all_legs()))
        if live.perception is not None:
            await live.perception
            await self._close_perception(sitting_id, at)
        await self._results.settle(sitting_id)
        self._live.pop(sitting_id, None)
        await asyncio.gather(*(leg.close() for leg in live.all_legs()))  # answered in the meantime
        self._tell(live)

    async def suspend(self) -> None:
        """The server stops: seal every recording and close every leg; the sittings go on at the next start.

        What analysis has not told within a few seconds is left; the recording is whole.
        """
        for live in list(self._live.values()):
            if live.perception is not None and not live.perception.done():
                live.perception.cancel()
                await asyncio.gather(live.perception, return_exceptions=True)
                live.perception = None
        running = [live for live in self._live.values() if live.ended_at is None]
        work = [asyncio.create_task(self.finish(live.sitting_id, self._media_time(live))) for live in running]
        if work:
            _, late = await asyncio.wait(work, timeout=_STOP_PATIENCE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def thumbnail(self, sitting_id: str) -> tuple[int, bytes] | None:
        """Media time in ms and JPEG of the last small camera picture."""
        return self._results.thumbnail(sitting_id)

    def recording(self, sitting_id: str) -> list[TrackRecording]:
        """How each track's recording goes."""
        recorded = {status.track: status for status in self._recorder.status(sitting_id)}
        arriving = {track.track: track.last_frame_age_ms for track in self._snapshots(sitting_id)}
        if TrackKind.PHONE not in arriving:
            recorded.pop(TrackKind.PHONE, None)  # a telephone may go when it has shown what was asked for
        states = []
        for track in (track for track in TrackKind if track in recorded or track in arriving):
            status, age_ms = recorded.get(track), arriving.get(track)
            states.append(
                TrackRecording(
                    track=track,
                    receiving=age_ms is not None and age_ms < RECEIVING_WITHIN_MS,
                    last_frame_age_ms=age_ms,
                    recorded_ms=status.recorded_ms if status else 0,
                    failed=status.failed if status else None,
                )
            )
        return states

    def client_event(self, sitting_id: str, event: ClientEvent) -> None:
        """Let the rules see what the browser reported; late events count from when they came."""
        live = self._live.get(sitting_id)
        if live is None or not live.runs:
            return
        at = max(event.at, live.last_event)
        live.last_event = at
        self._pool.event(sitting_id, ClientEvent(kind=event.kind, at=at, detail=event.detail))

    def connection(self, sitting_id: str) -> str:
        """`ok`, `lost`, or `none` when the sitting does not run."""
        live = self._live.get(sitting_id)
        if live is None or not live.runs:
            return "none"
        lost = live.silent_since is not None or live.server_gap_from is not None
        return "lost" if lost else "ok"

    # Inside

    async def _open_perception(self, sitting_id: str, policy: ExamPolicy, identity: KnownIdentity, epoch: int) -> None:
        try:
            known, now = identity, partial(self.media_now, sitting_id)
            await self._pool.open(
                sitting_id, policy, known.photographs, now, epoch=epoch, document=known.document, screen=known.screen
            )
        except ProctorError as error:
            at = self.media_now(sitting_id)
            log.warning("perception_unavailable", sitting=sitting_id, reason=str(error))
            payload: dict[str, JsonValue] = {"start_ms": 0, "end_ms": None, "cause": "unavailable"}
            self._results.note(sitting_id, EntryKind.PERCEPTION_INTERRUPTED, payload, at)

    async def _close_perception(self, sitting_id: str, at: MediaTime) -> None:
        try:
            await self._pool.close(sitting_id, at)
        except ProctorError as error:
            log.warning("analysis_not_finished", sitting=sitting_id, reason=str(error))
            payload: dict[str, JsonValue] = {"start_ms": None, "end_ms": to_ms(at), "cause": "not_finished"}
            self._results.note(sitting_id, EntryKind.PERCEPTION_INTERRUPTED, payload, at)

    def _make_room(self, live: Live) -> None:
        spare = [leg for leg in live.legs.values() if leg is not live.current]
        if len(live.legs) < MOST_LEGS or not spare:
            return
        self._close_soon(spare[0])
        raise TooManyLegsError

    def _attach(self, live: Live, leg: Leg) -> None:
        if live.started_ns is None or live.ended_at is not None:
            return
        leg.begin(live.started_ns)
        for sink in live.sinks:
            leg.add_sink(sink)

    def _connected(self, live: Live, leg: Leg) -> None:
        former = live.current
        live.current = leg
        if former is not None and former is not leg:
            for sink in live.sinks:
                former.remove_sink(sink)
            self._close_soon(former)
        if live.runs:
            self._note_connection(live, leg)
        self._tell(live)

    def _note_connection(self, live: Live, leg: Leg) -> None:
        now = self._media_time(live)
        tracks: list[JsonValue] = [track.value for track in leg.tracks]
        self._results.note(live.sitting_id, EntryKind.LEG_CONNECTED, {"leg": leg.number, "tracks": tracks}, now)
        if live.server_gap_from is not None:
            payload: dict[str, JsonValue] = {
                "start_ms": to_ms(live.server_gap_from),
                "end_ms": to_ms(now),
                "cause": "server",
            }
            self._results.note(live.sitting_id, EntryKind.RECORDING_GAP, payload, now)
            live.server_gap_from = None
        self._set_link(live, LinkState.RESTORED)

    def _closed(self, live: Live, leg: Leg) -> None:
        live.legs.pop(leg.number, None)
        if live.started_ns is None and not live.legs:
            self._live.pop(live.sitting_id, None)
        if live.current is not leg:
            return
        live.current = None
        if live.runs:
            self._results.note(live.sitting_id, EntryKind.LEG_LOST, {"leg": leg.number}, self._media_time(live))
            self._set_link(live, LinkState.LOST)
        self._tell(live)

    def _link_changed(self, live: Live, number: int, event: LinkEvent) -> None:
        if live.current is not None and live.current.number == number:
            self._set_link(live, event.state, event.at)

    def _lost_if_absent(self, live: Live) -> None:
        if live.runs and (live.current is None or live.current.state is not LegState.CONNECTED):
            self._set_link(live, LinkState.LOST)

    def _set_link(self, live: Live, state: LinkState, at: MediaTime | None = None) -> None:
        lost = state is LinkState.LOST
        if (live.silent_since is not None) == lost or not live.runs:
            return
        when = self._media_time(live) if at is None else at
        if lost:
            live.silent_since = MediaTime(max(0, when - silence_ns(live.current)))
        else:
            self._note_network_gap(live, when)
        self._pool.link(live.sitting_id, LinkEvent(state=state, at=when))
        self._results.note(live.sitting_id, EntryKind.LINK_EVENT, {"state": state.value}, when)

    def _note_network_gap(self, live: Live, until: MediaTime) -> None:
        if live.silent_since is None:
            return
        payload: dict[str, JsonValue] = {
            "start_ms": to_ms(live.silent_since),
            "end_ms": to_ms(until),
            "cause": "network",
        }
        live.silent_since = None
        self._results.note(live.sitting_id, EntryKind.RECORDING_GAP, payload, until)

    def _media_time(self, live: Live) -> MediaTime:
        if live.ended_at is not None:
            return live.ended_at
        if live.started_ns is None:
            return MediaTime(0)
        return MediaTime(max(0, self._clock.monotonic_ns() - live.started_ns))

    def _close_soon(self, leg: Leg) -> None:
        task = asyncio.create_task(leg.close(), name=f"closing leg {leg.number}")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _snapshots(self, sitting_id: str) -> list[TrackSnapshot]:
        live = self._live.get(sitting_id)
        if live is None:
            return []
        phone = self.phones.snapshot(live)
        own = live.current.snapshot().tracks if live.current is not None else ()
        return [*own, phone] if phone is not None else [*own]

    def _tell(self, live: Live) -> None:
        for listener in tuple(self._listeners):
            listener(live.sitting_id, live.current, live.phone.current)
