"""The identity document as a step of the sitting: shown to the camera, read, or left to a person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from proctor.detectors.rules.identity_document import PORTRAIT_SIMILARITY, IdentityDocumentConfig
from proctor.domain.documents import ZoneReading
from proctor.domain.signals import SignalKind
from proctor.domain.timeline import EntryKind
from proctor.pipeline.policy import ExamPolicy
from proctor.ports.blob_store import BlobStore
from proctor.ports.clock import Clock
from proctor.ports.timeline_store import TimelineStore
from server.identity.documents import DocumentState, document_of, is_expired, payload_of, sealed_reading
from server.identity.photographs import accepted_photographs
from server.pace import Paces
from server.perception.pool import PerceptionPool
from server.perception.protocol import DocumentChecked
from server.perception.questions import PerceptionUnavailableError
from server.policies import PolicyBook
from server.problems import ProblemError
from server.sittings.conduct import Conduct
from server.sittings.refusals import document_not_asked, out_of_order, refused_photograph, step_missing, too_many
from server.sittings.repository import Sitting, SittingRepository
from server.sittings.schemas import DocumentOutcome
from server.sittings.states import SittingState
from server.storage.blobs import picture_key, reading_key, sha256_of

log = structlog.get_logger(__name__)

_READY: Final = frozenset({SittingState.CHECKED, SittingState.ENROLLED})
_DOCUMENTS_PER_S: Final = 0.1
_DOCUMENTS_AT_ONCE: Final = 10
"""Reading one takes a worker's thread up to some seconds."""


class DocumentStep:
    """What the endpoints of the candidate's side call about the document."""

    def __init__(  # noqa: PLR0913 - what a step touches
        self,
        *,
        repository: SittingRepository,
        policies: PolicyBook,
        timeline: TimelineStore,
        blobs: BlobStore,
        conduct: Conduct,
        pool: PerceptionPool,
        clock: Clock,
        hold: Callable[[str, str], Awaitable[Sitting]],
    ) -> None:
        self._repository = repository
        self._policies = policies
        self._timeline = timeline
        self._blobs = blobs
        self._conduct = conduct
        self._pool = pool
        self._clock = clock
        self._hold = hold
        self._paces = Paces(_DOCUMENTS_PER_S, _DOCUMENTS_AT_ONCE)

    async def hand_in(self, sitting_id: str, client_id: str, jpeg: bytes) -> DocumentOutcome:
        """Read a picture of the document, and keep it with what was read.

        Raises:
            ProblemError: 409 the policy asks for none or the step is out of order, 422 it is no picture, 429 too many,
                503 perception is not there.
        """
        sitting = await self._hold(sitting_id, client_id)
        policy = self._asked(sitting)
        if wait_s := self._paces.wait_s(sitting_id):
            raise too_many("too_many_photographs", wait_s)
        known = await accepted_photographs(self._timeline, self._blobs, sitting_id)
        try:
            checked = await self._pool.read_document(jpeg, known)
        except PerceptionUnavailableError as error:
            raise _unavailable() from error
        if checked.has_failed:
            log.error("document_not_read", sitting=sitting_id, reason="a model failed; see the worker's output")
            raise _unavailable()
        if not checked.is_picture:
            raise refused_photograph("bad_image")
        async with self._conduct.step(sitting_id):
            self._asked(await self._get(sitting_id))
            if await accepted_photographs(self._timeline, self._blobs, sitting_id) != known:
                raise step_missing(
                    "document_missing", "The identity photograph was taken anew.", "Show the document once more."
                )
            return await self._keep(sitting_id, jpeg, checked, _threshold(policy))

    async def leave(self, sitting_id: str, client_id: str) -> None:
        """The candidate leaves the document to a person; saying so again changes nothing.

        Raises:
            ProblemError: 409 the policy asks for none or the step is out of order.
        """
        await self._hold(sitting_id, client_id)
        async with self._conduct.step(sitting_id):
            self._asked(await self._get(sitting_id))
            document = await document_of(self._timeline, sitting_id)
            if document.state in (DocumentState.NONE, DocumentState.UNCLEAR):
                await self._timeline.append(
                    sitting_id, EntryKind.DOCUMENT_LEFT, {"tries": len(document.pictures)}, None
                )

    def _asked(self, sitting: Sitting) -> ExamPolicy:
        policy = self._policies.parse_stored(sitting.policy_toml)
        if not policy.steps.identity_document:
            raise document_not_asked()
        if sitting.state not in _READY:
            raise out_of_order(sitting.state)
        if policy.steps.identity_photograph and sitting.enrolment_sha256 is None:
            raise step_missing(
                "enrolment_missing", "There is no identity photograph.", "Take the identity photograph first."
            )
        return policy

    async def _keep(self, sitting_id: str, jpeg: bytes, checked: DocumentChecked, threshold: float) -> DocumentOutcome:
        picture_sha256, reading_sha256 = sha256_of(jpeg), None
        await self._blobs.put(picture_key(picture_sha256), jpeg)
        if checked.zone is not ZoneReading.MISSING:
            reading = sealed_reading(checked.lines, checked.fields)
            reading_sha256 = sha256_of(reading)
            await self._blobs.put(reading_key(reading_sha256), reading)
        payload = payload_of(
            picture_sha256=picture_sha256,
            reading_sha256=reading_sha256,
            zone=checked.zone,
            checks=checked.checks,
            portrait=checked.portrait,
            similarity=checked.similarity,
            threshold=threshold,
            expired=is_expired(checked.fields.get("expiry_date", ""), self._clock.now_utc().date()),
            model=checked.model,
        )
        await self._timeline.append(sitting_id, EntryKind.DOCUMENT_READ, payload, None)
        document = await document_of(self._timeline, sitting_id)
        zone, portrait = document.of_zone, document.of_portrait
        return DocumentOutcome(
            clear=document.state is DocumentState.CLEAR,
            zone=checked.zone if zone is None else zone.zone,
            portrait=checked.portrait if portrait is None else portrait.portrait,
            same=None if portrait is None else portrait.facts["same"],
        )

    async def _get(self, sitting_id: str) -> Sitting:
        sitting = await self._repository.get(sitting_id)
        if sitting is None:
            raise ProblemError(404, "sitting_not_found", "There is no such sitting.")
        return sitting


def _threshold(policy: ExamPolicy) -> float:
    rule = policy.detectors.get(SignalKind.IDENTITY_DOCUMENT)
    return rule.portrait_similarity if isinstance(rule, IdentityDocumentConfig) else PORTRAIT_SIMILARITY


def _unavailable() -> ProblemError:
    return ProblemError(
        503,
        "perception_unavailable",
        "The document cannot be read at the moment.",
        remedy="Try again in a minute, or leave it to a person.",
    )
