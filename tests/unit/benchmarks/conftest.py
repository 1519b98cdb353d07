from __future__ import annotations

import pytest

from benchmarks.accuracy.dots import portrait_of
from models.registry import InstalledModels
from proctor.analyzers.suite import AnalyzerSuite
from tests.media.moved_eyes import Portrait
from tests.media.portraits import astronaut


@pytest.fixture(scope="package")
def suite() -> AnalyzerSuite:
    return AnalyzerSuite.load(InstalledModels())


@pytest.fixture(scope="package")
def portrait(suite: AnalyzerSuite) -> Portrait:
    """A portrait whose irises can be moved."""
    found = portrait_of(astronaut(), suite)
    assert found is not None
    return found
