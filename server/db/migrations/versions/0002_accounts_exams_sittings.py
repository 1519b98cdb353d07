"""Accounts, log-ins, exams, sittings and answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _accounts()
    _exams()
    _sittings()


def downgrade() -> None:
    """Remove the tables and all that is in them."""
    for table in ("answers", "sittings", "exams", "logins", "accounts"):
        op.drop_table(table)


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("email", name=op.f("uq_accounts_email")),
    )
    op.create_table(
        "logins",
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("used_at", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name=op.f("fk_logins_account_id_accounts")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_logins")),
    )
    op.create_index("ix_logins_account_id", "logins", ["account_id"])


def _exams() -> None:
    op.create_table(
        "exams",
        sa.Column("exam_id", sa.String(64), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("url", sa.String(2000), nullable=True),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("policy_toml", sa.Text(), nullable=False),
        sa.Column("policy_name", sa.String(200), nullable=False),
        sa.Column("policy_sha256", sa.String(64), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("exam_id", name=op.f("pk_exams")),
    )


def _sittings() -> None:
    op.create_table(
        "sittings",
        sa.Column("sitting_id", sa.String(64), nullable=False),
        sa.Column("exam_id", sa.String(64), nullable=False),
        sa.Column("candidate_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("policy_toml", sa.Text(), nullable=False),
        sa.Column("policy_name", sa.String(200), nullable=False),
        sa.Column("policy_sha256", sa.String(64), nullable=False),
        sa.Column("legs", sa.Integer(), nullable=False),
        sa.Column("consent_version", sa.String(40), nullable=True),
        sa.Column("enrolment_sha256", sa.String(64), nullable=True),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("started_at", sa.String(32), nullable=True),
        sa.Column("finished_at", sa.String(32), nullable=True),
        sa.Column("duration_ms", sa.BigInteger(), nullable=True),
        sa.Column("finish_reason", sa.String(32), nullable=True),
        sa.Column("sealed_at", sa.String(32), nullable=True),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["accounts.account_id"], name=op.f("fk_sittings_candidate_id_accounts")
        ),
        sa.ForeignKeyConstraint(["exam_id"], ["exams.exam_id"], name=op.f("fk_sittings_exam_id_exams")),
        sa.PrimaryKeyConstraint("sitting_id", name=op.f("pk_sittings")),
    )
    op.create_index("ix_sittings_candidate_id", "sittings", ["candidate_id"])
    op.create_index("ix_sittings_state", "sittings", ["state", "created_at"])
    op.create_table(
        "answers",
        sa.Column("sitting_id", sa.String(64), nullable=False),
        sa.Column("question_id", sa.String(40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.sitting_id"], name=op.f("fk_answers_sitting_id_sittings")),
        sa.PrimaryKeyConstraint("sitting_id", "question_id", name=op.f("pk_answers")),
    )
