"""What the invigilator's endpoints call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal, Protocol, cast

from proctor.domain.media import TrackKind
from proctor.domain.time import MediaTime
from proctor.domain.timeline import Entry, EntryKind, JsonValue
from proctor.ports.blob_store import BlobStore
from proctor.ports.clock import Clock
from proctor.ports.timeline_store import TimelineStore
from server.accounts.access import Caller, Role
from server.checks.book import CheckBook
from server.identifiers import new_identifier
from server.identity.documents import document_of
from server.identity.photographs import photographs_of
from server.identity.schemas import PhotographView
from server.invigilation.attention import attention, last_kinds, order
from server.invigilation.projection import IncidentState, Projections
from server.invigilation.repository import InvigilationRepository, ListedSitting
from server.invigilation.schemas import (
    CandidateView,
    Connection,
    IncidentView,
    MessageSent,
    ReviewRequest,
    ReviewState,
    SignalView,
    SittingDetail,
    SittingSummary,
    State,
    TrackState,
    ViewerAnswer,
    ViewerRequest,
)
from server.invigilation.viewers import ViewerBook
from server.problems import ProblemError
from server.rtc.leg import Leg
from server.schemas import LocalizedText
from server.storage.blobs import picture_key

UNDO_S: Final = 60


class LiveView(Protocol):
    """What is known of sittings that run."""

    def runs(self, sitting_id: str) -> bool:
        """Whether it is being recorded."""
        ...

    def running(self) -> list[str]:
        """All that are being recorded."""
        ...

    def connection(self, sitting_id: str) -> str:
        """`ok`, `lost` or `none`."""
        ...

    def receiving(self, sitting_id: str) -> Mapping[TrackKind, bool]:
        """Whether each track's media arrives."""
        ...

    def thumbnail(self, sitting_id: str) -> tuple[int, bytes] | None:
        """Media time in ms and JPEG."""
        ...

    def media_now(self, sitting_id: str) -> MediaTime:
        """Media time now."""
        ...

    def current_leg(self, sitting_id: str) -> Leg | None:
        """The leg that media comes in by."""
        ...

    def phone_leg(self, sitting_id: str) -> Leg | None:
        """The leg that a telephone's picture comes in by."""
        ...


class InvigilationService:
    """Lists, incidents, reviews, live views, messages."""

    def __init__(  # noqa: PLR0913 - everything that an invigilator touches
        self,
        *,
        repository: InvigilationRepository,
        projections: Projections,
        timeline: TimelineStore,
        blobs: BlobStore,
        live: LiveView,
        viewers: ViewerBook,
        checks: CheckBook,
        clock: Clock,
    ) -> None:
        self._repository = repository
        self._projections = projections
        self._timeline = timeline
        self._blobs = blobs
        self._live = live
        self._viewers = viewers
        self._checks = checks
        self._clock = clock
        self._names: dict[str, str] = {}

    async def in_order(self, caller: Caller, state: Literal["running", "finished", "all"]) -> list[SittingSummary]:
        """Sittings by the attention they need."""
        committee = caller.role is Role.COMMITTEE
        rows = await self._repository.newest(
            running=state != "finished" and not committee,
            finished=state != "running" or committee,
            waiting=state == "all" and not committee,
        )
        if committee and state == "running":
            return []
        return sorted([await self._summary(row) for row in rows], key=order)

    async def summary(self, sitting_id: str) -> SittingSummary | None:
        """One sitting as it stands in a list."""
        row = await self._repository.get(sitting_id)
        return None if row is None else await self._summary(row)

    async def detail(self, sitting_id: str) -> SittingDetail:
        """One sitting on a page of its own."""
        row = await self._row(sitting_id)
        summary = await self._summary(row)
        photographs = await photographs_of(self._timeline, sitting_id)
        return SittingDetail(
            **dict(summary),
            policy_name=row.policy_name,
            policy_sha256=row.policy_sha256,
            photographs=[
                PhotographView(
                    picture_url=_picture_url(sitting_id, photograph.sha256),
                    taken_at=photograph.taken_at,
                    compared=photograph.compared,
                )
                for photograph in photographs
            ],
            document=(await document_of(self._timeline, sitting_id)).state,
            consent_version=row.consent_version,
            duration_ms=row.duration_ms,
        )

    async def incidents(self, sitting_id: str) -> list[IncidentView]:
        """The sitting's incidents by onset."""
        known = (await self._projections.get(sitting_id)).known()
        return [await self._incident(sitting_id, state) for state in known]

    async def incident(self, sitting_id: str, incident_id: str) -> IncidentView | None:
        """One incident; None before its facts have come."""
        state = (await self._projections.get(sitting_id)).incidents.get(incident_id)
        return None if state is None or not state.facts else await self._incident(sitting_id, state)

    async def review(self, sitting_id: str, incident_id: str, request: ReviewRequest, caller: Caller) -> IncidentView:
        """Write a decision, or withdraw the own one.

        Raises:
            ProblemError: 404 no such incident, 409 there is nothing of the caller's to withdraw any more.
        """
        state = (await self._projections.get(sitting_id)).incidents.get(incident_id)
        if state is None or not state.facts:
            raise ProblemError(404, "incident_not_found", "There is no such incident in this sitting.")
        payload: dict[str, JsonValue] = {"incident_id": incident_id, "account_id": caller.account_id}
        if request.decision == "withdrawn":
            self._check_withdrawal(state, caller)
            await self._note(sitting_id, EntryKind.REVIEW_WITHDRAWN, payload)
        else:
            payload |= {"decision": request.decision, "note": request.note or None}
            await self._note(sitting_id, EntryKind.INCIDENT_REVIEWED, payload)
        return await self._incident(sitting_id, (await self._projections.get(sitting_id)).incidents[incident_id])

    async def picture(self, sitting_id: str, sha256: str) -> bytes:
        """A picture that the sitting's entries name.

        Raises:
            ProblemError: 404 they name no such picture.
        """
        if not await self._shows(sitting_id, sha256):
            raise ProblemError(404, "picture_not_found", "This sitting has no such picture.")
        return await self._blobs.get(picture_key(sha256))

    async def _shows(self, sitting_id: str, sha256: str) -> bool:
        incidents = (await self._projections.get(sitting_id)).incidents.values()
        if any(state.picture_sha256 == sha256 for state in incidents) or await self._checks.shows(sitting_id, sha256):
            return True
        return any(photograph.sha256 == sha256 for photograph in await photographs_of(self._timeline, sitting_id))

    def thumbnail(self, sitting_id: str) -> bytes:
        """The camera as it was a moment ago.

        Raises:
            ProblemError: 404 there is none.
        """
        thumbnail = self._live.thumbnail(sitting_id)
        if thumbnail is None:
            raise ProblemError(404, "no_thumbnail", "There is no small picture of this sitting now.")
        return thumbnail[1]

    async def watch(self, sitting_id: str, request: ViewerRequest, caller: Caller) -> ViewerAnswer:
        """Open a live view; the timeline has it before the first picture goes out.

        Raises:
            ProblemError: 409 the sitting does not run, 422 the offer cannot be used.
        """
        self._require_running(sitting_id)
        tracks = [TrackKind(track) for track in request.tracks]
        await self._note(
            sitting_id,
            EntryKind.VIEWED,
            {
                "account_id": caller.account_id,
                "role": caller.role.value,
                "what": "live",
                "tracks": [track.value for track in tracks],
            },
        )
        viewer_id, answer = await self._viewers.open(
            sitting_id,
            caller,
            request.offer_sdp,
            tracks,
            self._live.current_leg(sitting_id),
            self._live.phone_leg(sitting_id),
        )
        return ViewerAnswer(viewer_id=viewer_id, answer_sdp=answer)

    async def stop_watching(self, viewer_id: str, caller: Caller) -> None:
        """Close a live view of the caller's."""
        await self._viewers.close(viewer_id, caller.account_id)

    async def send_message(self, sitting_id: str, text: str, caller: Caller) -> MessageSent:
        """Write to the candidate; the candidate's page gets it from the timeline.

        Raises:
            ProblemError: 409 the sitting does not run.
        """
        self._require_running(sitting_id)
        message_id = new_identifier()
        entry = await self._note(
            sitting_id,
            EntryKind.MESSAGE_SENT,
            {"message_id": message_id, "text": text, "account_id": caller.account_id},
        )
        return MessageSent(message_id=message_id, text=text, sent_at=datetime.fromisoformat(entry.utc))

    def _require_running(self, sitting_id: str) -> None:
        if not self._live.runs(sitting_id):
            raise ProblemError(409, "not_running", "The sitting does not run.")

    def _check_withdrawal(self, state: IncidentState, caller: Caller) -> None:
        review = state.review
        if review is None or review.account_id != caller.account_id:
            raise ProblemError(409, "not_reviewed", "There is no decision of yours to withdraw.")
        if self._clock.now_utc() > review.at + timedelta(seconds=UNDO_S):
            raise ProblemError(
                409,
                "undo_expired",
                f"A decision can be withdrawn for {UNDO_S} seconds.",
                remedy="Decide anew; both decisions stay in the timeline.",
            )

    async def _note(self, sitting_id: str, kind: EntryKind, payload: dict[str, JsonValue]) -> Entry:
        at = self._live.media_now(sitting_id) if self._live.runs(sitting_id) else None
        return await self._timeline.append(sitting_id, kind, payload, at)

    async def _row(self, sitting_id: str) -> ListedSitting:
        row = await self._repository.get(sitting_id)
        if row is None:
            raise ProblemError(404, "sitting_not_found", "There is no such sitting.")
        return row

    async def _summary(self, row: ListedSitting) -> SittingSummary:
        incidents = (await self._projections.get(row.sitting_id)).known() if row.started_at else []
        connection = self._live.connection(row.sitting_id)
        receiving = self._live.receiving(row.sitting_id)
        thumbnail = self._live.thumbnail(row.sitting_id)
        return SittingSummary(
            sitting_id=row.sitting_id,
            candidate=CandidateView(account_id=row.account_id, name=row.name, email=row.email),
            exam_title=LocalizedText.model_validate(row.title),
            state=cast("State", row.state),
            started_at=row.started_at,
            finished_at=row.finished_at,
            elapsed_ms=self._elapsed_ms(row),
            connection=cast("Connection", connection),
            attention=attention(incidents, running=row.state == "running", connection=connection),
            last_kinds=last_kinds(incidents),
            check=await self._checks.summary(row.sitting_id) if row.state == "running" else None,
            phone_joined=TrackKind.PHONE in receiving,
            tracks=[TrackState(track=track, receiving=arrives) for track, arrives in receiving.items()],
            thumbnail_url=None
            if thumbnail is None
            else f"/api/sittings/{row.sitting_id}/thumbnail.jpg?at_ms={thumbnail[0]}",
        )

    def _elapsed_ms(self, row: ListedSitting) -> int | None:
        if row.started_at is None or row.duration_ms is not None:
            return row.duration_ms
        return max(0, round((self._clock.now_utc() - row.started_at).total_seconds() * 1000))

    async def _incident(self, sitting_id: str, state: IncidentState) -> IncidentView:
        facts, review = state.facts, state.review
        undo_until = review.at + timedelta(seconds=UNDO_S) if review else None
        picture = state.picture_sha256
        return IncidentView(
            incident_id=state.incident_id,
            sitting_id=sitting_id,
            kinds=facts["kinds"],
            start_ms=facts["start_ms"],
            end_ms=facts["end_ms"],
            severity=facts["severity"],
            folded=bool(facts.get("folded")),
            picture_url=None if picture is None else _picture_url(sitting_id, picture),
            review=cast("ReviewState", review.decision) if review else "unreviewed",
            reviewed_by=await self._name(review.account_id) if review else None,
            reviewed_at=review.at if review else None,
            note=review.note if review else None,
            undo_until=undo_until if undo_until and undo_until > self._clock.now_utc() else None,
            signals=_signals(facts["signals"]),
        )

    async def _name(self, account_id: str) -> str | None:
        if account_id not in self._names:
            name = await self._repository.name(account_id)
            if name is None:
                return None
            self._names[account_id] = name
        return self._names[account_id]


def _signals(payloads: Sequence[Mapping[str, Any]]) -> list[SignalView]:
    return [SignalView.model_validate(payload) for payload in payloads]


def _picture_url(sitting_id: str, sha256: str) -> str:
    return f"/api/sittings/{sitting_id}/pictures/{sha256}.jpg"
