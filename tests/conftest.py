"""What all tests share: where the labelled data is, and which tests need it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"


ORDER = ("checks", "unit", "scenarios", "integration", "e2e")
"""Quick ones first. The browser's synchronous driver keeps a loop running until it ends, so that comes last."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: ORDER.index(item.path.relative_to(ROOT / "tests").parts[0]))
    if SHARED_DATA.is_dir():
        return
    absent = pytest.mark.skip(reason="the labelled data is not beside this checkout")
    for item in items:
        if item.get_closest_marker("shared_data"):
            item.add_marker(absent)


settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
"""How fast this machine is says nothing about a property; `timeout` in pyproject.toml ends what hangs."""


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the labelled pictures, clips and sounds."""
    return SHARED_DATA
