"""Headscarves, glasses and masks: the same answer as without them, or "cannot tell"; never a look aside."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from proctor.analyzers.own_zero import with_gaze
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import Face, GazeZone, OwnZero
from proctor.domain.time import MediaTime
from tests.media.covered_face import Picture, Points, in_glasses, in_headscarf, in_mask
from tests.media.portraits import astronaut

Cover = Callable[[Picture, Points], Picture]


def face_of(suite: AnalyzerSuite, rgb: Picture) -> Face:
    return suite.faces.observe(Frame(TrackKind.CAMERA, MediaTime(0), rgb), thorough=True).faces[0]


@pytest.fixture(scope="module")
def mesh(suite: AnalyzerSuite) -> Points:
    points = suite.faces.mesh.points(astronaut(), suite.faces.detect(astronaut())[0].box)
    assert points is not None
    return points


@pytest.fixture(scope="module")
def zero(suite: AnalyzerSuite) -> OwnZero:
    bare = face_of(suite, astronaut())
    assert bare.pose is not None
    return OwnZero(bare.pose, bare.eyes, 1)


@pytest.mark.parametrize(
    "cover", [pytest.param(in_headscarf, id="headscarf"), pytest.param(in_glasses, id="clear glasses")]
)
def test_what_leaves_the_eyes_free_changes_nothing(
    suite: AnalyzerSuite, mesh: Points, zero: OwnZero, cover: Cover
) -> None:
    face = face_of(suite, cover(astronaut(), mesh))
    assert face.pose is not None
    assert face.pose.yaw_deg == pytest.approx(zero.pose.yaw_deg, abs=6)
    assert face.pose.pitch_deg == pytest.approx(zero.pose.pitch_deg, abs=6)
    assert with_gaze(face, zero).gaze is GazeZone.SCREEN


@pytest.mark.parametrize(
    "cover",
    [
        pytest.param(partial(in_glasses, dark=True), id="sunglasses"),
        pytest.param(partial(in_glasses, glare=0.6), id="a window in the glasses"),
    ],
)
def test_what_hides_the_eyes_makes_the_look_unknown(
    suite: AnalyzerSuite, mesh: Points, zero: OwnZero, cover: Cover
) -> None:
    face = with_gaze(face_of(suite, cover(astronaut(), mesh)), zero)
    assert face.eyes is None
    assert face.gaze is GazeZone.UNKNOWN


@pytest.mark.parametrize("light", [1.0, 0.4, 0.15])
@pytest.mark.parametrize(
    "cover",
    [
        pytest.param(in_headscarf, id="headscarf"),
        pytest.param(in_mask, id="mask"),
        pytest.param(partial(in_glasses, glare=0.2), id="a lamp in the glasses"),
        pytest.param(partial(in_glasses, glare=0.35), id="a screen in the glasses"),
    ],
)
def test_no_cover_in_no_light_looks_aside(
    suite: AnalyzerSuite, mesh: Points, zero: OwnZero, cover: Cover, light: float
) -> None:
    grain = np.random.default_rng(2).normal(0, 2.5, astronaut().shape)
    dim = np.clip(cover(astronaut(), mesh) * light + grain, 0, 255).astype(np.uint8)
    observed = suite.faces.observe(Frame(TrackKind.CAMERA, MediaTime(0), dim), thorough=True)
    zones = [with_gaze(face, zero).gaze for face in observed.faces[:1]]
    assert set(zones) <= {GazeZone.SCREEN, GazeZone.UNKNOWN}
