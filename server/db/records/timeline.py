"""The timeline's table. Triggers made by its migration refuse UPDATE, DELETE and entries out of sequence."""

from __future__ import annotations

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base


class TimelineRecord(Base):
    """One entry of one sitting's timeline, as it was hashed."""

    __tablename__ = "timeline_entries"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy's own form

    sitting_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    media_time_ns: Mapped[int | None] = mapped_column(BigInteger)
    utc: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(64))
    payload: Mapped[str] = mapped_column(Text)
    """Canonical JSON (RFC 8785)."""
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
