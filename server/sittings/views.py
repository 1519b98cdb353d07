"""Rows of sittings as the candidate's page gets them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from proctor.domain.media import LinkState
from proctor.domain.timeline import Entry
from proctor.pipeline.policy import ExamPolicy
from server.checks.schemas import CheckView
from server.identity.documents import DocumentState
from server.rtc.leg import LegSnapshot, LegState
from server.schemas import IceServer, LocalizedText, MediaView, PhoneState
from server.sittings.repository import Sitting
from server.sittings.schemas import (
    ExamForCandidate,
    LegView,
    MessageView,
    PhoneView,
    QuestionForCandidate,
    SittingForCandidate,
    StepsView,
    TrackReception,
)
from server.sittings.states import SittingState


def sitting_for_candidate(  # noqa: PLR0913 - the parts that a view is made of
    sitting: Sitting,
    policy: ExamPolicy,
    *,
    answers: Mapping[str, str],
    messages: Sequence[Entry],
    check: CheckView | None,
    phone: PhoneState,
    photographs: int,
    document: DocumentState | None,
    ice_servers: Sequence[IceServer],
    now: datetime,
) -> SittingForCandidate:
    """What the candidate's page shows; questions only while the sitting runs and they have opened."""
    return SittingForCandidate(
        sitting_id=sitting.sitting_id,
        exam=_exam(sitting, answers),
        state=sitting.state,
        steps=StepsView.model_validate(policy.steps.model_dump()),
        media=MediaView.model_validate(policy.media.model_dump()),
        ice_servers=list(ice_servers),
        started_at=sitting.started_at,
        opening=is_opening(sitting),
        opened_at=sitting.opened_at,
        server_now=now,
        elapsed_ms=elapsed_ms(sitting, now),
        finished_at=sitting.finished_at,
        consent_version=sitting.consent_version,
        photographs=photographs,
        document=document,
        messages=[message_view(entry) for entry in messages],
        check=check,
        phone=PhoneView(state=phone),
    )


def is_opening(sitting: Sitting) -> bool:
    """Whether the sitting runs with its questions closed, as its opening checks have not ended."""
    return sitting.state is SittingState.RUNNING and sitting.opened_at is None


def elapsed_ms(sitting: Sitting, now: datetime) -> int | None:
    """Milliseconds of the exam's time since the questions opened, of a finished sitting until its finish.

    0 before they open; None before the start.
    """
    if sitting.started_at is None:
        return None
    if sitting.opened_at is None:
        return 0
    if sitting.duration_ms is None:
        return max(0, _ms(now - sitting.opened_at))
    return max(0, sitting.duration_ms - _ms(sitting.opened_at - sitting.started_at))


def _ms(length: timedelta) -> int:
    return round(length.total_seconds() * 1000)


def message_view(entry: Entry) -> MessageView:
    """An invigilator's message out of its timeline entry."""
    return MessageView(
        message_id=str(entry.payload["message_id"]),
        text=str(entry.payload["text"]),
        sent_at=datetime.fromisoformat(entry.utc),
    )


def leg_view(snapshot: LegSnapshot) -> LegView:
    """What has been received on a leg."""
    return LegView(
        state=_LEG_STATES[snapshot.state] if snapshot.link is not LinkState.LOST else "lost",
        tracks=[
            TrackReception(
                track=track.track,
                codec=track.codec.value,
                packets=track.packets,
                lost=track.lost,
                recovered=track.recovered,
                frames=track.frames,
                bytes=track.bytes,
                width=track.width,
                height=track.height,
                last_frame_age_ms=track.last_frame_age_ms,
                layers_ok=track.layers_ok,
            )
            for track in snapshot.tracks
        ],
    )


_LEG_STATES: Final[Mapping[LegState, Literal["connecting", "connected", "closed"]]] = {
    LegState.NEW: "connecting",
    LegState.CONNECTING: "connecting",
    LegState.CONNECTED: "connected",
    LegState.CLOSED: "closed",
}


def _exam(sitting: Sitting, answers: Mapping[str, str]) -> ExamForCandidate:
    shown = sitting.state is SittingState.RUNNING and not is_opening(sitting)
    return ExamForCandidate(
        exam_id=sitting.exam_id,
        title=LocalizedText.model_validate(sitting.title),
        kind="url" if sitting.kind == "url" else "embedded",
        url=sitting.url if shown else None,
        duration_minutes=sitting.duration_minutes,
        questions=[
            QuestionForCandidate(
                question_id=question["question_id"],
                text=LocalizedText.model_validate(question["text"]),
                answer=answers.get(question["question_id"]),
            )
            for question in (sitting.questions if shown else [])
        ],
    )
