"""The timeline's table, and the triggers that make it append-only.

INSERT OR REPLACE removes a row without firing a DELETE trigger, so the sequence is guarded on INSERT as well.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TRIGGERS = (
    """
    CREATE TRIGGER timeline_entries_refuse_update BEFORE UPDATE ON timeline_entries
    BEGIN SELECT RAISE(ABORT, 'timeline entries are never changed'); END
    """,
    """
    CREATE TRIGGER timeline_entries_refuse_delete BEFORE DELETE ON timeline_entries
    BEGIN SELECT RAISE(ABORT, 'timeline entries are never deleted'); END
    """,
    """
    CREATE TRIGGER timeline_entries_refuse_out_of_sequence BEFORE INSERT ON timeline_entries
    WHEN NEW.seq IS NOT 1 + coalesce((SELECT max(seq) FROM timeline_entries WHERE sitting_id = NEW.sitting_id), 0)
    BEGIN SELECT RAISE(ABORT, 'timeline entries follow each other without a hole'); END
    """,
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "timeline_entries",
        sa.Column("sitting_id", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("media_time_ns", sa.BigInteger(), nullable=True),
        sa.Column("utc", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("sitting_id", "seq", name=op.f("pk_timeline_entries")),
        sqlite_with_rowid=False,
    )
    for statement in _TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: a timeline is never deleted.

    Raises:
        NotImplementedError: always.
    """
    raise NotImplementedError("timelines are evidence; no migration removes them")
