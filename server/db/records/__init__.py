"""One module per table group; importing this package makes `Base.metadata` whole."""

from __future__ import annotations

from server.db.records.timeline import TimelineRecord

__all__ = ["TimelineRecord"]
