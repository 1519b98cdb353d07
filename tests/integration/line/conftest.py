"""Real models, real worker processes."""

from __future__ import annotations

import pytest

from models.registry import InstalledModels
from proctor.analyzers.suite import AnalyzerSuite
from proctor.detectors.registry import DetectorRegistry, discover
from proctor.pipeline.policy import ExamPolicy, default_policy


@pytest.fixture(scope="session")
def suite() -> AnalyzerSuite:
    return AnalyzerSuite.load(InstalledModels())


@pytest.fixture(scope="session")
def registry() -> DetectorRegistry:
    return discover()


@pytest.fixture(scope="session")
def policy(registry: DetectorRegistry) -> ExamPolicy:
    return default_policy(registry)
