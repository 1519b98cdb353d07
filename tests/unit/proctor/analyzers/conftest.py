from __future__ import annotations

import pytest

from models.registry import InstalledModels
from proctor.analyzers.suite import AnalyzerSuite


@pytest.fixture(scope="session")
def suite() -> AnalyzerSuite:
    """Every model, loaded once for all tests here."""
    return AnalyzerSuite.load(InstalledModels())
