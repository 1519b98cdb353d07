from __future__ import annotations

import numpy as np
import pytest

from proctor.analyzers.alignment import AlignedFace
from proctor.analyzers.eyelids import LIDS, MeshPoints, eyes_open, openness
from proctor.analyzers.quality import FOR_COMPARISON, FOR_ENROLMENT, FaceProblem, problem_of
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.observations import HeadPose
from tests.media.portraits import astronaut


def mesh(*, gaps: tuple[float, float], width_px: float = 40.0) -> MeshPoints:
    """Eyes of that width whose lids are apart by these shares of it."""
    points = np.zeros((478, 3))
    for number, (((start, end), pairs), gap) in enumerate(zip(LIDS, gaps, strict=True)):
        left = 100.0 + 100.0 * number
        points[start, :2], points[end, :2] = (left, 100.0), (left + width_px, 100.0)
        for place, (upper, lower) in enumerate(pairs):
            x = left + width_px * (place + 1) / 4
            points[upper, :2] = (x, 100.0 - gap * width_px / 2)
            points[lower, :2] = (x, 100.0 + gap * width_px / 2)
    return points


def test_openness_is_the_distance_of_the_lids_over_the_width() -> None:
    assert openness(mesh(gaps=(0.3, 0.1))) == pytest.approx((0.3, 0.1))


@pytest.mark.parametrize(
    ("gaps", "answer"),
    [((0.3, 0.28), True), ((0.3, 0.0), True), ((0.12, 0.11), None), ((0.09, 0.02), None), ((0.03, 0.05), False)],
    ids=["open", "a wink", "narrow", "very narrow", "closed"],
)
def test_only_lids_that_meet_are_closed(gaps: tuple[float, float], answer: bool | None) -> None:  # noqa: FBT001 - expected
    assert eyes_open(mesh(gaps=gaps)) is answer


def test_small_eyes_cannot_be_told() -> None:
    assert eyes_open(mesh(gaps=(0.0, 0.0), width_px=9.0)) is None


def test_the_astronauts_eyes_are_open(suite: AnalyzerSuite) -> None:
    points = suite.faces.mesh.points(astronaut(), suite.faces.detect(astronaut())[0].box)
    assert points is not None
    assert eyes_open(points) is True


@pytest.mark.parametrize(("seen", "problem"), [(False, FaceProblem.EYES_CLOSED), (None, None), (True, None)])
def test_only_an_enrolment_with_surely_closed_eyes_is_refused(
    suite: AnalyzerSuite,
    seen: bool | None,  # noqa: FBT001 - the case
    problem: FaceProblem | None,
) -> None:
    found = suite.faces.detect(astronaut())[0]
    face = AlignedFace(astronaut(), found.box, found.landmarks, HeadPose(0.0, 0.0, 0.0), eyes_open=seen)
    assert problem_of(face, FOR_ENROLMENT) is problem
    assert problem_of(face, FOR_COMPARISON) is None
