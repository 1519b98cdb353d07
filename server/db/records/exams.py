"""Exams."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base
from server.db.instants import Instant


class ExamRecord(Base):
    """What is proctored, and by which policy."""

    __tablename__ = "exams"

    exam_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    title: Mapped[dict[str, str]] = mapped_column(JSON)
    """By language."""
    kind: Mapped[str] = mapped_column(String(16))
    url: Mapped[str | None] = mapped_column(String(2000))
    duration_minutes: Mapped[int] = mapped_column(Integer)
    questions: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    """Each with question_id and text by language."""
    policy_toml: Mapped[str] = mapped_column(Text)
    """As the administrator wrote it."""
    policy_name: Mapped[str] = mapped_column(String(200))
    policy_sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant())
