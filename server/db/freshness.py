"""Whether a database file has every migration, told without loading the migration machinery."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

_VERSIONS = Path(__file__).parent / "migrations" / "versions"


def is_current(database: Path) -> bool:
    """Whether the file exists and stands at the newest migration; False whenever in doubt. Blocking."""
    newest = max(path.stem.split("_", 1)[0] for path in _VERSIONS.glob("[0-9]*_*.py"))
    if not database.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.Error:
        return False
    return rows == [(newest,)]
