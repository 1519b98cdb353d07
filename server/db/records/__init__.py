"""One module per table group; importing this package makes `Base.metadata` whole."""

from __future__ import annotations

from server.db.records.accounts import AccountRecord, LoginRecord
from server.db.records.exams import ExamRecord
from server.db.records.phones import PhoneRecord
from server.db.records.sittings import AnswerRecord, SittingRecord
from server.db.records.timeline import TimelineRecord

__all__ = [
    "AccountRecord",
    "AnswerRecord",
    "ExamRecord",
    "LoginRecord",
    "PhoneRecord",
    "SittingRecord",
    "TimelineRecord",
]
