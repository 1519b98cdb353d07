"""Alembic's entry: runs the migrations on the connection or address that the caller put into the configuration."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine, pool

import server.db.records  # noqa: F401 - makes the metadata whole
from server.db.base import Base


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        render_as_batch=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _main() -> None:
    url = context.config.get_main_option("sqlalchemy.url")
    if url is None:
        raise ValueError("the migration's configuration holds no sqlalchemy.url")
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        _run(connection)
    engine.dispose()


_main()
