"""Is it the same person: two independent face encoders over one alignment, and the answer "cannot tell".

SFace (Y. Zhong et al., "SFace: Sigmoid-constrained hypersphere loss", 2021) is the first opinion, dlib's ResNet
(D. King, 2017) the second. Each has its own scale; the plain mean of both separates better than either alone (figures
with their provenance in `models/cards/sface.md`).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.alignment import DLIB_CHIP_PX, DLIB_TEMPLATE, SFACE_CHIP_PX, SFACE_TEMPLATE, AlignedFace
from proctor.analyzers.faces import FaceAnalyzer
from proctor.analyzers.geometry import Picture
from proctor.analyzers.head_pose import five_landmarks, supported_pose
from proctor.analyzers.inference import OnnxModel, planar
from proctor.analyzers.quality import (
    FOR_COMPARISON,
    FOR_ENROLMENT,
    FOR_STILL_PICTURES,
    FaceProblem,
    problem_of,
)
from proctor.analyzers.yunet import DetectedFace
from proctor.domain.errors import NoUsableFaceError
from proctor.domain.media import Frame
from proctor.domain.observations import Box, Face, IdentityObserved
from proctor.ports.model_files import ModelFiles

Embedding = NDArray[np.float32]
"""Shape (128,)."""

IDENTITY_THRESHOLD: Final = 0.40
"""SFace alone: same person at or above it."""
SECOND_OPINION_THRESHOLD: Final = 0.46
"""dlib's ResNet alone, on `second_opinion`'s scale: same person at or above it."""
FUSED_THRESHOLD: Final = 0.45
"""Mean of both: same person at or above it."""

SEVERAL_FACES_RATIO: Final = 0.4
"""An enrolment picture may hold other faces only below this part of the largest one's height."""
BORDER_FOR_TIGHT_CROPS: Final = 0.3
_HEADER: Final = struct.Struct("<4s5d")
_MAGIC: Final = b"PFE1"
_EMBEDDING_BYTES: Final = 128 * 4

MESSAGES: Final = {
    FaceProblem.NO_FACE: "no face was found in the picture",
    FaceProblem.SEVERAL_FACES: "several faces are in the picture",
    FaceProblem.TOO_SMALL: "the face is too small in the picture",
    FaceProblem.TOO_DARK: "the face is too dark",
    FaceProblem.TOO_BLURRED: "the face is too blurred",
    FaceProblem.TURNED: "the face is turned away or cut by the edge",
}


@dataclass(frozen=True, slots=True, eq=False)
class FaceCode:
    """Both encoders' vectors of one face."""

    sface: Embedding
    """Of unit length."""
    dlib_resnet: Embedding
    """As the network gives it."""


@dataclass(frozen=True, slots=True, eq=False)
class Enrolment:
    """The reference that a candidate's face is compared with."""

    face: Face
    """Where the face is in the enrolment photograph."""
    sface: Embedding
    dlib_resnet: Embedding
    model: str

    def to_bytes(self) -> bytes:
        """Pack for another process or for storage, about 1.1 kB."""
        header = _HEADER.pack(_MAGIC, *self.face.box, self.face.score)
        return header + self.sface.tobytes() + self.dlib_resnet.tobytes() + self.model.encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Enrolment:
        """Undo `to_bytes`.

        Raises:
            ValueError: the bytes are not an enrolment of this version.
        """
        vectors_end = _HEADER.size + 2 * _EMBEDDING_BYTES
        if len(data) < vectors_end or data[:4] != _MAGIC:
            raise ValueError("not an enrolment of this version")
        _, x, y, width, height, score = _HEADER.unpack_from(data)
        vectors = np.frombuffer(data[_HEADER.size : vectors_end], np.float32).reshape(2, -1)
        face = Face(box=(x, y, width, height), score=score)
        return cls(face, vectors[0].copy(), vectors[1].copy(), data[vectors_end:].decode())


@dataclass(frozen=True, slots=True)
class Comparison:
    """Verification of two pictures by the largest face of each."""

    similarity: float
    """Mean of both opinions."""
    same: bool
    faces: tuple[int, int]
    """Faces found in each picture."""


class UnusablePictureError(NoUsableFaceError):
    """One of two pictures to compare has no usable face; `index` is 0 or 1, `faces` what was found in it."""

    def __init__(self, problem: FaceProblem, index: int, faces: int) -> None:
        super().__init__(problem.value, MESSAGES[problem])
        self.index = index
        self.faces = faces


class IdentityAnalyzer:
    """Encodes faces and compares them; shared by all sittings of a process."""

    def __init__(self, faces: FaceAnalyzer, *, sface: OnnxModel, dlib_resnet: OnnxModel, model: str) -> None:
        self._faces = faces
        self._sface = sface
        self._dlib_resnet = dlib_resnet
        self._model = model

    @classmethod
    def load(cls, files: ModelFiles, faces: FaceAnalyzer) -> IdentityAnalyzer:
        """Load both encoders; detector and mesh are those of `faces`.

        Raises:
            ModelMissingError: a model file is not installed.
        """
        return cls(
            faces,
            sface=OnnxModel(files.path("sface")),
            dlib_resnet=OnnxModel(files.path("dlib_resnet")),
            model=f"sface@{files.version('sface')}+dlib_resnet@{files.version('dlib_resnet')}",
        )

    def enrol(self, rgb: Picture) -> Enrolment:
        """Make the reference from an enrolment photograph.

        Raises:
            NoUsableFaceError: `reason` is no_face, several_faces, face_too_small, too_dark, too_blurred or face_turned.
        """
        found = self._faces.detect(rgb)
        if not found:
            raise _refusal(FaceProblem.NO_FACE)
        face = found[0]
        if any(other.height_px >= SEVERAL_FACES_RATIO * face.height_px for other in found[1:]):
            raise _refusal(FaceProblem.SEVERAL_FACES)
        aligned = self._align(rgb, face)
        problem = problem_of(aligned, FOR_ENROLMENT)
        if problem is not None:
            raise _refusal(problem)
        code = self._encode(aligned)
        return Enrolment(Face(face.box, face.score), code.sface, code.dlib_resnet, self._model)

    def observe(
        self, frame: Frame, face: Face | None, enrolment: Enrolment, *, second_opinion: bool = True
    ) -> IdentityObserved:
        """Compare a face of that picture with the enrolment; "cannot tell" where it is unusable.

        `face` is one that `FaceAnalyzer.observe` found in the same frame, None when there was none.
        """
        similarity: float | None = None
        second: float | None = None
        aligned = None if face is None else self._align_by_mesh(frame.rgb, face.box)
        if aligned is not None and problem_of(aligned, FOR_COMPARISON) is None:
            similarity = cosine(self._encode_sface(aligned), enrolment.sface)
            if second_opinion:
                second = nearness(self._encode_dlib_resnet(aligned), enrolment.dlib_resnet)
        return IdentityObserved(at=frame.at, similarity=similarity, second_opinion=second, model=self._model)

    def compare(self, rgb_a: Picture, rgb_b: Picture) -> Comparison:
        """Verify two still pictures by the largest face of each.

        Raises:
            UnusablePictureError: a picture holds no face, or one too small or too dark to be encoded.
        """
        code_a, faces_a = self.code_of_picture(rgb_a, 0)
        code_b, faces_b = self.code_of_picture(rgb_b, 1)
        similarity = similarity_of(code_a, code_b)
        return Comparison(similarity, similarity >= FUSED_THRESHOLD, (faces_a, faces_b))

    def code_of_picture(self, rgb: Picture, index: int = 0) -> tuple[FaceCode, int]:
        """Encode the largest face of a still picture; also the number of faces found.

        Raises:
            UnusablePictureError: there is no usable face.
        """
        picture = rgb
        found = self._faces.detect(picture)
        if not found:  # a face that fills the picture is found once it has a border
            border = round(BORDER_FOR_TIGHT_CROPS * max(rgb.shape[:2]))
            picture = cv2.copyMakeBorder(rgb, border, border, border, border, cv2.BORDER_CONSTANT).astype(np.uint8)
            found = self._faces.detect(picture)
        if not found:
            raise UnusablePictureError(FaceProblem.NO_FACE, index, 0)
        aligned = self._align(picture, found[0])
        problem = problem_of(aligned, FOR_STILL_PICTURES)
        if problem is not None:
            raise UnusablePictureError(problem, index, len(found))
        return self._encode(aligned), len(found)

    def _align(self, rgb: Picture, face: DetectedFace) -> AlignedFace:
        """Align by the mesh, or by the detector's landmarks where there is none."""
        by_mesh = self._align_by_mesh(rgb, face.box)
        return by_mesh or AlignedFace(rgb, face.box, face.landmarks, pose=None)

    def _align_by_mesh(self, rgb: Picture, box: Box) -> AlignedFace | None:
        mesh = self._faces.mesh.points(rgb, box)
        return None if mesh is None else AlignedFace(rgb, box, five_landmarks(mesh), supported_pose(mesh))

    def _encode(self, face: AlignedFace) -> FaceCode:
        return FaceCode(self._encode_sface(face), self._encode_dlib_resnet(face))

    def _encode_sface(self, face: AlignedFace) -> Embedding:
        (vectors,) = self._sface.run(data=planar(face.chip(SFACE_TEMPLATE, SFACE_CHIP_PX))).values()
        vector: Embedding = vectors[0] / np.linalg.norm(vectors[0])
        return vector

    def _encode_dlib_resnet(self, face: AlignedFace) -> Embedding:
        chip = face.chip(DLIB_TEMPLATE, DLIB_CHIP_PX).astype(np.float32)
        vector: Embedding = self._dlib_resnet.run(chips=chip[None])["embedding"][0]
        return vector


def cosine(first: Embedding, second: Embedding) -> float:
    """Similarity on SFace's scale: the cosine of two unit vectors, -1 to 1."""
    return float(first @ second)


def nearness(first: Embedding, second: Embedding) -> float:
    """Similarity on dlib's scale: 1 minus the Euclidean distance, so that its usual threshold 0.6 becomes 0.4."""
    return 1.0 - float(np.linalg.norm(first - second))


def fused(similarity: float, second_opinion: float) -> float:
    """The two opinions as one: their mean, to be held against `FUSED_THRESHOLD`."""
    return (similarity + second_opinion) / 2


def similarity_of(first: FaceCode, second: FaceCode) -> float:
    """Fused similarity of two faces."""
    return fused(cosine(first.sface, second.sface), nearness(first.dlib_resnet, second.dlib_resnet))


def _refusal(problem: FaceProblem) -> NoUsableFaceError:
    return NoUsableFaceError(problem.value, MESSAGES[problem])
