from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from models.registry import InstalledModels
from proctor.analyzers.identity import (
    FUSED_THRESHOLD,
    IDENTITY_THRESHOLD,
    Enrolment,
    IdentityAnalyzer,
    UnusablePictureError,
    fused,
    similarity_of,
)
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.errors import NoUsableFaceError
from proctor.domain.media import Frame, TrackKind
from proctor.domain.observations import Face, IdentityObserved
from proctor.domain.time import MediaTime, media_time_from_s
from tests.media.portraits import Picture, astronaut, portrait

FACE_HEIGHT_PX = 110


@pytest.fixture
def identity(suite: AnalyzerSuite) -> IdentityAnalyzer:
    return suite.identity


@pytest.fixture(scope="module")
def enrolment(suite: AnalyzerSuite) -> Enrolment:
    return suite.identity.enrol(astronaut())


def camera(rgb: Picture, seconds: float = 0.0) -> Frame:
    return Frame(TrackKind.CAMERA, media_time_from_s(seconds), rgb)


def checked(suite: AnalyzerSuite, rgb: Picture, enrolment: Enrolment, **options: bool) -> IdentityObserved:
    frame = camera(rgb, 2.0)
    people = suite.faces.observe(frame, thorough=True)
    return suite.identity.observe(frame, people.faces[0] if people.faces else None, enrolment, **options)


def scaled(factor: float) -> Picture:
    """The astronaut on a larger canvas, so that her face has `factor` times its height."""
    small = cv2.resize(astronaut(), None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    canvas = np.full((480, 640, 3), 120, np.uint8)
    height, width = min(480, small.shape[0]), min(640, small.shape[1])
    canvas[:height, :width] = small[:height, :width]
    return canvas


def refusal(identity: IdentityAnalyzer, rgb: Picture) -> str:
    with pytest.raises(NoUsableFaceError) as refused:
        identity.enrol(rgb)
    assert str(refused.value)
    return refused.value.reason


def test_a_good_photograph_is_accepted(enrolment: Enrolment) -> None:
    assert enrolment.face.box[3] == pytest.approx(FACE_HEIGHT_PX, abs=12)
    assert enrolment.model == "sface@2021dec+dlib_resnet@1"
    assert np.linalg.norm(enrolment.code.vectors[0]) == pytest.approx(1.0, abs=1e-5)


def test_an_enrolment_survives_the_way_to_another_process(enrolment: Enrolment) -> None:
    data = enrolment.to_bytes()
    back = Enrolment.from_bytes(data)
    assert len(data) < 1200
    assert (back.face, back.model) == (enrolment.face, enrolment.model)
    assert back.code.scales == enrolment.code.scales
    for vector, kept in zip(back.code.vectors, enrolment.code.vectors, strict=True):
        np.testing.assert_array_equal(vector, kept)


@pytest.mark.parametrize("data", [b"", b"PFE1" + bytes(1100), b"PFE2"], ids=["empty", "other version", "cut"])
def test_bytes_that_are_no_enrolment_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not an enrolment"):
        Enrolment.from_bytes(data)


def test_a_picture_without_a_face_is_refused(identity: IdentityAnalyzer) -> None:
    assert refusal(identity, np.full((480, 640, 3), 120, np.uint8)) == "no_face"


def test_two_people_are_refused(identity: IdentityAnalyzer) -> None:
    assert refusal(identity, np.concatenate([astronaut(), astronaut()], axis=1)) == "several_faces"


def test_a_face_far_away_is_refused(identity: IdentityAnalyzer) -> None:
    assert refusal(identity, scaled(0.5)) == "face_too_small"


def test_a_dark_picture_is_refused(identity: IdentityAnalyzer) -> None:
    assert refusal(identity, (astronaut() * 0.15).astype(np.uint8)) == "too_dark"


def test_a_blurred_picture_is_refused(identity: IdentityAnalyzer) -> None:
    assert refusal(identity, cv2.GaussianBlur(astronaut(), (0, 0), 4).astype(np.uint8)) == "too_blurred"


def test_a_face_cut_by_the_edge_is_refused(identity: IdentityAnalyzer) -> None:
    assert refusal(identity, np.ascontiguousarray(astronaut()[:, 215:])) == "face_turned"


def test_several_photographs_make_one_reference(suite: AnalyzerSuite, enrolment: Enrolment) -> None:
    darker = (astronaut() * 0.7).astype(np.uint8)
    mirrored = np.ascontiguousarray(astronaut()[:, ::-1])
    several = suite.identity.enrol(astronaut(), darker, mirrored)
    assert (enrolment.pictures, several.pictures) == (1, 3)
    assert np.linalg.norm(several.code.vectors[0]) == pytest.approx(1.0, abs=1e-5)
    assert similarity_of(several.code, enrolment.code) > 0.8
    by_one, by_several = (checked(suite, mirrored, one).similarity for one in (enrolment, several))
    assert by_one is not None
    assert by_several is not None
    assert by_several > by_one


def test_photographs_of_two_people_make_no_reference(identity: IdentityAnalyzer) -> None:
    with pytest.raises(NoUsableFaceError) as refused:
        identity.enrol(astronaut(), portrait("obama"))
    assert refused.value.reason == "another_person"


def test_one_encoder_alone_is_compared_by_itself(suite: AnalyzerSuite) -> None:
    both = suite.identity.calibration
    alone = IdentityAnalyzer.load(InstalledModels(), suite.faces, replace(both, encoders=both.encoders[:1]))
    enrolled = alone.enrol(astronaut())
    observed = checked(suite, astronaut(), suite.identity.enrol(astronaut()))
    found = suite.faces.detect(astronaut())[0]
    by_one = alone.observe(camera(astronaut()), Face(found.box, found.score), enrolled)
    assert by_one.second_opinion is None
    assert by_one.similarity == pytest.approx(observed.similarity, abs=0.05)
    assert alone.compare(astronaut(), astronaut()).same


def test_the_same_person_in_another_picture_is_recognised(suite: AnalyzerSuite, enrolment: Enrolment) -> None:
    mirrored = np.ascontiguousarray((astronaut()[:, ::-1] * 0.8).astype(np.uint8))
    observed = checked(suite, mirrored, enrolment)
    assert observed.at == media_time_from_s(2.0)
    assert observed.similarity is not None
    assert observed.second_opinion is not None
    assert observed.similarity > IDENTITY_THRESHOLD
    assert fused(observed.similarity, observed.second_opinion) > FUSED_THRESHOLD


def test_the_second_opinion_is_asked_only_when_wanted(suite: AnalyzerSuite, enrolment: Enrolment) -> None:
    observed = checked(suite, astronaut(), enrolment, second_opinion=False)
    assert observed.similarity == pytest.approx(1.0, abs=0.05)
    assert observed.second_opinion is None


@pytest.mark.parametrize(
    "rgb",
    [
        scaled(0.3),
        (astronaut() * 0.06).astype(np.uint8),
        cv2.GaussianBlur(astronaut(), (0, 0), 7).astype(np.uint8),
        np.ascontiguousarray(astronaut()[:, 225:]),
    ],
    ids=["small", "dark", "blurred", "cut"],
)
def test_an_unusable_face_gives_cannot_tell(suite: AnalyzerSuite, enrolment: Enrolment, rgb: Picture) -> None:
    observed = checked(suite, rgb, enrolment)
    assert (observed.similarity, observed.second_opinion) == (None, None)


def test_no_face_gives_cannot_tell(identity: IdentityAnalyzer, enrolment: Enrolment) -> None:
    assert identity.observe(camera(astronaut()), None, enrolment).similarity is None


def test_a_box_without_a_face_gives_cannot_tell(identity: IdentityAnalyzer, enrolment: Enrolment) -> None:
    wall = camera(np.full((480, 640, 3), 120, np.uint8))
    assert identity.observe(wall, Face((200.0, 100.0, 120.0, 150.0), 0.9), enrolment).similarity is None


def test_a_face_that_fills_the_picture_is_compared(identity: IdentityAnalyzer) -> None:
    tight = np.ascontiguousarray(astronaut()[60:180, 178:272])
    comparison = identity.compare(astronaut(), tight)
    assert comparison.same
    assert comparison.similarity > 0.6


def test_the_picture_without_a_face_is_named(identity: IdentityAnalyzer) -> None:
    with pytest.raises(UnusablePictureError) as refused:
        identity.compare(astronaut(), np.zeros((200, 200, 3), np.uint8))
    assert (refused.value.index, refused.value.faces, refused.value.reason) == (1, 0, "no_face")


def test_time_is_the_frames_own(identity: IdentityAnalyzer, enrolment: Enrolment) -> None:
    assert identity.observe(camera(astronaut(), 7.25), None, enrolment).at == MediaTime(7_250_000_000)
