"""Sittings and answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base
from server.db.instants import Instant


class SittingRecord(Base):
    """One candidate's attempt at one exam: how far it has come. What happened in it stands in the timeline."""

    __tablename__ = "sittings"
    __table_args__ = (
        Index("ix_sittings_candidate_id", "candidate_id"),
        Index("ix_sittings_state", "state", "created_at"),
    )

    sitting_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    exam_id: Mapped[str] = mapped_column(ForeignKey("exams.exam_id"))
    candidate_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id"))
    state: Mapped[str] = mapped_column(String(16))
    policy_toml: Mapped[str] = mapped_column(Text)
    """The exam's policy when the sitting was scheduled."""
    policy_name: Mapped[str] = mapped_column(String(200))
    policy_sha256: Mapped[str] = mapped_column(String(64))
    legs: Mapped[int] = mapped_column(Integer)
    """Peer connections so far; the last one's number."""
    consent_version: Mapped[str | None] = mapped_column(String(40))
    enrolment_sha256: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant())
    started_at: Mapped[datetime | None] = mapped_column(Instant())
    """Media time 0."""
    opened_at: Mapped[datetime | None] = mapped_column(Instant())
    """When the questions opened and the exam's time began; None while opening checks are not done."""
    finished_at: Mapped[datetime | None] = mapped_column(Instant())
    duration_ms: Mapped[int | None] = mapped_column(BigInteger)
    finish_reason: Mapped[str | None] = mapped_column(String(32))
    sealed_at: Mapped[datetime | None] = mapped_column(Instant())
    """When the recording was sealed and the timeline told of the finish; None after a finish that was cut short."""


class AnswerRecord(Base):
    """The latest text of an answer; the timeline has the hash of every text that was kept."""

    __tablename__ = "answers"

    sitting_id: Mapped[str] = mapped_column(ForeignKey("sittings.sitting_id"), primary_key=True)
    question_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(Instant())
