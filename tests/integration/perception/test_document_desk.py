"""Identity documents as a worker reads them, beside its other work."""

from __future__ import annotations

import select
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.registry import InstalledModels
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.documents import PortraitReading, ZoneReading
from proctor.domain.errors import ModelMissingError
from server.perception.documents import TEXT_MODELS, DocumentDesk
from server.perception.photographs import decode_jpeg
from server.perception.protocol import DocumentChecked, ReadDocument
from tests.media.documents import CARD, PASSPORT, as_jpeg, page
from tests.media.scenes import CANDIDATE, VISITOR, face_of, identity_photograph

PHOTOGRAPHS = (identity_photograph(),)


@pytest.fixture(scope="module")
def desk(suite: AnalyzerSuite) -> DocumentDesk:
    return DocumentDesk(suite, InstalledModels())


def read(desk: DocumentDesk, *messages: ReadDocument) -> list[DocumentChecked]:
    for message in messages:
        desk.take(message)
    answers: list[DocumentChecked] = []
    while len(answers) < len(messages):
        readable, _, _ = select.select([desk], [], [], 60)
        assert readable, "no answer within a minute"
        answers += desk.collect()
    return answers


def test_a_passport_is_read_and_its_portrait_compared(desk: DocumentDesk) -> None:
    own, others = as_jpeg(page(PASSPORT, face=face_of(CANDIDATE))), as_jpeg(page(PASSPORT, face=face_of(VISITOR)))
    same, different = read(desk, ReadDocument(1, own, PHOTOGRAPHS), ReadDocument(2, others, PHOTOGRAPHS))
    assert (same.request, different.request) == (1, 2)
    assert same.zone is different.zone is ZoneReading.READ
    assert same.lines == PASSPORT
    assert same.fields["surname"] == "ERIKSSON"
    assert all(same.checks.values())
    assert same.portrait is different.portrait is PortraitReading.COMPARED
    assert same.similarity is not None
    assert different.similarity is not None
    assert same.similarity > 0.45 > different.similarity
    assert same.model.startswith("text_finder@")


def test_the_face_of_the_person_who_holds_a_document_is_not_its_portrait(desk: DocumentDesk) -> None:
    person = decode_jpeg(PHOTOGRAPHS[0])
    assert person is not None
    sheet = page(PASSPORT, portrait=False)
    beside = cv2.resize(person, (sheet.shape[1], sheet.shape[1] * 3 // 4))
    (held,) = read(desk, ReadDocument(1, as_jpeg(np.vstack([sheet, beside])), PHOTOGRAPHS))
    assert (held.zone, held.portrait, held.similarity) == (ZoneReading.READ, PortraitReading.MISSING, None)


def test_sides_of_a_card_and_pictures_without_either(desk: DocumentDesk) -> None:
    back, face, wall, cut = read(
        desk,
        ReadDocument(1, as_jpeg(page(CARD, portrait=False)), PHOTOGRAPHS),
        ReadDocument(2, PHOTOGRAPHS[0], PHOTOGRAPHS),
        ReadDocument(3, as_jpeg(page((), portrait=False)), ()),
        ReadDocument(4, b"\xff\xd8 no picture", PHOTOGRAPHS),
    )
    assert (back.zone, back.portrait) == (ZoneReading.READ, PortraitReading.MISSING)
    assert (face.zone, face.portrait) == (ZoneReading.MISSING, PortraitReading.COMPARED)
    assert (wall.zone, wall.portrait) == (ZoneReading.MISSING, PortraitReading.NOT_ENROLLED)
    assert cut.is_picture is False
    assert desk.collect() == []


class WithoutText(InstalledModels):
    """Model files among which those of text are missing."""

    def path(self, name: str) -> Path:
        if name in TEXT_MODELS:
            raise ModelMissingError(f"{name} is not installed")
        return super().path(name)


def test_a_missing_model_is_not_the_pictures_fault(suite: AnalyzerSuite) -> None:
    (answer,) = read(DocumentDesk(suite, WithoutText()), ReadDocument(1, as_jpeg(page(PASSPORT)), ()))
    assert (answer.is_picture, answer.has_failed) == (True, True)
