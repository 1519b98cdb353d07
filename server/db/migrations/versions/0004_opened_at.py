"""When the questions of a sitting opened and its time began."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; the questions of sittings before opening checks opened at their start."""
    op.add_column("sittings", sa.Column("opened_at", sa.String(32), nullable=True))
    op.execute("UPDATE sittings SET opened_at = started_at")


def downgrade() -> None:
    """Remove the column."""
    with op.batch_alter_table("sittings") as table:
        table.drop_column("opened_at")
