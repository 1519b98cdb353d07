"""The telephone of a sitting: an invitation that waits for it, and the key by which it comes back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base
from server.db.instants import Instant


class PhoneRecord(Base):
    """One row a sitting that has ever invited a telephone. Neither the secret nor the key themselves are kept."""

    __tablename__ = "phones"

    sitting_id: Mapped[str] = mapped_column(ForeignKey("sittings.sitting_id"), primary_key=True)
    secret_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Of the invitation; None once it is used or withdrawn."""
    expires_at: Mapped[datetime | None] = mapped_column(Instant())
    """Of the invitation."""
    key_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Of the key that the telephone got when it joined; None before that, and when it was sent away."""
