"""Telephones that are invited to a sitting or joined to it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "phones",
        sa.Column("sitting_id", sa.String(64), nullable=False),
        sa.Column("secret_sha256", sa.String(64), nullable=True),
        sa.Column("expires_at", sa.String(32), nullable=True),
        sa.Column("key_sha256", sa.String(64), nullable=True),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.sitting_id"], name=op.f("fk_phones_sitting_id_sittings")),
        sa.PrimaryKeyConstraint("sitting_id", name=op.f("pk_phones")),
        sa.UniqueConstraint("secret_sha256", name=op.f("uq_phones_secret_sha256")),
        sa.UniqueConstraint("key_sha256", name=op.f("uq_phones_key_sha256")),
    )


def downgrade() -> None:
    """Remove the table and all that is in it."""
    op.drop_table("phones")
