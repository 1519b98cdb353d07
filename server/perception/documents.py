"""Identity documents in a worker: the zone is read in a thread of its own, so that no sitting waits for it."""

from __future__ import annotations

import contextlib
import os
import traceback
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from proctor.analyzers.documents import DocumentAnalyzer, FoundZone, find_portrait
from proctor.analyzers.identity import similarity_of
from proctor.analyzers.suite import AnalyzerSuite
from proctor.domain.documents import PortraitReading, ZoneReading
from proctor.domain.errors import NoUsableFaceError
from proctor.ports.model_files import ModelFiles
from server.perception.photographs import decode_jpeg, enrol
from server.perception.protocol import DocumentChecked, ReadDocument

TEXT_MODELS: Final = ("text_finder", "text_reader")
LARGEST_SIDE_PX: Final = 1280
"""Larger pictures are read at this size: 2.4 s of a core, where a picture of 1920 px without a zone took 12 s."""
_WAKE_BYTES: Final = 64


@dataclass(frozen=True, slots=True, eq=False)
class _Page:
    """A decoded picture of a document, with its zone where one was found."""

    rgb: NDArray[np.uint8]
    found: FoundZone | None


class DocumentDesk:
    """Takes documents to read, one after another. `fileno` is readable when one is done; then call `collect`.

    The models of text are loaded with the first document, so that a worker without any does not hold them. Those of
    faces belong to the worker's own thread and are asked in `collect`, which takes about a tenth of a second.
    """

    def __init__(self, suite: AnalyzerSuite, files: ModelFiles) -> None:
        self._suite = suite
        self._files = files
        self._reader: DocumentAnalyzer | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="documents")
        self._waiting: deque[tuple[ReadDocument, Future[_Page | None]]] = deque()
        self._readable, self._writable = os.pipe()
        os.set_blocking(self._readable, False)

    def fileno(self) -> int:
        """What to wait on."""
        return self._readable

    def take(self, message: ReadDocument) -> None:
        """Begin to read a document, or queue it behind others."""
        reading = self._thread.submit(self._read, message.jpeg)
        self._waiting.append((message, reading))
        reading.add_done_callback(lambda _: os.write(self._writable, b"\0"))

    def collect(self) -> list[DocumentChecked]:
        """The answers that are ready, in the order of the questions; does not wait."""
        with contextlib.suppress(BlockingIOError):  # first, so that what is done after the look below wakes again
            os.read(self._readable, _WAKE_BYTES)
        answers = []
        while self._waiting and self._waiting[0][1].done():
            message, reading = self._waiting.popleft()
            answers.append(self._answer(message, reading))
        return answers

    def _read(self, jpeg: bytes) -> _Page | None:
        """In the thread: decode, find and read the zone."""
        rgb = decode_jpeg(jpeg)
        if rgb is None:
            return None
        scale = LARGEST_SIDE_PX / max(rgb.shape[:2])
        if scale < 1:
            rgb = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        if self._reader is None:
            self._reader = DocumentAnalyzer(self._files, self._suite.faces)
        return _Page(rgb, self._reader.find_zone(rgb))

    def _answer(self, message: ReadDocument, reading: Future[_Page | None]) -> DocumentChecked:
        """A model that fails or is missing says so, and does not end the others' analysis."""
        try:
            page = reading.result()
            if page is None:
                return DocumentChecked(request=message.request, is_picture=False)
            return self._checked(message, page)
        except Exception:  # noqa: BLE001 - the sittings of this process go on
            traceback.print_exc()
            return DocumentChecked(request=message.request, is_picture=True, has_failed=True)

    def _checked(self, message: ReadDocument, page: _Page) -> DocumentChecked:
        portrait, similarity = self._compared(message, page)
        zone = None if page.found is None else page.found.zone
        return DocumentChecked(
            request=message.request,
            is_picture=True,
            zone=_reading_of(page.found),
            lines=() if zone is None else zone.lines,
            fields={} if zone is None else dict(zone.fields),
            checks={} if zone is None else dict(zone.checks),
            portrait=portrait,
            similarity=similarity,
            model="+".join(f"{name}@{self._files.version(name)}" for name in TEXT_MODELS),
        )

    def _compared(self, message: ReadDocument, page: _Page) -> tuple[PortraitReading, float | None]:
        enrolment, _ = enrol(self._suite, message.known)
        if enrolment is None:
            return PortraitReading.NOT_ENROLLED, None
        _, picture = find_portrait(self._suite.faces, page.rgb, page.found, held=True)
        if picture is None:
            return PortraitReading.MISSING, None
        try:
            code, _ = self._suite.identity.code_of_picture(picture)
        except NoUsableFaceError:
            return PortraitReading.UNUSABLE, None
        return PortraitReading.COMPARED, similarity_of(code, enrolment.code)


def _reading_of(found: FoundZone | None) -> ZoneReading:
    if found is None:
        return ZoneReading.MISSING
    return ZoneReading.READ if found.zone.valid else ZoneReading.DOUBTFUL
