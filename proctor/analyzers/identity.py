"""Is it the same person: independent face encoders over one alignment, and the answer "cannot tell".

Which encoders there are, how their opinions become one similarity and how often different people reach it stands in
the calibration (`models/calibrations/face_verification.json`). At present: SFace (Y. Zhong et al., "SFace:
Sigmoid-constrained hypersphere loss", 2021) as the first opinion, dlib's ResNet (D. King, 2017) as the second. Each has
its own scale; the plain mean of both separates better than either alone (figures in `models/cards/sface.md`).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.alignment import DLIB_CHIP_PX, DLIB_TEMPLATE, SFACE_CHIP_PX, SFACE_TEMPLATE, AlignedFace
from proctor.analyzers.eyelids import eyes_open
from proctor.analyzers.faces import FaceAnalyzer
from proctor.analyzers.geometry import Picture, Points
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
from proctor.domain.calibration import Alignment, Calibration, FaceEncoder, Scale
from proctor.domain.errors import NoUsableFaceError
from proctor.domain.media import Frame
from proctor.domain.observations import Box, Face, IdentityObserved
from proctor.ports.model_files import ModelFiles

Embedding = NDArray[np.float32]
"""Shape (n,), n as the encoder has it; of unit length where the scale is the cosine."""

CALIBRATION: Final = "face_verification"
IDENTITY_THRESHOLD: Final = 0.40
"""SFace alone: same person at or above it."""
FUSED_THRESHOLD: Final = 0.45
"""Both opinions: the policy's default; a test holds it to the calibration."""
CHIPS: Final[dict[Alignment, tuple[Points, int]]] = {
    Alignment.ARCFACE_112: (SFACE_TEMPLATE, SFACE_CHIP_PX),
    Alignment.DLIB_150: (DLIB_TEMPLATE, DLIB_CHIP_PX),
}

SEVERAL_FACES_RATIO: Final = 0.4
"""An enrolment picture may hold other faces only below this part of the largest one's height."""
BORDER_FOR_TIGHT_CROPS: Final = 0.3
_HEADER: Final = struct.Struct("<4s5dHH")
_VECTOR: Final = struct.Struct("<HB")
_MAGIC: Final = b"PFE2"
_SCALES: Final = tuple(Scale)

MESSAGES: Final = {
    FaceProblem.NO_FACE: "no face was found in the picture",
    FaceProblem.SEVERAL_FACES: "several faces are in the picture",
    FaceProblem.TOO_SMALL: "the face is too small in the picture",
    FaceProblem.TOO_DARK: "the face is too dark",
    FaceProblem.TOO_BLURRED: "the face is too blurred",
    FaceProblem.TURNED: "the face is turned away or cut by the edge",
    FaceProblem.EYES_CLOSED: "the eyes are closed",
    FaceProblem.ANOTHER_PERSON: "the photographs do not show the same person",
}


@dataclass(frozen=True, slots=True, eq=False)
class FaceCode:
    """Each encoder's vector of one face, in the calibration's order."""

    vectors: tuple[Embedding, ...]
    scales: tuple[Scale, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Enrolment:
    """The reference that a candidate's face is compared with, made of one or several photographs."""

    face: Face
    """Where the face is in the latest photograph."""
    code: FaceCode
    """Mean over the photographs."""
    pictures: int
    """How many photographs it was made of."""
    model: str

    def to_bytes(self) -> bytes:
        """Pack for another process or for storage, about 1.1 kB."""
        header = _HEADER.pack(_MAGIC, *self.face.box, self.face.score, self.pictures, len(self.code.vectors))
        parts = [header]
        for vector, scale in zip(self.code.vectors, self.code.scales, strict=True):
            parts += [_VECTOR.pack(len(vector), _SCALES.index(scale)), vector.tobytes()]
        return b"".join(parts) + self.model.encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Enrolment:
        """Undo `to_bytes`.

        Raises:
            ValueError: the bytes are not an enrolment of this version.
        """
        if data[:4] != _MAGIC:
            raise ValueError("not an enrolment of this version")
        try:
            _, x, y, width, height, score, pictures, count = _HEADER.unpack_from(data)
            place, vectors, scales = _HEADER.size, [], []
            for _ in range(count):
                length, scale = _VECTOR.unpack_from(data, place)
                vectors.append(np.frombuffer(data, np.float32, length, place + _VECTOR.size).copy())
                scales.append(_SCALES[scale])
                place += _VECTOR.size + 4 * length
        except (struct.error, ValueError, IndexError) as error:
            raise ValueError("not an enrolment of this version: it is cut short") from error
        face = Face(box=(x, y, width, height), score=score)
        return cls(face, FaceCode(tuple(vectors), tuple(scales)), pictures, data[place:].decode())


@dataclass(frozen=True, slots=True)
class Comparison:
    """Verification of two pictures by the largest face of each."""

    similarity: float
    """Of all encoders together."""
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

    def __init__(self, faces: FaceAnalyzer, calibration: Calibration, models: Sequence[OnnxModel], model: str) -> None:
        self._faces = faces
        self.calibration = calibration
        self._models = tuple(models)
        self._model = model

    @classmethod
    def load(cls, files: ModelFiles, faces: FaceAnalyzer, calibration: Calibration | None = None) -> IdentityAnalyzer:
        """Load the encoders that the calibration names; detector and mesh are those of `faces`.

        Raises:
            ModelMissingError: a model file is not installed.
        """
        calibration = calibration or files.calibration(CALIBRATION)
        names = [encoder.model for encoder in calibration.encoders]
        models = [OnnxModel(files.path(name)) for name in names]
        return cls(faces, calibration, models, "+".join(f"{name}@{files.version(name)}" for name in names))

    def enrol(self, rgb: Picture, *further: Picture) -> Enrolment:
        """Make the reference from one or several photographs, the latest first.

        Raises:
            NoUsableFaceError: `reason` is no_face, several_faces, face_too_small, too_dark, too_blurred, face_turned,
                eyes_closed, or another_person where the photographs do not show the same one.
        """
        face, code = self._enrolled(rgb)
        codes = [code]
        for picture in further:
            _, other = self._enrolled(picture)
            if not all(self.calibration.same(similarity_of(other, known)) for known in codes):
                raise _refusal(FaceProblem.ANOTHER_PERSON)
            codes.append(other)
        return Enrolment(Face(face.box, face.score), mean_code(codes), len(codes), self._model)

    def _enrolled(self, rgb: Picture) -> tuple[DetectedFace, FaceCode]:
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
        return face, self._encode(aligned)

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
            known = enrolment.code
            count = len(self._models) if second_opinion else 1
            alike = [
                likeness(self._vector(place, aligned), known.vectors[place], known.scales[place])
                for place in range(count)
            ]
            similarity = alike[0]
            if count > 1:
                second = sum(alike[1:]) / (count - 1)
        return IdentityObserved(at=frame.at, similarity=similarity, second_opinion=second, model=self._model)

    def compare(self, rgb_a: Picture, rgb_b: Picture) -> Comparison:
        """Verify two still pictures by the largest face of each.

        Raises:
            UnusablePictureError: a picture holds no face, or one too small or too dark to be encoded.
        """
        code_a, faces_a = self.code_of_picture(rgb_a, 0)
        code_b, faces_b = self.code_of_picture(rgb_b, 1)
        similarity = similarity_of(code_a, code_b)
        return Comparison(similarity, self.calibration.same(similarity), (faces_a, faces_b))

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

    def encode(self, rgb: Picture, face: DetectedFace) -> FaceCode:
        """Encode a face as it is, whatever its quality."""
        return self._encode(self._align(rgb, face))

    def _align(self, rgb: Picture, face: DetectedFace) -> AlignedFace:
        """Align by the mesh, or by the detector's landmarks where there is none."""
        by_mesh = self._align_by_mesh(rgb, face.box)
        return by_mesh or AlignedFace(rgb, face.box, face.landmarks, pose=None)

    def _align_by_mesh(self, rgb: Picture, box: Box) -> AlignedFace | None:
        mesh = self._faces.mesh.points(rgb, box)
        if mesh is None:
            return None
        return AlignedFace(rgb, box, five_landmarks(mesh), supported_pose(mesh), eyes_open(mesh))

    def _encode(self, face: AlignedFace) -> FaceCode:
        vectors = tuple(self._vector(place, face) for place in range(len(self._models)))
        return FaceCode(vectors, tuple(encoder.scale for encoder in self.calibration.encoders))

    def _vector(self, place: int, face: AlignedFace) -> Embedding:
        encoder, model = self.calibration.encoders[place], self._models[place]
        vector: Embedding = model.run_first(_fed(face, encoder))[0]
        return normal(vector, encoder.scale)


def _fed(face: AlignedFace, encoder: FaceEncoder) -> NDArray[np.float32]:
    chip = face.chip(*CHIPS[encoder.alignment])
    pixels = planar(chip) if encoder.planar else chip.astype(np.float32)[None]
    return (pixels - np.float32(encoder.offset)) * np.float32(encoder.factor)


def normal(vector: Embedding, scale: Scale) -> Embedding:
    """The vector as it is compared: of unit length for the cosine."""
    return vector / np.linalg.norm(vector) if scale is Scale.COSINE else vector


def likeness(first: Embedding, second: Embedding, scale: Scale) -> float:
    """Similarity of two vectors of one encoder, at most 1; on dlib's scale its usual threshold 0.6 becomes 0.4."""
    return float(first @ second) if scale is Scale.COSINE else 1.0 - float(np.linalg.norm(first - second))


def fused(similarity: float, second_opinion: float) -> float:
    """The first opinion and the mean of the others as one."""
    return (similarity + second_opinion) / 2


def similarity_of(first: FaceCode, second: FaceCode) -> float:
    """Similarity of two faces by all encoders."""
    alike = [likeness(*vectors) for vectors in zip(first.vectors, second.vectors, first.scales, strict=True)]
    return alike[0] if len(alike) == 1 else fused(alike[0], sum(alike[1:]) / (len(alike) - 1))


def mean_code(codes: Sequence[FaceCode]) -> FaceCode:
    """One code that stands for several of the same person."""
    scales = codes[0].scales
    means = (np.mean([code.vectors[place] for code in codes], axis=0) for place in range(len(scales)))
    return FaceCode(tuple(normal(mean, scale) for mean, scale in zip(means, scales, strict=True)), scales)


def _refusal(problem: FaceProblem) -> NoUsableFaceError:
    return NoUsableFaceError(problem.value, MESSAGES[problem])
