"""The derived files compute what the originals compute, by the originals' own programs."""

from __future__ import annotations

from pathlib import Path

import cv2
import dlib
import numpy as np
import pytest

from models.manifest import load_manifest
from models.registry import InstalledModels, package_file
from proctor.analyzers.alignment import SFACE_CHIP_PX, SFACE_TEMPLATE
from proctor.analyzers.geometry import similarity_transform, warp
from proctor.analyzers.inference import OnnxModel, planar
from proctor.analyzers.yunet import YunetDetector
from tests.media.portraits import astronaut

INSTALLED = InstalledModels()


def original(name: str) -> Path:
    entry = load_manifest()[name]
    return package_file(entry.package, entry.source)


def test_dlib_and_its_onnx_form_give_the_same_vectors() -> None:
    encoder = dlib.face_recognition_model_v1(str(original("dlib_resnet")))
    face = cv2.resize(astronaut()[40:200, 145:305], (150, 150), interpolation=cv2.INTER_AREA).astype(np.uint8)
    noise = np.random.default_rng(8).integers(0, 256, (150, 150, 3), dtype=np.uint8)
    chips = np.stack([face, noise])
    ours = OnnxModel(INSTALLED.path("dlib_resnet")).run(chips=chips.astype(np.float32))["embedding"]
    theirs = np.array([np.array(encoder.compute_face_descriptor(chip)) for chip in chips])
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_opencv_and_the_folded_sface_give_the_same_vector() -> None:
    face = YunetDetector(INSTALLED.path("yunet")).detect(astronaut(), longer_side_px=512, least_score=0.6)[0]
    chip = warp(astronaut(), similarity_transform(face.landmarks, SFACE_TEMPLATE), SFACE_CHIP_PX)
    encoder = cv2.FaceRecognizerSF.create(str(original("sface")), "")
    theirs = encoder.feature(np.ascontiguousarray(chip[..., ::-1])).reshape(-1)
    (ours,) = OnnxModel(INSTALLED.path("sface")).run(data=planar(chip)).values()
    cosine = float(ours[0] @ theirs / np.linalg.norm(ours[0]) / np.linalg.norm(theirs))
    assert cosine == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("side_px", [320, 512, 640])
def test_opencv_and_the_folded_yunet_find_the_same_face(side_px: int) -> None:
    scaled = cv2.resize(astronaut(), (side_px, side_px), interpolation=cv2.INTER_AREA).astype(np.uint8)
    detector = cv2.FaceDetectorYN.create(str(original("yunet")), "", (side_px, side_px), 0.6, 0.3, 50)
    _, rows = detector.detect(np.ascontiguousarray(scaled[..., ::-1]))
    (ours,) = YunetDetector(INSTALLED.path("yunet")).detect(scaled, longer_side_px=side_px, least_score=0.6)
    assert len(rows) == 1
    np.testing.assert_allclose(ours.box, rows[0, :4], atol=0.5)
    np.testing.assert_allclose(ours.landmarks.reshape(-1), rows[0, 4:14], atol=0.5)
    assert ours.score == pytest.approx(float(rows[0, 14]), abs=0.002)
