"""What perception noticed goes into the timeline; pictures go into the blob store under their hash."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import asdict
from typing import Any, Final, Protocol

import structlog

from proctor.correlation.incidents import IncidentChange
from proctor.domain.errors import NotCanonicalError, ProctorError, StorageFullError, TimelineWriteError
from proctor.domain.incidents import Incident
from proctor.domain.time import MediaTime, to_ms
from proctor.domain.timeline import Entry, EntryKind, JsonValue
from proctor.pipeline.outputs import CheckFinished, CheckJudged, CheckProgressed, ObservationSummary
from proctor.ports.blob_store import BlobStore
from proctor.ports.timeline_store import TimelineStore
from server.perception.protocol import (
    AnalysisDropped,
    AnalysisLag,
    CheckDone,
    CheckInJudgement,
    CheckMoved,
    DetectorDisabled,
    IncidentChanged,
    IncidentPictureTaken,
    PerceptionInterrupted,
    PerceptionResult,
    SignalChanged,
    SummaryMade,
    ThinnedOut,
    ThumbnailTaken,
)
from server.sittings.payloads import incident_payload, signal_payload
from server.storage.blobs import picture_key, sha256_of

log = structlog.get_logger(__name__)

_FULL_RETRY_S: Final = 2.0
_INCIDENT_KINDS: Final[Mapping[IncidentChange, EntryKind]] = {
    IncidentChange.OPENED: EntryKind.INCIDENT_OPENED,
    IncidentChange.GROWN: EntryKind.INCIDENT_UPDATED,
    IncidentChange.CLOSED: EntryKind.INCIDENT_CLOSED,
}


class CheckListener(Protocol):
    """Who conducts guided checks."""

    def moved(self, sitting_id: str, progress: CheckProgressed) -> None:
        """A check goes on."""
        ...

    def judged(self, sitting_id: str, judged: CheckJudged) -> None:
        """A check needs no more pictures, and its judgement goes on."""
        ...

    async def finished(self, sitting_id: str, finished: CheckFinished) -> None:
        """A check has ended; returns when that is durable."""
        ...


class ResultBook:
    """Takes results on the event loop, in their order, without blocking; `settle` waits for the pictures."""

    def __init__(self, timeline: TimelineStore, blobs: BlobStore) -> None:
        self._timeline = timeline
        self._blobs = blobs
        self._thumbnails: dict[str, tuple[int, bytes]] = {}
        self._storing: dict[str, set[asyncio.Task[None]]] = {}
        self._checks: CheckListener | None = None
        self.pictures_dropped = 0
        self.sounds_dropped = 0

    def on_check(self, listener: CheckListener) -> None:
        """Give what is told of guided checks to `listener`."""
        self._checks = listener

    def take(self, sitting_id: str, result: PerceptionResult) -> None:
        """Write one result down."""
        match result:
            case SignalChanged(signal=signal):
                opened = signal.end is None
                kind = EntryKind.SIGNAL_OPENED if opened else EntryKind.SIGNAL_CLOSED
                self.note(sitting_id, kind, signal_payload(signal), signal.end or signal.noticed)
            case IncidentChanged(change=change, incident=incident):
                self.note(sitting_id, _INCIDENT_KINDS[change], incident_payload(incident), _latest(incident))
            case IncidentPictureTaken(incident_id=incident_id, at=at, jpeg=jpeg):
                self._in_background(sitting_id, self._keep_picture(sitting_id, incident_id, at, jpeg))
            case ThumbnailTaken(at=at, jpeg=jpeg):
                self._thumbnails[sitting_id] = (to_ms(at), jpeg)
            case SummaryMade(summary=summary):
                self.note(sitting_id, EntryKind.OBSERVATION_SUMMARY, _summary_payload(summary), summary.end)
            case DetectorDisabled() | AnalysisDropped() | ThinnedOut() | PerceptionInterrupted():
                self._take_shortfall(sitting_id, result)
            case CheckMoved() | CheckInJudgement() | CheckDone():
                self._take_check(sitting_id, result)
            case AnalysisLag():
                pass  # the pool's loads tell it for the whole server

    def _take_check(self, sitting_id: str, result: CheckMoved | CheckInJudgement | CheckDone) -> None:
        """Hand on what was told of a guided check."""
        if self._checks is None:
            return
        if isinstance(result, CheckMoved):
            self._checks.moved(sitting_id, result.progress)
        elif isinstance(result, CheckInJudgement):
            self._checks.judged(sitting_id, result.judged)
        else:
            self._in_background(sitting_id, self._checks.finished(sitting_id, result.finished))

    def _take_shortfall(
        self, sitting_id: str, result: DetectorDisabled | AnalysisDropped | ThinnedOut | PerceptionInterrupted
    ) -> None:
        """Write down what was not, or less, analysed."""
        match result:
            case DetectorDisabled(name=name, reason=reason, at=at):
                log.warning("detector_failed", sitting=sitting_id, detector=name, reason=reason)
                self.note(sitting_id, EntryKind.DETECTOR_FAILED, {"name": name, "reason": reason}, at)
            case AnalysisDropped():
                self.pictures_dropped += result.pictures
                self.sounds_dropped += result.sounds
                self.note(sitting_id, EntryKind.ANALYSIS_DROPPED, _dropped_payload(result), result.end)
            case ThinnedOut(senses=senses, at=at):
                self.note(sitting_id, EntryKind.ANALYSIS_THINNED, {"senses": list(senses)}, at)
            case PerceptionInterrupted(start=start, end=end, cause=cause):
                log.warning("perception_interrupted", sitting=sitting_id, cause=cause)
                payload: dict[str, JsonValue] = {"start_ms": to_ms(start), "end_ms": to_ms(end), "cause": cause}
                self.note(sitting_id, EntryKind.PERCEPTION_INTERRUPTED, payload, end)

    def note(
        self, sitting_id: str, kind: EntryKind, payload: Mapping[str, JsonValue], at: MediaTime | None
    ) -> asyncio.Future[Entry] | None:
        """Write an entry that nobody needs to wait for, on a full disk as soon as there is space.

        A refusal is logged, gives None, and the sitting goes on.
        """
        try:
            return self._timeline.append(sitting_id, kind, payload, at, patient=True)
        except (NotCanonicalError, TimelineWriteError) as error:
            log.warning("entry_lost", sitting=sitting_id, kind=kind, reason=str(error))
            return None

    def thumbnail(self, sitting_id: str) -> tuple[int, bytes] | None:
        """Media time in ms and JPEG of the last small camera picture."""
        return self._thumbnails.get(sitting_id)

    async def keep_picture(self, sitting_id: str, jpeg: bytes) -> str | None:
        """Store a picture and give its SHA-256; None when it could not be kept, which the log tells."""
        sha256 = sha256_of(jpeg)
        try:
            await self._put(picture_key(sha256), jpeg)
        except ProctorError as error:
            log.warning("picture_lost", sitting=sitting_id, reason=str(error))
            return None
        return sha256

    async def settle(self, sitting_id: str) -> None:
        """Wait until the sitting's pictures are stored, and forget what was kept for live view."""
        tasks = self._storing.pop(sitting_id, set())
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)
        self._thumbnails.pop(sitting_id, None)

    def _in_background(self, sitting_id: str, work: Coroutine[Any, Any, None]) -> None:
        tasks = self._storing.setdefault(sitting_id, set())
        task = asyncio.create_task(work, name=f"picture of {sitting_id}")
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def _keep_picture(self, sitting_id: str, incident_id: str, at: MediaTime, jpeg: bytes) -> None:
        sha256 = await self.keep_picture(sitting_id, jpeg)
        if sha256 is None:
            return
        payload: dict[str, JsonValue] = {
            "incident_id": incident_id,
            "picture_sha256": sha256,
            "picture_at_ms": to_ms(at),
        }
        self.note(sitting_id, EntryKind.INCIDENT_UPDATED, payload, at)

    async def _put(self, key: str, jpeg: bytes) -> None:
        """Store a picture; a full disk is tried again until it takes it, as an incident has few pictures."""
        while True:
            try:
                await self._blobs.put(key, jpeg)
            except StorageFullError:
                await asyncio.sleep(_FULL_RETRY_S)
            else:
                return


def _latest(incident: Incident) -> MediaTime:
    return max(signal.end or signal.noticed for signal in incident.signals)


def _summary_payload(summary: ObservationSummary) -> dict[str, JsonValue]:
    payload: dict[str, JsonValue] = {"start_ms": to_ms(summary.start), "end_ms": to_ms(summary.end)}
    figures = asdict(summary)
    listed = {name: list(value) if isinstance(value, tuple) else value for name, value in figures.items()}
    return payload | {name: value for name, value in listed.items() if name not in ("start", "end")}


def _dropped_payload(dropped: AnalysisDropped) -> dict[str, JsonValue]:
    return {
        "start_ms": to_ms(dropped.start),
        "end_ms": to_ms(dropped.end),
        "pictures": dropped.pictures,
        "sounds": dropped.sounds,
        "undecodable": dropped.undecodable,
    }
