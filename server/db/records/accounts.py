"""Accounts and log-ins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db.base import Base
from server.db.instants import Instant


class AccountRecord(Base):
    """A person with a role."""

    __tablename__ = "accounts"

    account_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """Lower case."""
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(2))
    password_hash: Mapped[str] = mapped_column(String(200))
    """Argon2id in its PHC string form."""
    created_at: Mapped[datetime] = mapped_column(Instant())


class LoginRecord(Base):
    """One log-in; the token itself is only in the browser's cookie."""

    __tablename__ = "logins"
    __table_args__ = (Index("ix_logins_account_id", "account_id"),)

    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.account_id"))
    created_at: Mapped[datetime] = mapped_column(Instant())
    used_at: Mapped[datetime] = mapped_column(Instant())
    """Last use, kept to within a few minutes."""
